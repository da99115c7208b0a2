package ouratest

import (
	"fmt"
	"sync"
	"time"
)

// Collection is one collection of a [Mock]. All its methods return it, so that they can be chained, and are safe for
// concurrent use. Any of them makes requests for the collection expected: Add without documents is an empty one.
type Collection[T any] struct{ *endpoint }

// endpoint is a collection without its type.
type endpoint struct {
	field  string // of Mock
	set    added
	faults faults

	mu      sync.Mutex
	size    int
	touched bool
}

func mirror[T any](m *Mock, field, collection string) *Collection[T] {
	e := &endpoint{field: field}
	m.endpoints[collection] = e
	m.data.sets[collection] = &e.set
	return &Collection[T]{e}
}

// Add puts documents or rows there, in any order: they are served by day or instant. One with the id of another
// replaces it. A document without a day is in every range.
func (c *Collection[T]) Add(docs ...T) *Collection[T] {
	items := make([]item, len(docs))
	for i, doc := range docs {
		_, items[i] = entry(any(doc))
	}
	c.set.put(items...)
	c.touch()
	return c
}

// PageSize is how many items come at a time; 0 is the default: all documents, or 1,000 rows of a series.
func (c *Collection[T]) PageSize(n int) *Collection[T] {
	c.mu.Lock()
	c.size = n
	c.mu.Unlock()
	c.touch()
	return c
}

// FailOnce gives the next request of the collection the fault; more of them wait in line.
func (c *Collection[T]) FailOnce(f Fault) *Collection[T] {
	c.faults.failOnce(f)
	c.touch()
	return c
}

// Fail gives every request the fault, until it is told another; the zero Fault ends it.
func (c *Collection[T]) Fail(f Fault) *Collection[T] {
	c.faults.fail(f)
	c.touch()
	return c
}

// Delay makes every answer wait, or the request's context end. In a testing/synctest bubble it costs no time.
func (c *Collection[T]) Delay(d time.Duration) *Collection[T] {
	c.faults.setDelay(d)
	c.touch()
	return c
}

func (e *endpoint) touch() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.touched = true
}

func (e *endpoint) expected() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.touched
}

func (e *endpoint) pageSize() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.size
}

// describe says what is registered, as in "DailySleep (2)".
func (e *endpoint) describe() string { return fmt.Sprintf("%s (%d)", e.field, len(e.set.all())) }
