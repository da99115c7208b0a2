package ouratest

import (
	"iter"
	"slices"
	"sync"
	"time"
)

// dataset holds the items of one collection. It is safe for concurrent use.
type dataset interface {
	// from yields the items at or after t in order, after those without an instant.
	from(t time.Time) iter.Seq[item]
	get(id string) (item, bool)
	// latest is the last item at or before t; a zero t is the end of time.
	latest(t time.Time) (item, bool)
}

// added holds what a test has put there. An item with the id of another replaces it.
type added struct {
	mu      sync.RWMutex
	items   []item // in order; never changed, only replaced, so that a listing keeps what it began with
	removed map[string]bool
}

func (a *added) put(items ...item) {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := slices.Clone(a.items)
	for _, it := range items {
		if it.id != "" {
			next = slices.DeleteFunc(next, func(old item) bool { return old.id == it.id })
			delete(a.removed, it.id)
		}
		next = append(next, it)
	}
	slices.SortStableFunc(next, func(x, y item) int { return x.at.Compare(y.at) })
	a.items = next
}

func (a *added) remove(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.removed == nil {
		a.removed = map[string]bool{}
	}
	a.removed[id] = true
	a.items = slices.DeleteFunc(slices.Clone(a.items), func(old item) bool { return old.id == id })
}

func (a *added) all() []item {
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
	return a.removed[id] || slices.ContainsFunc(a.items, func(it item) bool { return it.id == id })
}

func (a *added) from(t time.Time) iter.Seq[item] {
	return func(yield func(item) bool) {
		for _, it := range a.all() {
			if (it.at.IsZero() || !it.at.Before(t)) && !yield(it) {
				return
			}
		}
	}
}

func (a *added) get(id string) (item, bool) {
	for _, it := range a.all() {
		if it.id == id && id != "" {
			return it, true
		}
	}
	return item{}, false
}

func (a *added) latest(t time.Time) (item, bool) {
	for _, it := range slices.Backward(a.all()) {
		if t.IsZero() || !it.at.After(t) {
			return it, true
		}
	}
	return item{}, false
}

// layered is generated data with a test's own over it.
type layered struct {
	base dataset
	over *added
}

func (l layered) get(id string) (item, bool) {
	if it, ok := l.over.get(id); ok {
		return it, true
	}
	if l.over.hides(id) {
		return item{}, false
	}
	return l.base.get(id)
}

func (l layered) latest(t time.Time) (item, bool) {
	below, ok := l.base.latest(t)
	above, found := l.over.latest(t)
	if found && (!ok || !above.at.Before(below.at)) {
		return above, true
	}
	return below, ok
}

func (l layered) from(t time.Time) iter.Seq[item] {
	return func(yield func(item) bool) {
		next, stop := iter.Pull(l.over.from(t))
		defer stop()
		above, more := next()
		for below := range l.base.from(t) {
			for ; more && above.at.Before(below.at); above, more = next() {
				if !yield(above) {
					return
				}
			}
			if !l.over.hides(below.id) && !yield(below) {
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
