package transport_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/internal/transport"
)

func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := transport.Sleep(t.Context(), time.Hour); err != nil || time.Since(start) != time.Hour {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start = time.Now()
		if err := transport.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := transport.Sleep(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no wait in an ended context: %v", err)
		}
		if err := transport.Sleep(t.Context(), -1); err != nil {
			t.Error(err)
		}
	})
}

func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p transport.Pause
		if err := p.Wait(t.Context()); err != nil || p.Left() != 0 {
			t.Errorf("the zero Pause holds: %v, %v", err, p.Left())
		}
		start := time.Now()
		p.Until(start.Add(time.Minute))
		p.Until(start.Add(time.Second)) // shortens nothing
		time.AfterFunc(30*time.Second, func() { p.Until(start.Add(2 * time.Minute)) })
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		var long *transport.TooLongError
		if err := p.Wait(ctx); !errors.As(err, &long) || long.Wait != time.Minute || time.Since(start) != time.Minute {
			t.Errorf("a pause extended beyond the context: %v after %v", err, time.Since(start))
		}
		if err := p.Wait(t.Context()); err != nil || time.Since(start) != 2*time.Minute {
			t.Errorf("%v after %v, want nil after 2m", err, time.Since(start))
		}
	})
}

func TestContextError(t *testing.T) {
	t.Parallel()
	reason := errors.New("because")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(reason)
	if err := transport.ContextError(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
	plain, stop := context.WithCancel(t.Context())
	stop()
	if err := transport.ContextError(plain); err != context.Canceled { //nolint:errorlint // identity is the point
		t.Errorf("got %v, want context.Canceled itself", err)
	}
}
