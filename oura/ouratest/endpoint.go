package ouratest

import (
	"context"
	"sync"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

// Endpoint is the person, the subscriptions, the token or the revocation endpoint, to be told what goes wrong there.
// All its methods return it, and are safe for concurrent use.
type Endpoint struct{ *endpoint }

// FailOnce gives the next request the fault; more of them wait in line.
func (e *Endpoint) FailOnce(f Fault) *Endpoint { e.failOnce(f); return e }

// Fail gives every request the fault, until it is told another; the zero Fault ends it.
func (e *Endpoint) Fail(f Fault) *Endpoint { e.fail(f); return e }

// Delay makes every response wait, or the request's context end.
func (e *Endpoint) Delay(d time.Duration) *Endpoint { e.setDelay(d); return e }

// CollectionEndpoint is one collection of a [Service], of all persons, to be told what goes wrong there. All its methods
// return it, and are safe for concurrent use.
type CollectionEndpoint struct{ *endpoint }

// FailOnce gives the next request the fault; more of them wait in line.
func (e *CollectionEndpoint) FailOnce(f CollectionFault) *CollectionEndpoint {
	e.failOnce(faultOf(f))
	return e
}

// Fail gives every request the fault, until it is told another; the zero Fault ends it.
func (e *CollectionEndpoint) Fail(f CollectionFault) *CollectionEndpoint {
	e.fail(faultOf(f))
	return e
}

// Delay makes every response wait, or the request's context end.
func (e *CollectionEndpoint) Delay(d time.Duration) *CollectionEndpoint { e.setDelay(d); return e }

// PageSize is [WithPageSize] for a service that runs already. Listings under way go on with the new size.
func (e *CollectionEndpoint) PageSize(n int) *CollectionEndpoint { e.setPageSize(n); return e }

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
