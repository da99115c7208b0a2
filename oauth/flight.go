package oauth

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// patience is how long the call that refreshes waits for that while it has a valid token.
const patience = time.Second

// lead has the work done for all that wait, and stays until it is: a response that nobody reads is a lost grant. Only a
// caller with a valid token leaves sooner, and the work then goes on without it.
func (s *source) lead(ctx context.Context, f *flight, r *renewal) (*oauth2.Token, error) {
	of := &leadersContext{Context: context.WithoutCancel(ctx), leader: ctx, done: make(chan struct{})}
	stop := context.AfterFunc(ctx, of.end)
	go s.walk(of, f, r)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for late, found := timer.C, (chan struct{})(nil); ; {
		select {
		case <-f.done:
			stop()
			return f.result()
		case <-late:
			late, found = nil, f.found
		case <-found:
			found = nil
		}
		s.mu.Lock()
		t := s.good(r.rejected)
		s.mu.Unlock()
		if t != nil {
			of.alone.Store(true)
			stop()
			time.AfterFunc(lockTimeout, of.end) // a store that hangs
			return copyToken(t), nil
		}
	}
}

// walk does the work of a flight.
func (s *source) walk(ctx context.Context, f *flight, r *renewal) {
	unsaved, returned := s.unsaved != nil, false
	defer func() {
		if !returned { // a store that panics frees those that wait, and the caller gets the panic
			f.panicked = recover()
			f.exited = f.panicked == nil
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
	f.left = err != nil && !r.sent && ctx.Err() != nil
	switch {
	case err == nil && r.sent:
		s.endWaits()
	case err != nil && !f.left && r.inHand(err):
		s.waitBeforeNext(err, time.Since(start))
		token, err = r.valid, nil
	}
	f.token, f.err = token, err
	// An end of this caller's context says nothing to the others, nor does what is wrong with the token that only this
	// one had rejected.
	f.private = f.left || errors.Is(err, ErrJustRefreshed)
	returned = true
}

// result is what the caller that leads gets of a flight that is done.
func (f *flight) result() (*oauth2.Token, error) {
	switch {
	case f.panicked != nil:
		panic(f.panicked)
	case f.exited:
		runtime.Goexit()
	}
	return copyToken(f.token), f.err
}

// leadersContext ends with the context of the caller that leads, and at the same moment, until that caller has left.
type leadersContext struct {
	context.Context // the leader's values

	leader context.Context //nolint:containedctx // it is a context
	alone  atomic.Bool     // the leader has left
	done   chan struct{}
	once   sync.Once
}

func (c *leadersContext) end() { c.once.Do(func() { close(c.done) }) }

// Done is closed a moment after the end.
func (c *leadersContext) Done() <-chan struct{} { return c.done }

// Err is the leader's while it stays.
func (c *leadersContext) Err() error {
	if err := c.leader.Err(); err != nil && !c.alone.Load() {
		return err
	}
	select {
	case <-c.done:
		return context.Canceled
	default:
		return nil
	}
}

// Deadline is the leader's while it stays.
func (c *leadersContext) Deadline() (time.Time, bool) {
	if c.alone.Load() {
		return time.Time{}, false
	}
	return c.leader.Deadline()
}
