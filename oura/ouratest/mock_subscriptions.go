package ouratest

import (
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/oura-go/sdk/oura"
)

// Subscriptions are those of a [Mock]'s application. All methods but All return it, and any of them makes requests
// expected: Add without subscriptions is an application that has none. It is safe for concurrent use.
type Subscriptions struct {
	*endpoint

	store *subscriptions
}

func newMockSubscriptions(m *mockState) *Subscriptions {
	store := &subscriptions{now: func() time.Time {
		if m.data.now != nil {
			return m.data.now()
		}
		return time.Now()
	}}
	e := &endpoint{field: "Subscriptions", count: func() int { return len(store.all()) }}
	m.data.endpoints["subscription"] = e
	return &Subscriptions{e, store}
}

// Add puts subscriptions there. Without an expiration time they end in 90 days.
func (s *Subscriptions) Add(subs ...oura.Subscription) *Subscriptions {
	for _, sub := range subs {
		if sub.ExpirationTime.IsZero() {
			sub.ExpirationTime = endAfter(s.store.now())
		}
		s.store.with(func() { s.store.list = append(s.store.list, subscription{Subscription: sub}) })
	}
	s.touch()
	return s
}

// All are the subscriptions there are, in the order in which they were made.
func (s *Subscriptions) All() []oura.Subscription {
	var out []oura.Subscription
	for _, sub := range s.store.all() {
		sub.ExpirationTime = sub.ExpirationTime.UTC()
		out = append(out, sub.Subscription)
	}
	return out
}

// Receiver takes the handshake of every create and update, in the process, whatever the callback URL is. Without one
// there is no handshake.
func (s *Subscriptions) Receiver(h http.Handler) *Subscriptions {
	s.touch()
	var send sender
	if h != nil {
		send = func(req *http.Request) (int, []byte, error) {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			return w.Code, w.Body.Bytes(), nil
		}
	}
	s.store.with(func() { s.store.send = send })
	return s
}

// FailOnce gives the next request the fault; more of them wait in line. [LostAnswer] creates a subscription and
// answers 504.
func (s *Subscriptions) FailOnce(f Fault) *Subscriptions {
	s.failOnce(f)
	return s
}

// Fail gives every request the fault, until it is told another; the zero Fault ends it.
func (s *Subscriptions) Fail(f Fault) *Subscriptions {
	s.fail(f)
	return s
}

// Delay makes every response wait, or the request's context end.
func (s *Subscriptions) Delay(d time.Duration) *Subscriptions {
	s.setDelay(d)
	return s
}

func (s *Subscriptions) call(req *http.Request, rest string) *answer {
	if req.Header.Get("X-Client-Id") == "" || req.Header.Get("X-Client-Secret") == "" {
		return wrongCredentials()
	}
	return s.store.call(req, rest)
}
