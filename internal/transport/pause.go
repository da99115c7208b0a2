package transport

import (
	"sync"
	"time"
)

// Pause is until when requests are held back. The zero value holds nothing. It is safe for concurrent use.
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
