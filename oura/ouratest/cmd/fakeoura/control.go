package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// controlPrefix begins the paths that are to programs in other languages what the methods of a service are to Go
// programs; the command's documentation describes each.
const controlPrefix = "/fake/"

// controller answers the calls.
type controller struct{ *ouratest.Service }

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

type reply map[string]any

// call decodes the body of a call, which may be empty, and responds with what f returns.
func call[T any](f func(*http.Request, T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body T
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil && !errors.Is(err, io.EOF) {
			respond(w, http.StatusBadRequest, reply{"detail": "the body does not fit: " + err.Error()})
			return
		}
		result, err := f(r, body)
		if err != nil {
			respond(w, http.StatusBadRequest, reply{"detail": err.Error()})
			return
		}
		respond(w, http.StatusOK, result)
	}
}

func respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// decodeAll decodes the elements of an array, or the value as the only one; what names one.
func decodeAll[T any](body json.RawMessage, what string, decode func([]byte) (T, error)) ([]T, error) {
	parts := []json.RawMessage{body}
	if bytes.HasPrefix(body, []byte("[")) {
		_ = json.Unmarshal(body, &parts) // an array, as call has found
	}
	list := make([]T, len(parts))
	for i, part := range parts {
		var err error
		if list[i], err = decode(part); err != nil {
			return nil, fmt.Errorf("%s %d: %w", what, i, err)
		}
	}
	return list, nil
}

// decodeAs is one of the generated decoders.
func decodeAs[T any](text []byte) (any, error) {
	var doc T
	err := json.Unmarshal(text, &doc)
	return doc, err
}

// person finds a user by name or id; "" is the first.
func (c controller) person(who string) (*ouratest.User, error) {
	users := c.Users()
	i := slices.IndexFunc(users, func(u *ouratest.User) bool { return who == "" || who == u.Name || who == u.ID })
	if i < 0 {
		return nil, fmt.Errorf("there is no person %q; POST %susers adds one", who, controlPrefix)
	}
	return users[i], nil
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
