package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// What package oura asks of a token source, without importing it.
var (
	_ oauth2.TokenSource = (*oauth.TokenSource)(nil)
	_ interface {
		TokenContext(ctx context.Context) (*oauth2.Token, error)
		Refresh(ctx context.Context, rejected *oauth2.Token) (*oauth2.Token, error)
	} = (*oauth.TokenSource)(nil)
)

func TestTokenOfAValidGrantNeedsNoRequestAndNoLock(t *testing.T) {
	t.Parallel()
	s := newService()
	store := newRecorder(t, s.current(time.Now().Add(time.Hour)))
	store.lockErr = errDisk // as on a read-only file system
	ts := newSource(t, s, store)
	for range 3 {
		token, err := ts.Token()
		if err != nil || token.AccessToken != accessToken(1) {
			t.Fatalf("Token() = %v, want the stored one", err)
		}
		token.AccessToken = "written by a caller"
	}
	if s.requests() != 0 || store.loads != 1 {
		t.Errorf("%d requests and %d loads, want 0 and 1", s.requests(), store.loads)
	}
}

func TestRefreshOfAnExpiredGrant(t *testing.T) {
	t.Parallel()
	s := newService()
	old := expiredGrant(s).WithExtra(map[string]any{"scope": "extapi:daily extapi:spo2Daily"})
	store := newRecorder(t, old)
	s.after = func(*http.Request) {
		if store.saved() != 0 {
			t.Error("saved before the answer")
		}
	}
	token, err := newSource(t, s, store).TokenContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if token.AccessToken != accessToken(2) || token.RefreshToken != refreshToken(2) || token.ExpiresIn != 86400 {
		t.Error("not the answer's token")
	}
	if got := time.Until(token.Expiry); got < 23*time.Hour || got > 24*time.Hour {
		t.Errorf("expires in %s, want a day", got)
	}
	if got, want := fmt.Sprint(oauth.GrantedScopes(token)), "[daily spo2]"; got != want {
		t.Errorf("scopes %s, want %s: an answer without scope keeps the old one", got, want)
	}
	if got := encoded(t, load(t, store)); got != encoded(t, token) {
		t.Error("the store does not hold what was handed out")
	}
	if got := load(t, store).Extra("token_url"); got != fakeOrigin+"/oauth/token" {
		t.Errorf("token_url = %v", got)
	}
	form := s.tokenRequests[0]
	want := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {refreshToken(1)},
		"client_id": {clientID}, "client_secret": {clientSecret},
	}
	if form.Encode() != want.Encode() {
		t.Errorf("sent the keys %d, want exactly %d: credentials in the body", len(form), len(want))
	}
}

// A passing failure of an early refresh is no error; a mistake in the configuration
// is one.
// A program that asks all the time meets an endpoint that is down at once, once
// more, and then after waits that double. What the service says counts more.
func TestFiftyGoroutinesRefreshOnce(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"Token", "Refresh"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newService()
			old := expiredGrant(s)
			if how == "Refresh" {
				old = s.current(time.Now().Add(time.Hour))
			}
			ts := newSource(t, s, newRecorder(t, old))
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					token, err := ts.TokenContext(t.Context())
					if how == "Refresh" {
						token, err = ts.Refresh(t.Context(), old)
					}
					if err != nil || token.AccessToken != accessToken(2) {
						t.Errorf("%s: %v, want the new token", how, err)
						return
					}
					token.AccessToken = "written by a caller" // into a copy of their own
				})
			}
			wg.Wait()
			if s.requests() != 1 || s.reused() != 0 {
				t.Errorf("%d requests, %d reuses, want 1 and 0", s.requests(), s.reused())
			}
		})
	}
}

// Those who wait for a refresh that is refused share the refusal.
func TestRefusalIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.answer = func(w http.ResponseWriter, _ url.Values) { w.WriteHeader(http.StatusServiceUnavailable) }
		s.before = func(*http.Request) { time.Sleep(time.Second) }
		ts := newSource(t, s, newRecorder(t, expiredGrant(s)))
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := ts.Token()
				if refused, ok := errors.AsType[*oauth.TokenError](err); !ok || refused.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("%v, want a TokenError of 503", err)
				}
			})
		}
		wg.Wait()
		if s.requests() != 1 {
			t.Errorf("%d requests, want 1", s.requests())
		}
	})
}

// Another token is used to its end, though it would be refreshed early by who has it.
// A rival saves while this source waits for the lock: what was loaded before it is
// not trusted.
// A token that the service rejected is none to go on with when its refresh fails,
// however long it was to live.
func TestRejectedTokenIsNotHandedOutAgain(t *testing.T) {
	t.Parallel()
	s := newService()
	s.answer = func(w http.ResponseWriter, _ url.Values) { w.WriteHeader(http.StatusServiceUnavailable) }
	ts := newSource(t, s, newRecorder(t, s.current(time.Now().Add(time.Hour))))
	rejected, err := ts.Token()
	if err != nil {
		t.Fatal(err)
	}
	token, err := ts.Refresh(t.Context(), rejected)
	if refused, ok := errors.AsType[*oauth.TokenError](err); !ok || refused.StatusCode != http.StatusServiceUnavailable || token != nil {
		t.Errorf("Refresh() = %v, want the TokenError of the 503", err)
	}
}

func TestRejectedTokenThatIsYoungIsNotRefreshedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		store := newRecorder(t, expiredGrant(s))
		one, other := newSource(t, s, store), newSource(t, s, store)
		stale, err := other.Token()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		young, err := one.Refresh(t.Context(), stale)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(59 * time.Second)
		// Neither by who refreshed it, nor by who only took it from the store.
		if token, err := other.Refresh(t.Context(), stale); err != nil || token.AccessToken != young.AccessToken {
			t.Fatalf("the other source: %v, want the young token", err)
		}
		for name, ts := range map[string]*oauth.TokenSource{"one": one, "other": other} {
			if _, err := ts.Refresh(t.Context(), young); !errors.Is(err, oauth.ErrJustRefreshed) {
				t.Errorf("%s: %v, want ErrJustRefreshed", name, err)
			}
		}
		if s.requests() != 2 {
			t.Errorf("%d requests, want 2", s.requests())
		}
		time.Sleep(2 * time.Second)
		if token, err := one.Refresh(t.Context(), young); err != nil || token.AccessToken == young.AccessToken {
			t.Errorf("after a minute: %v, want another token", err)
		}
	})
}

func TestTokensThatCannotBeRefreshed(t *testing.T) {
	t.Parallel()
	elsewhere := func(token *oauth2.Token) *oauth2.Token {
		return token.WithExtra(map[string]any{"token_url": oauth.Moi.TokenURL})
	}
	tests := []struct {
		name   string
		stored *oauth2.Token
		left   time.Duration // none for a token that says no end
		err    error
	}{
		{"no token", nil, 0, oauth.ErrNoToken},
		{"expired, no refresh token", &oauth2.Token{AccessToken: "a"}, -time.Second, oauth.ErrReauthorize},
		{"soon expired, no refresh token", &oauth2.Token{AccessToken: "a"}, time.Minute, nil},
		{"no expiry", &oauth2.Token{AccessToken: "a", RefreshToken: "r"}, 0, nil},
		{"expired, of other endpoints", elsewhere(&oauth2.Token{AccessToken: "a", RefreshToken: "r"}), -time.Second, oauth.ErrWrongGrant},
		{"valid, of other endpoints", elsewhere(&oauth2.Token{AccessToken: "a"}), time.Hour, oauth.ErrWrongGrant},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.left != 0 {
				test.stored.Expiry = time.Now().Add(test.left) // not before: other tests may run for minutes in between
			}
			s := newService()
			_, err := newSource(t, s, newRecorder(t, test.stored)).Token()
			if !errors.Is(err, test.err) {
				t.Errorf("Token() = %v, want %v", err, test.err)
			}
			if s.requests() != 0 {
				t.Errorf("%d requests, want 0", s.requests())
			}
		})
	}
	t.Run("rejected, no refresh token", func(t *testing.T) {
		t.Parallel()
		token := &oauth2.Token{AccessToken: "a", Expiry: time.Now().Add(time.Hour)}
		if _, err := newSource(t, newService(), newRecorder(t, token)).Refresh(t.Context(), token); !errors.Is(err, oauth.ErrReauthorize) {
			t.Errorf("Refresh() = %v, want ErrReauthorize", err)
		}
	})
}

// The store held the only word on a grant that somebody without our lock renewed.
func TestDeadRefreshTokenIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newService()
	store := newRecorder(t, &oauth2.Token{AccessToken: "a", RefreshToken: "revoked", Expiry: time.Now().Add(-time.Hour)})
	ts := newSource(t, s, store)
	for range 5 {
		_, err := ts.Token()
		if !errors.Is(err, oauth.ErrReauthorize) {
			t.Fatalf("Token() = %v, want ErrReauthorize", err)
		}
	}
	if s.requests() != 1 {
		t.Errorf("%d requests, want 1", s.requests())
	}
	// The person consented again.
	if err := store.Save(t.Context(), expiredGrant(s)); err != nil {
		t.Fatal(err)
	}
	if token, err := ts.Token(); err != nil || token.AccessToken != accessToken(2) {
		t.Errorf("after a new consent: %v", err)
	}
	// Backups of dead grants were restored.
	current := &oauth2.Token{AccessToken: accessToken(2)}
	for _, restored := range []struct {
		refresh  string
		requests int
	}{{"revoked", 2}, {"revoked too", 3}, {"revoked", 3}, {"revoked too", 3}} {
		token := &oauth2.Token{AccessToken: "a", RefreshToken: restored.refresh, Expiry: time.Now().Add(-time.Hour)}
		if err := store.Save(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if _, err := ts.Refresh(t.Context(), current); !errors.Is(err, oauth.ErrReauthorize) || s.requests() != restored.requests {
			t.Errorf("with %q restored: %v, %d requests, want ErrReauthorize and %d", restored.refresh, err, s.requests(), restored.requests)
		}
	}
}

func TestLockThatCannotBeHad(t *testing.T) {
	t.Parallel()
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		s := newService()
		store := newRecorder(t, expiredGrant(s))
		store.lockErr = errDisk
		if _, err := newSource(t, s, store).Token(); !errors.Is(err, errDisk) {
			t.Errorf("Token() = %v, want the lock's error", err)
		}
		if s.requests() != 0 {
			t.Errorf("%d requests, want 0", s.requests())
		}
	})
	t.Run("hangs", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			store := newRecorder(t, expiredGrant(s))
			held, err := store.MemoryStore.Lock(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ts := newSource(t, s, store)
			start := time.Now()
			if _, err = ts.Token(); err == nil || time.Since(start) != time.Minute {
				t.Errorf("Token() = %v after %s, want an error after a minute", err, time.Since(start))
			}
			if s.requests() != 0 {
				t.Errorf("%d requests, want 0", s.requests())
			}
			if err := held.Unlock(); err != nil {
				t.Fatal(err)
			}
			if _, err := ts.Token(); err != nil {
				t.Error(err)
			}
		})
	})
}

// A store that panics frees those who wait.
func TestPanicOfAStore(t *testing.T) {
	t.Parallel()
	s := newService()
	ts := newSource(t, s, plainStore{nil})
	for range 2 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			_, _ = ts.Token()
		}()
	}
}

// exitingStore ends the goroutine that loads, as FailNow of a test does.
type exitingStore struct{ oauth.Store }

func (exitingStore) Load(context.Context) (*oauth2.Token, error) {
	runtime.Goexit()
	return nil, nil
}

// A store that ends its goroutine ends the caller's, and frees those who wait.
func TestExitOfAStore(t *testing.T) {
	t.Parallel()
	ts := newSource(t, newService(), exitingStore{})
	for range 2 {
		ended := make(chan bool)
		go func() {
			returned := false
			defer func() { ended <- !returned }()
			_, _ = ts.Token()
			returned = true
		}()
		if !<-ended {
			t.Error("Token() returned")
		}
	}
}

func TestNewTokenSourceRefuses(t *testing.T) {
	t.Parallel()
	change := func(f func(c *oauth2.Config)) *oauth2.Config {
		c := config(fakeOrigin)
		f(c)
		return c
	}
	store := oauth.NewMemoryStore()
	tests := []struct {
		name  string
		cfg   *oauth2.Config
		store oauth.Store
		opt   oauth.Option
	}{
		{"no configuration", nil, store, nil},
		{"no client id", change(func(c *oauth2.Config) { c.ClientID = "" }), store, nil},
		{"no token URL", change(func(c *oauth2.Config) { c.Endpoint.TokenURL = "" }), store, nil},
		{"relative token URL", change(func(c *oauth2.Config) { c.Endpoint.TokenURL = "/token" }), store, nil},
		{"other scheme", change(func(c *oauth2.Config) { c.Endpoint.TokenURL = "ftp://x/y" }), store, nil},
		{"auth style", change(func(c *oauth2.Config) { c.Endpoint.AuthStyle = 7 }), store, nil},
		{"no store", config(fakeOrigin), nil, nil},
		{"negative margin", config(fakeOrigin), store, oauth.WithEarlyRefresh(-1)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := oauth.NewTokenSource(t.Context(), test.cfg, test.store, test.opt); err == nil {
				t.Error("no error")
			}
		})
	}
}
