package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

func TestAuthCodeURL(t *testing.T) {
	t.Parallel()
	for _, redirect := range []string{"https://app.test/callback", "https://app.test/callback/", "http://LOCALHOST:80/a%2Fb/?x=1"} {
		cfg := config(fakeOrigin)
		cfg.RedirectURL = redirect
		address, state := oauth.AuthCodeURL(cfg, oauth2.S256ChallengeOption("v"))
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if q.Get("redirect_uri") != redirect || q.Get("state") != state || len(state) < 26 || q.Get("code_challenge") == "" ||
			q.Get("scope") != strings.Join(cfg.Scopes, " ") || q.Get("response_type") != "code" {
			t.Errorf("not the address of a consent to %s", redirect)
		}
		if _, again := oauth.AuthCodeURL(cfg); again == state {
			t.Error("two states are the same")
		}
	}
}

func TestCallbackCode(t *testing.T) {
	t.Parallel()
	denied := &oauth.ConsentError{Code: "access_denied", Description: "no thanks"}
	tests := []struct {
		name, query, state string
		err                error
	}{
		{"good", "code=c&state=s", "s", nil},
		{"forged state", "code=c&state=x", "s", oauth.ErrState},
		{"shorter state", "code=c&state=s", "ss", oauth.ErrState},
		{"no state", "code=c", "s", oauth.ErrState},
		{"empty states", "code=c&state=", "", oauth.ErrState},
		{"nothing was sent", "code=c&state=s", "", oauth.ErrState},
		{"two states", "code=c&state=s&state=x", "s", oauth.ErrState},
		{"bad query", "code=c&state=s&%zz", "s", oauth.ErrState},
		{"denied", "error=access_denied&error_description=no+thanks&state=s", "s", oauth.ErrConsentDenied},
		{"denied by a stranger", "error=access_denied&state=x", "s", oauth.ErrState},
		{"no code", "state=s", "s", oauth.ErrNoCode},
		{"empty code", "code=&state=s", "s", oauth.ErrNoCode},
		{"two codes", "code=a&code=b&state=s", "s", oauth.ErrNoCode},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, err := oauth.CallbackCode(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/callback?"+test.query, nil), test.state)
			if !errors.Is(err, test.err) || (code == "c") != (test.err == nil) {
				t.Errorf("CallbackCode() = %q, %v, want %v", code, err, test.err)
			}
			if got, ok := errors.AsType[*oauth.ConsentError](err); ok && *got != *denied {
				t.Errorf("%v, want %v", got, denied)
			}
		})
	}
	_, err := oauth.CallbackCode(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?state=s&error=server_error&error_description="+url.QueryEscape(strings.Repeat("long\r\n", 1e4)), nil), "s")
	if errors.Is(err, oauth.ErrConsentDenied) || len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("%v is not fit for a log", err)
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleAutoDetect, oauth2.AuthStyleInParams, oauth2.AuthStyleInHeader} {
		s := newService()
		s.scope = "extapi:daily"
		cfg := config(fakeOrigin)
		cfg.Endpoint.AuthStyle = style
		s.codes["c"] = url.Values{"redirect_uri": {cfg.RedirectURL}, "code_challenge": {oauth2.S256ChallengeFromVerifier("v")}}
		token, err := oauth.Exchange(s.context(t), cfg, "c", oauth2.VerifierOption("v"))
		if err != nil {
			t.Fatal(err)
		}
		if token.AccessToken != accessToken(1) || token.RefreshToken != refreshToken(1) || token.Extra("token_url") != cfg.Endpoint.TokenURL {
			t.Error("not the token of the code")
		}
		// The smaller grant is visible at once.
		if missing := oauth.MissingScopes(token, cfg.Scopes...); len(missing) != len(cfg.Scopes)-1 {
			t.Errorf("missing %v", missing)
		}
		if inBody := s.tokenRequests[0].Get("client_secret") != ""; inBody == (style == oauth2.AuthStyleInHeader) {
			t.Errorf("AuthStyle %d: the secret in the body: %t", style, inBody)
		}
	}
	s := newService()
	if _, err := oauth.Exchange(s.context(t), config(fakeOrigin), ""); !errors.Is(err, oauth.ErrNoCode) {
		t.Errorf("no code: %v", err)
	}
	if _, err := oauth.Exchange(s.context(t), nil, "c"); err == nil {
		t.Error("no configuration: no error")
	}
	if s.requests() != 0 {
		t.Errorf("%d requests, want 0", s.requests())
	}
	ctx, cancel := context.WithCancel(s.context(t))
	cancel()
	if _, err := oauth.Exchange(ctx, config(fakeOrigin), "c"); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

// A refused exchange and a refused refresh are one request over a real network
// too, on connections that are kept or that break.
func TestOneRequestOverANetwork(t *testing.T) {
	t.Parallel()
	tests := map[string]http.HandlerFunc{
		"refused": func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusUnauthorized, "invalid_client") },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		},
		"broken": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"torn": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"access_token":"a",`))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"torn at once": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	}
	for name, handler := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1) == 1 && !r.Close {
					t.Error("the connection of the SDK's own client is kept, and the next request may meet it stale")
				}
				handler(w, r)
			}))
			defer server.Close()
			if _, err := oauth.Exchange(t.Context(), config(server.URL), "c"); err == nil {
				t.Error("Exchange: no error")
			}
			store := newRecorder(t, &oauth2.Token{RefreshToken: "r"})
			ctx := context.WithValue(t.Context(), oauth2.HTTPClient, server.Client())
			ts, err := oauth.NewTokenSource(ctx, config(server.URL), store)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ts.Token(); err == nil || store.saved() != 0 {
				t.Errorf("Token: %v, %d saves", err, store.saved())
			}
			if requests.Load() != 2 {
				t.Errorf("%d requests, want one each", requests.Load())
			}
		})
	}
}

// An answer that breaks off after both tokens is a rotation that is not lost.
func TestTornAnswerWithBothTokens(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"access_token":"new","refresh_token":"rotated","scope":"dai`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	store := newRecorder(t, &oauth2.Token{RefreshToken: "r"})
	ts, err := oauth.NewTokenSource(t.Context(), config(server.URL), store)
	if err != nil {
		t.Fatal(err)
	}
	if token, err := ts.Token(); err != nil || token.AccessToken != "new" || load(t, store).RefreshToken != "rotated" {
		t.Errorf("Token() = %v, want the rotation", err)
	}
}

func TestRetryAfterAsADate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.answer = func(w http.ResponseWriter, _ url.Values) {
			w.Header().Set("Retry-After", time.Now().Add(90*time.Second).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusTooManyRequests)
		}
		_, err := oauth.Exchange(s.context(t), config(fakeOrigin), "c")
		if refused, ok := errors.AsType[*oauth.TokenError](err); !ok || refused.RetryAfter != 90*time.Second {
			t.Errorf("%v, want to wait 90 s", err)
		}
	})
}
