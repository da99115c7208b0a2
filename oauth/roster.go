package oauth

import (
	"container/list"
	"sync"
	"time"
	"weak"
)

// roster knows the one source of each user. Those that were asked for lately it keeps. Of the others it knows as long
// as somebody else holds them: a source that is in use must be found, or its user would have two.
type roster struct {
	most int
	idle time.Duration

	mu     sync.Mutex // taken before a source's own, never held over I/O
	users  map[string]*place
	recent *list.List // of *place: those kept within the bounds, the one asked for last in front
	tidied int        // how many users there were after the last look for those whose source is gone
}

// member is a source and its public face in one piece of memory, which lives as long as anybody holds one of the two: a
// copied TokenSource holds its source.
type member struct {
	TokenSource

	source source
}

// place is a user's in the roster.
type place struct {
	member weak.Pointer[member]
	kept   *member       // nil when the roster has let go of it
	asked  time.Time     // for it, last
	recent *list.Element // nil while it is kept beyond the bounds, or not at all
}

// find returns the user's member, or nil.
func (r *roster) find(user string) *member {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.users[user]
	if p == nil {
		return nil
	}
	m := p.member.Value()
	if m != nil {
		r.keep(p, m)
	}
	return m
}

// add takes a member in, or returns the one that is there where somebody was quicker.
func (r *roster) add(user string, m *member) *member {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.users[user]
	if p == nil {
		p = &place{}
		r.users[user] = p
	}
	if other := p.member.Value(); other != nil {
		m = other
	} else {
		p.member = weak.Make(m)
		m.source.onUnsaved = func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.keep(p, m)
		}
	}
	r.keep(p, m)
	return m
}

// forget has a user's source read the store again, and lets go of it.
func (r *roster) forget(user string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.users[user]
	if p == nil {
		return
	}
	m := p.member.Value()
	if m == nil {
		delete(r.users, user)
		return
	}
	m.source.forget()
	if !m.source.hasUnsaved() {
		r.letGo(p)
	}
}

// keep keeps a member from now on, and others no longer. r.mu is held.
func (r *roster) keep(p *place, m *member) {
	p.kept, p.asked = m, time.Now()
	if p.recent == nil {
		p.recent = r.recent.PushFront(p)
	} else {
		r.recent.MoveToFront(p.recent)
	}
	for last := r.recent.Back(); last != p.recent; last = r.recent.Back() {
		old, _ := last.Value.(*place)
		if r.recent.Len() <= r.most && p.asked.Sub(old.asked) <= r.idle {
			break
		}
		if old.kept.source.hasUnsaved() {
			// The only copy: kept, and put back here when it is saved or asked for.
			r.recent.Remove(last)
			old.recent = nil
		} else {
			r.letGo(old)
		}
	}
	r.tidy()
}

func (r *roster) letGo(p *place) {
	if p.recent != nil {
		r.recent.Remove(p.recent)
	}
	p.kept, p.recent = nil, nil
}

// tidy drops the places whose member is gone, each time that there are twice as many as there were: so it costs next to
// nothing for each.
func (r *roster) tidy() {
	const some = 1024
	if len(r.users) < 2*r.tidied+some {
		return
	}
	for user, p := range r.users {
		if p.kept == nil && p.member.Value() == nil {
			delete(r.users, user)
		}
	}
	r.tidied = len(r.users)
}
