// Package wait is how the module waits: until a time has passed or a context has ended, and for how long between tries.
package wait

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Sleep waits for d and returns nil, or the error of the context if that ends first.
func Sleep(ctx context.Context, d time.Duration) error { return SleepOr(ctx, d, nil) }

// SleepOr is Sleep that a value on wake ends early.
func SleepOr(ctx context.Context, d time.Duration, wake <-chan struct{}) error {
	if ctx.Err() != nil {
		return ContextError(ctx)
	}
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
		return ContextError(ctx)
	}
	return nil
}

// Fits reports whether a wait of d ends before the context does.
func Fits(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > d
}

// ContextError is the error of an ended context: Canceled or DeadlineExceeded always match, and so does the cause that
// the caller gave.
func ContextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || cause == err { //nolint:errorlint // identity: without a cause of its own, Cause is Err
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// Backoff is first, doubled as many times as tries have failed before, and at most most.
func Backoff(failed int, first, most time.Duration) time.Duration {
	d := min(first, most)
	for ; failed > 0 && d < most; failed-- {
		d += min(d, most-d)
	}
	return d
}

// Between is a random time from low to high, both included: clients that failed together do not return together.
func Between(low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	return low + rand.N(high-low+1) //nolint:gosec // spreads load, guards nothing
}
