package transport

import (
	"math/rand/v2"
	"time"
)

// Policy says how often and how far apart a request is repeated.
type Policy struct {
	MaxAttempts        int
	MinDelay, MaxDelay time.Duration
	MaxRetryAfter      time.Duration
}

// backoff is the wait after the given try (from 1): uniform between zero and a
// cap that doubles from MinDelay to MaxDelay. Full jitter spreads clients that
// failed together over the whole interval.
func (p Policy) backoff(try int) time.Duration {
	limit := p.MinDelay
	for range try - 1 {
		if limit >= p.MaxDelay/2 {
			limit = p.MaxDelay
			break
		}
		limit *= 2
	}
	limit = min(limit, p.MaxDelay)
	if limit <= 0 {
		return 0
	}
	return rand.N(limit + 1) //nolint:gosec // spreads load, guards nothing
}
