package transport

import (
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

// Policy says how often and how far apart a request is repeated.
type Policy struct {
	MaxAttempts        int
	MinDelay, MaxDelay time.Duration
	MaxRetryAfter      time.Duration
}

// Backoff is the wait after so many failed attempts in a row: uniform between zero and a limit that doubles from
// MinDelay to MaxDelay. Full jitter spreads clients that failed together over the whole interval.
func (p Policy) Backoff(failed int) time.Duration {
	return wait.Between(0, wait.Backoff(failed-1, p.MinDelay, p.MaxDelay))
}
