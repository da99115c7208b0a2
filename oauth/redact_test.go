package oauth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

func jsonString(t testing.TB, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// rendered is v in every way that programs write a value into a log.
func rendered(v any) string {
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p"} {
		fmt.Fprintf(&b, verb+"\n", v)
		fmt.Fprintf(&b, verb+"\n", []any{v})
		fmt.Fprintf(&b, verb+"\n", struct{ V any }{v})
		fmt.Fprintf(&b, verb+"\n", struct{ v any }{v})
	}
	if j, err := json.Marshal(v); err == nil {
		b.Write(j)
	}
	if j, err := json.Marshal(map[string]any{"v": []any{v}}); err == nil {
		b.Write(j)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(h).Error("failed", "v", v, slog.Group("g", "v", v))
	}
	return b.String()
}

// assertNoSecret looks for secrets in v and in every error that it wraps.
func assertNoSecret(t testing.TB, v any, secrets ...string) {
	t.Helper()
	if v == nil {
		t.Error("there is no error to look at")
		return
	}
	text := rendered(v)
	for _, secret := range secrets {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), strings.Trim(fmt.Sprint([]byte(secret)), "[]")} {
			if strings.Contains(text, form) {
				t.Errorf("%T shows a secret: %s", v, text)
				return
			}
		}
	}
}

func TestNothingOfThisPackagePrintsASecret(t *testing.T) {
	t.Parallel()
	s := newService()
	token := s.current(time.Now().Add(time.Hour)).WithExtra(map[string]any{"scope": "daily"})
	key := []byte("0123456789abcdef0123456789abcdef")
	sealer, err := oauth.NewSealer(key, bytes.Repeat([]byte{'k'}, 32))
	if err != nil {
		t.Fatal(err)
	}
	store := oauth.NewMemoryStore()
	if err := store.Save(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	files := oauth.NewFileStore(t.TempDir()+"/token.json", oauth.WithSealing(key))
	locked, err := store.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fileLocked, err := files.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ts := newSource(t, s, store)
	if _, err := ts.Token(); err != nil {
		t.Fatal(err)
	}
	dead := newSource(t, s, newRecorder(t, &oauth2.Token{RefreshToken: "dead-refresh-token"}))
	_, deadErr := dead.Token()
	unsaved := &oauth.SaveError{Token: token, Err: errors.New("UPDATE grants SET t='" + token.RefreshToken + "'")}
	sources, err := oauth.NewSources(t.Context(), config(fakeOrigin), func(string) oauth.Store { return store })
	if err != nil {
		t.Fatal(err)
	}
	values := []any{
		sources, ts, *ts, dead, *dead, store, *store, files, sealer, *sealer, oauth.WithSealing(key), oauth.WithEarlyRefresh(1),
		locked, fileLocked, unsaved, &oauth.SaveError{}, fmt.Errorf("sync: %w", unsaved), deadErr,
		&oauth.Callback{Config: config(fakeOrigin)}, oauth.Cloud, oauth.WithPKCE(),
	}
	for _, v := range values {
		assertNoSecret(t, v, token.AccessToken, token.RefreshToken, clientSecret, string(key), "kkkkkkkk", "dead-refresh-token")
	}
	if text := fmt.Sprintf("%v %+v %#v", *unsaved, *unsaved, *unsaved); strings.Contains(text, token.RefreshToken) {
		t.Errorf("a copied SaveError shows a secret: %s", text)
	}
	if !errors.Is(unsaved, unsaved.Err) || unsaved.Error() == "" {
		t.Error("the store's error is not matchable")
	}
}

func TestErrorsOfStoredTokensShowNothingOfThem(t *testing.T) {
	t.Parallel()
	for _, stored := range []string{
		`{"access_token":"secret-access-token"`,
		`{"access_token":{"secret-access-token":1}}`,
		`{"access_token":"secret-access-token","expiry":"secret-access-token"}`,
		`"secret-access-token"`,
		`secret-access-token`,
		`{"access_token":"secret-access-token","version":99}`,
	} {
		_, err := oauth.DecodeToken([]byte(stored))
		assertNoSecret(t, err, "secret-access-token", "secret")
	}
}
