package ouratest

import (
	"sync"
	"time"
)

// limit is n requests in any window. The zero limit is none.
type limit struct {
	n      int
	window time.Duration
}

// meter counts the requests of one budget in a sliding window.
type meter struct {
	mu    sync.Mutex
	times []time.Time // of the requests that were let through, oldest first
}

// take lets a request through, or says how long to wait. A refused request does not count.
func (m *meter) take(l limit, now time.Time) (wait time.Duration, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := 0
	for old < len(m.times) && !m.times[old].After(now.Add(-l.window)) {
		old++
	}
	m.times = m.times[old:]
	if len(m.times) < l.n {
		m.times = append(m.times, now)
		return 0, true
	}
	if len(m.times) == 0 { // a limit of no requests at all
		return l.window, false
	}
	return m.times[0].Add(l.window).Sub(now), false
}

// meters are the budgets of the application and of each token.
type meters struct {
	app    meter
	mu     sync.Mutex
	tokens map[string]*meter
}

func (m *meters) token(token string) *meter {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tokens == nil {
		m.tokens = map[string]*meter{}
	}
	if m.tokens[token] == nil {
		m.tokens[token] = new(meter)
	}
	return m.tokens[token]
}
