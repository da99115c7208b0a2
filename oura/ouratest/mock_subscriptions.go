package ouratest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/oura-go/sdk/oura"
)

// Subscriptions are those of a [Mock]'s application. All methods but All return it, and any of them makes requests
// expected: Add without subscriptions is an application that has none. It is safe for concurrent use.
type Subscriptions struct {
	*endpoint

	store *subscriptions
	state *mockState

	receiverMu sync.Mutex
	receiver   http.Handler
}

func newMockSubscriptions(m *mockState) *Subscriptions {
	s := &Subscriptions{state: m}
	s.store = newSubscriptions(func() time.Time {
		if m.data.now != nil {
			return m.data.now()
		}
		return time.Now()
	}, s.handshake)
	s.endpoint = &endpoint{field: "Subscriptions", count: func() int { return len(s.store.all()) }}
	m.endpoints["subscription"] = s.endpoint
	return s
}

// Add puts subscriptions there. Without an expiration time they end in 90 days.
func (s *Subscriptions) Add(subs ...oura.Subscription) *Subscriptions {
	for _, sub := range subs {
		expires := sub.ExpirationTime
		if sub.ExpirationTime.IsZero() {
			expires = endAfter(s.store.now())
		}
		s.store.put(subscription{
			id: sub.ID, callback: sub.CallbackURL, event: sub.EventType, data: sub.DataType, expires: expires,
		})
	}
	s.touch()
	return s
}

// All are the subscriptions there are, in the order in which they were made.
func (s *Subscriptions) All() []oura.Subscription {
	var out []oura.Subscription
	for _, sub := range s.store.all() {
		out = append(out, oura.Subscription{
			ID: sub.id, CallbackURL: sub.callback, EventType: sub.event, DataType: sub.data, ExpirationTime: sub.expires.UTC(),
		})
	}
	return out
}

// Receiver takes the handshake of every create and update, in the process, whatever the callback URL is. Without one
// there is no handshake.
func (s *Subscriptions) Receiver(h http.Handler) *Subscriptions {
	s.touch()
	s.receiverMu.Lock()
	defer s.receiverMu.Unlock()
	s.receiver = h
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

func (s *Subscriptions) answer(req *http.Request, rest string) (answer, error) {
	if !s.touched() {
		return s.state.unexpected(req, s.endpoint), nil
	}
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return answer{}, err
		}
	}
	return s.serve(req.Context(), "", func() (page, answer) {
		if req.Header.Get("X-Client-Id") == "" || req.Header.Get("X-Client-Secret") == "" {
			return page{}, unauthorized("The client id or secret is wrong.")
		}
		return page{}, s.store.call(req.Context(), req.Method, rest, body)
	})
}

// handshake calls the receiver, where there is one.
func (s *Subscriptions) handshake(ctx context.Context, callback, token string) error {
	s.receiverMu.Lock()
	receiver := s.receiver
	s.receiverMu.Unlock()
	if receiver == nil {
		return nil
	}
	req, challenge, err := challengeRequest(ctx, callback, token)
	if err != nil {
		return err
	}
	req.Body = http.NoBody // a handler always has one
	w := httptest.NewRecorder()
	receiver.ServeHTTP(w, req)
	return checkChallenge(w.Code, w.Body.Bytes(), challenge)
}
