package oura

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/oura-go/sdk/internal/transport"
)

// classify is the one place that gives outcomes their meaning: it makes the
// error of an attempt and says what is to be done about it. A nil error is a
// 2xx with a body that can be JSON, or none where none is due.
func classify(a *transport.Attempt) (transport.Action, error) {
	if a.Err == nil && a.StatusCode()/100 == 2 {
		if !looksLikeJSON(a.Request.Method, a.Body) {
			return transport.Fail, invalidResponse(a.Response, a.Body, errNotJSON)
		}
		return transport.Fail, nil
	}

	e := &Error{Method: a.Request.Method, Path: a.Path, StatusCode: a.StatusCode()}
	secrets := secretsOf(a.Request)
	if a.Err != nil {
		e.cause, e.reason = a.Err, causeText(a.Err, secrets)
	}
	switch {
	case a.Stage == transport.Waiting:
		classifyWait(e, a)
		return transport.Fail, e
	case a.Stage == transport.Authorizing:
		e.kind = ErrUnauthorized
		if a.Request.Context().Err() != nil {
			e.kind = ErrServer
		}
		return transport.Fail, e
	case a.Response == nil:
		e.kind = ErrServer
		return transport.Repeat, e
	}

	e.TraceID = traceID(a.Response)
	e.RateLimit = RateLimit(a.RateLimit)
	if e.StatusCode/100 == 2 { // with an error: the body did not arrive whole
		return classifyBroken(e, a)
	}

	e.Body = bytes.Clone(a.Body)
	e.readBody(secrets)
	return classifyStatus(e, a), e
}

// classifyStatus sets the kind of an answer that is not a 2xx.
func classifyStatus(e *Error, a *transport.Attempt) transport.Action {
	e.kind = kindOfStatus(e.StatusCode)
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		if scope, ok := missingScope(e.Detail, a.Response.Header); ok {
			e.kind, e.Scope = ErrMissingScope, scope
			return transport.Fail
		}
		if e.StatusCode == http.StatusUnauthorized {
			return transport.Reauthorize
		}
		if strings.HasSuffix(a.Path, "/{id}") && transport.IsSubscription(a.Request.URL) {
			e.kind = ErrNotFound // the service's answer to an id that it does not have
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
	switch {
	case errors.Is(a.Err, transport.ErrTooLarge):
		e.kind = ErrInvalidResponse
		e.Detail = fmt.Sprintf("the body is larger than %d bytes; ask for a shorter range, or raise the limit with WithMaxBody", len(a.Body))
		e.reason = ""
		return transport.Fail, e
	case errors.Is(a.Err, gzip.ErrHeader):
		e.kind = ErrInvalidResponse
		return transport.Fail, e
	default:
		e.kind = ErrServer
		return transport.Repeat, e
	}
}

// classifyWait is for a wait for the rate limit that failed: it would have been
// too long, the context ended, or a Waiter has its own reasons.
func classifyWait(e *Error, a *transport.Attempt) {
	if a.Request.Context().Err() != nil {
		e.kind = ErrServer
		return
	}
	if own, ok := errors.AsType[*Error](a.Err); ok {
		e.kind, e.cause, e.reason = own.sentinel(), own.cause, own.reason
		e.Detail, e.RetryAfter, e.StatusCode = own.Detail, own.RetryAfter, own.StatusCode
		return
	}
	e.kind = ErrRateLimited
	for _, s := range sentinels { // a Waiter may say what kind its failure is
		if errors.Is(a.Err, s) {
			e.kind = s
			break
		}
	}
}

// readBody takes Detail and Fields from the body of an error. FastAPI sends
// {"detail": "…"} or {"detail": [{"loc", "type", "msg"}]}; gateways send other
// objects, bare text, HTML or nothing.
func (e *Error) readBody(secrets []string) {
	body := bytes.TrimSpace(e.Body)
	if len(body) == 0 || body[0] == '<' {
		return // nothing, or a page for browsers
	}
	var text string
	var fields map[string]json.RawMessage
	switch {
	case json.Unmarshal(body, &text) == nil:
	case json.Unmarshal(body, &fields) == nil:
		e.Fields = fieldErrors(fields["detail"])
		for _, key := range []string{"detail", "message", "error_description", "error", "title"} {
			if json.Unmarshal(fields[key], &text) == nil && text != "" {
				break
			}
		}
	case body[0] != '{' && body[0] != '[':
		text = string(body)
	}
	e.Detail = clip(redact(text, secrets), maxDetail)
}

// maxFields bounds what a hostile answer can make us keep.
const maxFields = 100

func fieldErrors(raw json.RawMessage) []FieldError {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return nil
	}
	var out []FieldError
	for _, item := range items[:min(len(items), maxFields)] {
		var f struct {
			Loc  []any  `json:"loc"`
			Type string `json:"type"`
			Msg  string `json:"msg"`
		}
		_ = json.Unmarshal(item, &f) // a field of the wrong type leaves the others filled
		if f.Loc == nil && f.Type == "" && f.Msg == "" {
			continue
		}
		out = append(out, FieldError{Loc: joinLoc(f.Loc), Type: f.Type, Msg: f.Msg})
	}
	return out
}

// joinLoc writes ["query", "ids", 0] as query.ids.0.
func joinLoc(loc []any) string {
	parts := make([]string, 0, len(loc))
	for _, p := range loc {
		switch p := p.(type) {
		case string:
			parts = append(parts, p)
		case float64:
			parts = append(parts, strconv.FormatFloat(p, 'f', -1, 64))
		}
	}
	return strings.Join(parts, ".")
}

// The service says "Token is not authorized access spo2 scope."; the looser
// forms are for the day it corrects its grammar.
var scopePattern = regexp.MustCompile(
	`(?i)\b(?:not authorized (?:to )?access|missing|lacks|requires?) (?:the )?(?:required )?["'` + "`" + `]?(?:extapi:)?([\w.-]+)["'` + "`" + `]? scope\b`)

// missingScope recognises a refusal that no fresh token cures.
func missingScope(detail string, h http.Header) (scope string, ok bool) {
	if m := scopePattern.FindStringSubmatch(detail); m != nil {
		if strings.EqualFold(m[1], "required") {
			return "", true // "missing required scope": it does not say which
		}
		return m[1], true
	}
	for _, challenge := range h.Values("WWW-Authenticate") {
		if strings.Contains(challenge, `error="insufficient_scope"`) {
			_, rest, _ := strings.Cut(challenge, `scope="`)
			scope, _, _ := strings.Cut(rest, `"`)
			return transport.Printable(strings.TrimPrefix(scope, "extapi:"), maxName), true
		}
	}
	return "", false
}

func traceID(resp *http.Response) string {
	return transport.Printable(resp.Header.Get("X-Trace-Id"), maxName)
}

var errNotJSON = errors.New("the body is not JSON")

// looksLikeJSON looks at the first character alone, which tells a page of a
// proxy or a compressed body from data; decoding finds the rest. Only a GET must
// have a body.
func looksLikeJSON(method string, body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 {
		return method != http.MethodGet
	}
	return slices.Contains([]byte(`{["-0123456789tfn`), body[0])
}

// invalidRequest refuses arguments before anything is sent.
func invalidRequest(method, path, format string, args ...any) *Error {
	return &Error{Method: method, Path: path, Detail: fmt.Sprintf(format, args...), kind: ErrInvalidRequest}
}

// invalidResponse is for a 2xx that is not the expected JSON. Of the cause only
// what holds no values is kept. body is copied.
func invalidResponse(resp *http.Response, body []byte, cause error) *Error {
	e := &Error{
		StatusCode: resp.StatusCode,
		RateLimit:  RateLimit(transport.ParseRateLimit(resp.Header)),
		TraceID:    traceID(resp),
		Body:       bytes.Clone(body[:min(len(body), transport.MaxErrorBody)]),
		kind:       ErrInvalidResponse,
	}
	if cause != nil {
		e.cause = describe(cause)
	}
	if resp.Request != nil {
		e.Method, e.Path = resp.Request.Method, transport.Template(resp.Request.URL)
	}
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		e.Detail = "the body is empty"
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		e.Detail = "the body is HTML, not JSON; check the base URL and any proxy"
	case e.cause != nil:
		e.reason = e.cause.Error()
	}
	return e
}
