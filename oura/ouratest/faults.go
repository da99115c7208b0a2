package ouratest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Fault is something that goes wrong with a response, whatever was asked. It is for FailOnce and Fail of a [Mock]'s
// collections and of a [Service]'s [Endpoints] alike. The zero Fault is none.
type Fault struct {
	name  string
	delay time.Duration
	// instead gives the answer in place of the real one; it is told the scope that the request needs.
	instead func(scope string) *answer
	// after changes the answer that the request has really had.
	after func(*answer) *answer
}

// PageFault is something that goes wrong with a page of a collection. What has no pages, such as the token endpoint,
// does not take it.
type PageFault struct{ page Fault }

// CollectionFault is what a collection takes: a [Fault] or a [PageFault].
type CollectionFault interface {
	String() string
	fault() Fault
}

// String names the fault, as in "RateLimited".
func (f Fault) String() string { return f.name }

// String names the fault, as in "Malformed".
func (f PageFault) String() string { return f.page.name }

func (f Fault) fault() Fault     { return f }
func (f PageFault) fault() Fault { return f.page }

// faultOf takes a nil fault for the mistake that it is.
func faultOf(f CollectionFault) Fault {
	if f == nil {
		panic("ouratest: the fault is nil; the zero Fault is none")
	}
	return f.fault()
}

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

// statusOf is an optional status that a response can have.
func statusOf(given []int, otherwise int) int {
	code := first(given, otherwise)
	if code < 200 || code > 599 {
		panic(fmt.Sprintf("ouratest: a response cannot have status %d", code))
	}
	return code
}

// ServerError is a 500, or the given status; one outside 200 … 599 panics. The client repeats reads after 502, 503 and 504.
func ServerError(status ...int) Fault {
	code := statusOf(status, http.StatusInternalServerError)
	return Fault{name: "ServerError", instead: func(string) *answer { return detail(code, http.StatusText(code)) }}
}

// HTML is the page of a proxy in place of JSON: a 504, or the given status; one outside 200 … 599 panics.
func HTML(status ...int) Fault {
	code := statusOf(status, http.StatusGatewayTimeout)
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

// Truncated breaks the connection off after half of the body, or before a response that has none.
func Truncated() Fault {
	return Fault{name: "Truncated", after: func(a *answer) *answer {
		a.cut, a.reset = true, a.page == nil && len(a.body) == 0
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
// with fewer documents, and a single document, stays as it is.
func Malformed(i int) PageFault {
	return PageFault{Fault{name: "Malformed", after: func(a *answer) *answer {
		if a.page != nil && i >= 0 && i < len(a.page.Data) {
			a.page.Data[i] = malform(a.page.Data[i])
		}
		return a
	}}}
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
