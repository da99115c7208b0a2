package oura

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// everyForm renders v in every way that ends up in a log.
func everyForm(v any) map[string]string {
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	if b, err := json.Marshal(v); err == nil {
		out["JSON"] = string(b)
	}
	var text, js bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&js, nil)).Info("m", "v", v)
	out["slog text"], out["slog JSON"] = text.String(), js.String()
	return out
}

// TestNothingSecretIsPrinted renders everything that the request path makes and
// hands out.
func TestNothingSecretIsPrinted(t *testing.T) {
	t.Parallel()
	const (
		health = "hrv-271828"      // a health value in a body
		query  = "next-token-5772" // a query value
	)
	// The worst a service can do is to say what it was sent.
	echo := func(f func(credentials string) (*http.Response, error)) roundTripper {
		return func(r *http.Request) (*http.Response, error) {
			return f("Bad credentials " + r.Header.Get("Authorization") + r.Header.Get("X-Client-Secret"))
		}
	}
	fixed := func(status int, body string, header ...string) roundTripper {
		return echo(func(string) (*http.Response, error) { return answer(status, body, header...), nil })
	}
	var logged bytes.Buffer
	var values []any
	opts := []Option{
		WithAccessToken(testToken), WithAppCredentials("app-id", testSecret), quick,
		WithLogger(slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		WithHook(func(_ context.Context, a Attempt) { values = append(values, a, &a) }),
	}
	for _, o := range opts {
		values = append(values, o)
	}
	values = append(values, opts)
	refused := &oauth2.RetrieveError{
		Response: &http.Response{StatusCode: http.StatusBadRequest}, Body: []byte(testSecret), ErrorDescription: testSecret, ErrorCode: "invalid_grant",
	}
	answers := []roundTripper{
		fixed(200, `{"average_hrv":"`+health+`"}`, "X-Trace-Id: trace-1"),
		fixed(200, `<html>`+health),
		fixed(200, health),
		fixed(422, `{"detail":[{"loc":["query","next_token"],"type":"bad","msg":"`+health+`","input":"`+query+`"}]}`),
		echo(func(c string) (*http.Response, error) {
			return answer(400, `{"detail":"`+c+`","value":"`+health+`"}`), nil
		}),
		echo(func(c string) (*http.Response, error) { return answer(401, `{"detail":"`+c+`"}`), nil }),
		echo(func(c string) (*http.Response, error) { return answer(429, `{"message":"`+c+`"}`), nil }),
		echo(func(c string) (*http.Response, error) { return answer(503, c), nil }),
		func(r *http.Request) (*http.Response, error) { return answer(404, "Nothing at "+r.URL.String()), nil },
		func(r *http.Request) (*http.Response, error) {
			return answer(400, `{"detail":"Bad token `+r.URL.Query().Get("next_token")+`"}`), nil
		},
		echo(func(c string) (*http.Response, error) {
			return nil, &url.Error{Op: "Get", URL: "https://h/?next_token=" + query, Err: errors.New("proxy said " + c)}
		}),
		echo(func(string) (*http.Response, error) {
			return nil, fmt.Errorf("dial: %w", &url.Error{Op: "Get", URL: "https://h/?next_token=" + query, Err: errors.New("refused")})
		}),
	}
	for _, a := range answers {
		for _, path := range []string{sleepPath + "?start_date=2026-02-31&next_token=" + query, "/v2/webhook/subscription?next_token=" + query} {
			c, err := newConfig(append(opts, over(a), WithLimiter(waiterFunc(func(context.Context) error { return nil }))))
			if err != nil {
				t.Fatal(err)
			}
			d := newCore(c)
			client, err := NewClient(append(opts, over(a))...)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, c, *c, d, *d, client, *client, client.API())
			if err := send(t.Context(), d, http.MethodGet, path); err != nil {
				e := wantError(t, err, err.(*Error).sentinel()) //nolint:errorlint // checked by wantError
				values = append(values, e, *e, fmt.Errorf("wrapped: %w", e), e.Fields, struct{ Err error }{e})
			}
		}
	}
	for _, cause := range []error{refused, fmt.Errorf("refreshing: %w", refused)} {
		d := newDoer(t, WithTokenSource(contextSource(func(context.Context) (*oauth2.Token, error) { return nil, cause })))
		e := wantError(t, get(t.Context(), d), ErrUnauthorized)
		if !strings.Contains(e.Error(), "400 invalid_grant") {
			t.Errorf("%v does not say what the token endpoint answered", e)
		}
		values = append(values, e, *e)
	}
	for _, bad := range []Option{
		WithAccessToken("Bearer " + testToken), WithAccessToken(testToken + "\n"), WithAppCredentials("id", testSecret+" "),
		WithAppCredentials("", testSecret), WithBaseURL("https://user:" + testSecret + "@h"), WithBaseURL("https://h?key=" + testSecret),
		WithBaseURL("https://h/#" + testSecret), WithBaseURL("://" + testSecret),
	} {
		_, err := newConfig([]Option{bad})
		values = append(values, wantError(t, err, ErrInvalidRequest))
	}

	forms := 0
	check := func(what, text string) {
		forms++
		for _, secret := range []string{testToken, testSecret, health, query, "start_date="} {
			// Hex would hide a leak from a plain search.
			if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s prints %q: %s", what, secret, text)
			}
		}
	}
	for _, v := range values {
		for form, text := range everyForm(v) {
			check(fmt.Sprintf("%T as %s", v, form), text)
		}
	}
	check("the log", logged.String())
	t.Logf("%d values in %d forms", len(values), forms)
	if !strings.Contains(logged.String(), `"trace_id":"trace-1"`) || !strings.Contains(logged.String(), "[redacted]") {
		t.Errorf("the log lacks what the test is about: %s", logged.String())
	}
}

// An Error says the same under every verb: one line with all that helps.
func TestErrorText(t *testing.T) {
	t.Parallel()
	e := &Error{
		StatusCode: 429, Detail: "Too\nmany", RetryAfter: 2 * time.Second, TraceID: "t-9", Method: "GET",
		Path: "/v2/usercollection/sleep/{document_id}", Body: []byte("secret"),
		Fields: []FieldError{{Loc: "query.a", Type: "missing", Msg: "secret"}, {Loc: "query.b"}},
	}
	const want = "oura: rate limited: GET /v2/usercollection/sleep/{document_id}: status 429 Too Many Requests: " +
		"Too many: query.a (missing), query.b (retry after 2s) (trace t-9)"
	for _, got := range []string{e.Error(), fmt.Sprintf("%v", e), fmt.Sprintf("%+v", *e), fmt.Sprintf("%#v", e)} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	var fields []FieldError
	for i := range 30 {
		fields = append(fields, FieldError{Loc: fmt.Sprint("f", i)})
	}
	long := (&Error{StatusCode: 422, Fields: fields, Detail: strings.Repeat("ä", 10000)}).Error()
	if len(long) > 1000 || !strings.Contains(long, "and 20 more") {
		t.Errorf("%d bytes: %s", len(long), long)
	}
	for e, want := range map[*Error]string{
		{Scope: "daily"}:                      "oura: missing scope (ask for scope daily)",
		{StatusCode: 299}:                     "oura: invalid response: status 299",
		{RetryAfter: time.Second}:             "oura: rate limited (retry after 1s)",
		{}:                                    "oura: invalid request",
		{kind: ErrServer, reason: "no route"}: "oura: no usable response: no route",
		{kind: ErrServer, Method: "GET", Path: "/p", Detail: "check the network", reason: "no route"}: "oura: no usable response: check the network: GET /p: no route",
	} {
		if e.Error() != want {
			t.Errorf("got %q, want %q", e.Error(), want)
		}
	}
}

func TestErrorJSON(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(&Error{
		StatusCode: 422, Method: "GET", Path: sleepPath, RetryAfter: 1500 * time.Millisecond, Body: []byte("secret"),
		Fields: []FieldError{{Loc: "query.a", Type: "missing", Msg: "secret"}}, TraceID: "t", Detail: "no",
	})
	const want = `{"kind":"invalid request","message":"oura: invalid request: GET /v2/usercollection/sleep: status 422 ` +
		`Unprocessable Entity: no: query.a (missing) (retry after 1.5s) (trace t)","method":"GET","path":"/v2/usercollection/sleep",` +
		`"status_code":422,"detail":"no","fields":[{"loc":"query.a","type":"missing"}],"retry_after_seconds":1.5,"trace_id":"t"}`
	if err != nil || string(got) != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
}
