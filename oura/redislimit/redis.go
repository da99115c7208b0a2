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
	timeout := c.mayAsk()
	if timeout == 0 {
		return c.tryLocal(b), nil
	}
	d, err := c.tryShared(ctx, b, timeout)
	switch {
	case err == nil:
		c.back()
		if d == 0 {
			c.count(b, false)
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
	if c.isUncounted(b.key) {
		// What was sent from local shares was not counted here, and a Redis that has lost its data offers a burst anew:
		// begin with nothing.
		if _, err := c.buckets.AllowAtMost(ctx, b.key, b.shared, b.shared.Burst); err != nil {
			return 0, err
		}
		c.counted(b.key)
	}
	if b.key == c.app.key {
		left, err := c.rdb.PTTL(ctx, c.pauseKey()).Result()
		if err != nil {
			return 0, err
		}
		if left > 0 { // negative: there is none
			c.paused(time.Now().Add(left), false)
			return left, nil
		}
	}
	res, err := c.buckets.Allow(ctx, b.key, b.shared)
	switch {
	case err != nil:
		return 0, err
	case res.Allowed > 0:
		return 0, nil
	}
	// Never zero, so that a rounding error does not make for a busy loop.
	return max(res.RetryAfter, time.Millisecond), nil
}

// tryLocal takes one request of this process's share.
func (c *core) tryLocal(b budget) time.Duration {
	d := c.takeLocal(b)
	if d == 0 {
		c.count(b, true)
	}
	return d
}

func (c *core) takeLocal(b budget) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	share := c.local[b.key]
	if share == nil {
		share = rate.NewLimiter(b.share, b.shareBurst)
		share.AllowN(now, b.shareBurst) // it starts empty
		c.local[b.key] = share
		c.uncounted[b.key] = true
	}
	if share.AllowN(now, 1) {
		return 0
	}
	missing := 1 - share.TokensAt(now)
	return time.Duration(math.Ceil(missing/float64(b.share)*1e6)) * time.Microsecond
}

func (c *core) isUncounted(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.uncounted[key]
}

func (c *core) counted(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.uncounted, key)
}

// count notes a request that passed. One of a token has yet to pass there.
func (c *core) count(b budget, local bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case b.key != c.app.key:
	case local:
		c.state.Local++
	default:
		c.state.Shared++
	}
}
