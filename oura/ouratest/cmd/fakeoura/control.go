package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// control serves the control paths of a service.
func control(s *ouratest.Service) http.Handler {
	c := controller{s}
	mux := http.NewServeMux()
	for pattern, call := range map[string]func(*http.Request) (any, error){
		"POST /fake/events":                   c.events,
		"GET /fake/deliveries":                c.deliveries,
		"GET /fake/clock":                     c.clock,
		"POST /fake/clock":                    c.clock,
		"POST /fake/users":                    c.addUser,
		"POST /fake/tokens":                   c.token,
		"POST /fake/consent":                  c.consent,
		"POST /fake/faults":                   c.fail,
		"POST /fake/collections/{collection}": c.add,
		"DELETE /fake/documents/{id...}":      c.remove,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if result, err := call(r); err != nil {
				respond(w, http.StatusBadRequest, map[string]string{"detail": err.Error()})
			} else {
				respond(w, http.StatusOK, result)
			}
		})
	}
	mux.HandleFunc(controlPrefix, func(w http.ResponseWriter, r *http.Request) {
		text := fmt.Sprintf("There is no control path %s %s.", r.Method, r.URL.Path)
		respond(w, http.StatusNotFound, map[string]string{"detail": text})
	})
	return mux
}

func (c controller) events(r *http.Request) (any, error) {
	events, err := readAll(r, "event", webhook.ParseEvent)
	if err != nil {
		return nil, err
	}
	return map[string]int{"deliveries": c.Emit(events...)}, nil
}

func (c controller) deliveries(r *http.Request) (any, error) {
	if wait := r.URL.Query().Get("wait"); wait != "" {
		limit, err := time.ParseDuration(wait)
		if err != nil {
			return nil, fmt.Errorf("wait: %w", err)
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		if err := c.WaitDeliveries(ctx); err != nil {
			return nil, fmt.Errorf("deliveries are still under way after %v", limit)
		}
	}
	return map[string]any{"deliveries": append([]ouratest.Delivery{}, c.Deliveries()...)}, nil
}

func (c controller) clock(r *http.Request) (any, error) {
	call, err := read[struct{ Advance string }](r)
	if err != nil {
		return nil, err
	}
	if call.Advance != "" {
		d, err := time.ParseDuration(call.Advance)
		if err != nil {
			return nil, fmt.Errorf("advance: %w", err)
		}
		c.Advance(d)
	}
	return map[string]time.Time{"now": c.Now()}, nil
}

func (c controller) addUser(r *http.Request) (any, error) {
	call, err := read[struct{ Name string }](r)
	if err != nil {
		return nil, err
	}
	if call.Name == "" {
		return nil, errors.New("name is missing")
	}
	u := c.AddUser(call.Name)
	return map[string]string{"id": u.ID, "name": u.Name}, nil
}

// consentCall is what a person decides; a call for a token has no URL.
type consentCall struct {
	URL, User string
	Scopes    []string
	Deny      bool
}

func (c controller) token(r *http.Request) (any, error) {
	call, u, err := c.readConsent(r)
	if err != nil {
		return nil, err
	}
	return u.Token(call.Scopes...), nil
}

func (c controller) consent(r *http.Request) (any, error) {
	call, u, err := c.readConsent(r)
	if err != nil {
		return nil, err
	}
	var callback string
	if call.Deny {
		callback, err = c.Deny(call.URL)
	} else {
		callback, err = c.ConsentAs(u, call.URL, call.Scopes...)
	}
	return map[string]string{"callback": callback}, err
}

func (c controller) readConsent(r *http.Request) (consentCall, *ouratest.User, error) {
	call, err := read[consentCall](r)
	if err != nil {
		return call, nil, err
	}
	u, err := c.person(call.User)
	return call, u, err
}

func (c controller) add(r *http.Request) (any, error) {
	u, err := c.person(r.URL.Query().Get("user"))
	if err != nil {
		return nil, err
	}
	collection := r.PathValue("collection")
	decode := decoders[collection]
	if decode == nil {
		return nil, fmt.Errorf("there is no collection %q; name it as in its path", collection)
	}
	docs, err := readAll(r, "document", decode)
	if err != nil {
		return nil, err
	}
	u.Add(docs...)
	return map[string]int{"added": len(docs)}, nil
}

func (c controller) remove(r *http.Request) (any, error) {
	u, err := c.person(r.URL.Query().Get("user"))
	if err != nil {
		return nil, err
	}
	id := r.PathValue("id")
	u.Remove(id)
	return map[string]string{"removed": id}, nil
}
