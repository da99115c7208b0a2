package transport_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/internal/transport"
)

func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p transport.Pause
		if p.Left() != 0 {
			t.Errorf("the zero Pause holds: %v", p.Left())
		}
		start := time.Now()
		p.Until(start.Add(time.Minute))
		p.Until(start.Add(time.Second)) // shortens nothing
		if p.Left() != time.Minute {
			t.Errorf("%v left, want 1m", p.Left())
		}
		p.Until(start.Add(2 * time.Minute))
		time.Sleep(90 * time.Second)
		if p.Left() != 30*time.Second {
			t.Errorf("%v left, want 30s", p.Left())
		}
		time.Sleep(time.Minute)
		if p.Left() != 0 {
			t.Errorf("%v left after its end", p.Left())
		}
	})
}
