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

func (c controller) fail(_ *http.Request, body faultCall) (any, error) {
	if decoders[body.Endpoint] == nil && !slices.Contains(otherEndpoints, body.Endpoint) {
		return nil, fmt.Errorf("there is no endpoint %q; name it as the last word of its path", body.Endpoint)
	}
	if body.Status != 0 && (body.Status < 200 || body.Status > 599) {
		return nil, fmt.Errorf("a response cannot have status %d", body.Status)
	}
	f, err := body.fault()
	if err != nil {
		return nil, err
	}
	if _, paged := f.(ouratest.PageFault); paged && decoders[body.Endpoint] == nil {
		return nil, fmt.Errorf("%s is for collections; %s has no pages", f, body.Endpoint)
	}
	if body.Always {
		c.Fail(body.Endpoint, f)
	} else {
		c.FailOnce(body.Endpoint, f)
	}
	return reply{"endpoint": body.Endpoint, "fault": f.String()}, nil
}

func (c faultCall) fault() (ouratest.CollectionFault, error) {
	switch c.Fault {
	case "":
		return ouratest.Fault{}, nil
	case "RateLimited":
		return timed(ouratest.RateLimited, "retry_after", c.RetryAfter)
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
		return timed(ouratest.Slow, "delay", c.Delay)
	case "Malformed":
		return ouratest.Malformed(c.Index), nil
	}
	return nil, fmt.Errorf("there is no fault %q; name it as the functions of package ouratest, such as RateLimited", c.Fault)
}

func timed(fault func(time.Duration) ouratest.Fault, name, text string) (ouratest.CollectionFault, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return nil, fmt.Errorf("%s is %q; give a duration, such as 2s", name, text)
	}
	return fault(d), nil
}

// unlessZero is an optional argument: none for the zero value, which stands for the default.
func unlessZero[T comparable](v T) []T {
	if v == *new(T) {
		return nil
	}
	return []T{v}
}
