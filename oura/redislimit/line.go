package redislimit

import (
	"context"
	"time"
)

func newLine(b budget) *line { return &line{budget: b, turn: make(chan struct{}, 1)} }

// pass gives the turn to the next one.
func (q *line) pass() { <-q.turn }

// join returns the line of a token's budget; quit it afterwards.
func (c *core) join(b budget) *line {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := c.lines[b.key]
	if q == nil {
		q = newLine(b)
		c.lines[b.key] = q
	}
	q.members++
	return q
}

func (c *core) quit(q *line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q.members--; q.members == 0 {
		delete(c.lines, q.budget.key)
	}
}

// takeTurn waits for the turn to ask.
func (c *core) takeTurn(ctx context.Context, q *line) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	select {
	case q.turn <- struct{}{}:
		return nil
	default:
	}
	ahead := q.waiting.Add(1) - 1
	defer q.waiting.Add(-1)
	for {
		d, changed := c.estimate(q, ahead)
		if !fits(ctx, d) {
			return tooLong(d)
		}
		select {
		case q.turn <- struct{}{}:
			return nil
		case <-changed:
		case <-ctx.Done():
			return contextError(ctx)
		}
	}
}

// estimate is the least that a request has to wait behind others.
func (c *core) estimate(q *line, ahead int64) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := time.Duration(ahead) * q.budget.interval
	return d + max(0, time.Until(q.next), time.Until(c.state.PausedUntil)), c.changed
}

// sleeping notes when the one whose turn it is will ask again. It returns for how long to sleep until then, so that what
// can only be found by looking is found, and what ends the sleep.
func (c *core) sleeping(q *line, d time.Duration) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q.next = time.Now().Add(d)
	if c.state.Away || c.unpublished {
		d = min(d, c.probeInterval())
	}
	if !c.isApp(q.budget) {
		return d, nil // a pause is the application's
	}
	return d, c.changed
}
