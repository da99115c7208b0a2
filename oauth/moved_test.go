package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

const (
	oldOrigin = "https://old.test"
	oldURL    = oldOrigin + "/oauth/token"
	newURL    = fakeOrigin + "/oauth/token"
)

// ofOld is a grant that was refreshed at the old URL last, with a key that is somebody else's.
func ofOld(t testing.TB, token *oauth2.Token) *oauth2.Token {
	t.Helper()
	text := encoded(t, token.WithExtra(map[string]any{"token_url": oldURL, "scope": "daily"}))
	old, err := oauth.DecodeToken([]byte(strings.Replace(text, "{", `{"note":"theirs",`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return old
}

func TestMovedFrom(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, test := range []struct {
		name       string
		expiry     time.Time
		opts       []oauth.Option
		err        error
		requests   int
		store, url string // the refresh token and the URL in the store afterwards
	}{
		{"not named", now.Add(-time.Hour), nil, oauth.ErrWrongGrant, 0, refreshToken(1), oldURL},
		{"another is named", now.Add(-time.Hour), []oauth.Option{oauth.WithMovedFrom(oauth.Cloud.TokenURL)}, oauth.ErrWrongGrant, 0, refreshToken(1), oldURL},
		{"expired", now.Add(-time.Hour), []oauth.Option{oauth.WithMovedFrom(oauth.Cloud.TokenURL, oldURL)}, nil, 1, refreshToken(2), newURL},
		{"valid", now.Add(time.Hour), []oauth.Option{oauth.WithMovedFrom(oldURL)}, nil, 0, refreshToken(1), oldURL},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			store := newRecorder(t, ofOld(t, s.current(test.expiry)))
			if _, err := newSource(t, s, store, test.opts...).Token(); !errors.Is(err, test.err) {
				t.Errorf("Token() = %v, want %v", err, test.err)
			}
			got := load(t, store)
			if got.RefreshToken != test.store || got.Extra("token_url") != test.url || got.Extra("note") != "theirs" || got.Extra("scope") != "daily" {
				t.Errorf("the store holds %s, want %s of %s and all other keys", encoded(t, got), test.store, test.url)
			}
			if s.requests() != test.requests {
				t.Errorf("%d requests, want %d", s.requests(), test.requests)
			}
		})
	}
	for _, bad := range []string{"", "/oauth/token", "ftp://x.test/"} {
		if _, err := oauth.NewTokenSource(t.Context(), config(fakeOrigin), oauth.NewMemoryStore(), oauth.WithMovedFrom(bad)); err == nil {
			t.Errorf("WithMovedFrom(%q) is taken", bad)
		}
	}
}

// A refresh whose answer is not read leaves the token with the new URL: nobody sends it to the old one any more.
func TestTokenIsSentToOneURLOnly(t *testing.T) {
	t.Parallel()
	s := newService()
	s.answer = func(w http.ResponseWriter, _ url.Values) { w.WriteHeader(http.StatusBadGateway) }
	store := newRecorder(t, ofOld(t, expiredGrant(s)))
	if _, err := newSource(t, s, store, oauth.WithMovedFrom(oldURL)).Token(); err == nil {
		t.Fatal("a token")
	}
	old, err := oauth.NewTokenSource(s.context(t), config(oldOrigin), store)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Token(); !errors.Is(err, oauth.ErrWrongGrant) || s.requests() != 1 {
		t.Errorf("the old configuration: %v after %d requests, want ErrWrongGrant and one", err, s.requests())
	}
}

// What cannot be stored under the new URL is not sent there.
func TestGrantThatCannotBeTakenAlong(t *testing.T) {
	t.Parallel()
	for _, left := range []time.Duration{-time.Hour, time.Minute} {
		s := newService()
		store := newRecorder(t, ofOld(t, s.current(time.Now().Add(left))))
		store.saveErr = errDisk
		_, err := newSource(t, s, store, oauth.WithMovedFrom(oldURL)).Token()
		if left > 0 && err != nil || left < 0 && !errors.Is(err, errDisk) {
			t.Errorf("with %s left: Token() = %v", left, err)
		}
		if s.requests() != 0 {
			t.Errorf("%d requests, want 0", s.requests())
		}
	}
	t.Run("a store that goes back", func(t *testing.T) {
		t.Parallel()
		s := newService()
		store := forgetful{newRecorder(t, ofOld(t, expiredGrant(s)))}
		if _, err := newSource(t, s, store, oauth.WithMovedFrom(oldURL)).Token(); err == nil || s.requests() != 0 {
			t.Errorf("Token() = %v after %d requests, want an error and none", err, s.requests())
		}
	})
}

type forgetful struct{ oauth.Store }

func (forgetful) Save(context.Context, *oauth2.Token) error { return nil }

// A grant that could not be saved is not lost when the one that it replaced is moved meanwhile.
func TestUnsavedGrantIsMovedToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		store := newRecorder(t, expiredGrant(s))
		store.saveErr = errDisk
		ts := newSource(t, s, store)
		if _, err := ts.Token(); !errors.Is(err, errDisk) {
			t.Fatal(err)
		}
		moved := load(t, store).WithExtra(map[string]any{"token_url": oldURL})
		if err := store.MemoryStore.Save(t.Context(), moved); err != nil {
			t.Fatal(err)
		}
		store.set(func(r *recorder) { r.saveErr = nil })
		if _, err := ts.Token(); !errors.Is(err, oauth.ErrWrongGrant) {
			t.Errorf("Token() = %v, want ErrWrongGrant", err)
		}
		if got := load(t, store); got.RefreshToken != refreshToken(2) || got.Extra("token_url") != oldURL {
			t.Errorf("the store holds %s, want the new grant under the URL that it was moved to", encoded(t, got))
		}
	})
}

func TestDisconnectMoved(t *testing.T) {
	t.Parallel()
	s := newService()
	store := newRecorder(t, ofOld(t, s.current(time.Now().Add(time.Hour))))
	err := oauth.Disconnect(s.context(t), config(fakeOrigin), store, oauth.WithFamily(family(fakeOrigin)))
	if !errors.Is(err, oauth.ErrWrongGrant) {
		t.Errorf("Disconnect() = %v, want ErrWrongGrant", err)
	}
	err = oauth.Disconnect(s.context(t), config(fakeOrigin), store, oauth.WithMovedFrom(oldURL), oauth.WithFamily(family(fakeOrigin)))
	if err != nil || len(s.revocations) != 1 {
		t.Errorf("Disconnect() = %v and %d revocations", err, len(s.revocations))
	}
}
