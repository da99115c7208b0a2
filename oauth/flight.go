package oauth

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// patience is how long the call that refreshes waits for that while it has a valid token.
const patience = time.Second

// lead has the work done for all that wait, and stays until it is: a response that nobody reads is a lost grant. Only a
// caller with a valid token leaves sooner, and the work then goes on without it.
func (s *source) lead(ctx context.Context, f *flight, r *renewal) (*oauth2.Token, error) {
	of := &leadersContext{Context: context.WithoutCancel(ctx), leader: ctx}
	over, end := context.WithCancel(context.Background())
	of.over = over
	stop := context.AfterFunc(ctx, end)
	go s.walk(of, f, r)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	var found chan struct{} // nil until patience is over
	for {
		select {
		case <-f.done:
			stop()
			if f.escape != nil {
				f.escape()
			}
			return copyToken(f.token), f.err
		case <-timer.C:
		case <-found:
		}
		s.mu.Lock()
		t := s.current
		found = f.found
		s.mu.Unlock()
		if serves(t, r.rejected) {
			of.alone.Store(true)
			stop()
			time.AfterFunc(lockTimeout, end) // a store that hangs
			return copyToken(t), nil
		}
	}
}

// walk does the work of a flight.
func (s *source) walk(ctx context.Context, f *flight, r *renewal) {
	unsaved, returned := s.unsaved != nil, false
	defer func() {
		if !returned { // a store that panics frees those that wait, and the caller gets the panic
			f.escape = runtime.Goexit
			if panicked := recover(); panicked != nil {
				f.escape = func() { panic(panicked) }
			}
		}
		unsaved = unsaved || s.unsaved != nil
		s.mu.Lock()
		s.flight, f.private = nil, f.private || f.forgotten
		s.mu.Unlock()
		close(f.done)
		if unsaved && s.onUnsaved != nil {
			s.onUnsaved()
		}
	}()
	start := time.Now()
	token, err := r.run(ctx)
	left := err != nil && !r.sent && ctx.Err() != nil // nothing was sent
	switch {
	case err == nil && r.sent:
		s.endWaits()
	case err != nil && !left && r.inHand(err):
		s.waitBeforeNext(err, time.Since(start))
		token, err = r.valid, nil
	}
	f.token, f.err = token, err
	// An end of this caller's context says nothing to the others, nor does what is wrong with the token that only this
	// one had rejected.
	f.private = left || errors.Is(err, ErrJustRefreshed)
	returned = true
}

// leadersContext ends with the context of the caller that leads, and at the same moment, until that caller has left.
type leadersContext struct {
	context.Context // the leader's values

	leader context.Context //nolint:containedctx // it is a context
	over   context.Context //nolint:containedctx // ends a moment after the leader's, or when that has left for long
	alone  atomic.Bool     // the leader has left
}

func (c *leadersContext) Done() <-chan struct{} { return c.over.Done() }

// Err is the leader's while it stays.
func (c *leadersContext) Err() error {
	if err := c.leader.Err(); err != nil && !c.alone.Load() {
		return err
	}
	return c.over.Err()
}

// Deadline is the leader's while it stays.
func (c *leadersContext) Deadline() (time.Time, bool) {
	if c.alone.Load() {
		return time.Time{}, false
	}
	return c.leader.Deadline()
}
