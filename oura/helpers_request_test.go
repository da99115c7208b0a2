package oura

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

const (
	sleepPath  = "/v2/usercollection/sleep"
	testToken  = "tok-3f1c7a55e0"
	testSecret = "app-s3cr3t-91b2"
)

// roundTripper answers without a network, which also keeps it inside a
// testing/synctest bubble.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
		_, _ = io.Copy(io.Discard, r.Body)
	}
	resp, err := f(r)
	if resp != nil {
		resp.Request = r
	}
	return resp, err
}

// answer makes a response; header is "Name: value" pairs.
func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		h.Set(name, value)
	}
	return &http.Response{
		StatusCode: status, Header: h, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// step is one answer of a script.
type step func() (*http.Response, error)

// script answers the n-th request with the n-th response, the last one for ever.
func script(t testing.TB, answers ...step) (roundTripper, func() int) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	return func(*http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			f := answers[min(n, len(answers)-1)]
			n++
			return f()
		}, func() int {
			mu.Lock()
			defer mu.Unlock()
			return n
		}
}

func says(status int, body string, header ...string) step {
	return func() (*http.Response, error) { return answer(status, body, header...), nil }
}

func fails(err error) step {
	return func() (*http.Response, error) { return nil, err }
}

func over(rt http.RoundTripper) Option { return WithHTTPClient(&http.Client{Transport: rt}) }

// newDoer is the request path of a client with the options, and a static token
// unless they bring another.
func newDoer(t testing.TB, opts ...Option) *core {
	t.Helper()
	c, err := newConfig(append([]Option{WithAccessToken(testToken)}, opts...))
	if err != nil {
		t.Fatal(err)
	}
	return newCore(c)
}

// send does one request and closes its answer.
func send(ctx context.Context, d *core, method, path string, body ...string) error {
	var r io.Reader
	if len(body) > 0 {
		r = strings.NewReader(body[0])
	}
	req, err := http.NewRequestWithContext(ctx, method, d.cfg.origin+path, r)
	if err != nil {
		return err
	}
	resp, err := d.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func get(ctx context.Context, d *core) error { return send(ctx, d, http.MethodGet, sleepPath) }

// wantError checks the contract of all errors: an *Error, exactly one sentinel.
func wantError(t testing.TB, err, sentinel error) *Error {
	t.Helper()
	if sentinel == nil {
		if err != nil {
			t.Fatalf("got error %v, want none", err)
		}
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want an *Error", err, err)
	}
	for _, s := range sentinels {
		if errors.Is(err, s) != errors.Is(s, sentinel) {
			t.Fatalf("errors.Is(err, %v) = %t; want %v alone to match\nerror: %v", s, errors.Is(err, s), sentinel, err)
		}
	}
	return e
}

// wantKind is wantError for those who do not look closer.
func wantKind(t testing.TB, err, sentinel error) {
	t.Helper()
	_ = wantError(t, err, sentinel)
}

func wantSuccess(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %v, want none", err)
	}
}

// tokens is a token source of a fixed sequence; the last stays.
type tokens struct {
	mu    sync.Mutex
	list  []string
	calls int
}

func (s *tokens) Token() (*oauth2.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.list[min(s.calls, len(s.list)-1)]
	s.calls++
	return &oauth2.Token{AccessToken: t}, nil
}

// refresher is a Refresher that makes token-1, token-2 and so on.
type refresher struct {
	mu        sync.Mutex
	n         int
	refreshes int
	err       error
	slow      time.Duration
}

func (r *refresher) Token() (*oauth2.Token, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &oauth2.Token{AccessToken: fmt.Sprintf("token-%d", r.n)}, nil
}

func (r *refresher) Refresh(ctx context.Context, _ *oauth2.Token) (*oauth2.Token, error) {
	r.mu.Lock()
	r.refreshes++
	r.mu.Unlock()
	if r.slow > 0 {
		select {
		case <-time.After(r.slow):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return nil, r.err
	}
	r.n++
	return &oauth2.Token{AccessToken: fmt.Sprintf("token-%d", r.n)}, nil
}

// serve starts a server and returns its URL and its number of connections.
func serve(t testing.TB, h http.HandlerFunc) (srv *httptest.Server, conns func() int) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	srv = httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = discardLog
	srv.Config.ConnState = countNew(&mu, &n)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv, func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

var discardLog = log.New(io.Discard, "", 0)

func countNew(mu *sync.Mutex, n *int) func(net.Conn, http.ConnState) {
	return func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			mu.Lock()
			*n++
			mu.Unlock()
		}
	}
}
