package oura

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/oura-go/sdk/internal/refusal"
	"github.com/oura-go/sdk/internal/text"
	"github.com/oura-go/sdk/internal/transport"
	"github.com/oura-go/sdk/internal/wait"
)

// Exactly one of these matches an *[Error] under [errors.Is], and every one of them comes inside an *Error. A loop that
// tries again on [ErrServer] or [ErrRateLimited] ends with its context: an ended context is neither, but
// [ErrContextEnded].
var (
	// ErrUnauthorized: the access token was refused (401), or the token source could not give one: then the source's
	// error matches too, under errors.Is and errors.As. A source that is a [Refresher] was already asked for another token.
	// Cure: ask the person to authorize again, or correct the token or the application's credentials.
	ErrUnauthorized = errors.New("oura: unauthorized")

	// ErrMissingScope: the person did not grant the scope in [Error.Scope]. Refreshing the token does not help, so it
	// is not tried.
	// Cure: ask the person to authorize again, with that scope.
	ErrMissingScope = errors.New("oura: missing scope")

	// ErrForbidden: the token is good, but the data is withheld (403), most often because the person's membership has
	// lapsed.
	// Cure: only the person can change that; stop asking until they do.
	ErrForbidden = errors.New("oura: forbidden")

	// ErrNotFound: there is no such document or subscription (404, 410; for a subscription the service says 403).
	// Cure: treat it as deleted. Right after a webhook event the document may not be there yet: ask again shortly.
	ErrNotFound = errors.New("oura: not found")

	// ErrInvalidRequest: the request is wrong, and repeating it will not help. The service said so (400, 422, 409 and
	// other 4xx; see [Error.Detail] and [Error.Fields]), or it was refused before sending (StatusCode 0).
	// Cure: correct the argument, option or URL that the message names.
	ErrInvalidRequest = errors.New("oura: invalid request")

	// ErrRateLimited: the service refused for its rate (429) and waiting for it was not possible: too many attempts, a
	// wait above [RetryPolicy].MaxRetryAfter, or one that would outlast the context, which fails at once (StatusCode 0
	// if it was the limiter's). Errors of a [Waiter] of your own are of this kind too.
	// Cure: wait for [Error.RetryAfter] and try again, with fewer requests or a longer deadline; share one [Limiter]
	// among the clients of an application.
	ErrRateLimited = errors.New("oura: rate limited")

	// ErrServer: no usable response. The service failed (5xx, 408), the connection failed or broke off (then StatusCode
	// is 0, and the message begins with what to check), or the attempts took longer than [WithTimeout] (then
	// [os.ErrDeadlineExceeded] matches as well). Safe requests were already retried.
	// Cure: try again later; after a failed create or update, look whether it was carried out. Persistent connection
	// errors: check what the message names.
	ErrServer = errors.New("oura: no usable response")

	// ErrContextEnded: the caller's context was canceled or its deadline passed before there was a response, or during
	// the wait for another attempt; [context.Canceled] or [context.DeadlineExceeded] matches as well, and so does the
	// cause of [context.WithCancelCause]. StatusCode and RetryAfter are those of the last response, if there was one.
	// Cure: none, the caller wanted no more. After a create or update, look whether it was carried out.
	ErrContextEnded = errors.New("oura: context ended")

	// ErrInvalidResponse: a response that this package cannot read: a 2xx that is not the expected JSON or exceeds
	// [WithMaxBody], by its bytes or by what they would take in memory, or a redirect, which is not followed so that no
	// credential travels elsewhere.
	// Cure: check [WithBaseURL] and any proxy in between; [Error.Body] shows what came. If a model no longer fits the
	// service, update this module.
	ErrInvalidResponse = errors.New("oura: invalid response")
)

var sentinels = []error{
	ErrUnauthorized, ErrMissingScope, ErrForbidden, ErrNotFound,
	ErrInvalidRequest, ErrRateLimited, ErrServer, ErrContextEnded, ErrInvalidResponse,
}

// Error is every failed request. It matches exactly one of the Err variables, and [errors.As] and [errors.Is] also find
// what caused it: an ended context, or the error of a token source, of a limiter or of the network.
//
// It prints method, path template, status, detail, field paths and the cause. Query, headers, tokens and the body are
// never printed: not under %v, %+v and %#v, not as JSON, not by slog.
type Error struct {
	StatusCode int           // of the response; 0 without one
	Detail     string        // what the service says, or what is wrong with the request
	Fields     []FieldError  // which parameters the service refused, of a 422
	Scope      string        // of ErrMissingScope: what to ask for; "" if the service does not name it
	RetryAfter time.Duration // of ErrRateLimited: how long to wait before the next request
	RateLimit  RateLimit     // zero unless the response had rate limit headers
	TraceID    string        // of the response: quote it to the service's support
	Attempts   int           // how many requests were sent for it
	Waited     time.Duration // how long they waited, for the rate limit and between attempts
	Method     string
	Path       string // template, with ids replaced: /v2/usercollection/sleep/{document_id}
	Body       []byte // raw, at most 64 KiB; may hold health data; never printed

	header http.Header // of the response
	kind   error       // one of sentinels
	cause  error       // for Is and As; may be nil
	reason string      // the cause's text, without what must not be printed
}

// FieldError is one refused parameter of a 422.
type FieldError struct {
	Loc  string // where: "query.start_date", "body.0.callback_url"
	Type string // kind of mistake: "date_from_datetime_parsing"
	Msg  string // what the service says; may quote the value, so it is not printed
}

// RateLimit is what a response says about the rate limit; only a 429 is known to say anything. Zero fields were absent.
type RateLimit struct {
	Limit     int           // requests per Window
	Remaining int           // requests left in it
	Window    time.Duration // in whole seconds
	Reset     time.Time     // when the next window begins
	Tier      string        // which limit: that of the access token or of the application
}

// Is reports whether target is the error's one sentinel, or matches its cause.
func (e *Error) Is(target error) bool {
	if slices.Contains(sentinels, target) { // identity: a cause that wraps another sentinel must not match it
		return target == e.sentinel()
	}
	return e.cause != nil && errors.Is(e.cause, target)
}

// As finds target in the error's cause.
func (e *Error) As(target any) bool { return e.cause != nil && errors.As(e.cause, target) }

// sentinel is the kind; of an Error that a test or a Waiter made by hand, what its fields say.
func (e *Error) sentinel() error {
	if e.kind != nil {
		return e.kind
	}
	switch {
	case e.Scope != "":
		return ErrMissingScope
	case e.StatusCode != 0:
		return kindOfStatus(e.StatusCode)
	case e.RetryAfter > 0:
		return ErrRateLimited
	default:
		return ErrInvalidRequest
	}
}

// kindOfStatus is what a status means when neither path nor body tell more.
func kindOfStatus(status int) error {
	switch {
	case status == http.StatusUnauthorized:
		return ErrUnauthorized
	case status == http.StatusForbidden, status == http.StatusUpgradeRequired:
		return ErrForbidden // 426: the person's app is too old to share the data
	case status == http.StatusNotFound, status == http.StatusGone:
		return ErrNotFound
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status == http.StatusRequestTimeout, status >= 500:
		return ErrServer
	case status >= 400:
		return ErrInvalidRequest
	default:
		return ErrInvalidResponse
	}
}

// invalidRequest refuses arguments before anything is sent.
func invalidRequest(method, path, format string, args ...any) *Error {
	return &Error{Method: method, Path: path, Detail: fmt.Sprintf(format, args...), kind: ErrInvalidRequest}
}

// badOption is the error of NewClient and With.
func badOption(format string, args ...any) *Error { return invalidRequest("", "", format, args...) }

// invalidResponse is for a 2xx that is not the expected JSON. The cause must hold no values. body is copied.
func invalidResponse(resp *http.Response, body []byte, cause error) *Error {
	trip := tripOf(resp)
	e := &Error{
		StatusCode: resp.StatusCode,
		RateLimit:  RateLimit(trip.RateLimit),
		TraceID:    traceID(resp),
		Attempts:   trip.Attempts,
		Waited:     trip.Waited,
		header:     resp.Header,
		Body:       bytes.Clone(body[:min(len(body), transport.MaxErrorBody)]),
		kind:       ErrInvalidResponse,
		cause:      cause,
	}
	if resp.Request != nil {
		e.Method, e.Path = resp.Request.Method, resp.Request.Pattern
	}
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		e.Detail = "the body is empty"
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		e.Detail = "the body is HTML, not JSON; check the base URL and any proxy"
	case cause != nil:
		e.reason = cleaned(resp, cause.Error(), text.MaxDetail)
	}
	return e
}

// tripOf is what the request path knows of a response; nothing where that took another way.
func tripOf(resp *http.Response) *transport.Body {
	if b, ok := resp.Body.(*transport.Body); ok {
		return b
	}
	return new(transport.Body)
}

func traceID(resp *http.Response) string {
	return cleaned(resp, resp.Header.Get("X-Trace-Id"), text.MaxName)
}

// cleaned is a text of the service, without the credentials that the request of the response has carried.
func cleaned(resp *http.Response, foreign string, n int) string {
	if auth := tripOf(resp).Auth; auth != nil {
		return auth.Clean(foreign, n)
	}
	return refusal.Redact(foreign, n)
}

// causeText is what a message says of a cause.
func causeText(cause error, auth transport.Cleaner) string {
	return auth.Clean(refusal.Cause(cause), text.MaxDetail)
}

// tooLong refuses a wait for the rate limit.
func tooLong(d time.Duration, cause error) *Error {
	return &Error{kind: ErrRateLimited, RetryAfter: d, cause: cause, Detail: "the wait for the rate limit would outlast the context"}
}

// endedContext is the error of a listing or a wait whose context ended between two requests.
func endedContext(ctx context.Context, path string) *Error {
	cause := wait.ContextError(ctx)
	return &Error{Method: http.MethodGet, Path: path, kind: ErrContextEnded, cause: cause, reason: refusal.Redact(refusal.Cause(cause), text.MaxDetail)}
}

// unusable is a 2xx for a collection that is JSON, and yet of no use.
func unusable(kind error, path string, status int, detail string) *Error {
	return &Error{Method: http.MethodGet, Path: path, StatusCode: status, kind: kind, Detail: detail}
}

// DocumentError is one document of a page that does not fit its model. A listing yields it at its place and goes on
// with the next document if the loop does; nothing else of the page is lost.
//
// Cause: the service changed a type, or sent something broken. Cure: skip it, or keep Raw and read what you need from
// it; then see whether a newer version of this module knows the new form.
//
// It prints its place, the path of the field and the kinds of JSON value, never a value: not under %v, %+v and %#v, not
// as JSON, not by slog.
type DocumentError struct {
	Index int    // position in the page
	Raw   []byte // the document as it came; may hold health data, never printed
	Err   error  // path of the field, what it holds and what it should hold; no values
}

// Unwrap returns Err.
func (e *DocumentError) Unwrap() error { return e.Err }
