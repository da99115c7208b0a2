package main

import (
	"context"
	"encoding/json"
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
	mux.HandleFunc("POST /fake/events", call(c.events))
	mux.HandleFunc("GET /fake/deliveries", call(c.deliveries))
	mux.HandleFunc("GET /fake/clock", call(c.clock))
	mux.HandleFunc("POST /fake/clock", call(c.clock))
	mux.HandleFunc("POST /fake/users", call(c.addUser))
	mux.HandleFunc("POST /fake/tokens", call(c.token))
	mux.HandleFunc("POST /fake/consent", call(c.consent))
	mux.HandleFunc("POST /fake/faults", call(c.fail))
	mux.HandleFunc("POST /fake/collections/{collection}", call(c.add))
	mux.HandleFunc("DELETE /fake/documents/{id...}", call(c.remove))
	mux.HandleFunc(controlPrefix, func(w http.ResponseWriter, r *http.Request) {
		respond(w, http.StatusNotFound, reply{"detail": fmt.Sprintf("There is no control path %s %s.", r.Method, r.URL.Path)})
	})
	return mux
}

func (c controller) events(_ *http.Request, body json.RawMessage) (any, error) {
	events, err := decodeAll(body, "event", webhook.ParseEvent)
	if err != nil {
		return nil, err
	}
	return reply{"deliveries": c.Emit(events...)}, nil
}

func (c controller) deliveries(r *http.Request, _ json.RawMessage) (any, error) {
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
	return reply{"deliveries": append([]ouratest.Delivery{}, c.Deliveries()...)}, nil
}

func (c controller) clock(_ *http.Request, body struct{ Advance string }) (any, error) {
	if body.Advance != "" {
		d, err := time.ParseDuration(body.Advance)
		if err != nil {
			return nil, fmt.Errorf("advance: %w", err)
		}
		c.Advance(d)
	}
	return reply{"now": c.Now()}, nil
}

func (c controller) addUser(_ *http.Request, body struct{ Name string }) (any, error) {
	if body.Name == "" {
		return nil, errors.New("name is missing")
	}
	u := c.AddUser(body.Name)
	return reply{"id": u.ID, "name": u.Name}, nil
}

// consent is what a person decides; a call for a token has no URL.
type consent struct {
	URL, User string
	Scopes    []string
	Deny      bool
}

func (c controller) token(_ *http.Request, body consent) (any, error) {
	u, err := c.person(body.User)
	if err != nil {
		return nil, err
	}
	return u.Token(body.Scopes...), nil
}

func (c controller) consent(_ *http.Request, body consent) (any, error) {
	u, err := c.person(body.User)
	if err != nil {
		return nil, err
	}
	var callback string
	if body.Deny {
		callback, err = c.Deny(body.URL)
	} else {
		callback, err = c.ConsentAs(u, body.URL, body.Scopes...)
	}
	return reply{"callback": callback}, err
}

func (c controller) add(r *http.Request, body json.RawMessage) (any, error) {
	u, err := c.person(r.URL.Query().Get("user"))
	if err != nil {
		return nil, err
	}
	collection := r.PathValue("collection")
	decode := decoders[collection]
	if decode == nil {
		return nil, fmt.Errorf("there is no collection %q; name it as in its path", collection)
	}
	docs, err := decodeAll(body, "document", decode)
	if err != nil {
		return nil, err
	}
	u.Add(docs...)
	return reply{"added": len(docs)}, nil
}

func (c controller) remove(r *http.Request, _ json.RawMessage) (any, error) {
	u, err := c.person(r.URL.Query().Get("user"))
	if err != nil {
		return nil, err
	}
	u.Remove(r.PathValue("id"))
	return reply{"removed": r.PathValue("id")}, nil
}
