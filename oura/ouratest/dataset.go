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
	a.mu.RLock()
	defer a.mu.RUnlock()
	return id != "" && (a.removed[id] || slices.ContainsFunc(a.items, func(it person.Item) bool { return it.ID == id }))
}

// from is the items as a [person.Set].
func (a *added) from(t time.Time) iter.Seq[person.Item] {
	return func(yield func(person.Item) bool) {
		for _, it := range a.all() {
			if (it.At.IsZero() || !it.At.Before(t)) && !yield(it) {
				return
			}
		}
	}
}

// over is generated data with the items in their places.
func (a *added) over(base person.Set) person.Set {
	return func(t time.Time) iter.Seq[person.Item] {
		return func(yield func(person.Item) bool) {
			next, stop := iter.Pull(a.from(t))
			defer stop()
			above, more := next()
			for below := range base(t) {
				for ; more && above.At.Before(below.At); above, more = next() {
					if !yield(above) {
						return
					}
				}
				if !a.hides(below.ID) && !yield(below) {
					return
				}
			}
			for ; more && yield(above); above, more = next() {
			}
		}
	}
}
