package sqlstore

import (
	"context"
	"errors"
	"sync"
)

var errHeld = errors.New("oauth/sqlstore: somebody holds the user's lock, or the user is gone")

// turns lets one goroutine of the process at a time wait for a user's lock, so that a crowd that wants one user takes
// one connection of the pool and not all.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when the turn ends; not a mutex: waiting ends with the context
}

// take waits for the user's turn. Without wait, a turn that somebody has is errHeld.
func (t *turns) take(ctx context.Context, user string, wait bool) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.mu.Lock()
		ends, taken := t.taken[user]
		if !taken {
			t.taken[user] = make(chan struct{})
		}
		t.mu.Unlock()
		switch {
		case !taken:
			return nil
		case !wait:
			return errHeld
		}
		select {
		case <-ends:
		case <-ctx.Done():
		}
	}
}

// pass ends a turn that was taken.
func (t *turns) pass(user string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.taken[user])
	delete(t.taken, user)
}
