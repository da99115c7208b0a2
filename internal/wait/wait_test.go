package wait_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := wait.Sleep(t.Context(), time.Hour); err != nil || time.Since(start) != time.Hour {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start = time.Now()
		if err := wait.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := wait.Sleep(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no wait in an ended context: %v", err)
		}
		if err := wait.Sleep(t.Context(), -1); err != nil {
			t.Error(err)
		}
	})
}

func TestContextError(t *testing.T) {
	t.Parallel()
	reason := errors.New("because")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(reason)
	if err := wait.ContextError(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
	plain, stop := context.WithCancel(t.Context())
	stop()
	if err := wait.ContextError(plain); err != context.Canceled { //nolint:errorlint // identity is the point
		t.Errorf("got %v, want context.Canceled itself", err)
	}
}

func TestSleepOr(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, wake := time.Now(), make(chan struct{})
		time.AfterFunc(time.Minute, func() { close(wake) })
		if err := wait.SleepOr(t.Context(), time.Hour, wake); err != nil || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for failed, want := range []time.Duration{3, 6, 12, 24, 40, 40} {
		if got := wait.Backoff(failed, 3, 40); got != want {
			t.Errorf("after %d failures %v, want %v", failed, got, want)
		}
	}
	if got := wait.Backoff(1_000_000, 1, math.MaxInt64); got != math.MaxInt64 {
		t.Errorf("got %v, want the longest", got)
	}
	if got := wait.Backoff(5, 0, 0) + wait.Backoff(2, 10, 0); got != 0 {
		t.Errorf("got %v, want 0", got)
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for range 1000 {
		seen[wait.Between(2, 4)] = true
	}
	if len(seen) != 3 || !seen[2] || !seen[4] {
		t.Errorf("got %v, want 2 to 4", seen)
	}
	if got := wait.Between(5, 5) + wait.Between(0, -1); got != 5 {
		t.Errorf("got %v, want 5", got)
	}
}
