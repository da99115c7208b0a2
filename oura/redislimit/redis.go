package redislimit

import (
	"context"
	"math"
	"time"

	"golang.org/x/time/rate"
)

// try takes one request of a budget, from Redis or, where it is away, from the local share, or says how long to wait
// before the next try. Its errors are those of the context.
func (c *core) try(ctx context.Context, b budget) (time.Duration, error) {
	if c.isApp(b) {
		c.publish(ctx)
		if left := c.left(); left > 0 {
			return left, nil
		}
	}
	timeout := c.mayAsk()
	if timeout == 0 {
		return c.tryLocal(b), nil
	}
	d, err := c.tryShared(ctx, b, timeout)
	switch {
	case err == nil:
		c.back()
		if d == 0 && c.isApp(b) { // one of a token has yet to pass there
			c.mu.Lock()
			c.state.Shared++
			c.mu.Unlock()
		}
		return d, nil
	case ctx.Err() != nil:
		return 0, contextError(ctx)
	}
	c.away(err)
	return c.tryLocal(b), nil
}

func (c *core) tryShared(ctx context.Context, b budget, timeout time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if _, uncounted := c.uncounted.Load(b.key); uncounted {
		// What was sent from local shares was not counted here, and a Redis that has lost its data offers a burst anew:
		// begin with nothing.
		if _, err := c.take(ctx, b, b.burst); err != nil {
			return 0, err
		}
		c.uncounted.Delete(b.key)
	}
	if c.isApp(b) {
		left, err := c.pauseLeft(ctx)
		if err != nil {
			return 0, err
		}
		if left > 0 {
			c.paused(time.Now().Add(left), false)
			return left, nil
		}
		if d := wanting(c.guard, time.Now()); d > 0 {
			return d, nil
		}
	}
	t, err := c.take(ctx, b, 1)
	switch {
	case err != nil:
		return 0, err
	case t.n > 0:
		if c.isApp(b) {
			c.guard.Allow()
		}
		c.inspect(ctx)
		return 0, nil
	case t.lost:
		return b.interval * time.Duration(c.replicas), nil
	}
	// Never zero, so that a rounding error does not make for a busy loop.
	return max(t.wait, time.Millisecond), nil
}

// wanting is how long a bucket is from holding one.
func wanting(l *rate.Limiter, now time.Time) time.Duration {
	missing := 1 - l.TokensAt(now)
	return time.Duration(math.Ceil(max(0, missing)/float64(l.Limit())*1e6)) * time.Microsecond
}

// tryLocal takes one request of this process's share.
func (c *core) tryLocal(b budget) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	share := c.local[b.key]
	if share == nil {
		share = b.share(c.replicas)
		share.AllowN(now, share.Burst()) // it starts empty
		c.local[b.key] = share
		c.uncounted.Store(b.key, true)
	}
	if share.AllowN(now, 1) {
		if c.isApp(b) {
			c.state.Local++
		}
		return 0
	}
	return max(wanting(share, now), time.Microsecond)
}
