package oura

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/oura-go/sdk/internal/transport"
)

func reply(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, line := range header {
			name, value, _ := strings.Cut(line, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// cut announces more than it sends.
func cut(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		reply(status, `{"data":[`, header...)(w, r)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// reset closes the connection without an answer.
func reset(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// slow answers when the client has gone, which the server sees only once it has
// read the request.
func slow(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// slowBody sends a header in time, but not the body.
func slowBody(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, `{"data":[`)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func zipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

// inTurn answers the n-th request with the n-th handler, the last one for ever.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		handlers[min(int(n.Add(1)), len(handlers))-1](w, r)
	}
}

const (
	html  = "<!DOCTYPE html><html><body>Gateway timeout</body></html>"
	scope = `{"detail":"Token is not authorized access spo2 scope."}`
	items = `{"detail":[{"type":"date_parsing","loc":["query","start_date",0],"msg":"bad value 2024-99-99","input":"2024-99-99"}]}`

	subscription = "/v2/webhook/subscription"
)

// TestMatrix is the contract of the request path, one answer a row. Every row
// has a server of its own: none may leave a goroutine or more connections than
// it needs.
func TestMatrix(t *testing.T) { //nolint:paralleltest // counts goroutines
	var (
		okBody = `{"data":[],"next_token":null}`
		big    = strings.Repeat("x", 200<<10)
	)
	tests := []struct {
		name     string
		method   string // default GET
		path     string // default sleepPath
		handler  http.HandlerFunc
		opts     []Option
		want     error
		requests int
		conns    int    // at most; default 1, a broken connection costs a new one
		text     string // part of the error's text
		check    func(e *Error) bool
	}{
		// success
		{name: "200", handler: reply(200, okBody), requests: 1},
		{name: "200 gzip", handler: reply(200, zipped(okBody), "Content-Encoding: gzip"), requests: 1},
		{name: "200 leading space", handler: reply(200, " \n"+okBody), requests: 1},
		{name: "200 array", path: subscription, handler: reply(200, "[]"), requests: 1},
		{name: "201", method: "POST", path: subscription, handler: reply(201, "{}"), requests: 1},
		{name: "204", method: "DELETE", path: subscription + "/x", handler: reply(204, ""), requests: 1},

		// 2xx that is none
		{name: "200 HTML", handler: reply(200, html), want: ErrInvalidResponse, requests: 1, text: "HTML"},
		{name: "200 empty", handler: reply(200, ""), want: ErrInvalidResponse, requests: 1, text: "empty"},
		{name: "204 for a read", handler: reply(204, ""), want: ErrInvalidResponse, requests: 1},
		{name: "200 text", handler: reply(200, "OK"), want: ErrInvalidResponse, requests: 1, text: "not JSON"},
		{name: "200 too large", handler: reply(200, `"`+big+`"`), opts: []Option{WithMaxBody(1000)}, want: ErrInvalidResponse, requests: 1, text: "larger than 1000 bytes"},
		{name: "200 gzip bomb", handler: reply(200, zipped(`"`+big+`"`), "Content-Encoding: gzip"), opts: []Option{WithMaxBody(1000)}, want: ErrInvalidResponse, requests: 1, text: "WithMaxBody"},
		{name: "200 not gzip", handler: reply(200, okBody, "Content-Encoding: gzip"), want: ErrInvalidResponse, requests: 1},
		{name: "200 exactly the limit", handler: reply(200, okBody), opts: []Option{WithMaxBody(int64(len(okBody)))}, requests: 1},

		// redirects
		{name: "301 elsewhere", handler: reply(301, "", "Location: http://127.0.0.1:1/elsewhere"), want: ErrInvalidResponse, requests: 1, text: "redirects are not followed"},
		{name: "302 same host", handler: reply(302, html, "Location: /v2/usercollection/workout"), want: ErrInvalidResponse, requests: 1},
		{name: "307", method: "POST", path: subscription, handler: reply(307, "", "Location: /x"), want: ErrInvalidResponse, requests: 1},
		{name: "304", handler: reply(304, ""), want: ErrInvalidResponse, requests: 1},

		// 4xx
		{name: "400 detail", handler: reply(400, `{"detail":"Start date is after end date."}`), want: ErrInvalidRequest, requests: 1, text: "Start date is after end date."},
		{name: "400 empty", handler: reply(400, ""), want: ErrInvalidRequest, requests: 1},
		{name: "400 bare string", handler: reply(400, `"no"`), want: ErrInvalidRequest, requests: 1, check: func(e *Error) bool { return e.Detail == "no" }},
		{name: "400 text", handler: reply(400, "Bad request\n"), want: ErrInvalidRequest, requests: 1, check: func(e *Error) bool { return e.Detail == "Bad request" }},
		{name: "400 other object", handler: reply(400, `{"error":"invalid","message":"Nope."}`), want: ErrInvalidRequest, requests: 1, check: func(e *Error) bool { return e.Detail == "Nope." }},
		{name: "400 HTML", handler: reply(400, html), want: ErrInvalidRequest, requests: 1, check: func(e *Error) bool { return e.Detail == "" && string(e.Body) == html }},
		{name: "400 null", handler: reply(400, `null`), want: ErrInvalidRequest, requests: 1, check: func(e *Error) bool { return e.Detail == "" }},
		{name: "400 huge", handler: reply(400, big), want: ErrInvalidRequest, requests: 1, check: func(e *Error) bool { return len(e.Body) == 64<<10 && len(e.Detail) < 1000 }},
		{name: "400 cut off", handler: cut(400), want: ErrInvalidRequest, requests: 1, check: func(e *Error) bool { return string(e.Body) == `{"data":[` }},
		{name: "401", handler: reply(401, `{"detail":"Invalid token."}`, "X-Trace-Id: t-1"), want: ErrUnauthorized, requests: 1, check: func(e *Error) bool { return e.TraceID == "t-1" }},
		{name: "401 empty", handler: reply(401, ""), want: ErrUnauthorized, requests: 1},
		{name: "401 scope", handler: reply(401, scope), want: ErrMissingScope, requests: 1, check: func(e *Error) bool { return e.Scope == "spo2" }},
		{name: "401 scope with status and title", handler: reply(401, `{"status":401,"title":"Unauthorized",`+scope[1:]), want: ErrMissingScope, requests: 1, check: func(e *Error) bool { return e.Scope == "spo2" }},
		{name: "401 scope with a refresher", handler: reply(401, scope), opts: []Option{WithTokenSource(&refresher{})}, want: ErrMissingScope, requests: 1},
		{name: "401 for an application", path: subscription, handler: reply(401, ""), want: ErrUnauthorized, requests: 1},
		{name: "403", handler: reply(403, `{"detail":"Membership lapsed."}`), want: ErrForbidden, requests: 1},
		{name: "403 scope", handler: reply(403, scope), want: ErrMissingScope, requests: 1, check: func(e *Error) bool { return e.Scope == "spo2" }},
		{name: "403 scope by header", handler: reply(403, "", `WWW-Authenticate: Bearer error="insufficient_scope", scope="extapi:daily"`), want: ErrMissingScope, requests: 1, check: func(e *Error) bool { return e.Scope == "daily" }},
		{name: "403 subscriptions", path: subscription, handler: reply(403, ""), want: ErrForbidden, requests: 1},
		{name: "403 one subscription", path: subscription + "/id-1", handler: reply(403, ""), want: ErrNotFound, requests: 1, text: "/v2/webhook/subscription/{id}"},
		{name: "403 renew", method: "PUT", path: subscription + "/renew/id-1", handler: reply(403, ""), want: ErrNotFound, requests: 1},
		{name: "404", path: sleepPath + "/0a1b", handler: reply(404, `{"detail":"Document not found."}`), want: ErrNotFound, requests: 1, text: "/v2/usercollection/sleep/{document_id}"},
		{name: "409", method: "POST", path: subscription, handler: reply(409, `{"detail":"exists"}`), want: ErrInvalidRequest, requests: 1, check: func(e *Error) bool { return e.StatusCode == http.StatusConflict }},
		{name: "418", handler: reply(418, ""), want: ErrInvalidRequest, requests: 1},
		{name: "422", handler: reply(422, items), want: ErrInvalidRequest, requests: 1, text: "query.start_date.0 (date_parsing)", check: func(e *Error) bool {
			return len(e.Fields) == 1 && e.Fields[0] == FieldError{Loc: "query.start_date.0", Type: "date_parsing", Msg: "bad value 2024-99-99"}
		}},
		{name: "422 odd list", handler: reply(422, `{"detail":[1,null,"x",{"loc":"query","type":"t"},{}]}`), want: ErrInvalidRequest, requests: 1, check: func(e *Error) bool { return len(e.Fields) == 1 && e.Fields[0].Type == "t" }},
		{name: "426", handler: reply(426, ""), want: ErrForbidden, requests: 1},

		// 429
		{name: "429 and fine", handler: inTurn(reply(429, ""), reply(200, okBody)), requests: 2},
		{name: "429 for ever", handler: reply(429, `{"detail":"slow down"}`, "Retry-After: 0", "X-RateLimit-Limit: 5000", "X-RateLimit-Window: 300"), want: ErrRateLimited, requests: 4, check: func(e *Error) bool {
			return e.RateLimit == RateLimit{Limit: 5000, Window: 5 * time.Minute}
		}},
		{name: "429 for a create", method: "POST", path: subscription, handler: inTurn(reply(429, ""), reply(201, "{}")), requests: 2},
		{name: "429 too long", handler: reply(429, "", "Retry-After: 3600"), want: ErrRateLimited, requests: 1, check: func(e *Error) bool { return e.RetryAfter == time.Hour }},
		{name: "429 absurd", handler: reply(429, "", "Retry-After: 99999999999999999999"), want: ErrRateLimited, requests: 1, check: func(e *Error) bool { return e.RetryAfter > 1000*time.Hour }},
		{name: "429 without retry", handler: reply(429, ""), opts: []Option{WithRetry(NoRetry)}, want: ErrRateLimited, requests: 1},

		// 5xx
		{name: "500", handler: reply(500, "Internal Server Error"), want: ErrServer, requests: 1},
		{name: "501", handler: reply(501, ""), want: ErrServer, requests: 1},
		{name: "502 and fine", handler: inTurn(reply(502, html), reply(200, okBody)), requests: 2},
		{name: "503 for ever", handler: reply(503, "", "Retry-After: 0"), want: ErrServer, requests: 4},
		{name: "503 too long", handler: reply(503, "", "Retry-After: 3600"), want: ErrServer, requests: 1, check: func(e *Error) bool { return e.RetryAfter == time.Hour }},
		{name: "504 HTML", handler: reply(504, html), want: ErrServer, requests: 4},
		{name: "504 huge", handler: reply(504, big), want: ErrServer, requests: 4},
		{name: "504 for a create", method: "POST", path: subscription, handler: reply(504, html), want: ErrServer, requests: 1},
		{name: "503 for an update", method: "PUT", path: subscription + "/x", handler: reply(503, ""), want: ErrServer, requests: 1},
		{name: "503 for a delete", method: "DELETE", path: subscription + "/x", handler: reply(503, ""), want: ErrServer, requests: 1},
		{name: "503 for a renewal", method: "PUT", path: subscription + "/renew/x", handler: reply(503, ""), want: ErrServer, requests: 4},
		{name: "599", handler: reply(599, ""), want: ErrServer, requests: 1},

		// connections
		{name: "cut off for ever", handler: cut(200), want: ErrServer, requests: 4, conns: 4, check: func(e *Error) bool { return errors.Is(e, io.ErrUnexpectedEOF) }},
		{name: "cut off once", handler: inTurn(cut(200), reply(200, okBody)), requests: 2, conns: 2},
		{name: "gzip cut off", handler: inTurn(reply(200, zipped(okBody)[:20], "Content-Encoding: gzip"), reply(200, okBody)), requests: 2},
		{name: "cut off create", method: "POST", path: subscription, handler: cut(201), want: ErrServer, requests: 1},
		{name: "reset for ever", handler: reset, want: ErrServer, requests: 4, conns: 4, check: func(e *Error) bool { return e.StatusCode == 0 }},
		{name: "reset once", handler: inTurn(reset, reply(200, okBody)), requests: 2, conns: 2},
		{name: "reset create", method: "POST", path: subscription, handler: reset, want: ErrServer, requests: 1},
		{name: "slow for ever", handler: slow, opts: []Option{timeout(short)}, want: ErrServer, requests: 4, conns: 4, text: "within 250ms"},
		{name: "slow once", handler: inTurn(slow, reply(200, okBody)), opts: []Option{timeout(2 * short)}, requests: 2, conns: 2},
		{name: "slow body", handler: slowBody, opts: []Option{timeout(short)}, want: ErrServer, requests: 4, conns: 4},
		{name: "slow create", method: "POST", path: subscription, handler: slow, opts: []Option{timeout(short)}, want: ErrServer, requests: 1},
	}
	t.Logf("%d rows", len(tests))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { //nolint:paralleltest // counts goroutines
			running := goleak.IgnoreCurrent()
			var requests atomic.Int32
			srv, conns := serve(t, func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				tt.handler(w, r)
			})
			base := &http.Transport{}
			d := newDoer(t, append([]Option{
				WithAppCredentials("app-id", testSecret), WithBaseURL(srv.URL), over(base), quick,
			}, tt.opts...)...)
			d.cfg.httpClient.Transport = base // timeout replaces the client

			method, path := orElse(tt.method, http.MethodGet), orElse(tt.path, sleepPath)
			var body []string
			if method == http.MethodPost || method == http.MethodPut {
				body = []string{`{"callback_url":"https://example.com"}`}
			}
			err := send(t.Context(), d, method, path+"?start_date=2024-99-99", body...)
			if e := wantError(t, err, tt.want); e != nil {
				if !strings.Contains(e.Error(), tt.text) {
					t.Errorf("%q does not say %q", e.Error(), tt.text)
				}
				if strings.Contains(e.Error(), "2024-99-99") {
					t.Errorf("%q prints the query", e.Error())
				}
				if tt.check != nil && !tt.check(e) {
					t.Errorf("unexpected error: status %d, detail %q, scope %q, retry after %v, %+v, fields %v, trace %q",
						e.StatusCode, e.Detail, e.Scope, e.RetryAfter, e.RateLimit, e.Fields, e.TraceID)
				}
			}
			if got := int(requests.Load()); got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
			if got := conns(); got > max(tt.conns, 1) {
				t.Errorf("%d connections, want at most %d", got, max(tt.conns, 1))
			}
			base.CloseIdleConnections()
			srv.Close()
			goleak.VerifyNone(t, running)
		})
	}
}

// quick is the usual number of attempts without the usual waits.
var quick = WithRetry(RetryPolicy{MinDelay: time.Millisecond, MaxDelay: time.Millisecond})

// short is long enough for a request to reach its server on a busy machine.
const short = 250 * time.Millisecond

func timeout(d time.Duration) Option { return WithHTTPClient(&http.Client{Timeout: d}) }

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// Answers that are errors leave their connection usable: a hundred 429s from two
// goroutines need two. The first two requests meet, as a request that takes over
// the other's connection leaves its own behind unused.
func TestConnectionsAreReused(t *testing.T) { //nolint:paralleltest // counts goroutines
	running := goleak.IgnoreCurrent()
	refuse := reply(429, strings.Repeat("slow down ", 7000), "Retry-After: 0")
	var n atomic.Int32
	var met sync.WaitGroup
	met.Add(2)
	srv, conns := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) <= 2 {
			met.Done()
			met.Wait()
		}
		refuse(w, r)
	})
	base := &http.Transport{}
	d := newDoer(t, WithBaseURL(srv.URL), over(base), WithRetry(NoRetry))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 50 {
				wantKind(t, get(t.Context(), d), ErrRateLimited)
			}
		})
	}
	wg.Wait()
	t.Logf("100 answers of status 429 over %d connections", conns())
	if conns() > 2 {
		t.Errorf("%d connections, want at most 2", conns())
	}
	base.CloseIdleConnections()
	srv.Close()
	goleak.VerifyNone(t, running)
}

// The body of a success is in memory when Do returns, and its buffer comes back
// with Close.
func TestSuccessBody(t *testing.T) {
	t.Parallel()
	srv, _ := serve(t, reply(200, `{"data":[1]}`))
	d := newDoer(t, WithBaseURL(srv.URL))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+sleepPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := d.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, ok := resp.Body.(*transport.Body)
	if !ok || string(body.Bytes()) != `{"data":[1]}` {
		t.Errorf("body is %T %v", resp.Body, resp.Body)
	}
	if resp.Request.Header.Get("Authorization") != "" {
		t.Error("the response shows its caller the credential")
	}
}

// A context that ends is the error, whatever was known before, and matches itself.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		status  int
	}{
		{"in flight", slow, 0},
		{"in the body", slowBody, 200},
		{"waiting after a 429", reply(429, "", "Retry-After: 100"), 429},
		{"waiting after a 503", reply(503, "", "Retry-After: 100"), 503},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			arrived := make(chan struct{}, 10)
			srv, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				arrived <- struct{}{}
				tt.handler(w, r)
			})
			ctx, cancel := context.WithCancelCause(t.Context())
			reason := fmt.Errorf("shutting down")
			d := newDoer(t, WithBaseURL(srv.URL), WithHook(func(_ context.Context, a Attempt) {
				if a.RetryIn > 0 {
					cancel(reason) // the wait is about to begin
				}
			}))
			go func() {
				<-arrived
				if strings.HasPrefix(tt.name, "in ") {
					cancel(reason)
				}
			}()
			e := wantError(t, get(ctx, d), ErrContextEnded)
			if tt.status != e.StatusCode && tt.status != 200 { // the header may not have come
				t.Errorf("status %d, want %d", e.StatusCode, tt.status)
			}
			if !errors.Is(e, context.Canceled) || !errors.Is(e, reason) {
				t.Errorf("%v does not match context.Canceled and its cause", e)
			}
		})
	}
}
