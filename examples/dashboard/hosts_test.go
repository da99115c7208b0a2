package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

func TestOtherHostsAreRefused(t *testing.T) {
	t.Parallel()
	a := newApp(t.TempDir())
	a.host = "Ring.example"
	a.callback = &oauth.Callback{Config: &oauth2.Config{RedirectURL: "https://front.example:8443/callback"}}
	handler := a.ownHosts(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for host, want := range map[string]int{
		"localhost:8910":       http.StatusOK,
		"LOCALHOST":            http.StatusOK,
		"127.0.0.1:8910":       http.StatusOK,
		"192.168.1.7:8910":     http.StatusOK,
		"[::1]:8910":           http.StatusOK,
		"[::1]":                http.StatusOK,
		"ring.example:8910":    http.StatusOK,
		"front.example":        http.StatusOK,
		"rebound.example":      http.StatusMisdirectedRequest,
		"rebound.example:8910": http.StatusMisdirectedRequest,
		"localhost.example":    http.StatusMisdirectedRequest,
		"127.0.0.1.example":    http.StatusMisdirectedRequest,
		"":                     http.StatusMisdirectedRequest,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Host = host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q: %d, want %d", host, w.Code, want)
		}
	}
}

func TestPagesAreForOwnHosts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Host = "rebound.example"
	w := httptest.NewRecorder()
	s.routes().ServeHTTP(w, r)
	if w.Code != http.StatusMisdirectedRequest {
		t.Errorf("a page by another name: %d, want %d", w.Code, http.StatusMisdirectedRequest)
	}
}
