package oura

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A connection that fails says in its first words what to check.
func TestConnectionErrorsSayWhatToCheck(t *testing.T) {
	t.Parallel()
	fails := func(err error) *http.Client {
		return &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, err })}
	}
	withTLS := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(withTLS.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	quiet := log.New(io.Discard, "", 0)
	withTLS.Config.ErrorLog, plain.Config.ErrorLog = quiet, quiet
	for _, tt := range []struct {
		name   string
		client *http.Client
		origin string
		want   []string
	}{
		{"no network", fails(&net.OpError{Op: "dial", Err: &net.DNSError{Name: "api.ouraring.com", Err: "server misbehaving", IsTemporary: true}}), "", []string{"check the network and DNS", "api.ouraring.com"}},
		{"no such host", fails(&net.OpError{Op: "dial", Err: &net.DNSError{Name: "api.example.com", Err: "no such host", IsNotFound: true}}), "", []string{"check the base URL, the network and DNS", "api.example.com"}},
		{"nobody listens", &http.Client{Transport: &http.Transport{}}, "http://127.0.0.1:1", []string{"check the network, the base URL", "127.0.0.1:1"}},
		{"no proxy", &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "127.0.0.1:1", User: url.UserPassword("u", "hidden")})}}, "https://api.ouraring.com", []string{"check the proxy (HTTPS_PROXY"}},
		{"unknown certificate", &http.Client{Transport: &http.Transport{}}, withTLS.URL, []string{"check the base URL, the clock, and any proxy that reads TLS"}},
		{"no TLS", &http.Client{Transport: &http.Transport{}}, "https" + strings.TrimPrefix(plain.URL, "http"), []string{"TLS"}},
		{"alert", fails(tls.AlertError(40)), "", []string{"TLS"}},
		{"timeout", fails(&net.OpError{Op: "read", Err: timeoutError{}}), "", []string{"check the network and any proxy, or raise WithTimeout", "api.ouraring.com"}},
		{"broken off", fails(io.EOF), "", []string{"check the network and any proxy: no response from"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDoer(t, WithHTTPClient(tt.client), WithRetry(NoRetry), WithBaseURL(orElse(tt.origin, defaultOrigin)))
			t.Cleanup(d.cfg.httpClient.CloseIdleConnections)
			e := wantError(t, get(t.Context(), d), ErrServer)
			text, first := e.Error(), "oura: no usable response: "+tt.want[0]
			if tt.want[0] == "TLS" {
				first = "oura: no usable response: check the base URL, the clock"
			}
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q does not say %q", text, want)
				}
			}
			if !strings.HasPrefix(text, first) || !strings.Contains(text, ": GET "+sleepPath) || e.Detail == "" || e.StatusCode != 0 {
				t.Errorf("%q does not begin with %q, or does not name the request", text, first)
			}
			if strings.Contains(text, "hidden") || errors.Unwrap(errors.Unwrap(e)) != nil {
				t.Errorf("%q shows the proxy's password", text)
			}
		})
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// A loop that tries again on ErrServer and ErrRateLimited comes to its end with its context, whenever that ends.
func TestLoopsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, 429, 503} {
		for _, after := range []time.Duration{0, 1, time.Second, 90 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				rt, requests := script(t, says(status, "", "Retry-After: 2"))
				if status == 0 {
					rt = roundTripper(never)
				}
				d := newDoer(t, over(rt), WithRetry(RetryPolicy{MaxRetryAfter: time.Hour}))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if after == 0 {
					cancel()
				}
				time.AfterFunc(after, cancel)
				tries := 0
				var err error
				for tries < 1000 {
					tries++
					err = get(ctx, d)
					if !errors.Is(err, ErrServer) && !errors.Is(err, ErrRateLimited) {
						break
					}
				}
				wantKind(t, err, ErrContextEnded)
				if !errors.Is(err, context.Canceled) || tries == 1000 {
					t.Errorf("status %d, canceled after %v: %d tries, %d requests, %v", status, after, tries, requests(), err)
				}
			})
		}
	}
}
