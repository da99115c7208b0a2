package ouratest

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Fault is something that goes wrong with an answer. Give one to FailOnce or Fail of a mock's [Collection], or to
// those of a [Service]. The zero Fault is none.
type Fault struct {
	name  string
	delay time.Duration
	// instead gives the answer in place of the real one; it is told the scope that the request needs.
	instead func(scope string) answer
	// after changes an answer that the request has really had.
	after func(answer) answer
	// spoil changes a page; answers that are none stay as they are.
	spoil func(*page)
}

// String names the fault, as in "RateLimited".
func (f Fault) String() string { return f.name }

// RateLimited is a 429 that asks to wait, in whole seconds rounded up: Retry-After and the X-RateLimit headers of the
// application's tier.
func RateLimited(retryAfter time.Duration) Fault {
	return Fault{name: "RateLimited", instead: func(string) answer {
		return tooMany("application", 5000, 5*time.Minute, retryAfter, time.Now().Add(retryAfter))
	}}
}

// tooMany is a 429 with everything that can come with it.
func tooMany(tier string, limit int, window, retryAfter time.Duration, reset time.Time) answer {
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
	return Fault{name: "MissingScope", instead: func(needed string) answer {
		if len(scope) > 0 {
			needed = scope[0]
		}
		return missingScope(needed)
	}}
}

// Expired is the 401 of a token that has expired or was revoked, which a refresh may cure.
func Expired() Fault {
	return Fault{name: "Expired", instead: func(string) answer { return unauthorized("The access token has expired or was revoked.") }}
}

// Forbidden is the 403 of a person whose membership has lapsed.
func Forbidden() Fault {
	return Fault{name: "Forbidden", instead: func(string) answer {
		return detail(http.StatusForbidden, "The membership of the user does not allow this.")
	}}
}

// ServerError is a 500, or the given status. The client repeats reads after 502, 503 and 504.
func ServerError(status ...int) Fault {
	code := http.StatusInternalServerError
	if len(status) > 0 {
		code = status[0]
	}
	return Fault{name: "ServerError", instead: func(string) answer { return detail(code, http.StatusText(code)) }}
}

// HTML is the page of a proxy in place of JSON: a 504, or the given status.
func HTML(status ...int) Fault {
	code := http.StatusGatewayTimeout
	if len(status) > 0 {
		code = status[0]
	}
	return Fault{name: "HTML", instead: func(string) answer { return htmlPage(code) }}
}

func htmlPage(status int) answer {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return answer{
		status: status, header: http.Header{"Content-Type": {"text/html"}},
		body: []byte("<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n"),
	}
}

// LostAnswer lets the request take effect and answers it with the 504 page of a proxy: a subscription is created, a
// refresh token used up, and nobody is told.
func LostAnswer() Fault {
	return Fault{name: "LostAnswer", after: func(answer) answer { return htmlPage(http.StatusGatewayTimeout) }}
}

// Truncated breaks the connection off after half of the body.
func Truncated() Fault {
	return Fault{name: "Truncated", after: func(a answer) answer {
		a.cut = true
		return a
	}}
}

// Reset breaks the connection off before any answer.
func Reset() Fault {
	return Fault{name: "Reset", instead: func(string) answer { return answer{reset: true} }}
}

// Slow answers rightly, after the time.
func Slow(d time.Duration) Fault { return Fault{name: "Slow", delay: d} }

// Malformed gives the i-th document of a page, counted from 0, a property of a kind that no model can hold. A page
// with fewer documents, and any other answer, stays as it is.
func Malformed(i int) Fault {
	return Fault{name: "Malformed", spoil: func(p *page) {
		if i < 0 || i >= len(p.data) {
			return
		}
		p.data[i] = malform(p.data[i])
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
	text, _ := json.Marshal(properties) // values that were JSON before
	return text
}

// faults are those that one endpoint has been told to make.
type faults struct {
	mutex  sync.Mutex
	told   bool // anything about the endpoint
	once   []Fault
	always Fault
	delay  time.Duration
}

// tell changes the faults.
func (f *faults) tell(change func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.told = true
	change()
}

func (f *faults) touch()                   { f.tell(func() {}) }
func (f *faults) failOnce(fault Fault)     { f.tell(func() { f.once = append(f.once, fault) }) }
func (f *faults) fail(fault Fault)         { f.tell(func() { f.always = fault }) }
func (f *faults) setDelay(d time.Duration) { f.tell(func() { f.delay = d }) }

func (f *faults) touched() bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.told
}

// next is the fault of one request, with all its delay.
func (f *faults) next() (fault Fault) {
	f.tell(func() {
		fault = f.always
		if len(f.once) > 0 {
			fault, f.once = f.once[0], f.once[1:]
		}
		fault.delay += f.delay
	})
	return fault
}

// serve answers one request: with the fault's answer, or the real one changed by it. Only the end of ctx during a
// delay is an error. work gives a page or, with a status, another answer.
func (f *faults) serve(ctx context.Context, scope string, work func() (page, answer)) (answer, error) {
	fault := f.next()
	if err := pause(ctx, fault.delay); err != nil {
		return answer{}, err
	}
	if fault.instead != nil {
		return fault.instead(scope), nil
	}
	p, a := work()
	if a.status == 0 {
		if fault.spoil != nil {
			fault.spoil(&p)
		}
		a = p.answer()
	}
	if fault.after != nil {
		a = fault.after(a)
	}
	return a, nil
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
