package oauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// fileStores are a plain one and a sealed one, both empty.
func fileStores(t *testing.T) map[string]*oauth.FileStore {
	folder := t.TempDir()
	return map[string]*oauth.FileStore{
		"plain":  oauth.NewFileStore(filepath.Join(folder, "plain.json")),
		"sealed": oauth.NewFileStore(filepath.Join(folder, "sealed.json"), oauth.WithSealing(make([]byte, 32))),
	}
}

// What is saved must load, whatever a response holds: characters that JSON escapes sixfold, in any of its keys.
func TestWhatIsSavedLoads(t *testing.T) {
	t.Parallel()
	sizes := []int{30 << 10, 300_000}
	if testing.Short() {
		sizes = sizes[1:]
	}
	for _, size := range sizes {
		for _, key := range []string{"access_token", "refresh_token", "scope", "token_type", "more"} {
			for _, char := range []string{"<", "\u2028"} {
				name := fmt.Sprintf("%d × %q in %s", size, char, key)
				answer := map[string]any{"access_token": "new", "refresh_token": "rotated", "expires_in": 3600}
				answer[key] = strings.Repeat(char, size)
				s := newService()
				s.answer = func(w http.ResponseWriter, _ url.Values) { _ = json.NewEncoder(w).Encode(answer) }
				for kind, store := range fileStores(t) {
					if err := store.Save(t.Context(), expiredGrant(s)); err != nil {
						t.Fatal(err)
					}
					token, err := newSource(t, s, store).Token()
					if unsaved, ok := errors.AsType[*oauth.SaveError](err); ok {
						t.Errorf("%s, %s: %v", name, kind, unsaved)
					}
					stored, loadErr := store.Load(t.Context())
					switch {
					case loadErr != nil:
						t.Errorf("%s, %s: what was saved does not load: %v", name, kind, loadErr)
					case err == nil && stored.AccessToken != token.AccessToken:
						t.Errorf("%s, %s: the store does not hold what was handed out", name, kind)
					case err != nil && stored.RefreshToken != refreshToken(1) && stored.RefreshToken != "rotated":
						t.Errorf("%s, %s: the store holds %.40q", name, kind, stored.RefreshToken)
					}
					if token != nil && len(fmt.Sprint(token.Extra("more"), token.Extra("scope"), token.Extra("token_type"))) > 100<<10 {
						t.Errorf("%s, %s: the token keeps all of it", name, kind)
					}
				}
			}
		}
	}
}

// Of a large response the tokens are taken, and nothing that nobody knows.
func TestLargeAnswer(t *testing.T) {
	t.Parallel()
	s := newService()
	s.answer = func(w http.ResponseWriter, _ url.Values) {
		_, _ = fmt.Fprintf(w, `{"access_token":"new","refresh_token":"rotated","scope":"extapi:daily","junk":[%s{}]}`, strings.Repeat("{},", 20_000))
	}
	token, err := newSource(t, s, newRecorder(t, expiredGrant(s))).Token()
	if err != nil || token.AccessToken != "new" || token.Extra("junk") != nil || len(oauth.GrantedScopes(token)) != 1 {
		t.Errorf("%v, want the new token with its scope and without junk", err)
	}
	s.answer = func(w http.ResponseWriter, _ url.Values) {
		_, _ = fmt.Fprint(w, `{"access_token":"newer","refresh_token":"rotated","junk":[{}]}`)
	}
	token, err = newSource(t, s, newRecorder(t, expiredGrant(s))).Token()
	if err != nil || token.Extra("junk") == nil {
		t.Errorf("%v, want every key of a response of the usual size", err)
	}
}

// A token that is longer than any is refused, and nothing of it is stored.
func TestTokenThatIsTooLong(t *testing.T) {
	t.Parallel()
	for key, kept := range map[string]string{"refresh_token": refreshToken(1), "access_token": "rotated"} {
		s := newService()
		answer := map[string]string{"access_token": "new", "refresh_token": "rotated"}
		answer[key] = strings.Repeat("x", 32<<10+1)
		s.answer = func(w http.ResponseWriter, _ url.Values) { _ = json.NewEncoder(w).Encode(answer) }
		store := newRecorder(t, expiredGrant(s))
		_, err := newSource(t, s, store).Token()
		if _, ok := errors.AsType[*oauth.TokenError](err); !ok {
			t.Errorf("%s: %v, want a TokenError", key, err)
		}
		if got := load(t, store).RefreshToken; got != kept {
			t.Errorf("%s: the store holds %.40q, want %q", key, got, kept)
		}
	}
}

// The longest token that can be taken fits into what is stored, with the most that a stored token may have beside it;
// of one that has more, the refresh token is not sent.
func TestLargestTokenFits(t *testing.T) {
	t.Parallel()
	const long, most = 32 << 10, 1<<20 - 3*6*32<<10
	s := newService()
	s.answer = func(w http.ResponseWriter, _ url.Values) { // a form, in which control characters need no escape
		_, _ = fmt.Fprintf(w, "access_token=%s&refresh_token=%s&scope=%[2]s", strings.Repeat("a", long), strings.Repeat("\x01", long))
	}
	for _, over := range []int{0, 1} {
		for kind, store := range fileStores(t) {
			grant := func(room int) *oauth2.Token {
				data := fmt.Sprintf(`{"access_token":"a","refresh_token":"r","expiry":"2020-01-01T00:00:00Z","more":%q}`, strings.Repeat("x", room))
				token, err := oauth.DecodeToken([]byte(data))
				if err != nil {
					t.Fatal(err)
				}
				return token
			}
			bare := len(encoded(t, grant(0)))
			if err := store.Save(t.Context(), grant(most-bare+over)); err != nil {
				t.Fatal(err)
			}
			before := s.requests()
			token, err := newSource(t, s, store).Token()
			stored := load(t, store)
			switch {
			case over > 0:
				if err == nil || s.requests() != before || stored.RefreshToken != "r" {
					t.Errorf("%s: %v after %d requests, want an error and none", kind, err, s.requests()-before)
				}
			case err != nil || stored.AccessToken != token.AccessToken || len(stored.RefreshToken) != long || stored.Extra("more") == nil:
				t.Errorf("%s: %v, want the largest token stored whole", kind, err)
			}
		}
	}
}

func TestWriteRefusesWhatReadRefuses(t *testing.T) {
	t.Parallel()
	grant := func(size int) *oauth2.Token {
		return &oauth2.Token{AccessToken: "a", RefreshToken: strings.Repeat("<", size), Expiry: time.Unix(1, 0)}
	}
	bare := len(encoded(t, grant(0))) + len(`,"refresh_token":""`)
	for _, over := range []int{0, 1} {
		token := grant(1<<20 - bare + over)
		data, err := oauth.EncodeToken(token)
		if (err != nil) != (over > 0) {
			t.Errorf("%d bytes beyond 1 MiB: EncodeToken: %v", over, err)
		}
		if err == nil {
			_, err = oauth.DecodeToken(data)
		}
		if (err != nil) != (over > 0) {
			t.Errorf("%d bytes beyond 1 MiB: DecodeToken: %v", over, err)
		}
		for kind, store := range fileStores(t) {
			if err := store.Save(t.Context(), token); (err != nil) != (over > 0) {
				t.Errorf("%s, %d bytes beyond 1 MiB: Save: %v", kind, over, err)
			} else if _, loadErr := store.Load(t.Context()); err == nil && loadErr != nil {
				t.Errorf("%s: what was saved does not load: %v", kind, loadErr)
			}
		}
	}
	if _, err := oauth.DecodeToken([]byte(`{"access_token":"` + strings.Repeat("x", 1<<20) + `"}`)); err == nil {
		t.Error("DecodeToken takes more than 1 MiB")
	}
}
