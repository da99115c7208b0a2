package ouratest

import (
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/oura-go/sdk/internal/person"
)

// added holds what a test has put there. An item with the id of another replaces it.
type added struct {
	mu      sync.RWMutex
	items   []person.Item // in order; never changed, only replaced, so that a listing keeps what it began with
	removed map[string]bool
}

func (a *added) put(items ...person.Item) {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := slices.Clone(a.items)
	for _, it := range items {
		if it.ID != "" {
			next = slices.DeleteFunc(next, func(old person.Item) bool { return old.ID == it.ID })
			delete(a.removed, it.ID)
		}
		next = append(next, it)
	}
	slices.SortStableFunc(next, func(x, y person.Item) int { return x.At.Compare(y.At) })
	a.items = next
}

func (a *added) remove(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.removed == nil {
		a.removed = map[string]bool{}
	}
	a.removed[id] = true
	a.items = slices.DeleteFunc(slices.Clone(a.items), func(old person.Item) bool { return old.ID == id })
}

func (a *added) all() []person.Item {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.items
}

// hides reports whether an item that was generated is replaced or removed.
func (a *added) hides(id string) bool {
	if id == "" {
		return false
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.removed[id] || slices.ContainsFunc(a.items, func(it person.Item) bool { return it.ID == id })
}

func (a *added) From(t time.Time) iter.Seq[person.Item] {
	return func(yield func(person.Item) bool) {
		for _, it := range a.all() {
			if (it.At.IsZero() || !it.At.Before(t)) && !yield(it) {
				return
			}
		}
	}
}

func (a *added) Get(id string) (person.Item, bool) {
	for _, it := range a.all() {
		if it.ID == id && id != "" {
			return it, true
		}
	}
	return person.Item{}, false
}

func (a *added) Latest(t time.Time) (person.Item, bool) {
	for _, it := range slices.Backward(a.all()) {
		if t.IsZero() || !it.At.After(t) {
			return it, true
		}
	}
	return person.Item{}, false
}

// layered is generated data with a test's own over it.
type layered struct {
	base person.Set
	over *added
}

func (l layered) Get(id string) (person.Item, bool) {
	if it, ok := l.over.Get(id); ok {
		return it, true
	}
	if l.over.hides(id) {
		return person.Item{}, false
	}
	return l.base.Get(id)
}

func (l layered) Latest(t time.Time) (person.Item, bool) {
	below, ok := l.base.Latest(t)
	above, found := l.over.Latest(t)
	if found && (!ok || !above.At.Before(below.At)) {
		return above, true
	}
	return below, ok
}

func (l layered) From(t time.Time) iter.Seq[person.Item] {
	return func(yield func(person.Item) bool) {
		next, stop := iter.Pull(l.over.From(t))
		defer stop()
		above, more := next()
		for below := range l.base.From(t) {
			for ; more && above.At.Before(below.At); above, more = next() {
				if !yield(above) {
					return
				}
			}
			if !l.over.hides(below.ID) && !yield(below) {
				return
			}
		}
		for ; more; above, more = next() {
			if !yield(above) {
				return
			}
		}
	}
}
