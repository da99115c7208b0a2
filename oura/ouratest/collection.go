package ouratest

import (
	"fmt"
	"time"

	"github.com/oura-go/sdk/internal/person"
	"github.com/oura-go/sdk/oura"
)

// Collection is one collection of a [Mock]. All its methods return it, so that they can be chained, and are safe for
// concurrent use. Any of them makes requests for the collection expected: Add without documents is an empty one.
type Collection[T any] struct {
	*endpoint

	spec *spec
	set  *added
}

// mirror makes the collection of a field of Mock, and the endpoint behind it.
func mirror[T any](m *mockState, field string, s *spec) *Collection[T] {
	set := new(added)
	c := &Collection[T]{&endpoint{field: field, count: func() int { return len(set.all()) }}, s, set}
	m.data.endpoints[s.name], m.data.sets[s.name] = c.endpoint, set.from
	m.add = append(m.add, func(sets map[string]person.Set) { c.addFrom(sets) })
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

// AddDays puts there what the person has from the first day to the last, as a [Service] would have it when these days are
// over: a document for each day, or for those days that have a nap, a workout or a tag, or all rows between the first
// midnight and the last. A ring has no days and is there once. Collections to which the same options are given agree with
// each other. It panics if the last day is before the first, as builders do, and where the kit makes no data.
func (c *Collection[T]) AddDays(first, last oura.Date, opts ...DataOption) *Collection[T] {
	if !c.addFrom(days(first, last, opts)) {
		panic("ouratest: AddDays: the kit makes no " + c.spec.name + "; Add documents of your own")
	}
	return c
}

// addFrom adds what is there for the collection, which is then expected in any case.
func (c *Collection[T]) addFrom(sets map[string]person.Set) (made bool) {
	var docs []T
	set, made := sets[c.spec.name]
	if made {
		for it := range set(time.Time{}) {
			docs = append(docs, it.Build().(T)) //nolint:forcetypeassert // a collection's set has documents of its model
		}
	}
	c.Add(docs...)
	return made
}

// days is the data of the days, by collection.
func days(first, last oura.Date, opts []DataOption) map[string]person.Set {
	if first.IsZero() || last.Before(first) {
		panic(fmt.Sprintf("ouratest: AddDays: there are no days from %v to %v", first, last))
	}
	return who(opts).Days(first, last)
}

// PageSize is how many items come at a time; 0 is the default: all documents, or 1,000 rows of a series.
func (c *Collection[T]) PageSize(n int) *Collection[T] {
	c.setPageSize(n)
	return c
}

// FailOnce gives the next request of the collection the fault; more of them wait in line.
func (c *Collection[T]) FailOnce(f CollectionFault) *Collection[T] {
	c.failOnce(faultOf(f))
	return c
}

// Fail gives every request the fault, until it is told another; the zero Fault ends it.
func (c *Collection[T]) Fail(f CollectionFault) *Collection[T] {
	c.fail(faultOf(f))
	return c
}

// Delay makes every response wait, or the request's context end. In a testing/synctest bubble it costs no time.
func (c *Collection[T]) Delay(d time.Duration) *Collection[T] {
	c.setDelay(d)
	return c
}
