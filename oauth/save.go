package oauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/oauth2"
)

const (
	// saveTimeout is how long a failing save is tried again under the lock.
	saveTimeout = 5 * time.Second
	firstPause  = 50 * time.Millisecond
	longPause   = time.Second
)

// unsaved is a grant that was refreshed and is not in the store. It is put there
// only while the store still holds what it replaced: the grant of before, or one
// in between that was saved under a lock whose end failed.
type unsaved struct {
	token    *oauth2.Token
	replaced []*oauth2.Token
	settled  bool // saved, under a lock that has not ended yet
}

func (u *unsaved) replaces(t *oauth2.Token) bool {
	return slices.ContainsFunc(u.replaced, func(r *oauth2.Token) bool { return sameGrant(r, t) })
}

func (u *unsaved) err(cause error) error {
	return &SaveError{Token: copyToken(u.token), Err: cause}
}

// save stores token in the place of replaced. Where it cannot, the source keeps
// it for the next call.
func (w *work) save(ctx context.Context, l *lease, token, replaced *oauth2.Token) error {
	u := &unsaved{token: token, replaced: []*oauth2.Token{replaced}, settled: true}
	if w.unsaved != nil {
		u.replaced = append(u.replaced, w.unsaved.replaced...)
	}
	w.unsaved = u
	// What is current now is void at the service, or will be soon: should this
	// fail, the next call must come here and not get it.
	w.setCurrent(nil)
	if err := saveRetrying(ctx, l, token); err != nil {
		u.settled = false
		return u.err(err)
	}
	return w.end(l)
}

// end releases the lock. In a database that is what makes a save last.
func (w *work) end(l *lease) error {
	err := l.release()
	u := w.unsaved
	if u == nil || !u.settled {
		return nil // nothing hangs on it
	}
	if err != nil {
		u.settled = false
		return u.err(err)
	}
	w.unsaved = nil
	return nil
}

// saveRetrying saves, and tries again for saveTimeout.
func saveRetrying(ctx context.Context, into Store, token *oauth2.Token) error {
	start := time.Now()
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		err := into.Save(ctx, token)
		if err == nil {
			return nil
		}
		rest := saveTimeout - time.Since(start)
		if rest <= 0 {
			return err
		}
		timer := time.NewTimer(min(pause, rest))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("%w (%w)", err, ctx.Err())
		}
	}
}

// settle deals with an unsaved grant, given what the store says now, and returns
// the grant that counts.
func (w *work) settle(ctx context.Context, l *lease, stored *oauth2.Token, loadErr error) (*oauth2.Token, error) {
	u := w.unsaved
	switch {
	case errors.Is(loadErr, ErrNoToken), errors.Is(loadErr, ErrWrongGrant):
		// Deleted, or replaced by a grant of other endpoints: that is a decision.
		w.unsaved = nil
		return nil, loadErr
	case loadErr != nil:
		return nil, u.err(loadErr)
	case !u.replaces(stored):
		// Another grant, or this one: a save can succeed and yet report an error.
		w.unsaved = nil
		return stored, nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout+saveTimeout)
	defer cancel()
	if err := saveRetrying(ctx, l, u.token); err != nil {
		return nil, u.err(err)
	}
	u.settled = true
	return u.token, nil
}

// lease is a lock that is released once.
type lease struct {
	Locked
	released bool
}

func (l *lease) release() error {
	if l.released {
		return nil
	}
	l.released = true
	return l.Unlock()
}

// unlocked stands in for the lock of a store that has none.
type unlocked struct{ Store }

func (unlocked) Unlock() error { return nil }
