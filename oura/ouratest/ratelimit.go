package ouratest

import (
	"slices"
	"sync"
	"time"
)

// limit is n requests in any window. The zero limit is none.
type limit struct {
	n      int
	window time.Duration
}

// meter counts the requests of each budget in a sliding window.
type meter struct {
	mu    sync.Mutex
	times map[string][]time.Time // of the requests that were let through, oldest first
}

// take lets a request through, or says how long to wait. A refused request does not count.
func (m *meter) take(budget string, l limit, now time.Time) (wait time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	times := slices.DeleteFunc(m.times[budget], func(t time.Time) bool { return !t.After(now.Add(-l.window)) })
	if len(times) < l.n {
		times = append(times, now)
	} else if len(times) > 0 {
		wait = times[0].Add(l.window).Sub(now)
	} else { // a limit of no requests at all
		wait = l.window
	}
	m.times[budget] = times
	return wait
}
