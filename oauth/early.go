package oauth

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"
)

// EarlyRefresh sets how long before its expiry a token is refreshed, when there is a call for it: 5 minutes where it is
// not set, and never more than a tenth of the token's life. 0 refreshes expired tokens only.
func EarlyRefresh(d time.Duration) Option {
	return option(func(s *source) error {
		if d < 0 {
			return fmt.Errorf("oauth: EarlyRefresh(%s): the duration is negative", d)
		}
		s.early = d
		return nil
	})
}

// due reports whether t should be refreshed now. s.mu is held.
func (s *source) due(t *oauth2.Token) bool {
	if t.Expiry.IsZero() {
		return false
	}
	now := time.Now()
	if expired(t, now) {
		return true
	}
	return t.RefreshToken != "" && !now.Before(s.calm) && !now.Before(t.Expiry.Add(-s.margin(t)))
}

// margin is the early refresh of t: never more than a tenth of its life, where the life is known.
func (s *source) margin(t *oauth2.Token) time.Duration {
	if t.ExpiresIn <= 0 {
		return s.early
	}
	return min(s.early, time.Duration(t.ExpiresIn)*time.Second/10)
}

func (s *source) isDue(t *oauth2.Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.due(t)
}

// waitBeforeNext keeps a program that has a valid token from asking an endpoint that is down before each of its own
// requests. One failure can be an accident, so the next call tries again at once; then the waits double up to half a
// minute. An endpoint that hangs is left alone for as long as it kept the caller.
func (s *source) waitBeforeNext(err error, took time.Duration) {
	const longest = 30 * time.Second
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := took
	if s.failures > 0 {
		wait = max(wait, min(time.Second<<min(s.failures-1, 5), longest))
	}
	if refused, ok := errors.AsType[*TokenError](err); ok {
		wait = max(wait, refused.RetryAfter)
	}
	s.failures++
	s.calm = time.Now().Add(wait)
}

func (s *source) endWaits() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = 0
}
