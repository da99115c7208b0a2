package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/oura-go/sdk/oura/ouratest"
)

// controlPrefix begins the paths that are to programs in other languages what the methods of a service are to Go
// programs; the command's documentation describes each.
const controlPrefix = "/fake/"

// controller answers the calls.
type controller struct{ *ouratest.Service }

// person finds a user by name or id; "" is the first.
func (c controller) person(who string) (*ouratest.User, error) {
	for _, u := range c.Users() {
		if who == "" || who == u.Name || who == u.ID {
			return u, nil
		}
	}
	return nil, fmt.Errorf("there is no person %q; POST %susers adds one", who, controlPrefix)
}

func respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// read decodes the body of a call; one without a body is empty.
func read[T any](r *http.Request) (call T, err error) {
	if err = json.NewDecoder(r.Body).Decode(&call); err != nil && !errors.Is(err, io.EOF) {
		return call, fmt.Errorf("the body does not fit: %w", err)
	}
	return call, nil
}

// readAll decodes the elements of an array, or the value as the only one; what names one.
func readAll[T any](r *http.Request, what string, decode func([]byte) (T, error)) ([]T, error) {
	body, err := read[json.RawMessage](r)
	if err != nil {
		return nil, err
	}
	parts := []json.RawMessage{body}
	if bytes.HasPrefix(body, []byte("[")) {
		_ = json.Unmarshal(body, &parts) // an array, as read has found
	}
	list := make([]T, len(parts))
	for i, part := range parts {
		if list[i], err = decode(part); err != nil {
			return nil, fmt.Errorf("%s %d: %w", what, i, err)
		}
	}
	return list, nil
}

func decodeAs[T any](text []byte) (any, error) {
	var doc T
	err := json.Unmarshal(text, &doc)
	return doc, err
}
