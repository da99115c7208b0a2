package ouratest

import (
	"sync/atomic"
	"time"
)

// shiftedClock is a clock that tests can put forward.
type shiftedClock struct {
	base  func() time.Time
	ahead atomic.Int64
}

func (c *shiftedClock) now() time.Time { return c.base().Add(time.Duration(c.ahead.Load())) }

func (c *shiftedClock) advance(d time.Duration) { c.ahead.Add(int64(d)) }
