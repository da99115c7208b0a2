package oauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/wait"
)

// saveTimeout is how long a failing save is tried again under the lock.
const saveTimeout = 5 * time.Second

// save stores token in the place of replaced. Where it cannot, the source keeps it for the next call.
func (s *source) save(ctx context.Context, h *held, token, replaced *oauth2.Token) error {
	u := &unsaved{token: token, replaced: []*oauth2.Token{replaced}, settled: true}
	if s.unsaved != nil {
		u.replaced = append(u.replaced, s.unsaved.replaced...)
	}
	s.unsaved = u
	// What is current now is void at the service, or will be soon: should this fail, the next call must come here and
	// not get it.
	s.setCurrent(nil)
	if err := saveRetrying(ctx, h, token); err != nil {
		u.settled = false
		return u.err(err)
	}
	return s.end(h)
}

// end releases the lock. In a database that is what makes a save last.
func (s *source) end(h *held) error {
	err := h.release()
	u := s.unsaved
	if u == nil || !u.settled {
		return nil // no save depends on this lock
	}
	if err != nil {
		u.settled = false
		return u.err(err)
	}
	s.unsaved = nil
	return nil
}

// saveRetrying saves, and tries again for saveTimeout.
func saveRetrying(ctx context.Context, into Store, token *oauth2.Token) error {
	start := time.Now()
	for failed := 0; ; failed++ {
		err := into.Save(ctx, token)
		rest := saveTimeout - time.Since(start)
		if err == nil || rest <= 0 {
			return err
		}
		if wait.Sleep(ctx, min(wait.Backoff(failed, 50*time.Millisecond, time.Second), rest)) != nil {
			return fmt.Errorf("%w (%w)", err, ctx.Err())
		}
	}
}

// settle deals with an unsaved grant, given what the store says now, and returns the grant that counts.
func (s *source) settle(ctx context.Context, h *held, stored *oauth2.Token, loadErr error) (*oauth2.Token, error) {
	u := s.unsaved
	moved := errors.Is(loadErr, ErrWrongGrant)
	switch {
	case errors.Is(loadErr, ErrNoToken): // deleted: that is a decision
		s.unsaved = nil
		return nil, loadErr
	case loadErr != nil && !moved:
		return nil, u.err(loadErr)
	case !u.replaces(stored):
		// The store has another grant, or this one already: a save can succeed and yet report an error.
		s.unsaved = nil
		return stored, loadErr
	case moved:
		// The grant that this one replaces was moved to another token URL meanwhile: this one follows it there.
		u.token = movedTo(u.token, tokenURLOf(stored))
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout+saveTimeout)
	defer cancel()
	if err := saveRetrying(ctx, h, u.token); err != nil {
		return nil, u.err(err)
	}
	u.settled = true
	return u.token, loadErr
}
