package ouratest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/oura-go/sdk/webhook"
)

// The control paths are what the methods of Service are to Go programs. They take and give JSON; a call that does not
// fit is a 400 with a detail that says why.
//
//	POST   /fake/events                     events in Oura's form, one or an array: Emit
//	GET    /fake/deliveries[?wait=30s]      Deliveries, after WaitDeliveries
//	GET    /fake/clock                      Now
//	POST   /fake/clock                      {"advance":"24h"}: Advance
//	POST   /fake/users                      {"name":"ada"}: AddUser
//	POST   /fake/tokens                     {"user":"ada","scopes":["daily"]}: User.Token
//	POST   /fake/consent                    {"url":"…","user":"ada","scopes":["daily"],"deny":false}: ConsentAs, Deny
//	POST   /fake/faults                     {"endpoint":"sleep","fault":"RateLimited","retry_after":"2s"}: FailOnce
//	POST   /fake/collections/sleep[?user=]  documents or rows, one or an array: User.Add
//	DELETE /fake/documents/ID[?user=]       User.Remove
const controlPrefix = "/fake/"

// WithControl serves the paths under /fake/, with which programs in other languages drive the service: emit webhook
// events, put the clock forward, add persons and documents, consent, have requests fail. The command fakeoura has them
// and describes each. Without this option there are none.
func WithControl() ServiceOption { return func(c *serviceConfig) { c.control = true } }

// controlCall answers a call of a path under controlPrefix.
func (s *Service) controlCall(r *http.Request, body []byte) answer {
	path := strings.TrimPrefix(r.URL.Path, controlPrefix)
	name, rest, _ := strings.Cut(path, "/")
	var result any
	var err error
	switch route := r.Method + " " + name; {
	case route == "POST events" && rest == "":
		result, err = s.controlEvents(body)
	case route == "GET deliveries" && rest == "":
		result, err = s.controlDeliveries(r.Context(), r.URL.Query().Get("wait"))
	case name == "clock" && rest == "" && (r.Method == http.MethodGet || r.Method == http.MethodPost):
		result, err = s.controlClock(body)
	case route == "POST users" && rest == "":
		result, err = s.controlUser(body)
	case route == "POST tokens" && rest == "":
		result, err = s.controlToken(body)
	case route == "POST consent" && rest == "":
		result, err = s.controlConsent(body)
	case route == "POST faults" && rest == "":
		result, err = s.controlFault(body)
	case route == "POST collections" && rest != "":
		result, err = s.controlAdd(r.URL.Query().Get("user"), rest, body)
	case route == "DELETE documents" && rest != "":
		result, err = s.controlRemove(r.URL.Query().Get("user"), rest)
	default:
		return detail(http.StatusNotFound, "There is no control path "+r.Method+" "+r.URL.Path+".")
	}
	if err != nil {
		return detail(http.StatusBadRequest, err.Error())
	}
	return jsonAnswer(http.StatusOK, result)
}

// readControl decodes a body; one without a body is empty.
func readControl(body []byte, into any) error {
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("the body does not fit: %w", err)
	}
	return nil
}

// oneOrMany gives the elements of an array, or the value as the only one.
func oneOrMany(body []byte) ([]json.RawMessage, error) {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		return []json.RawMessage{body}, nil
	}
	var many []json.RawMessage
	err := readControl(body, &many)
	return many, err
}

// person finds a user by name or id; "" is the first.
func (s *Service) person(who string) (*User, error) {
	if who == "" {
		return s.User(), nil
	}
	for _, u := range s.Users() {
		if who == u.Name || who == u.ID {
			return u, nil
		}
	}
	return nil, fmt.Errorf("there is no person %q; POST %susers adds one", who, controlPrefix)
}

func (s *Service) controlEvents(body []byte) (any, error) {
	parts, err := oneOrMany(body)
	if err != nil {
		return nil, err
	}
	events := make([]webhook.Event, len(parts))
	for i, part := range parts {
		if events[i], err = webhook.ParseEvent(part); err != nil {
			return nil, fmt.Errorf("event %d: %w", i, err)
		}
	}
	return map[string]int{"deliveries": s.Emit(events...)}, nil
}

func (s *Service) controlDeliveries(ctx context.Context, wait string) (any, error) {
	if wait != "" {
		limit, err := time.ParseDuration(wait)
		if err != nil {
			return nil, fmt.Errorf("wait: %w", err)
		}
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		if err := s.WaitDeliveries(ctx); err != nil {
			return nil, fmt.Errorf("deliveries are still under way after %v", limit)
		}
	}
	return map[string]any{"deliveries": append([]Delivery{}, s.Deliveries()...)}, nil
}

func (s *Service) controlClock(body []byte) (any, error) {
	var call struct{ Advance string }
	if err := readControl(body, &call); err != nil {
		return nil, err
	}
	if call.Advance != "" {
		d, err := time.ParseDuration(call.Advance)
		if err != nil {
			return nil, fmt.Errorf("advance: %w", err)
		}
		s.Advance(d)
	}
	return map[string]time.Time{"now": s.Now()}, nil
}

func (s *Service) controlUser(body []byte) (any, error) {
	var call struct{ Name string }
	if err := readControl(body, &call); err != nil {
		return nil, err
	}
	if call.Name == "" {
		return nil, fmt.Errorf("name is missing")
	}
	u := s.AddUser(call.Name)
	return map[string]string{"id": u.ID, "name": u.Name}, nil
}

func (s *Service) controlToken(body []byte) (any, error) {
	var call struct {
		User   string
		Scopes []string
	}
	if err := readControl(body, &call); err != nil {
		return nil, err
	}
	u, err := s.person(call.User)
	if err != nil {
		return nil, err
	}
	return u.Token(call.Scopes...), nil
}

func (s *Service) controlConsent(body []byte) (any, error) {
	var call struct {
		URL, User string
		Scopes    []string
		Deny      bool
	}
	if err := readControl(body, &call); err != nil {
		return nil, err
	}
	u, err := s.person(call.User)
	if err != nil {
		return nil, err
	}
	var callback string
	if call.Deny {
		callback, err = s.Deny(call.URL)
	} else {
		callback, err = s.ConsentAs(u, call.URL, call.Scopes...)
	}
	return map[string]string{"callback": callback}, err
}

func (s *Service) controlAdd(who, collection string, body []byte) (any, error) {
	u, err := s.person(who)
	if err != nil {
		return nil, err
	}
	decode := decoders[collection]
	if decode == nil {
		return nil, fmt.Errorf("there is no collection %q; name it as in its path", collection)
	}
	parts, err := oneOrMany(body)
	if err != nil {
		return nil, err
	}
	docs := make([]any, len(parts))
	for i, part := range parts {
		if docs[i], err = decode(part); err != nil {
			return nil, fmt.Errorf("document %d: %w", i, err)
		}
	}
	u.Add(docs...)
	return map[string]int{"added": len(docs)}, nil
}

func (s *Service) controlRemove(who, id string) (any, error) {
	u, err := s.person(who)
	if err != nil {
		return nil, err
	}
	u.Remove(id)
	return map[string]string{"removed": id}, nil
}
