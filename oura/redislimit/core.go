package redislimit

import (
	"context"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"github.com/oura-go/sdk/internal/wait"
)

// Stats is the state of a [Limiter] in this process, for monitoring: by the time it is read, it may have changed.
type Stats struct {
	Shared      uint64    // requests that Redis let through
	Local       uint64    // requests of the local share, while Redis was away
	Waiting     int       // requests behind the one that asks next
	PausedUntil time.Time // zero if there is no pause
	Away        bool      // Redis is away, and the local share holds
	AwaySince   time.Time // zero if Redis is there
	Err         error     // why Redis counts as away; nil if it is there
}

// core is what a Limiter and its TokenLimiters share: the settings, Redis, and the state of this process.
type core struct {
	settings
	rdb      redis.UniversalClient
	buckets  *redis_rate.Limiter
	replicas int
	app      budget

	mu          sync.Mutex
	state       Stats
	next        time.Time     // when the one whose turn it is asks again
	changed     chan struct{} // closed when a pause begins or grows
	unpublished bool          // Redis does not know of the pause
	probe       time.Time     // when to look for Redis again, while it is away
	local       map[string]*rate.Limiter
	uncounted   map[string]bool // budgets that were drawn on locally
}

// probeInterval is how often to look for Redis. It bounds for how long some processes have the shared limit again while
// others still use their shares.
func (c *core) probeInterval() time.Duration { return c.app.shared.Period / 300 }

// pause waits for d or until woken, and refuses a wait that would outlast the context. It ends early where something
// can only be found by looking.
func (c *core) pause(ctx context.Context, d time.Duration, wake <-chan struct{}) error {
	if !wait.Fits(ctx, d) {
		return tooLong(d)
	}
	c.mu.Lock()
	if c.state.Away || c.unpublished {
		d = min(d, c.probeInterval())
	}
	c.mu.Unlock()
	return wait.SleepOr(ctx, d, wake)
}
