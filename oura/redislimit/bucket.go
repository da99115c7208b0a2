package redislimit

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// take is GCRA, as in redis_rate, and what that does not have:
//
// An instant further ahead than the bucket is deep was written before the clock of Redis stepped back: the bucket counts
// as empty, and not as closed until the clock is there again. A bucket that is gone, although whoever asks knows that it
// cannot be full yet, was lost, to an eviction for example: it begins empty, too. Whoever was told so waits for its share
// of the refill, and then gets one, should the bucket be lost again.
//
// ARGV: burst, rate, period in seconds, how many to take at most, and "known", "lost" or "". It returns how many were
// taken, the seconds to wait if none was, the seconds until the bucket is full, and whether it was lost.
var take = redis.NewScript(`
redis.replicate_commands()
local burst, interval = tonumber(ARGV[1]), tonumber(ARGV[3]) / tonumber(ARGV[2])
local depth = burst * interval
local clock = redis.call("TIME")
local now = (clock[1] - 1483228800) + clock[2] / 1000000 -- since 2017: a double has the microseconds
local tat, lost = redis.call("GET", KEYS[1]), 0
if tat then
  tat = math.max(math.min(tonumber(tat), now + depth), now)
elseif ARGV[5] == "known" then
  tat, lost = now + depth, 1
elseif ARGV[5] == "lost" then
  tat = now + depth - interval
else
  tat = now
end
local room = (now - (tat - depth)) / interval + 0.000001
local took, wait = 0, 0
if room < 1 then
  wait = (1 - room) * interval
else
  took = math.min(math.floor(room), tonumber(ARGV[4]))
end
tat = tat + took * interval
if tat > now then
  redis.call("SET", KEYS[1], string.format("%.6f", tat), "PX", math.ceil((tat - now) * 1000))
end
return {took, tostring(wait), tostring(tat - now), lost}
`)

// taken is what take returns.
type taken struct {
	n          int64
	wait, full time.Duration
	lost       bool
}

func (c *core) take(ctx context.Context, b budget, n int) (taken, error) {
	values, err := take.Run(ctx, c.rdb, []string{b.key}, b.burst, b.rate, b.period.Seconds(), n, c.knows(b.key)).Slice()
	if err != nil {
		return taken{}, err
	}
	if len(values) != 4 {
		return taken{}, fmt.Errorf("redislimit: the script returned %d values", len(values))
	}
	var t taken
	t.n, _ = values[0].(int64)
	t.wait, t.full = seconds(values[1]), seconds(values[2])
	lost, _ := values[3].(int64)
	t.lost = lost == 1
	c.seen(b.key, t)
	return t, nil
}

func seconds(v any) time.Duration {
	s, _ := v.(string)
	f, _ := strconv.ParseFloat(s, 64)
	return time.Duration(f * float64(time.Second))
}

const (
	maxRemembered = 1 << 12                // buckets, of tokens above all
	expirySpare   = 100 * time.Millisecond // Redis may forget a bucket so long before we do
)

func (c *core) knows(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch s := c.there[key]; {
	case s.lost:
		return "lost"
	case time.Now().Before(s.until):
		return "known"
	}
	return ""
}

// seen remembers until when a bucket is there, and tells of one that was lost.
func (c *core) seen(key string, t taken) {
	now := time.Now()
	c.mu.Lock()
	if len(c.there) >= maxRemembered {
		for k, s := range c.there {
			if !now.Before(s.until) {
				delete(c.there, k)
			}
		}
	}
	if len(c.there) < maxRemembered {
		c.there[key] = sight{until: now.Add(t.full - expirySpare), lost: t.lost}
	}
	first := t.lost && c.state.Lost == 0
	if t.lost {
		c.state.Lost++
	}
	c.mu.Unlock()
	if first {
		c.logger.Warn("oura rate limit: Redis lost a bucket before its time, by eviction or a restart; " +
			"give it the policy noeviction, or a Redis of its own")
		c.onChange(Change{At: now, Lost: true})
	}
}
