package sqlstore

import (
	"context"
	"errors"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/wait"
)

// Reserve marks the row with this holder and commits that, before a refresh is sent. Should the connection break later,
// and the lock go with it, whoever gets the lock leaves the row alone until this holder has saved. The mark's commit
// also shows that the database can be written to.
//
// The lock is free for a moment in between. It reports whether the row still is what it was.
func (l *lock) Reserve(ctx context.Context, _ *oauth2.Token) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done {
		return false, errUnlocked
	}
	if l.user.store.sql.mark == "" {
		return true, nil
	}
	first, expected := l.revision, l.revision
	if l.wrote || l.lost != nil {
		expected = l.pending.revision // it is committed together with the mark
	}
	start := time.Now()
	for failed := 0; ; failed++ {
		same, err := l.markRow(ctx, expected)
		if same {
			l.lost = nil // what was expected is there
			return true, nil
		}
		l.abandon()
		l.revision = first
		if err == nil || ctx.Err() != nil || time.Since(start) >= comeback ||
			wait.Sleep(ctx, wait.Backoff(failed, 10*time.Millisecond, time.Second)) != nil {
			return false, err
		}
	}
}

// markRow commits the mark and locks the row again. It reports whether the row has this mark and the expected revision.
func (l *lock) markRow(ctx context.Context, expected string) (bool, error) {
	if l.conn == nil {
		if err := l.begin(ctx, true); err != nil || l.foreign || l.revision != expected {
			return false, err
		}
	}
	s := l.user.store
	if _, err := l.conn.ExecContext(ctx, s.sql.mark, l.user.id, l.user.mark, s.lease.Milliseconds()); err != nil {
		return false, databaseError("mark", err)
	}
	l.marked = true
	if _, err := l.conn.ExecContext(ctx, `COMMIT`); err != nil {
		return false, databaseError("commit", err)
	}
	l.wrote = false
	_, err := l.conn.ExecContext(ctx, s.sql.begin)
	if err == nil {
		err = l.lockRow(ctx, true)
	}
	if err != nil {
		return false, databaseError("lock", err)
	}
	return l.marked && l.revision == expected, nil
}

// Unlock commits what was saved, or rolls back where nothing was. A commit whose connection breaks is looked up on
// another one, and carried out there where it was lost. An error means that what was saved may be lost.
func (l *lock) Unlock() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done {
		return nil
	}
	l.done = true
	defer l.user.store.turns.pass(l.user.turn())
	switch {
	case l.wrote:
		ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
		defer cancel()
		if err := l.commit(ctx); err != nil {
			return l.carryOut(err)
		}
	case l.lost != nil:
		l.abandon()
		return l.carryOut(l.lost)
	default:
		l.unmark()
		l.abandon()
	}
	return nil
}

// unmark lets others have the row at once. A mark that stays, since nothing can be written, runs out. So does that of a
// holder that could not save: it will be back with what it has.
func (l *lock) unmark() {
	if !l.marked || l.saved != "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTimeout)
	defer cancel()
	if l.conn == nil && l.begin(ctx, true) != nil || !l.marked {
		return
	}
	if _, err := l.conn.ExecContext(ctx, l.user.store.sql.unmark, l.user.id, l.user.mark); err == nil {
		_ = l.commit(ctx)
	}
}

// commit ends the transaction. After an error it may have been carried out all the same.
func (l *lock) commit(ctx context.Context) error {
	err := l.user.store.patiently(ctx, func() error {
		_, err := l.conn.ExecContext(ctx, `COMMIT`)
		return err
	})
	if err != nil {
		l.abandon()
		return databaseError("commit", err)
	}
	_ = l.conn.Close()
	l.conn = nil
	return nil
}

// carryOut looks what became of a commit and does it again where it was lost, for a while. It returns the first error
// where it cannot.
func (l *lock) carryOut(first error) error {
	ctx, cancel := context.WithTimeout(context.Background(), comeback)
	defer cancel()
	for failed := 0; ; failed++ {
		err := l.again(ctx)
		if err == nil || errors.Is(err, errOvertaken) {
			return err
		}
		if wait.Sleep(ctx, wait.Backoff(failed, 10*time.Millisecond, time.Second)) != nil {
			return first
		}
	}
}

// again is one try, under the lock taken anew. Whose mark is there does not count: what the service has granted must be
// saved.
func (l *lock) again(ctx context.Context) error {
	before := l.revision
	err := l.begin(ctx, true)
	now := l.revision
	l.revision = before
	switch {
	case err != nil:
		return err
	case now == l.pending.revision:
		l.abandon()
		return nil
	case now != before:
		l.abandon()
		return errOvertaken
	}
	if err := l.exec(ctx, l.pending); err != nil {
		l.abandon()
		return err
	}
	return l.commit(ctx)
}
