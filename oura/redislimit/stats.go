package redislimit

import "time"

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
