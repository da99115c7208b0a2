package oura_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"golang.org/x/time/rate"

	"github.com/oura-go/sdk/oura"
)

// script is a service in memory: no listener and no goroutine of its own, so that it works under fake time too.
type script struct {
	handler http.HandlerFunc

	mu   sync.Mutex
	urls []*url.URL
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.urls = append(s.urls, r.URL)
	s.mu.Unlock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	s.handler(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// requests returns the URLs asked for until now.
func (s *script) requests() []*url.URL {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*url.URL(nil), s.urls...)
}

// scripted returns a client of the script, without a rate limit.
func scripted(t testing.TB, handler http.HandlerFunc, opts ...oura.Option) (*oura.Client, *script) {
	t.Helper()
	s := &script{handler: handler}
	all := append([]oura.Option{
		oura.WithAccessToken("test-token"),
		oura.WithHTTPClient(&http.Client{Transport: s}),
		oura.WithLimiter(rate.NewLimiter(rate.Inf, 1)),
		oura.WithRetry(oura.NoRetry),
	}, opts...)
	c, err := oura.NewClient(all...)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// pageJSON writes a page of raw documents.
func pageJSON(next string, docs ...string) string {
	data := make([]json.RawMessage, len(docs))
	for i, d := range docs {
		data[i] = json.RawMessage(d)
	}
	page := map[string]any{"data": data, "next_token": nil}
	if next != "" {
		page["next_token"] = next
	}
	b, err := json.Marshal(page)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// sleepDay is a daily sleep document.
func sleepDay(id, day string) string {
	return fmt.Sprintf(`{"id":%q,"day":%q,"score":80,"contributors":{},"timestamp":"%sT00:00:00+02:00"}`, id, day, day)
}

// pages answers the token "" with the first page, "1" with the second, and so on.
func pages(pages ...[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n := 0
		if t := r.URL.Query().Get("next_token"); t != "" {
			if _, err := fmt.Sscan(t, &n); err != nil || n >= len(pages) {
				answer(w, http.StatusBadRequest, `{"detail":"Invalid token."}`)
				return
			}
		}
		next := ""
		if n+1 < len(pages) {
			next = fmt.Sprint(n + 1)
		}
		answer(w, http.StatusOK, pageJSON(next, pages[n]...))
	}
}

func date(s string) oura.Date {
	d, err := oura.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// ids ranges over a listing of daily sleep and returns the ids, and for an error its text.
func ids(ctx context.Context, c *oura.Client, opts ...oura.DocumentOption) (got []string, err error) {
	for d, e := range c.DailySleep.List(ctx, opts...) {
		if e != nil {
			return got, e
		}
		got = append(got, d.ID)
	}
	return got, nil
}

// everyCollection lists the collections of a client that sends nothing.
func everyCollection() []oura.Collection {
	c, err := oura.NewClient(oura.WithSandbox())
	if err != nil {
		panic(err)
	}
	return c.Collections()
}
