package oura

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/oura-go/sdk/internal/refusal"
	"github.com/oura-go/sdk/internal/text"
	"github.com/oura-go/sdk/internal/transport"
)

// classify is the one place that gives outcomes their meaning: it makes the error of an attempt and says what is to be
// done about it. A nil error is a 2xx with a body that can be JSON, or none where none is due.
func classify(a *transport.Attempt) (transport.Action, error) {
	if a.Err == nil && a.StatusCode()/100 == 2 {
		if !looksLikeJSON(a.Request.Method, a.Body) {
			return transport.Fail, invalidResponse(a.Response, a.Body, errNotJSON)
		}
		return transport.Fail, nil
	}

	e := &Error{Method: a.Request.Method, Path: a.Request.Pattern, StatusCode: a.StatusCode(), Attempts: a.Sent, Waited: a.Waited}
	if a.Err != nil {
		e.cause, e.reason = a.Err, causeText(a.Err, a.Auth)
	}
	if a.Response != nil {
		e.TraceID, e.RateLimit, e.header = traceID(a.Response), RateLimit(a.RateLimit), a.Response.Header
	}
	switch {
	case a.Ended:
		e.kind = ErrContextEnded
		return transport.Fail, e
	case a.Stage == transport.Waiting:
		classifyWait(e, a)
		return transport.Fail, e
	case a.Stage == transport.Authorizing:
		e.kind = ErrUnauthorized
		return transport.Fail, e
	case a.Response == nil:
		e.kind, e.Detail = ErrServer, whatToCheck(a.Err, a.Request.URL.Host)
		return transport.Repeat, e
	}

	if e.StatusCode/100 == 2 { // with an error: the body did not arrive whole
		return classifyBroken(e, a)
	}

	e.Body = bytes.Clone(a.Body)
	detail, fields := refusal.Read(a.Body)
	e.Detail = a.Auth.Clean(detail, text.MaxDetail)
	for _, f := range fields {
		e.Fields = append(e.Fields, FieldError{
			Loc: a.Auth.Clean(f.Loc, text.MaxName), Type: a.Auth.Clean(f.Type, text.MaxName), Msg: a.Auth.Clean(f.Msg, text.MaxDetail),
		})
	}
	return classifyStatus(e, a), e
}

// givenUp adds to the error of an attempt why there is no other, which was due.
func givenUp(a *transport.Attempt, err, cause error) error {
	e, ok := err.(*Error) //nolint:errorlint // what classify made
	if !ok {
		return err
	}
	with := *e // hooks and logs have the error without
	with.cause, with.reason = cause, causeText(cause, a.Auth)
	if with.Waited = a.Waited; a.Ended {
		with.kind = ErrContextEnded
	}
	return &with
}

// classifyStatus sets the kind of a response that is not a 2xx.
func classifyStatus(e *Error, a *transport.Attempt) transport.Action {
	e.kind = kindOfStatus(e.StatusCode)
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		if scope, ok := refusal.MissingScope(e.Detail, a.Response.Header); ok {
			e.kind, e.Scope = ErrMissingScope, a.Auth.Clean(scope, text.MaxName)
			return transport.Fail
		}
		if e.StatusCode == http.StatusUnauthorized {
			return transport.Reauthorize
		}
		if p := a.Request.Pattern; p == subscriptionPath || p == renewalPath {
			e.kind = ErrNotFound // what the service says of an id that it does not have
		}
	case http.StatusTooManyRequests:
		e.RetryAfter = a.Delay
		return transport.Throttle
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		if a.Asked {
			e.RetryAfter = a.Delay
		}
		return transport.Repeat
	}
	if e.StatusCode/100 == 3 && e.Detail == "" {
		e.Detail = "redirects are not followed; check the base URL"
	}
	return transport.Fail
}

// classifyBroken is for a 2xx whose body could not be read to its end.
func classifyBroken(e *Error, a *transport.Attempt) (transport.Action, error) {
	e.kind = ErrInvalidResponse
	switch {
	case errors.Is(a.Err, transport.ErrTooLarge):
		e.Detail = fmt.Sprintf("the body is larger than %d bytes; ask for a shorter range, or raise the limit with WithMaxBody", len(a.Body))
		e.reason = ""
	case errors.Is(a.Err, gzip.ErrHeader):
	default:
		e.kind = ErrServer
		return transport.Repeat, e
	}
	return transport.Fail, e
}

// classifyWait is for a wait for the rate limit that failed: it would have been too long, or a Waiter has its own
// reasons.
func classifyWait(e *Error, a *transport.Attempt) {
	if own, ok := errors.AsType[*Error](a.Err); ok {
		e.kind, e.cause, e.reason = own.sentinel(), own.cause, own.reason
		e.Detail, e.RetryAfter, e.StatusCode = own.Detail, own.RetryAfter, own.StatusCode
		return
	}
	e.kind = ErrRateLimited
	// A Waiter may say what kind its failure is.
	if i := slices.IndexFunc(sentinels, func(kind error) bool { return errors.Is(a.Err, kind) }); i >= 0 {
		e.kind = sentinels[i]
	}
}

var errNotJSON = errors.New("the body is not JSON")

// looksLikeJSON looks at the first character alone, which tells a page of a proxy or a compressed body from data;
// decoding finds the rest. Only a GET must have a body.
func looksLikeJSON(method string, body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 {
		return method != http.MethodGet
	}
	return slices.Contains([]byte(`{["-0123456789tfn`), body[0])
}
