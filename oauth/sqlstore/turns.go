package sqlstore

import (
	"context"
	"sync"
)

// turns lets one goroutine of the process at a time wait for a user's lock, so that a crowd that wants one user takes
// one connection of the pool and not all.
type turns struct {
	mu  sync.Mutex
	has map[string]*turn
}

// turn is one user's, while somebody has it or waits for it.
type turn struct {
	held  chan struct{} // not a mutex: waiting ends with the context
	count int           // who has it or waits
}

// take waits for the user's turn.
func (t *turns) take(ctx context.Context, user string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := t.join(user)
	select {
	case w.held <- struct{}{}:
		return nil
	case <-ctx.Done():
		t.leave(user, w)
		return ctx.Err()
	}
}

// takeFree takes the user's turn if nobody has it.
func (t *turns) takeFree(user string) bool {
	w := t.join(user)
	select {
	case w.held <- struct{}{}:
		return true
	default:
		t.leave(user, w)
		return false
	}
}

// pass ends a turn that was taken.
func (t *turns) pass(user string) {
	t.mu.Lock()
	w := t.has[user]
	t.mu.Unlock()
	<-w.held
	t.leave(user, w)
}

func (t *turns) join(user string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.has[user]
	if w == nil {
		if t.has == nil {
			t.has = map[string]*turn{}
		}
		w = &turn{held: make(chan struct{}, 1)}
		t.has[user] = w
	}
	w.count++
	return w
}

func (t *turns) leave(user string, w *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.count--; w.count == 0 {
		delete(t.has, user)
	}
}
