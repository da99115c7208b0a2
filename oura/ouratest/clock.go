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

// Now is the service's time.
func (s *Service) Now() time.Time { return s.clock.now() }

// Advance puts the service's clock forward: tokens and codes expire, subscriptions end, new days of data appear.
// Deliveries of webhooks keep waiting by the real clock.
func (s *Service) Advance(d time.Duration) { s.clock.advance(d) }
