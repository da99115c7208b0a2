package redislimit

import (
	"log/slog"
	"time"
)

// shortestProbe is the time a response may always take.
const shortestProbe = 50 * time.Millisecond

// mayAsk returns how long to wait for a response from Redis, 0 where it is not to be asked. While it is away, one caller
// at a time looks whether it is back, and not for long: the local share is not to go unused meanwhile.
func (c *core) mayAsk() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.state.Away {
		return c.timeout
	}
	now := time.Now()
	if now.Before(c.probe) {
		return 0
	}
	timeout := min(c.timeout, max(c.probeInterval(), shortestProbe))
	c.probe = now.Add(timeout + c.probeInterval()) // nobody else meanwhile
	return timeout
}

func (c *core) away(err error) {
	c.mu.Lock()
	now := time.Now()
	c.probe = now.Add(c.probeInterval())
	first := !c.state.Away
	c.state.Err = err
	if first {
		c.state.Away, c.state.AwaySince = true, now
		clear(c.local)
		c.uncounted.Store(c.app.key, true)
	}
	c.mu.Unlock()
	if first {
		c.logger.Warn("oura rate limit: Redis is away, using this process's share",
			slog.Int("replicas", c.replicas), slog.Any("error", err))
		c.onChange(Change{Away: true, At: now, Err: err})
	}
}

func (c *core) back() {
	c.mu.Lock()
	was, since := c.state.Away, c.state.AwaySince
	now := time.Now()
	if was {
		c.state.Away, c.state.AwaySince, c.state.Err = false, time.Time{}, nil
		clear(c.local)
	}
	c.mu.Unlock()
	if was {
		c.logger.Info("oura rate limit: Redis is back", slog.Duration("away", now.Sub(since)))
		c.onChange(Change{At: now})
	}
}
