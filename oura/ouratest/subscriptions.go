package ouratest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/oura"
)

// subscriptionLife is how long a subscription lasts.
const subscriptionLife = 90 * oneDay

// endAfter is the end of a subscription that begins now, with a fraction, as the service has it.
func endAfter(now time.Time) time.Time {
	return now.Add(subscriptionLife).UTC().Truncate(time.Millisecond).Add(123 * time.Microsecond)
}

// subscription is one of the application's.
type subscription struct {
	oura.Subscription

	token string
}

func (s subscription) wire() api.Subscription {
	return api.Subscription{
		ID: s.ID, CallbackURL: s.CallbackURL, EventType: s.EventType, DataType: s.DataType,
		ExpirationTime: oura.LocalDateTime{Wall: s.ExpirationTime.UTC()}, // without a zone, as the service writes it
	}
}

// subscriptions are those of the one application.
type subscriptions struct {
	now func() time.Time

	mu   sync.Mutex
	list []subscription
	send sender // asks the receiver; nil: there is no handshake
}

type sender func(*http.Request) (status int, body []byte, err error)

// with calls f while nobody else changes the subscriptions, of which none has ended.
func (s *subscriptions) with(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.list = slices.DeleteFunc(s.list, func(sub subscription) bool { return !now.Before(sub.ExpirationTime) })
	f()
}

func (s *subscriptions) all() (list []subscription) {
	s.with(func() { list = slices.Clone(s.list) })
	return list
}

// change finds a subscription, has f change it, and returns the result; ok is false where there is none.
func (s *subscriptions) change(id string, f func(*subscription)) (sub subscription, ok bool) {
	s.with(func() {
		for i := range s.list {
			if s.list[i].ID == id {
				f(&s.list[i])
				sub, ok = s.list[i], true
			}
		}
	})
	return sub, ok
}

func (s *subscriptions) find(id string) (subscription, bool) {
	return s.change(id, func(*subscription) {})
}

func (s *subscriptions) remove(id string) (removed bool) {
	s.with(func() {
		n := len(s.list)
		s.list = slices.DeleteFunc(s.list, func(sub subscription) bool { return sub.ID == id })
		removed = len(s.list) < n
	})
	return removed
}

// taken reports whether another subscription has the event type and the data type. It is called under with.
func (s *subscriptions) taken(sub subscription) bool {
	return slices.ContainsFunc(s.list, func(o subscription) bool {
		return o.ID != sub.ID && o.EventType == sub.EventType && o.DataType == sub.DataType
	})
}

// call answers a request; rest is the path after /v2/webhook/subscription/.
func (s *subscriptions) call(r *http.Request, rest string) *answer {
	id, renewal := strings.CutPrefix(rest, "renew/")
	asked := r.Method + " one"
	switch {
	case rest == "":
		asked = r.Method + " all"
	case renewal:
		asked = r.Method + " renewal"
	}
	switch asked {
	case "GET all":
		wire := []api.Subscription{}
		for _, sub := range s.all() {
			wire = append(wire, sub.wire())
		}
		return jsonAnswer(http.StatusOK, wire)
	case "POST all":
		return s.create(r)
	case "GET one":
		return found(s.find(id))
	case "PUT renewal":
		return found(s.change(id, func(sub *subscription) { sub.ExpirationTime = endAfter(s.now()) }))
	case "PUT one":
		return s.update(r, id)
	case "DELETE one":
		if !s.remove(id) {
			return noSubscription()
		}
		return &answer{status: http.StatusNoContent}
	default:
		return noMethod()
	}
}

func found(sub subscription, ok bool) *answer {
	if !ok {
		return noSubscription()
	}
	return jsonAnswer(http.StatusOK, sub.wire())
}

// noSubscription is the response to an id that there is not.
func noSubscription() *answer { return detail(http.StatusForbidden, "Forbidden") }

func wrongCredentials() *answer { return unauthorized("The client id or secret is wrong.") }

func conflict() *answer {
	return detail(http.StatusConflict, "A subscription for this event type and data type exists already.")
}

// create keeps its place before the handshake, so that of two calls at once one is a duplicate.
func (s *subscriptions) create(r *http.Request) *answer {
	var req api.CreateSubscriptionRequest
	if refusal := readSubscription(r, &req, "callback_url", "verification_token", "event_type", "data_type"); refusal != nil {
		return refusal
	}
	sub := subscription{token: req.VerificationToken, Subscription: oura.Subscription{
		ID: rand.Text(), CallbackURL: req.CallbackURL, EventType: req.EventType, DataType: req.DataType,
		ExpirationTime: endAfter(s.now()),
	}}
	if refusal := sub.check(); refusal != nil {
		return refusal
	}
	taken := false
	s.with(func() {
		if taken = s.taken(sub); !taken {
			s.list = append(s.list, sub)
		}
	})
	if taken {
		return conflict()
	}
	if refusal := s.verify(r.Context(), sub); refusal != nil {
		s.remove(sub.ID)
		return refusal
	}
	return jsonAnswer(http.StatusCreated, sub.wire())
}

func (s *subscriptions) update(r *http.Request, id string) *answer {
	var req api.UpdateSubscriptionRequest
	if refusal := readSubscription(r, &req, "verification_token"); refusal != nil {
		return refusal
	}
	next, ok := s.find(id)
	if !ok {
		return noSubscription()
	}
	next.token, next.CallbackURL = req.VerificationToken, oura.Or(req.CallbackURL, next.CallbackURL)
	next.EventType, next.DataType = oura.Or(req.EventType, next.EventType), oura.Or(req.DataType, next.DataType)
	taken := false
	s.with(func() { taken = s.taken(next) })
	if refusal := next.check(); refusal != nil {
		return refusal
	}
	if taken {
		return conflict()
	}
	if refusal := s.verify(r.Context(), next); refusal != nil {
		return refusal
	}
	return found(s.change(id, func(sub *subscription) {
		next.ExpirationTime = sub.ExpirationTime
		*sub = next
	}))
}

// readSubscription decodes a body and misses keys as FastAPI does.
func readSubscription(r *http.Request, into any, required ...string) *answer {
	var keys map[string]json.RawMessage
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &keys) != nil {
		return unprocessable(problem{Type: "json_invalid", Loc: []any{"body", 0}, Msg: "JSON decode error", Input: map[string]any{}})
	}
	var bad []problem
	for _, name := range required {
		if _, ok := keys[name]; !ok {
			bad = append(bad, problem{Type: "missing", Loc: []any{"body", name}, Msg: "Field required", Input: map[string]any{}})
		}
	}
	if bad == nil && json.Unmarshal(body, into) != nil {
		bad = append(bad, problem{Type: "string_type", Loc: []any{"body"}, Msg: "Input should be a valid string", Input: map[string]any{}})
	}
	return unprocessable(bad...)
}

// check refuses a URL or types that the service does not take.
func (s subscription) check() *answer {
	var bad []problem
	wrong := func(name, kind, thing string, value any) {
		bad = append(bad, problem{Type: kind, Loc: []any{"body", name}, Msg: "Input should be a valid " + thing, Input: value})
	}
	if u, err := url.Parse(s.CallbackURL); err != nil || u.Host == "" {
		wrong("callback_url", "url_parsing", "URL", s.CallbackURL)
	}
	if !s.EventType.Valid() {
		wrong("event_type", "enum", "event_type", s.EventType)
	}
	if !s.DataType.Valid() {
		wrong("data_type", "enum", "data_type", s.DataType)
	}
	return unprocessable(bad...)
}

// verify is the handshake: the callback repeats a challenge.
func (s *subscriptions) verify(ctx context.Context, sub subscription) *answer {
	var send sender
	s.with(func() { send = s.send })
	if send != nil {
		if err := handshake(ctx, sub, send); err != nil {
			return detail(http.StatusBadRequest, "The callback URL could not be verified: "+err.Error())
		}
	}
	return nil
}

func handshake(ctx context.Context, sub subscription, send sender) error {
	u, err := url.Parse(sub.CallbackURL)
	if err != nil {
		return errors.New("it is not a URL")
	}
	challenge := rand.Text()
	q := u.Query()
	q.Set("verification_token", sub.token)
	q.Set("challenge", challenge)
	u.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return err
	}
	var got struct{ Challenge string }
	switch status, body, err := send(req); {
	case err != nil:
		return errors.New("it cannot be reached")
	case status != http.StatusOK:
		return fmt.Errorf("it answered %d", status)
	case json.Unmarshal(body, &got) != nil || got.Challenge != challenge:
		return errors.New("the answer does not repeat the challenge")
	}
	return nil
}
