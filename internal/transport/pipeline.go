// Package transport carries one HTTP request to its response: it waits for the rate limit, authorizes, sends, reads the
// whole response and retries what may be retried. What a response means, who may send, and who is told is decided by
// callbacks, so that the package knows nothing of its user's types.
package transport

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

// Action is what a response calls for.
type Action int

// The actions a Classify callback chooses from.
const (
	Fail        Action = iota // final: give the error to the caller
	Repeat                    // passing failure: repeat the request if it is repeatable
	Throttle                  // refused for its rate: repeat any request, hold others back
	Reauthorize               // credential refused: repeat once with another one
)

// Stage is how far an attempt came.
type Stage int

// The stages of an attempt, in order.
const (
	Waiting     Stage = iota // for the rate limit
	Authorizing              // getting a credential
	Sending                  // connecting, sending, waiting for the header
	Answered                 // a header came; the body may still be broken
)

// Attempt is one try to get a response. Callbacks must not keep it: Body is reused afterwards and Request carries the
// credential.
type Attempt struct {
	Number    int // counts from 1
	Stage     Stage
	Request   *http.Request  // as sent, with its credential
	Auth      Cleaner        // knows that credential
	Response  *http.Response // nil if no response came; its body is a [*Body]
	Body      []byte         // all of a 2xx, at most [MaxErrorBody] of anything else
	Err       error          // why there is no whole response; never an *url.Error
	Ended     bool           // the caller's context has ended, and Err or the cause of GivenUp is its error
	RateLimit RateLimit      // what the response said about the rate limit

	Sent        int           // requests sent so far, with this one
	Waited      time.Duration // so far, for the rate limit and between attempts
	LimiterWait time.Duration // time spent waiting for the rate limit
	Duration    time.Duration // from sending to the last byte of the body
	Delay       time.Duration // how long to wait before the next attempt, should there be one
	Asked       bool          // the service asked for Delay; otherwise it is backoff
	RetryIn     time.Duration // Delay if there is a next attempt after a wait, else 0
}

// StatusCode is the status of the response, 0 if none came.
func (a *Attempt) StatusCode() int {
	if a.Response == nil {
		return 0
	}
	return a.Response.StatusCode
}

// Authorizer holds the credential of one request across its attempts.
type Authorizer interface {
	// Authorize writes a credential into the header of the request about to be sent. Its time is not the attempt's.
	Authorize(ctx context.Context, h http.Header) error
	// Replace is asked after a [Reauthorize] response whether another credential is at hand. The next Authorize uses it.
	Replace(ctx context.Context) (bool, error)
	Cleaner
}

// Call is what the pipeline must know of a request besides the request.
type Call struct {
	Repeatable bool // sending it twice does what sending it once does
	Auth       Authorizer
}

// Pipeline sends requests. Fill it once, then use it from any goroutine.
type Pipeline struct {
	Client  *http.Client  // without a Timeout of its own
	Timeout time.Duration // of one attempt, body included
	MaxBody int64         // cap on the body of a 2xx
	Retry   Policy

	// Wait blocks until the next attempt may be sent.
	Wait func(ctx context.Context) error
	// Classify judges an attempt. A nil error is success. It and GivenUp make the errors that Do returns.
	Classify func(a *Attempt) (Action, error)
	// GivenUp returns the error of an attempt that another one was to follow, with the cause that there is none.
	GivenUp func(a *Attempt, err, cause error) error
	// Pause is told until when a [Throttle] response asks to hold back.
	Pause func(a *Attempt, until time.Time)
	// Observe is told of every attempt that was sent, with its error.
	Observe func(ctx context.Context, a *Attempt, err error)
}

// Do sends req until it succeeds or may not be repeated. The body of the response it returns is a [*Body]; the request
// of that response is req, which never saw a credential.
func (p *Pipeline) Do(req *http.Request, call Call) (*http.Response, error) {
	ctx := req.Context()
	if req.Body != nil {
		// Attempts send copies from GetBody where there is one; and a request that is refused before sending must be
		// closed like any other.
		defer func() { _ = req.Body.Close() }()
	}
	t := trip{Pipeline: p, req: req, call: call, try: 1}
	for number := 1; ; number++ {
		a, body := t.attempt(ctx, number)
		action, err := p.Classify(a)
		if err == nil {
			t.Observe(ctx, a, nil)
			return a.Response, nil
		}
		err = t.afterFailure(ctx, a, action, err)
		if body != nil {
			_ = body.Close() // Classify has copied what it keeps
		}
		if err != nil {
			return nil, err
		}
	}
}

// trip is the state of one Do.
type trip struct {
	*Pipeline
	req      *http.Request
	call     Call
	try      int  // attempts that count against the policy
	replaced bool // the credential was replaced once; a second refusal is final
	waited   time.Duration
}

// afterFailure returns nil when it is time for another attempt, or the error that ends the trip.
func (t *trip) afterFailure(ctx context.Context, a *Attempt, action Action, err error) error {
	if a.Stage < Sending {
		return err // nothing was sent: there is nothing to repeat
	}
	again := t.req.Body == nil || t.req.Body == http.NoBody || t.req.GetBody != nil
	switch action {
	case Throttle:
		// The pause is for everyone, the wait for this request; whoever is held for longer than MaxRetryAfter had
		// better ask again.
		t.Pause(a, time.Now().Add(min(a.Delay, t.Retry.MaxRetryAfter)))
		again = again && t.mayRetry(ctx, a)
	case Repeat:
		again = again && t.call.Repeatable && t.mayRetry(ctx, a)
	case Reauthorize:
		again = again && !t.replaced
	case Fail:
		again = false
	}
	ended := ctx.Err() != nil
	if again && !ended && action != Reauthorize {
		a.RetryIn = a.Delay
	}
	t.Observe(ctx, a, err)
	switch {
	case !again:
		return err
	case ended:
		return t.giveUp(ctx, a, err, wait.ContextError(ctx))
	}

	var cause error
	if action == Reauthorize {
		t.replaced = true // a replay is not a retry: try stays
		var ok bool
		if ok, cause = t.call.Auth.Replace(ctx); cause == nil && !ok {
			return err
		}
	} else {
		t.try++
		start := time.Now()
		cause = wait.Sleep(ctx, a.Delay)
		t.waited += time.Since(start)
	}
	if cause != nil {
		return t.giveUp(ctx, a, err, cause)
	}
	return nil
}

// giveUp is the end of a trip that was to go on.
func (t *trip) giveUp(ctx context.Context, a *Attempt, err, cause error) error {
	a.Ended, a.Waited = ctx.Err() != nil, t.waited
	return t.GivenUp(a, err, cause)
}

// mayRetry reports whether the policy allows one more attempt, and the wait before it ends within the context unless
// that has ended already.
func (t *trip) mayRetry(ctx context.Context, a *Attempt) bool {
	if t.try >= t.Retry.MaxAttempts || a.Asked && a.Delay > t.Retry.MaxRetryAfter {
		return false
	}
	return ctx.Err() != nil || wait.Fits(ctx, a.Delay)
}

// attempt goes one way through wait, authorize, send and read. The body is nil unless a response came; the caller closes
// it.
func (t *trip) attempt(ctx context.Context, number int) (*Attempt, *Body) {
	a := &Attempt{Number: number, Sent: number - 1, Request: t.req, Auth: t.call.Auth}
	fail := func(s Stage, err error) (*Attempt, *Body) {
		a.Stage = s
		a.fail(ctx, err)
		return a, nil
	}

	start := time.Now()
	err := t.Wait(ctx)
	a.LimiterWait = time.Since(start)
	t.waited += a.LimiterWait
	a.Waited = t.waited
	if err != nil {
		return fail(Waiting, err)
	}

	header := t.req.Header.Clone()
	if err := t.call.Auth.Authorize(ctx, header); err != nil {
		return fail(Authorizing, err)
	}
	own, cancel := t.limited(ctx)
	defer cancel()
	req := t.req.WithContext(own) // a shallow copy: only what is written below must be its own
	req.Header = header
	if t.req.GetBody != nil {
		fresh, err := t.req.GetBody()
		if err != nil {
			return fail(Authorizing, err)
		}
		req.Body = fresh
	}
	a.Request = req

	start = time.Now()
	a.Sent = number
	resp, err := t.Client.Do(req)
	if err != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		a.Duration = time.Since(start)
		a.Delay = t.Retry.Backoff(t.try)
		return fail(Sending, t.cause(own, err))
	}
	resp.Request = t.req // which never sees a credential
	body, err := t.read(resp)
	a.Stage, a.Response, a.Body = Answered, resp, body.Bytes()
	a.Duration = time.Since(start)
	a.RateLimit = ParseRateLimit(resp.Header, a.Auth)
	body.Attempts, body.Waited, body.RateLimit, body.Auth = a.Sent, a.Waited, a.RateLimit, a.Auth
	resp.Body = body
	a.Delay, a.Asked = a.RateLimit.delay(resp)
	if !a.Asked {
		a.Delay = t.Retry.Backoff(t.try)
	}
	if err != nil {
		a.fail(ctx, t.cause(own, err))
	}
	return a, body
}

// fail notes err, or the error of the caller's context if that has ended.
func (a *Attempt) fail(ctx context.Context, err error) {
	a.Err = err
	if ctx.Err() != nil {
		a.Err, a.Ended = wait.ContextError(ctx), true
	}
}

// read takes the body off the connection. A broken body of a response that is an error anyhow is no news: what came is
// enough.
func (t *trip) read(resp *http.Response) (*Body, error) {
	if resp.StatusCode/100 != 2 {
		body, _ := readBody(resp, MaxErrorBody, true)
		return body, nil
	}
	return readBody(resp, t.MaxBody, false)
}

// limited ends ctx with the time of the attempt, unless it ends first or at the same time. http.Client's own Timeout
// would copy the request once more, and its error could not be told from that of the caller's deadline.
func (t *trip) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	end := time.Now().Add(t.Timeout)
	if callers, ok := ctx.Deadline(); ok && !callers.After(end) {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, end)
}

// cause says that an attempt ended at its deadline, or why else, without *url.Error, whose text holds the query.
func (t *trip) cause(own context.Context, err error) error {
	if errors.Is(own.Err(), context.DeadlineExceeded) {
		return &TimeoutError{After: t.Timeout}
	}
	for {
		u, ok := err.(*url.Error) //nolint:errorlint // one layer at a time, from the outside
		if !ok {
			return err
		}
		err = u.Err
	}
}
