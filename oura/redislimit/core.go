package redislimit

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"
)

// core is what a Limiter and its TokenLimiters share: the settings, Redis, and the state of this process.
type core struct {
	settings
	rdb      redis.UniversalClient
	replicas int
	app      budget

	mu          sync.Mutex
	state       Stats
	changed     chan struct{} // closed when a pause begins or grows
	unpublished bool          // Redis does not know of the pause
	probe       time.Time     // when to look for Redis again, while it is away
	local       map[string]*rate.Limiter
	uncounted   sync.Map // keys of budgets that were drawn on locally
	lines       map[string]*line
	there       map[string]sight // of buckets in Redis
	guard       *rate.Limiter    // what the whole application may send: a bound that needs no Redis
	inspected   atomic.Bool      // the eviction policy was looked at
}

// line is where requests of one budget wait in this process, in the order in which they came. Whoever has the turn asks
// Redis, and keeps it while waiting as long as Redis says.
type line struct {
	budget  budget
	turn    chan struct{}
	waiting atomic.Int64 // without the one whose turn it is

	// Under the core's mutex:
	next    time.Time // when the one whose turn it is asks again
	members int       // of the line of a token, which goes with the last one
}

// sight is what a process knows of a bucket.
type sight struct {
	until time.Time // Redis cannot have forgotten it by itself before
	lost  bool      // it was lost when this process asked last
}

// probeInterval is how often to look for Redis. It bounds for how long some processes have the shared limit again while
// others still use their shares.
func (c *core) probeInterval() time.Duration { return c.app.period / 300 }

// isApp reports whether a budget is the application's, and not a token's.
func (c *core) isApp(b budget) bool { return b.key == c.app.key }

// Stats is the state of a [Limiter] in this process, for monitoring: by the time it is read, it may have changed.
type Stats struct {
	Shared      uint64    // requests that Redis let through
	Local       uint64    // requests of the local share, while Redis was away
	Lost        uint64    // buckets that Redis lost before their time, by eviction or a restart
	Waiting     int       // requests behind the one that asks next
	PausedUntil time.Time // zero if there is no pause
	Away        bool      // Redis is away, and the local share holds
	AwaySince   time.Time // zero if Redis is there
	Err         error     // why Redis counts as away; nil if it is there
}
