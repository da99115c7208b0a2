package ouratest

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/oura"
)

// subscriptionLife is how long a subscription lasts.
const subscriptionLife = 90 * oneDay

// subscription is one of the application's.
type subscription struct {
	id, callback, token string
	event               oura.EventType
	data                oura.DataType
	expires             time.Time
}

func (s *subscription) wire() api.Subscription {
	return api.Subscription{
		ID: s.id, CallbackURL: s.callback, EventType: s.event, DataType: s.data,
		ExpirationTime: oura.LocalDateTime{Wall: s.expires.UTC()}, // without a zone, as the service writes it
	}
}

// endAfter is the end of a subscription that begins now, with a fraction, as the service has it.
func endAfter(now time.Time) time.Time {
	return now.Add(subscriptionLife).UTC().Truncate(time.Millisecond).Add(123 * time.Microsecond)
}

// subscriptions are those of the one application.
type subscriptions struct {
	now    func() time.Time
	verify func(ctx context.Context, callback, token string) error // the handshake

	mu   sync.Mutex
	list []*subscription
}

func newSubscriptions(now func() time.Time, verify func(context.Context, string, string) error) *subscriptions {
	return &subscriptions{now: now, verify: verify}
}

// all are those that have not ended.
func (s *subscriptions) all() []subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	out := make([]subscription, len(s.list))
	for i, sub := range s.list {
		out[i] = *sub
	}
	return out
}

func (s *subscriptions) expire() {
	now := s.now()
	s.list = slices.DeleteFunc(s.list, func(sub *subscription) bool { return !now.Before(sub.expires) })
}

func (s *subscriptions) find(match func(*subscription) bool) *subscription {
	s.expire()
	if i := slices.IndexFunc(s.list, match); i >= 0 {
		return s.list[i]
	}
	return nil
}

// has reports whether the subscription has neither ended nor been removed.
func (s *subscriptions) has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(func(sub *subscription) bool { return sub.id == id }) != nil
}

func (s *subscriptions) remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.list)
	s.list = slices.DeleteFunc(s.list, func(sub *subscription) bool { return sub.id == id })
	return len(s.list) < n
}

// put adds what a test has made.
func (s *subscriptions) put(sub subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, &sub)
}

// call answers a request; rest is the path after /v2/webhook/subscription/.
func (s *subscriptions) call(ctx context.Context, method, rest string, body []byte) answer {
	renew, isRenewal := cutPrefix(rest, "renew/")
	switch {
	case rest == "" && method == http.MethodGet:
		wire := []api.Subscription{}
		for _, sub := range s.all() {
			wire = append(wire, sub.wire())
		}
		return jsonAnswer(http.StatusOK, wire)
	case rest == "" && method == http.MethodPost:
		return s.create(ctx, body)
	case isRenewal && method == http.MethodPut:
		return s.change(renew, func(sub *subscription) answer {
			sub.expires = endAfter(s.now())
			return jsonAnswer(http.StatusOK, sub.wire())
		})
	case rest != "" && !isRenewal && method == http.MethodGet:
		return s.change(rest, func(sub *subscription) answer { return jsonAnswer(http.StatusOK, sub.wire()) })
	case rest != "" && !isRenewal && method == http.MethodPut:
		return s.update(ctx, rest, body)
	case rest != "" && !isRenewal && method == http.MethodDelete:
		if !s.remove(rest) {
			return noSubscription()
		}
		return answer{status: http.StatusNoContent}
	default:
		return detail(http.StatusMethodNotAllowed, "Method Not Allowed")
	}
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) > len(prefix) && s[:len(prefix)] == prefix {
		return s[len(prefix):], true
	}
	return s, false
}

// noSubscription is the answer to an id that there is not.
func noSubscription() answer { return detail(http.StatusForbidden, "Forbidden") }

func conflict() answer {
	return detail(http.StatusConflict, "A subscription for this event type and data type exists already.")
}

func (s *subscriptions) change(id string, f func(*subscription) answer) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.find(func(sub *subscription) bool { return sub.id == id })
	if sub == nil {
		return noSubscription()
	}
	return f(sub)
}

// create keeps its place before the handshake, so that of two calls at once one is a duplicate.
func (s *subscriptions) create(ctx context.Context, body []byte) answer {
	var req api.CreateSubscriptionRequest
	if refusal := readSubscription(body, &req, "callback_url", "verification_token", "event_type", "data_type"); refusal.status != 0 {
		return refusal
	}
	if bad := checkSubscription(req.CallbackURL, req.EventType, req.DataType); bad != nil {
		return unprocessable(bad...)
	}
	sub := &subscription{
		id: rand.Text(), callback: req.CallbackURL, token: req.VerificationToken, event: req.EventType, data: req.DataType,
		expires: endAfter(s.now()),
	}
	s.mu.Lock()
	if s.find(sub.same) != nil {
		s.mu.Unlock()
		return conflict()
	}
	s.list = append(s.list, sub)
	s.mu.Unlock()
	if err := s.verify(ctx, sub.callback, sub.token); err != nil {
		s.remove(sub.id)
		return detail(http.StatusBadRequest, "The callback URL could not be verified: "+err.Error())
	}
	return jsonAnswer(http.StatusCreated, sub.wire())
}

func (s *subscription) same(o *subscription) bool { return s.event == o.event && s.data == o.data }

func (s *subscriptions) update(ctx context.Context, id string, body []byte) answer {
	var req api.UpdateSubscriptionRequest
	if refusal := readSubscription(body, &req, "verification_token"); refusal.status != 0 {
		return refusal
	}
	s.mu.Lock()
	sub := s.find(func(sub *subscription) bool { return sub.id == id })
	if sub == nil {
		s.mu.Unlock()
		return noSubscription()
	}
	next := *sub
	next.token = req.VerificationToken
	next.callback = oura.Or(req.CallbackURL, next.callback)
	next.event, next.data = oura.Or(req.EventType, next.event), oura.Or(req.DataType, next.data)
	twin := s.find(func(o *subscription) bool { return o.id != id && o.same(&next) })
	s.mu.Unlock()
	if bad := checkSubscription(next.callback, next.event, next.data); bad != nil {
		return unprocessable(bad...)
	}
	if twin != nil {
		return conflict()
	}
	if err := s.verify(ctx, next.callback, next.token); err != nil {
		return detail(http.StatusBadRequest, "The callback URL could not be verified: "+err.Error())
	}
	return s.change(id, func(sub *subscription) answer {
		next.expires = sub.expires
		*sub = next
		return jsonAnswer(http.StatusOK, sub.wire())
	})
}
