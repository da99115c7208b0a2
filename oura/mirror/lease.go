package mirror

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

// held is a person whom this Sync has for itself. All it writes is under tickets too, so a lease that ends too early
// costs work and never data.
type held struct {
	m      *Mirror
	person int64
	token  string
	waited bool // for another Sync
}

// hold takes the person, whom it makes where there is none. It waits for another Sync, or returns ErrBusy.
func (p *Person) hold(ctx context.Context, noWait bool) (*held, error) {
	m := p.mirror
	h := &held{m: m, token: rand.Text()}
	for failed := 0; ; failed++ {
		taken := false
		err := m.transaction(ctx, func(tx *tx) error {
			err := tx.exec(`INSERT INTO oura_mirror_people (user_id) VALUES (?) ON CONFLICT (user_id) DO NOTHING`, p.userID)
			if err != nil {
				return err
			}
			taken, err = tx.row(`UPDATE oura_mirror_people SET holder = ?, held_until = `+m.sql.now+` + ?
				WHERE user_id = ? AND (holder = '' OR held_until <= `+m.sql.now+`) RETURNING person`,
				[]any{h.token, m.lease.Milliseconds(), p.userID}, &h.person)
			return err
		})
		switch {
		case err != nil:
			return nil, databaseError("take the person", err)
		case taken:
			return h, nil
		case noWait:
			return nil, ErrBusy
		}
		h.waited = true
		if err := wait.Sleep(ctx, wait.Backoff(failed, 20*time.Millisecond, min(time.Second, m.lease/4))); err != nil {
			return nil, err
		}
	}
}

// keep renews the lease until stop is called. The context ends with ErrBusy when the lease is lost.
func (h *held) keep(ctx context.Context) (kept context.Context, stop func()) {
	kept, lose := context.WithCancelCause(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		for wait.Sleep(kept, h.m.lease/3) == nil {
			if _, err := h.ticket(kept); errors.Is(err, ErrBusy) || errors.Is(err, ErrNoCopy) {
				lose(err)
			}
		}
	})
	return kept, func() {
		lose(nil)
		renewing.Wait()
	}
}

// release lets others have the person. What fails here ends with the lease.
func (h *held) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_ = h.m.transaction(ctx, func(tx *tx) error {
		return tx.exec(`UPDATE oura_mirror_people SET holder = '' WHERE person = ? AND holder = ?`, h.person, h.token)
	})
}

// write runs do in a transaction in which the person is locked and the lease renewed, with a ticket that is drawn in it.
func (h *held) write(ctx context.Context, do func(tx *tx, ticket int64) error) error {
	return h.m.transaction(ctx, func(tx *tx) error {
		var ticket int64
		found, err := tx.row(`UPDATE oura_mirror_people SET ticket = ticket + 1, held_until = `+h.m.sql.now+` + ?
			WHERE person = ? AND holder = ? RETURNING ticket`, []any{h.m.lease.Milliseconds(), h.person, h.token}, &ticket)
		switch {
		case err != nil:
			return err
		case found:
			return do(tx, ticket)
		}
		if _, err := draw(tx, h.person); err != nil { // the person is forgotten
			return err
		}
		return ErrBusy
	})
}

// ticket draws one in a transaction of its own.
func (h *held) ticket(ctx context.Context) (ticket int64, err error) {
	err = h.write(ctx, func(_ *tx, drawn int64) error { ticket = drawn; return nil })
	return ticket, databaseError("draw a ticket", err)
}

// draw locks the person for the rest of the transaction and draws a ticket. A writer draws before it fetches, and of two
// that write the same document the one with the higher ticket stays: it has seen all that the other could have seen.
func draw(tx *tx, person int64) (ticket int64, err error) {
	found, err := tx.row(`UPDATE oura_mirror_people SET ticket = ticket + 1 WHERE person = ? RETURNING ticket`,
		[]any{person}, &ticket)
	if err == nil && !found {
		err = ErrNoCopy
	}
	return ticket, err
}
