package transport_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/internal/transport"
)

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
