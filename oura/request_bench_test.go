package oura

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

func BenchmarkLimiterWait(b *testing.B) {
	ctx := b.Context()
	l := NewLimiter()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%490 == 0 {
			l.bucket = nil // full again: a wait that need not wait is what is measured
		}
		if err := l.Wait(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRequest compares the request path with what a program would do
// without it: net/http, the same server, the body read whole.
func BenchmarkRequest(b *testing.B) {
	page := `{"data":[` + strings.Repeat(`{"bpm":60,"source":"awake","timestamp":"2026-01-01T00:00:00Z"},`, 1000) + `{}],"next_token":null}`
	srv, _ := serve(b, reply(200, page))
	request := func(ctx context.Context, origin string) *http.Request {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+sleepPath, nil)
		if err != nil {
			b.Fatal(err)
		}
		return req
	}
	b.Run("net-http", func(b *testing.B) {
		hc := &http.Client{Transport: &http.Transport{}}
		defer hc.CloseIdleConnections()
		b.ReportAllocs()
		for b.Loop() {
			resp, err := hc.Do(request(b.Context(), srv.URL))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadAll(resp.Body); err != nil {
				b.Fatal(err)
			}
			_ = resp.Body.Close()
		}
	})
	b.Run("oura", func(b *testing.B) {
		base := &http.Transport{}
		defer base.CloseIdleConnections()
		d := newDoer(b, WithBaseURL(srv.URL), over(base), WithLimiter(waiterFunc(func(context.Context) error { return nil })))
		b.ReportAllocs()
		for b.Loop() {
			resp, err := d.Do(request(b.Context(), srv.URL))
			if err != nil {
				b.Fatal(err)
			}
			_ = resp.Body.Close()
		}
	})
	// Without a network, what is left is the path's own work.
	canned := roundTripper(func(*http.Request) (*http.Response, error) { return answer(200, `{}`), nil })
	b.Run("net-http-canned", func(b *testing.B) {
		hc := &http.Client{Transport: canned, Timeout: defaultTimeout}
		b.ReportAllocs()
		for b.Loop() {
			resp, err := hc.Do(request(b.Context(), defaultOrigin))
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
	})
	b.Run("oura-canned", func(b *testing.B) {
		d := newDoer(b, over(canned), WithLimiter(waiterFunc(func(context.Context) error { return nil })))
		b.ReportAllocs()
		for b.Loop() {
			resp, err := d.Do(request(b.Context(), defaultOrigin))
			if err != nil {
				b.Fatal(err)
			}
			_ = resp.Body.Close()
		}
	})
}
