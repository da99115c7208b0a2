package main

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/oura-go/sdk/oura/ouratest"
)

// faultCall is the body of a call that has requests fail.
type faultCall struct {
	Endpoint   string
	Fault      string // name of its function; "" with always ends one
	Always     bool   // every request, not the next one
	RetryAfter string `json:"retry_after"` // of RateLimited
	Delay      string // of Slow
	Status     int    // of ServerError and HTML; 0: the default
	Scope      string // of MissingScope; "": that of the endpoint
	Index      int    // of Malformed
}

// otherEndpoints can be told to fail beside the collections.
var otherEndpoints = []string{"personal_info", "subscription", "token", "revoke"}

func (c controller) fail(r *http.Request) (any, error) {
	call, err := read[faultCall](r)
	if err != nil {
		return nil, err
	}
	if decoders[call.Endpoint] == nil && !slices.Contains(otherEndpoints, call.Endpoint) {
		return nil, fmt.Errorf("there is no endpoint %q; name it as the last word of its path", call.Endpoint)
	}
	f, err := call.fault()
	switch {
	case err != nil:
		return nil, err
	case call.Always:
		c.Fail(call.Endpoint, f)
	default:
		c.FailOnce(call.Endpoint, f)
	}
	return map[string]string{"endpoint": call.Endpoint, "fault": f.String()}, nil
}

func (c faultCall) fault() (ouratest.Fault, error) {
	if c.Status != 0 && (c.Status < 200 || c.Status > 599) {
		return ouratest.Fault{}, fmt.Errorf("a response cannot have status %d", c.Status)
	}
	switch c.Fault {
	case "":
		return ouratest.Fault{}, nil
	case "RateLimited":
		d, err := positive("retry_after", c.RetryAfter)
		return ouratest.RateLimited(d), err
	case "MissingScope":
		return ouratest.MissingScope(unlessZero(c.Scope)...), nil
	case "Expired":
		return ouratest.Expired(), nil
	case "Forbidden":
		return ouratest.Forbidden(), nil
	case "ServerError":
		return ouratest.ServerError(unlessZero(c.Status)...), nil
	case "HTML":
		return ouratest.HTML(unlessZero(c.Status)...), nil
	case "LostAnswer":
		return ouratest.LostAnswer(), nil
	case "Truncated":
		return ouratest.Truncated(), nil
	case "Reset":
		return ouratest.Reset(), nil
	case "Slow":
		d, err := positive("delay", c.Delay)
		return ouratest.Slow(d), err
	case "Malformed":
		return ouratest.Malformed(c.Index), nil
	default:
		return ouratest.Fault{}, fmt.Errorf("there is no fault %q; name it as the functions of package ouratest, such as RateLimited", c.Fault)
	}
}

// unlessZero is an optional argument: none for the zero value, which stands for the default.
func unlessZero[T comparable](v T) []T {
	if v == *new(T) {
		return nil
	}
	return []T{v}
}

func positive(name, text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%s is %q; give a duration, such as 2s", name, text)
	}
	return d, nil
}
