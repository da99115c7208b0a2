package ouratest

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

// Fault is something that goes wrong with an answer. Give one to FailOnce or Fail of a mock's [Collection], or to
// those of a [Service]. The zero Fault is none.
type Fault struct {
	name  string
	delay time.Duration
	// instead gives the answer in place of the real one; it is told the scope that the request needs.
	instead func(scope string) *answer
	// after changes the answer that the request has really had.
	after func(*answer) *answer
}

// String names the fault, as in "RateLimited".
func (f Fault) String() string { return f.name }

// RateLimited is a 429 that asks to wait, in whole seconds rounded up: Retry-After and the X-RateLimit headers of the
// application's tier.
func RateLimited(retryAfter time.Duration) Fault {
	return Fault{name: "RateLimited", instead: func(string) *answer {
		return tooMany("application", 5000, 5*time.Minute, retryAfter, time.Now().Add(retryAfter))
	}}
}

// tooMany is a 429 with everything that can come with it.
func tooMany(tier string, limit int, window, retryAfter time.Duration, reset time.Time) *answer {
	seconds := int((retryAfter + time.Second - 1) / time.Second)
	a := detail(http.StatusTooManyRequests, "Request limit exceeded.")
	a.header.Set("Retry-After", strconv.Itoa(seconds))
	a.header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	a.header.Set("X-RateLimit-Window", strconv.Itoa(int(window/time.Second)))
	a.header.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Add(time.Second-1).Unix(), 10))
	a.header.Set("X-RateLimit-Tier", tier)
	return a
}

// MissingScope is the 401 of a token that lacks a scope: that of the collection, unless another is named.
func MissingScope(scope ...string) Fault {
	return Fault{name: "MissingScope", instead: func(needed string) *answer {
		return missingScope(first(scope, needed))
	}}
}

// Expired is the 401 of a token that has expired or was revoked, which a refresh may cure.
func Expired() Fault {
	return Fault{name: "Expired", instead: func(string) *answer { return unauthorized("The access token has expired or was revoked.") }}
}

// first is an optional argument, or else its default.
func first[T any](given []T, otherwise T) T {
	if len(given) > 0 {
		return given[0]
	}
	return otherwise
}

// Forbidden is the 403 of a person whose membership has lapsed.
func Forbidden() Fault {
	return Fault{name: "Forbidden", instead: func(string) *answer {
		return detail(http.StatusForbidden, "The membership of the user does not allow this.")
	}}
}

// ServerError is a 500, or the given status. The client repeats reads after 502, 503 and 504.
func ServerError(status ...int) Fault {
	code := first(status, http.StatusInternalServerError)
	return Fault{name: "ServerError", instead: func(string) *answer { return detail(code, http.StatusText(code)) }}
}

// HTML is the page of a proxy in place of JSON: a 504, or the given status.
func HTML(status ...int) Fault {
	code := first(status, http.StatusGatewayTimeout)
	return Fault{name: "HTML", instead: func(string) *answer { return htmlPage(code) }}
}

func htmlPage(status int) *answer {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return &answer{
		status: status, header: http.Header{"Content-Type": {"text/html"}},
		body: []byte("<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n"),
	}
}

// LostAnswer lets the request take effect and answers it with the 504 page of a proxy: a subscription is created, a
// refresh token used up, and nobody is told.
func LostAnswer() Fault {
	return Fault{name: "LostAnswer", after: func(*answer) *answer { return htmlPage(http.StatusGatewayTimeout) }}
}

// Truncated breaks the connection off after half of the body.
func Truncated() Fault {
	return Fault{name: "Truncated", after: func(a *answer) *answer {
		a.cut = true
		return a
	}}
}

// Reset breaks the connection off before any answer.
func Reset() Fault {
	return Fault{name: "Reset", instead: func(string) *answer { return &answer{reset: true} }}
}

// Slow answers rightly, after the time.
func Slow(d time.Duration) Fault { return Fault{name: "Slow", delay: d} }

// Malformed gives the i-th document of a page, counted from 0, a property of a kind that no model can hold. A page
// with fewer documents, and any other response, stays as it is.
func Malformed(i int) Fault {
	return Fault{name: "Malformed", after: func(a *answer) *answer {
		if a.page != nil && i >= 0 && i < len(a.page.Data) {
			a.page.Data[i] = malform(a.page.Data[i])
		}
		return a
	}}
}

// malform replaces the property that every document of a collection has by an object.
func malform(doc json.RawMessage) json.RawMessage {
	var properties map[string]json.RawMessage
	if json.Unmarshal(doc, &properties) != nil {
		return doc
	}
	key := "id"
	for _, name := range []string{"bpm", "level"} {
		if properties[name] != nil && properties["id"] == nil {
			key = name
		}
	}
	properties[key] = json.RawMessage(`{"malformed":true}`)
	return toJSON(properties)
}

// endpoint is one thing that requests can ask for, with what a test has told it.
type endpoint struct {
	field string     // of Mock, or its method
	count func() int // what it holds in a Mock; nil where that says nothing

	mu     sync.Mutex
	told   bool // anything
	once   []Fault
	always Fault
	delay  time.Duration
	size   int // of a page; 0: the default
}

func (e *endpoint) tell(change func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = true
	change()
}

func (e *endpoint) touch()                   { e.tell(func() {}) }
func (e *endpoint) failOnce(f Fault)         { e.tell(func() { e.once = append(e.once, f) }) }
func (e *endpoint) fail(f Fault)             { e.tell(func() { e.always = f }) }
func (e *endpoint) setDelay(d time.Duration) { e.tell(func() { e.delay = d }) }
func (e *endpoint) setPageSize(n int)        { e.tell(func() { e.size = n }) }

func (e *endpoint) touched() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.told
}

func (e *endpoint) pageSize() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.size
}

// serve answers one request: with its fault's answer, or the real one changed by it. Only the end of ctx during a delay
// is an error.
func (e *endpoint) serve(ctx context.Context, scope string, work func() *answer) (*answer, error) {
	e.mu.Lock()
	fault := e.always
	if len(e.once) > 0 {
		fault, e.once = e.once[0], e.once[1:]
	}
	delay := fault.delay + e.delay
	e.mu.Unlock()
	if err := wait.Sleep(ctx, delay); err != nil {
		return nil, err
	}
	if fault.instead != nil {
		return fault.instead(scope), nil
	}
	a := work()
	if fault.after != nil {
		a = fault.after(a)
	}
	return a, nil
}
