package oauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/wait"
)

// source is the state of a [TokenSource]: of one grant, shared by all who use it.
type source struct {
	endpoint  *endpoint
	store     Store
	early     time.Duration
	movedFrom []string
	onUnsaved func() // nil, or called when a walk ends that began or ended with an unsaved grant

	mu      sync.Mutex // never held over I/O
	flight  *flight    // nil when nobody is at work
	current *oauth2.Token

	// How many early refreshes have failed in a row, and when the next may be tried.
	failures int
	calm     time.Time

	// The fields below are of the goroutine that does flight's work, and of who holds mu while there is none.

	unsaved *unsaved
	dead    map[fingerprint]bool // refresh tokens that the service called invalid
	refused refusal
	issued  issue
}

// flight is one caller's work that others wait for.
type flight struct {
	done      chan struct{}
	token     *oauth2.Token
	err       error
	private   bool          // the result is of no use to others; they try for themselves
	forgotten bool          // what it finds is not to be kept
	escape    func()        // nil, or panics or ends the goroutine as the store did
	found     chan struct{} // closed when a valid token is current while the work goes on, and nil from then on
}

// issue is when an access token was issued.
type issue struct {
	access fingerprint
	at     time.Time
}

// unsaved is a grant that was refreshed and is not in the store. It is put there only while the store still holds what
// it replaced: the grant of before, or one in between that was saved under a lock whose end failed.
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

func (s *source) setCurrent(t *oauth2.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight != nil && s.flight.forgotten {
		t = nil
	}
	s.current = t
}

// hasUnsaved is false while somebody is at work, who will see to it.
func (s *source) hasUnsaved() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flight == nil && s.unsaved != nil
}

// forget has the next call, and those that wait, read the store.
func (s *source) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.failures, s.calm = nil, 0, time.Time{}
	if s.flight != nil {
		s.flight.forgotten = true
	}
}

// load reads the store. A grant of another token URL comes with ErrWrongGrant, unless the option WithMovedFrom names
// it.
func (s *source) load(ctx context.Context, from Store) (*oauth2.Token, error) {
	t, err := from.Load(ctx)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, ErrNoToken
	}
	if s.stranger(t) {
		return t, ErrWrongGrant
	}
	return t, nil
}

// elsewhere reports whether a stored grant was refreshed at another URL last.
func (s *source) elsewhere(t *oauth2.Token) bool {
	origin := tokenURLOf(t)
	return origin != "" && origin != s.endpoint.tokenURL
}

// stranger reports whether a grant is elsewhere, and the option WithMovedFrom does not name its URL.
func (s *source) stranger(t *oauth2.Token) bool {
	return s.elsewhere(t) && !slices.Contains(s.movedFrom, tokenURLOf(t))
}

// hold takes the store's lock where it has one.
func (s *source) hold(ctx context.Context) (*held, error) {
	locker, ok := s.store.(Locker)
	if !ok {
		return &held{Locked: unlocked{s.store}}, nil
	}
	errHeld := errors.New("another holder has had it for a minute: is it hanging?")
	limited, cancel := context.WithTimeoutCause(ctx, lockTimeout, errHeld)
	defer cancel()
	locked, err := locker.Lock(limited)
	switch {
	case err == nil:
		return &held{Locked: locked}, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		err = context.Cause(limited)
	}
	return nil, fmt.Errorf("oauth: the store's lock: %w", err)
}

// due reports whether t, which serves, should be refreshed now. s.mu is held.
func (s *source) due(t *oauth2.Token) bool {
	early := s.early
	if t.ExpiresIn > 0 { // its life is known
		early = min(early, time.Duration(t.ExpiresIn)*time.Second/10)
	}
	return !t.Expiry.IsZero() && t.RefreshToken != "" &&
		time.Until(s.calm) <= 0 && !wallTime().Before(t.Expiry.Add(-early))
}

// waitBeforeNext keeps a program that has a valid token from asking an endpoint that is down before each of its own
// requests. One failure can be an accident, so the next call tries again at once; then the waits double up to half a
// minute. An endpoint that hangs is left alone for as long as it kept the caller.
func (s *source) waitBeforeNext(err error, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pause := took
	if s.failures > 0 {
		pause = max(pause, wait.Backoff(s.failures-1, time.Second, 30*time.Second))
	}
	if refused, ok := errors.AsType[*TokenError](err); ok {
		pause = max(pause, refused.RetryAfter)
	}
	s.failures++
	s.calm = time.Now().Add(pause)
}

func (s *source) endWaits() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = 0
}
