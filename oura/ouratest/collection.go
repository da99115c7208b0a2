package ouratest

import (
	"time"

	"github.com/oura-go/sdk/internal/person"
)

// Collection is one collection of a [Mock]. All its methods return it, so that they can be chained, and are safe for
// concurrent use. Any of them makes requests for the collection expected: Add without documents is an empty one.
type Collection[T any] struct {
	*endpoint

	spec *spec
	set  *added
}

// newCollection makes a collection and the endpoint behind it.
func newCollection[T any](field string, s *spec) *Collection[T] {
	set := new(added)
	return &Collection[T]{&endpoint{field: field, count: func() int { return len(set.all()) }}, s, set}
}

// mirror makes the collection of a field of Mock.
func mirror[T any](m *mockState, field string, s *spec) *Collection[T] {
	c := newCollection[T](field, s)
	m.data.endpoints[s.name], m.data.sets[s.name] = c.endpoint, c.set.from
	return c
}

// Add puts documents or rows there, in any order: they are served by day or instant. One with the id of another
// replaces it. A document without a day is in every range.
func (c *Collection[T]) Add(docs ...T) *Collection[T] {
	items := make([]person.Item, len(docs))
	for i, doc := range docs {
		items[i] = c.spec.item(doc)
	}
	c.set.put(items...)
	c.touch()
	return c
}

// PageSize is how many items come at a time; 0 is the default: all documents, or 1,000 rows of a series.
func (c *Collection[T]) PageSize(n int) *Collection[T] {
	c.setPageSize(n)
	return c
}

// FailOnce gives the next request of the collection the fault; more of them wait in line.
func (c *Collection[T]) FailOnce(f Fault) *Collection[T] {
	c.failOnce(f)
	return c
}

// Fail gives every request the fault, until it is told another; the zero Fault ends it.
func (c *Collection[T]) Fail(f Fault) *Collection[T] {
	c.fail(f)
	return c
}

// Delay makes every response wait, or the request's context end. In a testing/synctest bubble it costs no time.
func (c *Collection[T]) Delay(d time.Duration) *Collection[T] {
	c.setDelay(d)
	return c
}
