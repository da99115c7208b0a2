package transport

import (
	"context"
	"sync"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

// Pause holds requests back until an instant. The zero value holds nothing. It is safe for concurrent use.
type Pause struct {
	mu    sync.Mutex
	until time.Time
}

// Until extends the pause to t. A pause is never shortened: of two responses that disagree, the longer holds.
func (p *Pause) Until(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.After(p.until) {
		p.until = t
	}
}

// Left is how long the pause still holds, 0 if it does not.
func (p *Pause) Left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until.IsZero() {
		return 0
	}
	return max(0, time.Until(p.until))
}

// Wait blocks while the pause holds, also when it is extended meanwhile. A pause that outlasts the context fails at
// once with a [*TooLongError].
func (p *Pause) Wait(ctx context.Context) error {
	for {
		left := p.Left()
		if left == 0 {
			return nil
		}
		if !wait.Fits(ctx, left) {
			return &TooLongError{Wait: left}
		}
		if err := wait.Sleep(ctx, left); err != nil {
			return err
		}
	}
}
