package oura

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/internal/refusal"
	"github.com/oura-go/sdk/internal/text"
)

// Subscriptions are the webhook subscriptions of an application. They need [WithAppCredentials], and no person's token;
// a client without is refused with [ErrInvalidRequest] before anything is sent. The sandbox has none: its client
// manages those of the live service.
//
// An application has at most one subscription for each pair of event type and data type, in staging and production
// together. Each lasts 90 days unless it is renewed. Most programs need no more than [Subscriptions.Ensure] at their
// deployment, or [Subscriptions.KeepAlive] beside their server.
//
// Subscriptions is safe for concurrent use.
type Subscriptions struct{ core *core }

// Subscription is what the service delivers to a callback: the events of one pair of event type and data type.
type Subscription struct {
	ID             string    `json:"id"`
	CallbackURL    string    `json:"callback_url"`
	EventType      EventType `json:"event_type"`
	DataType       DataType  `json:"data_type"`
	ExpirationTime time.Time `json:"expiration_time"` // in UTC, though the service writes it without a zone
}

// SubscriptionConflictError says that the pair of event type and data type is taken: its one subscription delivers
// somewhere else. It comes inside an *[Error] of kind [ErrInvalidRequest]; find it with [errors.As].
//
// Cure: leave that subscription to whom it belongs, or repoint it with [Subscriptions.Update], or let
// [Subscriptions.Ensure] do so by TakeOver.
type SubscriptionConflictError struct {
	Existing Subscription

	callback string // as it may be printed; empty unless a client made the error
}

// Error says what is taken and where it delivers, without the query of that URL.
func (e *SubscriptionConflictError) Error() string {
	callback := e.callback
	if callback == "" {
		callback = printableURL(e.Existing.CallbackURL)
	}
	return fmt.Sprintf("%v is subscribed already, with callback %s, and there can be one subscription for it: "+
		"leave it to its owner, repoint it with Update, or set TakeOver for Ensure", e.Existing.pair(), callback)
}

// Format prints the message under every verb, so that %#v does not show the query of the callback.
func (e SubscriptionConflictError) Format(s fmt.State, verb rune) { text.Format(s, verb, e.Error()) }

// MarshalJSON writes the message.
func (e SubscriptionConflictError) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Message string `json:"message"`
	}{e.Error()})
}

// List returns all subscriptions of the application, in the order of the service.
func (s *Subscriptions) List(ctx context.Context, opts ...CallOption) ([]Subscription, error) {
	ctx, _, err := called(ctx, http.MethodGet, subscriptionsPath, opts, CallOption.call)
	if err != nil {
		return nil, err
	}
	// No mercy for a malformed one here: what is left out of this list would be created again.
	items, err := readOne[[]api.Subscription](s.core.api.ListSubscriptions(ctx, operation(subscriptionsPath)))
	if err != nil {
		return nil, err
	}
	all := make([]Subscription, 0, len(items))
	for _, item := range items {
		all = append(all, subscriptionOf(item))
	}
	return all, nil
}

// Get returns the subscription with the id; [ErrNotFound] if there is none.
func (s *Subscriptions) Get(ctx context.Context, id string, opts ...CallOption) (Subscription, error) {
	ctx, _, err := called(ctx, http.MethodGet, subscriptionPath, opts, CallOption.call)
	if err != nil {
		return Subscription{}, err
	}
	return readSubscription(s.core.api.GetSubscription(ctx, id, operationOn(id, subscriptionPath)))
}

// Create makes a subscription. While the call is open the service asks the callback for a handshake, so the receiver
// must be serving before.
//
// The service can make it and yet send no response, or a 504. So a failure that leaves this open is followed
// by a List: if the subscription is there, with this callback, that is success. So is a 409 then: the subscription had
// been made before, perhaps with another verification token, which the service does not tell and no longer needs. A 409
// for a subscription with another callback is an [ErrInvalidRequest] that wraps a *[SubscriptionConflictError].
//
// Create is not retried otherwise, except after a 429.
func (s *Subscriptions) Create(ctx context.Context, r SubscriptionRequest, opts ...CallOption) (Subscription, error) {
	ctx, _, err := called(ctx, http.MethodPost, subscriptionsPath, opts, CallOption.call)
	if err != nil {
		return Subscription{}, err
	}
	if err := r.check(s.core.cfg.plainHTTP()); err != nil {
		return Subscription{}, invalidRequest(http.MethodPost, subscriptionsPath, "%v", err)
	}
	sub, err := s.create(ctx, r)
	return s.settle(ctx, sub, err, r, "")
}

// Update changes callback, verification token and pair of the subscription with the id, [ErrNotFound] if there is none.
// The service asks the new callback for a handshake while the call is open.
//
// A failure that leaves the outcome open is followed by a List, as with Create: if the subscription is now as asked,
// that is success. A List does not show whether a new verification token was taken, but only the handshake needs it,
// and the next one comes with the next Update. A 409 for a pair that another subscription has is an [ErrInvalidRequest]
// that wraps a *[SubscriptionConflictError].
func (s *Subscriptions) Update(ctx context.Context, id string, r SubscriptionRequest, opts ...CallOption) (Subscription, error) {
	ctx, _, err := called(ctx, http.MethodPut, subscriptionPath, opts, CallOption.call)
	if err != nil {
		return Subscription{}, err
	}
	if err := r.check(s.core.cfg.plainHTTP()); err != nil {
		return Subscription{}, invalidRequest(http.MethodPut, subscriptionPath, "%v", err)
	}
	sub, err := s.update(ctx, id, r)
	return s.settle(ctx, sub, err, r, id)
}

// Renew moves the end of the subscription to 90 days from now; [ErrNotFound] if there is none. It is repeated as reads
// are.
func (s *Subscriptions) Renew(ctx context.Context, id string, opts ...CallOption) (Subscription, error) {
	ctx, _, err := called(ctx, http.MethodPut, renewalPath, opts, CallOption.call)
	if err != nil {
		return Subscription{}, err
	}
	return readSubscription(s.core.api.RenewSubscription(ctx, id, operationOn(id, renewalPath)))
}

// Delete ends the subscription; [ErrNotFound] if there is none. It is not repeated, except after a 429: after a failure
// that leaves the outcome open, an ErrNotFound of the next Delete says that it had worked.
func (s *Subscriptions) Delete(ctx context.Context, id string, opts ...CallOption) error {
	ctx, _, err := called(ctx, http.MethodDelete, subscriptionPath, opts, CallOption.call)
	if err != nil {
		return err
	}
	resp, err := s.core.api.DeleteSubscription(ctx, id, operationOn(id, subscriptionPath))
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// create sends one request to create and leaves its outcome as it is.
func (s *Subscriptions) create(ctx context.Context, r SubscriptionRequest) (Subscription, error) {
	return readSubscription(s.core.api.CreateSubscription(guard(ctx, r.VerificationToken), api.CreateSubscriptionRequest{
		CallbackURL: r.CallbackURL, VerificationToken: r.VerificationToken, EventType: r.EventType, DataType: r.DataType,
	}, operation(subscriptionsPath)))
}

// update sends one request to update and leaves its outcome as it is.
func (s *Subscriptions) update(ctx context.Context, id string, r SubscriptionRequest) (Subscription, error) {
	return readSubscription(s.core.api.UpdateSubscription(guard(ctx, r.VerificationToken), id, api.UpdateSubscriptionRequest{
		CallbackURL: &r.CallbackURL, VerificationToken: r.VerificationToken, EventType: &r.EventType, DataType: &r.DataType,
	}, operationOn(id, subscriptionPath)))
}

// unsettled returns the failure of a create or update that may have been carried out nevertheless, or had been before;
// nil for any other outcome.
func unsettled(ctx context.Context, err error) *Error {
	e, ok := errors.AsType[*Error](err)
	if ok && ctx.Err() == nil && (e.StatusCode == http.StatusConflict || e.StatusCode/100 == 2 || errors.Is(e, ErrServer)) {
		return e
	}
	return nil
}

// settle passes on the outcome of a create, or of an update of the subscription with the id. Where that is open, it
// finds out: if what was asked for does not stand, the failure does, with the subscription that is in the way.
func (s *Subscriptions) settle(ctx context.Context, sub Subscription, err error, r SubscriptionRequest, id string) (Subscription, error) {
	failure := unsettled(ctx, err)
	if failure == nil {
		return sub, err
	}
	all, err := s.List(ctx)
	if err != nil {
		return Subscription{}, failure
	}
	have, found := find(all, r)
	switch {
	case found && have.CallbackURL == r.CallbackURL && (id == "" || id == have.ID):
		return have, nil
	case found && id != have.ID:
		return Subscription{}, s.conflict(failure, have, r)
	default:
		return Subscription{}, failure
	}
}

// conflict adds to a failure the subscription that is in the way: whatever it was, trying again will not help.
func (s *Subscriptions) conflict(failure *Error, have Subscription, r SubscriptionRequest) *Error {
	secrets := append(s.core.cfg.secrets(), r.VerificationToken)
	// Before a URL is put together anew, and after it.
	callback := refusal.Redact(printableURL(refusal.Redact(have.CallbackURL, len(have.CallbackURL), secrets...)), text.MaxDetail, secrets...)
	cause := &SubscriptionConflictError{Existing: have, callback: callback}
	e := *failure // hooks and logs may have it
	e.kind, e.cause, e.reason = ErrInvalidRequest, errors.Join(e.cause, cause), cause.Error()
	return &e
}

// find returns the subscription for the pair of r. Should there be several, against the rules, one with its callback.
func find(all []Subscription, r SubscriptionRequest) (have Subscription, found bool) {
	for _, sub := range all {
		if sub.pair() == r.pair() && (!found || sub.CallbackURL == r.CallbackURL) {
			have, found = sub, true
		}
	}
	return have, found
}

// operationOn marks a request with its operation on the subscription with the id, and refuses what is no id.
func operationOn(id, pattern string) api.RequestEditorFn {
	return func(ctx context.Context, req *http.Request) error {
		if checkID(id) != "" {
			return invalidRequest(req.Method, pattern, "%q is not the id of a subscription; pass the ID of one that List or Create returned", id)
		}
		return operation(pattern)(ctx, req)
	}
}

// readSubscription decodes a response that is one subscription, and closes it. It passes an error on.
func readSubscription(resp *http.Response, err error) (Subscription, error) {
	item, err := readOne[api.Subscription](resp, err)
	if err != nil {
		return Subscription{}, err
	}
	if item.ID == "" {
		e := invalidResponse(resp, nil, nil)
		e.Detail = "the subscription has no id"
		return Subscription{}, e
	}
	return subscriptionOf(item), nil
}

func subscriptionOf(item api.Subscription) Subscription {
	return Subscription{
		ID: item.ID, CallbackURL: item.CallbackURL, EventType: item.EventType, DataType: item.DataType,
		ExpirationTime: item.ExpirationTime.In(time.UTC),
	}
}

func (s Subscription) pair() pair { return pair{s.EventType, s.DataType} }
