package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/oura-go/sdk/oura/ouratest"
)

// controlPrefix begins the paths that are to programs in other languages what the methods of a service are to Go
// programs; the command's documentation describes each.
const controlPrefix = "/fake/"

// controller answers the calls.
type controller struct{ *ouratest.Service }

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
