package redislimit

import "time"

// Stats is the state of a [Limiter] in this process, for monitoring: by the time
// it is read, it may have changed.
type Stats struct {
	Shared      uint64    // requests that Redis let through
	Local       uint64    // requests of the local share, while Redis was away
	Waiting     int       // requests behind the one that asks next
	PausedUntil time.Time // zero if there is no pause
	Away        bool      // Redis is away, and the local share holds
	AwaySince   time.Time // zero if Redis is there
	Err         error     // why Redis counts as away; nil if it is there
}

// Stats returns the state.
func (l *Limiter) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.state
	if !s.PausedUntil.After(time.Now()) {
		s.PausedUntil = time.Time{}
	}
	return s
}

// count notes a request that passed. One of a token has yet to pass there.
func (l *Limiter) count(b budget, local bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case b.key != l.app.key:
	case local:
		l.state.Local++
	default:
		l.state.Shared++
	}
}
