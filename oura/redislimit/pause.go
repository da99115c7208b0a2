package redislimit

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// extend makes a pause as long as asked for, and never shorter, and returns what is left of it in milliseconds. A
// length, not an instant: clocks differ.
var extend = redis.NewScript(`
local left, asked = redis.call("PTTL", KEYS[1]), tonumber(ARGV[1])
if left > 0 then
  local length = tonumber(redis.call("GET", KEYS[1]))
  if length and length > 1 and left > length then -- the clock of Redis stepped back meanwhile
    redis.call("SET", KEYS[1], length, "PX", length)
    left = length
  end
end
if left >= asked or asked == 0 then
  return math.max(left, 0)
end
redis.call("SET", KEYS[1], asked, "PX", asked)
return asked
`)

// pauseLeft is how long the pause still is, 0 if there is none.
func (c *core) pauseLeft(ctx context.Context) (time.Duration, error) {
	left, err := c.rdb.PTTL(ctx, c.pauseKey()).Result()
	if err != nil || left <= 0 { // negative: there is none
		return 0, err
	}
	const spare = 50 * time.Millisecond
	if left > c.left()+spare { // news, or a clock that stepped back
		ms, err := extend.Run(ctx, c.rdb, []string{c.pauseKey()}, int64(0)).Int64() // looks whether it can be so long
		return time.Duration(ms) * time.Millisecond, err
	}
	return left, nil
}

func (c *core) pauseKey() string { return "oura:" + c.name + ":pause" }

// paused notes a pause and reports whether it is a longer one.
func (c *core) paused(t time.Time, tell bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !t.After(c.state.PausedUntil) || !t.After(time.Now()) {
		return false
	}
	c.state.PausedUntil = t
	c.unpublished = c.unpublished || tell
	close(c.changed)
	c.changed = make(chan struct{})
	return true
}

// publish tells Redis of the pause, if Redis is not known to be away.
func (c *core) publish(ctx context.Context) {
	c.mu.Lock()
	left := time.Until(c.state.PausedUntil)
	c.unpublished = c.unpublished && left > 0
	skip := !c.unpublished || c.state.Away && time.Now().Before(c.probe)
	c.mu.Unlock()
	if skip {
		return
	}
	timed, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	err := extend.Run(timed, c.rdb, []string{c.pauseKey()}, max(1, left.Milliseconds())).Err()
	switch {
	case err == nil:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.unpublished = false
	case ctx.Err() == nil:
		c.away(err)
	}
}

func (c *core) left() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(0, time.Until(c.state.PausedUntil))
}
