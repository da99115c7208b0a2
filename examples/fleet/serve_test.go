package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/webhook"
)

// opened is a process of all roles, with a schema and a stream of its own, that runs nothing yet.
func opened(t *testing.T, flags ...string) *fleet {
	t.Helper()
	name := "fleet_test_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	flags = append(flags, "-stream", name, "-schema", name, "-stream-bytes", "1048576")
	cfg, err := parse(slices.Concat([]string{"local"}, flags, engines(t)),
		func(string) string { return "" }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	cfg.role, cfg.clientID, cfg.clientSecret, cfg.verificationToken = roleAll, "id", "client-secret", "verification-token"
	drop, err := makeSchema(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	f, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	return f
}

func answer(t *testing.T, h http.Handler, r *http.Request, want int) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != want {
		t.Errorf("%s %s: %d, want %d", r.Method, r.URL, w.Code, want)
	}
	return w.Body.String()
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	f := opened(t)
	running, stop := context.WithCancel(t.Context())
	defer stop()
	handler := f.adminHandler(running)
	get := func(path string, want int) string {
		t.Helper()
		return answer(t, handler, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil), want)
	}
	get("/healthz", http.StatusOK)
	get("/readyz", http.StatusOK)
	metrics := get("/metrics", http.StatusOK)
	for _, want := range []string{"fleet_events_waiting 0\n", "fleet_events_under_way 0\n", "fleet_limiter_redis_away 0\n", "go_goroutines "} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no metric %q", want)
		}
	}
	stop()
	get("/healthz", http.StatusOK)
	if body := get("/readyz", http.StatusServiceUnavailable); body != "not ready\n" {
		t.Errorf("it says %q", body)
	}

	if err := f.dropStream(); err != nil {
		t.Fatal(err)
	}
	handler = f.adminHandler(t.Context())
	get("/readyz", http.StatusServiceUnavailable)
}

// Oura hears 200 when JetStream has the event, and not before.
func TestReceive(t *testing.T) {
	t.Parallel()
	f := opened(t)
	handler := f.webHandler()
	deliver := func(id, key string, want int) {
		t.Helper()
		body := `{"event_type":"create","data_type":"sleep","object_id":"` + id + `","event_time":"2026-03-01T08:00:00Z","user_id":"ann"}`
		at := strconv.FormatInt(time.Now().UnixMilli(), 10)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/oura", strings.NewReader(body))
		r.Header.Set(webhook.TimestampHeader, at)
		r.Header.Set(webhook.SignatureHeader, webhook.Sign(key, at, []byte(body)))
		answer(t, handler, r, want)
	}
	stored := func(want uint64) {
		t.Helper()
		waiting, _, err := f.events.depth(t.Context())
		if err != nil || waiting != want {
			t.Errorf("%d events are stored, %v, want %d", waiting, err, want)
		}
	}
	deliver("a", "client-secret", http.StatusOK)
	deliver("a", "client-secret", http.StatusOK) // a repetition
	deliver("b", "client-secret", http.StatusOK)
	deliver("c", "another", http.StatusUnauthorized)
	stored(2)
	if err := f.dropStream(); err != nil {
		t.Fatal(err)
	}
	deliver("d", "client-secret", http.StatusInternalServerError)
}
