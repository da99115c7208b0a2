package transport

import (
	"context"
	"fmt"
	"time"
)

// Sleep waits for d and returns nil, or the error of the context if that ends
// first.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		if ctx.Err() != nil {
			return ContextError(ctx)
		}
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ContextError(ctx)
	}
}

// Fits reports whether a wait of d ends before the context does.
func Fits(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > d
}

// ContextError is the error of an ended context: Canceled or DeadlineExceeded
// always match, and so does the cause that the caller gave.
func ContextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || cause == err { //nolint:errorlint // identity: without a cause of its own, Cause is Err
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
