package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

func TestRevoke(t *testing.T) {
	t.Parallel()
	both := &oauth2.Token{AccessToken: "a c", RefreshToken: "r"}
	credentials := func(v url.Values) url.Values {
		v.Set("client_id", clientID)
		v.Set("client_secret", clientSecret)
		return v
	}
	tests := []struct {
		name  string
		style oauth.RevokeStyle
		token *oauth2.Token
		query url.Values
		form  url.Values
	}{
		{"query", oauth.RevokeQuery, both, url.Values{"access_token": {"a c"}, "v": {"1"}}, url.Values{}},
		{"form", oauth.RevokeForm, both, url.Values{"v": {"1"}}, credentials(url.Values{"token": {"r"}, "token_type_hint": {"refresh_token"}})},
		{"form, no refresh token", oauth.RevokeForm, &oauth2.Token{AccessToken: "a"}, url.Values{"v": {"1"}}, credentials(url.Values{"token": {"a"}, "token_type_hint": {"access_token"}})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			f := family(fakeOrigin)
			f.RevokeURL += "?v=1"
			f.RevokeStyle = test.style
			if err := oauth.Revoke(s.context(t), config(fakeOrigin), test.token, oauth.WithFamily(f)); err != nil {
				t.Fatal(err)
			}
			r := s.revocations[0]
			if r.Method != http.MethodPost || len(s.revocations) != 1 {
				t.Errorf("%s, %d times", r.Method, len(s.revocations))
			}
			if diff := cmp.Diff(test.query, r.URL.Query()); diff != "" {
				t.Errorf("query (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.form, r.PostForm); diff != "" {
				t.Errorf("form (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRevokeAnswers(t *testing.T) {
	t.Parallel()
	refused := func(style oauth.RevokeStyle, token oauth2.Token, body string) error {
		s, f := newService(), family(fakeOrigin)
		s.revokeStatus, s.revokeBody, f.RevokeStyle = 401, body, style
		return oauth.Revoke(s.context(t), config(fakeOrigin), &token, oauth.WithFamily(f))
	}
	both := oauth2.Token{AccessToken: "a", RefreshToken: "r"}
	for name, err := range map[string]error{
		"wrong client":                   refused(oauth.RevokeForm, oauth2.Token{AccessToken: "a"}, `{"error":"invalid_client"}`),
		"the refresh token may live":     refused(oauth.RevokeQuery, both, ""),
		"about the access token alone":   refused(oauth.RevokeQuery, both, `{"error":"invalid_token"}`),
		"nobody knows what was refused":  refused(oauth.RevokeForm, both, "<html>"),
		"application must not revoke it": refused(oauth.RevokeForm, both, `{"error":"unauthorized_client"}`),
	} {
		if got, ok := errors.AsType[*oauth.TokenError](err); !ok || got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %v, want a TokenError", name, err)
		}
	}
	for status, done := range map[int]bool{200: true, 204: true, http.StatusUnauthorized: true, 307: false, 400: false, 403: false, 429: false, 503: false} {
		s := newService()
		s.revokeStatus = status
		err := oauth.Revoke(s.context(t), config(fakeOrigin), &oauth2.Token{AccessToken: "a"}, oauth.WithFamily(family(fakeOrigin)))
		if done && err != nil {
			t.Errorf("%d: %v, want it done", status, err)
		}
		if refused, ok := errors.AsType[*oauth.TokenError](err); !done && (!ok || refused.StatusCode != status) {
			t.Errorf("%d: %v, want a TokenError", status, err)
		}
	}
}

func TestRevokeRefuses(t *testing.T) {
	t.Parallel()
	s := newService()
	token := &oauth2.Token{AccessToken: "a", RefreshToken: "r"}
	change := func(f func(f *oauth.Family)) oauth.Family {
		fam := family(fakeOrigin)
		f(&fam)
		return fam
	}
	tests := []struct {
		name   string
		family oauth.Family
		cfg    *oauth2.Config
		token  *oauth2.Token
		err    error
	}{
		{"the other family", oauth.Cloud, config(fakeOrigin), token, oauth.ErrWrongGrant},
		{"a token of the other family", family(fakeOrigin), config(fakeOrigin), token.WithExtra(map[string]any{"token_url": oauth.Moi.TokenURL}), oauth.ErrWrongGrant},
		{"no token", family(fakeOrigin), config(fakeOrigin), nil, nil},
		{"empty token", family(fakeOrigin), config(fakeOrigin), &oauth2.Token{}, nil},
		{"no access token", change(func(f *oauth.Family) { f.RevokeStyle = oauth.RevokeQuery }), config(fakeOrigin), &oauth2.Token{RefreshToken: "r"}, nil},
		{"no configuration", family(fakeOrigin), nil, token, nil},
		{"no revoke URL", change(func(f *oauth.Family) { f.RevokeURL = "" }), config(fakeOrigin), token, nil},
		{"no such style", change(func(f *oauth.Family) { f.RevokeStyle = 9 }), config(fakeOrigin), token, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := oauth.Revoke(s.context(t), test.cfg, test.token, oauth.WithFamily(test.family))
			if err == nil || test.err != nil && !errors.Is(err, test.err) {
				t.Errorf("Revoke() = %v, want %v", err, test.err)
			}
			if len(s.revocations) != 0 {
				t.Error("something was sent")
			}
		})
	}
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		style       oauth.RevokeStyle
		stored      func(s *service) *oauth2.Token
		change      func(s *service, store *recorder)
		revocations int
		refreshes   int
		err         bool
		left        bool // the grant is still stored
	}{
		{name: "valid", style: oauth.RevokeQuery, stored: valid, revocations: 1},
		{name: "valid, form", style: oauth.RevokeForm, stored: valid, revocations: 1},
		{name: "expired is refreshed first", style: oauth.RevokeQuery, stored: expiredGrant, revocations: 1, refreshes: 1},
		{name: "expired, form", style: oauth.RevokeForm, stored: expiredGrant, revocations: 1},
		{name: "nothing stored", style: oauth.RevokeQuery},
		{name: "nothing stored, form", style: oauth.RevokeForm},
		{
			name: "dead", style: oauth.RevokeQuery, refreshes: 1,
			stored: func(*service) *oauth2.Token {
				return &oauth2.Token{AccessToken: "a", RefreshToken: "dead", Expiry: time.Now().Add(-time.Hour)}
			},
		},
		{
			name: "expired, no refresh token", style: oauth.RevokeQuery,
			stored: func(*service) *oauth2.Token {
				return &oauth2.Token{AccessToken: "a", Expiry: time.Now().Add(-time.Hour)}
			},
		},
		{
			name: "access and refresh token revoked already", style: oauth.RevokeQuery, revocations: 1, refreshes: 1,
			stored: func(*service) *oauth2.Token {
				return &oauth2.Token{AccessToken: "a", RefreshToken: "dead", Expiry: time.Now().Add(time.Hour)}
			},
			change: func(s *service, _ *recorder) { s.revokeStatus = 401 },
		},
		{
			name: "access token ended early", style: oauth.RevokeQuery, stored: valid, revocations: 2, refreshes: 1,
			change: func(s *service, _ *recorder) {
				s.revoked = func(r *http.Request) {
					s.revokeStatus = 401
					if r.URL.Query().Get("access_token") == accessToken(2) {
						s.revokeStatus = 200
					}
				}
			},
		},
		{
			name: "every access token is refused", style: oauth.RevokeQuery, stored: valid, revocations: 2, refreshes: 1, err: true, left: true,
			change: func(s *service, _ *recorder) { s.revokeStatus = 401 },
		},
		{
			name: "wrong client", style: oauth.RevokeForm, stored: valid, revocations: 1, err: true, left: true,
			change: func(s *service, _ *recorder) { s.revokeStatus, s.revokeBody = 401, `{"error":"invalid_client"}` },
		},
		{
			name: "in doubt", style: oauth.RevokeForm, stored: valid, revocations: 1, err: true, left: true,
			change: func(s *service, _ *recorder) { s.revokeStatus = 401 },
		},
		{
			name: "already revoked, form", style: oauth.RevokeForm, stored: valid, revocations: 1,
			change: func(s *service, _ *recorder) { s.revokeStatus, s.revokeBody = 401, `{"error":"invalid_token"}` },
		},
		{
			name: "200 with an error", style: oauth.RevokeForm, stored: valid, revocations: 1, err: true, left: true,
			change: func(s *service, _ *recorder) { s.revokeBody = `{"error":"server_error"}` },
		},
		{
			name: "revocation fails", style: oauth.RevokeQuery, stored: valid, revocations: 1, err: true, left: true,
			change: func(s *service, _ *recorder) { s.revokeStatus = 503 },
		},
		{
			name: "refresh fails", style: oauth.RevokeQuery, stored: expiredGrant, refreshes: 1, err: true, left: true,
			change: func(s *service, _ *recorder) {
				s.answer = func(w http.ResponseWriter, _ url.Values) { w.WriteHeader(http.StatusServiceUnavailable) }
			},
		},
		{
			name: "other endpoints", style: oauth.RevokeForm, err: true, left: true,
			stored: func(s *service) *oauth2.Token {
				return valid(s).WithExtra(map[string]any{"token_url": oauth.Moi.TokenURL})
			},
		},
		{
			name: "lock cannot be had", style: oauth.RevokeForm, stored: valid, err: true, left: true,
			change: func(_ *service, store *recorder) { store.lockErr = errDisk },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			var token *oauth2.Token
			if test.stored != nil {
				token = test.stored(s)
			}
			store := newRecorder(t, token)
			if test.change != nil {
				test.change(s, store)
			}
			f := family(fakeOrigin)
			f.RevokeStyle = test.style
			err := oauth.Disconnect(s.context(t), config(fakeOrigin), store, oauth.WithFamily(f))
			if (err != nil) != test.err {
				t.Errorf("Disconnect() = %v, want an error: %t", err, test.err)
			}
			if len(s.revocations) != test.revocations || s.requests() != test.refreshes {
				t.Errorf("%d revocations and %d refreshes, want %d and %d", len(s.revocations), s.requests(), test.revocations, test.refreshes)
			}
			if s.generation == 2 && test.revocations > 0 && !test.err {
				if got := s.revocations[test.revocations-1].URL.Query().Get("access_token"); got != accessToken(2) {
					t.Errorf("revoked %s, want the token that lives", got)
				}
			}
			if _, err := store.MemoryStore.Load(t.Context()); (err == nil) != test.left {
				t.Errorf("Load afterwards: %v, want the grant there: %t", err, test.left)
			}
		})
	}
}

func valid(s *service) *oauth2.Token { return s.current(time.Now().Add(time.Hour)) }

// A lock that cannot delete is released before the store's own Delete.
type cannotDelete struct{ *recorder }

func (s cannotDelete) Lock(ctx context.Context) (oauth.Locked, error) {
	l, err := s.recorder.Lock(ctx)
	return struct{ oauth.Locked }{l}, err
}

func TestDisconnectOfOtherStores(t *testing.T) {
	t.Parallel()
	s := newService()
	ctx, cancel := context.WithTimeout(s.context(t), time.Minute)
	defer cancel()
	store := cannotDelete{newRecorder(t, valid(s))}
	if err := oauth.Disconnect(ctx, config(fakeOrigin), store, oauth.WithFamily(family(fakeOrigin))); err != nil {
		t.Error(err)
	}
	if _, err := store.Load(t.Context()); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("Load afterwards: %v", err)
	}
	file := oauth.NewFileStore(t.TempDir() + "/token.json")
	if err := file.Save(t.Context(), valid(s)); err != nil {
		t.Fatal(err)
	}
	if err := oauth.Disconnect(ctx, config(fakeOrigin), file, oauth.WithFamily(family(fakeOrigin))); err != nil {
		t.Error(err)
	}
	if _, err := file.Load(t.Context()); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("Load afterwards: %v", err)
	}
	for name, store := range map[string]oauth.Store{"no Delete": plainStore{file}, "no store": nil} {
		if err := oauth.Disconnect(ctx, config(fakeOrigin), store, oauth.WithFamily(family(fakeOrigin))); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	unknown := config("https://api.example")
	unknown.Endpoint.TokenURL += "/of/my/own"
	if _, ok := errors.AsType[*oauth.ConfigError](oauth.Disconnect(ctx, unknown, file)); !ok {
		t.Error("a token URL of neither family: no ConfigError")
	}
	if err := oauth.Disconnect(ctx, config(fakeOrigin), file, nil); err == nil {
		t.Error("a nil option: no error")
	}
	if err := oauth.Disconnect(ctx, config(fakeOrigin), file, oauth.WithFamily(oauth.Cloud)); !errors.Is(err, oauth.ErrWrongGrant) {
		t.Errorf("the wrong family: %v", err)
	}
	if len(s.revocations) != 2 {
		t.Errorf("%d revocations, want 2", len(s.revocations))
	}
}

// Whoever goes on with the grant finds that it is gone.
func TestDisconnectedSource(t *testing.T) {
	t.Parallel()
	s := newService()
	store := newRecorder(t, valid(s))
	ts := newSource(t, s, store)
	token, err := ts.Token()
	if err != nil {
		t.Fatal(err)
	}
	if err := oauth.Disconnect(s.context(t), config(fakeOrigin), store, oauth.WithFamily(family(fakeOrigin))); err != nil {
		t.Fatal(err)
	}
	if _, err := ts.Refresh(t.Context(), token); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("Refresh() = %v, want ErrNoToken", err)
	}
	if s.requests() != 0 {
		t.Errorf("%d requests, want 0", s.requests())
	}
}

// transport is a function that answers requests.
type transport func(r *http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// Who waits for the lock during a revocation comes after the deletion, so that the
// grant of a new consent is not the one that is deleted.
func TestDisconnectDeletesUnderTheLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		store := oauth.NewMemoryStore()
		if err := store.Save(t.Context(), valid(s)); err != nil {
			t.Fatal(err)
		}
		consented := &oauth2.Token{AccessToken: "consented"}
		var wg sync.WaitGroup
		ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			wg.Go(func() {
				if err := store.Save(t.Context(), consented); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
			return s.RoundTrip(r)
		})})
		if err := oauth.Disconnect(ctx, config(fakeOrigin), store, oauth.WithFamily(family(fakeOrigin))); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		if token, err := store.Load(t.Context()); err != nil || token.AccessToken != consented.AccessToken {
			t.Errorf("Load() = %v, want the new grant", err)
		}
	})
}
