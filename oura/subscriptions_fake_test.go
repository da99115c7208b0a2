package oura_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/oura-go/sdk/oura"
)

// subscriptionService keeps the subscriptions of one application in memory, as the service does: one for each pair, 409
// for a second, 403 for an unknown id.
type subscriptionService struct {
	mu       sync.Mutex
	subs     []map[string]string
	made     int
	requests []string // as "POST /v2/webhook/subscription", with ids
	last     struct {
		header http.Header
		body   string
	}

	// fault, if set, says what goes wrong with the n-th request, from 1. It is called without the lock.
	fault func(n int, r *http.Request) fault
}

// fault is one mishap; the zero value is none.
type fault struct {
	status int   // of the answer in place of the right one
	err    error // no answer at all
	body   string
	done   bool   // the request was carried out nevertheless
	after  string // Retry-After
}

func (s *subscriptionService) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+strings.TrimPrefix(r.URL.Path, subscriptionsPath))
	s.last.header, s.last.body = r.Header.Clone(), body
	n, check := len(s.requests), s.fault
	s.mu.Unlock()

	var f fault
	if check != nil {
		f = check(n, r)
	}
	w := httptest.NewRecorder()
	if f == (fault{}) || f.done {
		s.serve(w, r, body)
	}
	switch {
	case f.err != nil:
		return nil, f.err
	case f.status != 0:
		w = httptest.NewRecorder()
		if f.after != "" {
			w.Header().Set("Retry-After", f.after)
		}
		answer(w, f.status, f.body)
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func (s *subscriptionService) serve(w http.ResponseWriter, r *http.Request, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, ok := strings.CutPrefix(r.URL.Path, subscriptionsPath)
	if !ok {
		answer(w, http.StatusNotFound, `{"detail":"Not Found"}`)
		return
	}
	var in map[string]string
	if body != "" {
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			answer(w, http.StatusUnprocessableEntity, `{"detail":[]}`)
			return
		}
	}
	if path == "" {
		if r.Method == http.MethodGet {
			answer(w, http.StatusOK, jsonOf(s.subs))
			return
		}
		if s.taken(in["event_type"], in["data_type"]) {
			answer(w, http.StatusConflict, `{"detail":"Subscription already exists."}`)
			return
		}
		answer(w, http.StatusCreated, jsonOf(s.add(in["callback_url"], in["event_type"], in["data_type"], 90*24*time.Hour)))
		return
	}
	id, renew := strings.CutPrefix(path, "/renew")
	i := slices.IndexFunc(s.subs, func(sub map[string]string) bool { return "/"+sub["id"] == id })
	switch {
	case i < 0:
		answer(w, http.StatusForbidden, `{"detail":"Forbidden"}`)
	case renew:
		s.subs[i]["expiration_time"] = expiration(90 * 24 * time.Hour)
		answer(w, http.StatusOK, jsonOf(s.subs[i]))
	case r.Method == http.MethodDelete:
		s.subs = slices.Delete(s.subs, i, i+1)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPut:
		changed := in["event_type"] != s.subs[i]["event_type"] || in["data_type"] != s.subs[i]["data_type"]
		if changed && s.taken(in["event_type"], in["data_type"]) {
			answer(w, http.StatusConflict, `{"detail":"Subscription already exists."}`)
			return
		}
		for _, key := range []string{"callback_url", "event_type", "data_type"} {
			s.subs[i][key] = in[key]
		}
		answer(w, http.StatusOK, jsonOf(s.subs[i]))
	default:
		answer(w, http.StatusOK, jsonOf(s.subs[i]))
	}
}

func (s *subscriptionService) taken(event, data string) bool {
	return slices.ContainsFunc(s.subs, func(sub map[string]string) bool {
		return sub["event_type"] == event && sub["data_type"] == data
	})
}

func (s *subscriptionService) add(url, event, data string, left time.Duration) map[string]string {
	s.made++
	sub := map[string]string{
		"id": fmt.Sprintf("sub-%d", s.made), "callback_url": url, "event_type": event, "data_type": data,
		"expiration_time": expiration(left),
	}
	s.subs = append(s.subs, sub)
	return sub
}

// has adds a subscription for updates of a data type, with so much time left.
func (s *subscriptionService) has(t oura.DataType, url string, left time.Duration) {
	s.add(url, string(oura.EventTypeUpdate), string(t), left)
}

// stands lists what the service has, as "update sleep https://…".
func (s *subscriptionService) stands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, sub := range s.subs {
		all = append(all, sub["event_type"]+" "+sub["data_type"]+" "+sub["callback_url"])
	}
	slices.Sort(all)
	return all
}

func (s *subscriptionService) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// expiration is written as the service does: UTC, a fraction, no zone.
func expiration(left time.Duration) string {
	return time.Now().Add(left).UTC().Format("2006-01-02T15:04:05.000000")
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	if string(b) == "null" { // a slice that was never appended to
		return "[]"
	}
	return string(b)
}

// app returns a client of the application.
func (s *subscriptionService) app(t testing.TB, opts ...oura.Option) *oura.Client {
	t.Helper()
	c, err := oura.NewClient(append([]oura.Option{
		oura.WithAppCredentials(appID, appSecret),
		oura.WithHTTPClient(&http.Client{Transport: s}),
		oura.WithLimiter(rate.NewLimiter(rate.Inf, 1)),
		oura.WithRetry(oura.RetryPolicy{MinDelay: time.Nanosecond, MaxDelay: time.Nanosecond}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// failing makes the n-th request fail.
func failing(at int, f fault) func(int, *http.Request) fault {
	return func(n int, _ *http.Request) fault {
		if n == at {
			return f
		}
		return fault{}
	}
}
