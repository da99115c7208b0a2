package person

import (
	"iter"
	"time"

	"github.com/oura-go/sdk/api"
)

// Item is one document or row, not necessarily made yet.
type Item struct {
	ID    string
	At    time.Time // what its collection is filtered and ordered by; zero: always in range
	Build func() any
}

// Set holds the items of one collection. It is safe for concurrent use.
type Set interface {
	// From yields the items at or after t in order, after those without an instant.
	From(t time.Time) iter.Seq[Item]
	Get(id string) (Item, bool)
	// Latest is the last item at or before t; a zero t is the end of time. Only series need to have one.
	Latest(t time.Time) (Item, bool)
}

// generator says which documents a day has.
type generator struct {
	count func(p *Person, day api.Date) int
	at    func(p *Person, day api.Date, n int) time.Time // order and filter
	seen  func(p *Person, day api.Date, n int) time.Time // when the document appears
	build func(p *Person, day api.Date, n int) any
}

// documents is a collection of documents from a first day until now.
type documents struct {
	generator
	p          *Person
	collection string
	first      api.Date
	now        func() time.Time
}

// item is the n-th document of a day; ok is false where it cannot be seen yet.
func (s documents) item(day api.Date, n int) (it Item, ok bool) {
	p := *s.p
	p.Until = s.now()
	return Item{
		ID: p.id(s.collection, day, n), At: s.at(s.p, day, n), Build: func() any { return s.build(&p, day, n) },
	}, !s.seen(s.p, day, n).After(p.Until)
}

func (s documents) From(t time.Time) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		day, last := s.first, api.DateOf(s.now().UTC()).AddDays(2)
		if early := api.DateOf(t.UTC()).AddDays(-2); !t.IsZero() && early.After(day) {
			day = early
		}
		for ; day.Before(last); day = day.AddDays(1) {
			for n := range s.count(s.p, day) {
				if it, ok := s.item(day, n); ok && !it.At.Before(t) && !yield(it) {
					return
				}
			}
		}
	}
}

// Get goes through the days, the last ones first, since an id does not tell its day.
func (s documents) Get(id string) (Item, bool) {
	for day := api.DateOf(s.now().UTC()).AddDays(1); !day.Before(s.first); day = day.AddDays(-1) {
		for n := range s.count(s.p, day) {
			if s.p.id(s.collection, day, n) == id {
				return s.item(day, n)
			}
		}
	}
	return Item{}, false
}

func (s documents) Latest(time.Time) (Item, bool) { return Item{}, false }

// rows is a time series from a first instant until now.
type rows[T any] struct {
	first   time.Time
	now     func() time.Time
	between func(from, to time.Time) iter.Seq[T]
	at      func(T) time.Time
}

func (s rows[T]) items(from, to time.Time) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for v := range s.between(from, to) {
			if !yield(Item{At: s.at(v), Build: func() any { return v }}) {
				return
			}
		}
	}
}

func (s rows[T]) From(t time.Time) iter.Seq[Item] {
	if t.Before(s.first) {
		t = s.first
	}
	return s.items(t, s.now())
}

func (s rows[T]) Get(string) (Item, bool) { return Item{}, false }

func (s rows[T]) Latest(t time.Time) (last Item, ok bool) {
	for it := range s.items(t.AddDate(0, 0, -1), t) {
		last, ok = it, true
	}
	return last, ok
}

// ring is the one ring of a person, which is in every range.
type ring struct{ p *Person }

func (r ring) From(time.Time) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		yield(Item{ID: r.p.ring(), Build: func() any { return r.p.RingConfiguration() }})
	}
}

func (r ring) Get(id string) (it Item, ok bool) {
	for it = range r.From(time.Time{}) {
	}
	return it, it.ID == id
}

func (r ring) Latest(time.Time) (Item, bool) { return Item{}, false }
