package webhook

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Duplicates remembers which events have been handled. [Handler] asks Seen before Handle and calls Mark after Handle
// returned nil, each with the [Event.Key]; so an event that failed is handled again when Oura repeats it. Implement it
// on a table or on Redis where several processes receive.
//
// It spares work and is no lock: of two deliveries of an event that arrive at the same time both may be handled, so
// Handle must be idempotent. An error or a panic of Seen counts as not seen; one of Mark is logged, and the delivery
// succeeds. Seen may take a quarter of the time that Handle has, Mark a second; then their contexts end. The key of an
// event without a time is made with the delivery's timestamp, since otherwise a second change of a document would pass
// for the first; so a redelivery that is signed anew is handled again.
//
// Implementations must be safe for concurrent use.
type Duplicates interface {
	Seen(ctx context.Context, key string) (bool, error)
	Mark(ctx context.Context, key string) error
}

const (
	defaultDuplicates    = 10_000
	defaultDuplicatesTTL = 3 * time.Hour
)

// NewDuplicates remembers up to size keys for ttl each, in memory; when it is full, the oldest gives way. It forgets
// with its process. Ten thousand keys take about 2 MB.
//
// A size of zero or less means 10,000, a ttl of zero or less 3 hours: longer than Oura repeats a delivery, and longer
// than a Handler with the default tolerance accepts it.
func NewDuplicates(size int, ttl time.Duration) Duplicates {
	if size <= 0 {
		size = defaultDuplicates
	}
	if ttl <= 0 {
		ttl = defaultDuplicatesTTL
	}
	return &memory{size: size, ttl: ttl, byKey: make(map[string]*list.Element)}
}

type memory struct {
	size int
	ttl  time.Duration

	mu    sync.Mutex
	byKey map[string]*list.Element // of mark
	order list.List                // oldest first, which with one ttl is also the order of expiry
}

type mark struct {
	key   string
	until time.Time
}

func (m *memory) Seen(_ context.Context, key string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(time.Now())
	_, ok := m.byKey[key]
	return ok, nil
}

func (m *memory) Mark(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.forget(now)
	if old, ok := m.byKey[key]; ok {
		m.order.Remove(old)
	} else if len(m.byKey) >= m.size {
		m.drop(m.order.Front())
	}
	m.byKey[key] = m.order.PushBack(mark{key, now.Add(m.ttl)})
	return nil
}

// forget drops what has expired.
func (m *memory) forget(now time.Time) {
	for e := m.order.Front(); e != nil && !e.Value.(mark).until.After(now); e = m.order.Front() {
		m.drop(e)
	}
}

func (m *memory) drop(e *list.Element) { delete(m.byKey, m.order.Remove(e).(mark).key) }
