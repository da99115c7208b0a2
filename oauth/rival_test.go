package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

func TestRefreshUsesAnotherTokenOfTheStore(t *testing.T) {
	t.Parallel()
	s := newService()
	old := s.current(time.Now().Add(time.Hour))
	store := newRecorder(t, old)
	ts := newSource(t, s, store)
	if _, err := ts.Token(); err != nil {
		t.Fatal(err)
	}
	// Another process refreshed. That its token ends sooner says nothing.
	rival := &oauth2.Token{AccessToken: "rival", RefreshToken: "rival-refresh", Expiry: time.Now().Add(10 * time.Minute)}
	if err := store.Save(t.Context(), rival); err != nil {
		t.Fatal(err)
	}
	token, err := ts.Refresh(t.Context(), old)
	if err != nil || token.AccessToken != "rival" {
		t.Errorf("Refresh() = %v, want the store's token", err)
	}
	if s.requests() != 0 {
		t.Errorf("%d requests, want 0", s.requests())
	}
	if token, err = ts.Refresh(t.Context(), nil); err != nil || token == nil {
		t.Errorf("Refresh(nil) = %v, want a token", err)
	}
}

func TestAnotherTokenIsUsedThoughItEndsSoon(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"Token", "Refresh"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				old := s.current(time.Now().Add(time.Hour))
				store := newRecorder(t, old)
				ts := newSource(t, s, store)
				if _, err := ts.Token(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(58 * time.Minute)
				rival := &oauth2.Token{AccessToken: "rival", RefreshToken: "rival-refresh", Expiry: time.Now().Add(time.Minute)}
				if err := store.Save(t.Context(), rival); err != nil {
					t.Fatal(err)
				}
				token, err := ts.TokenContext(t.Context())
				if how == "Refresh" {
					token, err = ts.Refresh(t.Context(), old)
				}
				if err != nil || token.AccessToken != "rival" || s.requests() != 0 {
					t.Errorf("%s() = %v after %d requests, want the store's token", how, err, s.requests())
				}
			})
		})
	}
}

func TestStoreIsLoadedAgainUnderTheLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		old := s.current(time.Now().Add(time.Hour))
		store := newRecorder(t, old)
		ts := newSource(t, s, store)
		if _, err := ts.Token(); err != nil {
			t.Fatal(err)
		}
		rival, err := store.Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if token, err := ts.Refresh(t.Context(), old); err != nil || token.AccessToken != "rival" {
				t.Errorf("Refresh() = %v, want the rival's token", err)
			}
		})
		synctest.Wait()
		if err := rival.Save(t.Context(), &oauth2.Token{AccessToken: "rival", RefreshToken: "rival-refresh"}); err != nil {
			t.Fatal(err)
		}
		if err := rival.Unlock(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		if s.requests() != 0 {
			t.Errorf("%d requests, want 0", s.requests())
		}
	})
}

func TestInvalidGrantWithARival(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		rival    *oauth2.Token
		requests int
		want     string
	}{
		{"valid", &oauth2.Token{AccessToken: "rival", RefreshToken: "x", Expiry: time.Now().Add(time.Hour)}, 1, "rival"},
		{"expired", &oauth2.Token{AccessToken: "rival", RefreshToken: refreshToken(2), Expiry: time.Now().Add(-time.Hour)}, 2, accessToken(3)},
		{"dead too", &oauth2.Token{AccessToken: "rival", RefreshToken: "x", Expiry: time.Now().Add(-time.Hour)}, 2, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			store := oauth.NewMemoryStore()
			if err := store.Save(t.Context(), expiredGrant(s)); err != nil {
				t.Fatal(err)
			}
			s.before = func(*http.Request) {
				s.mu.Lock()
				first := len(s.tokenRequests) == 1
				if first {
					s.generation, s.live = 2, refreshToken(2)
				}
				s.mu.Unlock()
				if first {
					if err := store.Save(context.Background(), test.rival); err != nil {
						t.Error(err)
					}
				}
			}
			token, err := newSource(t, s, plainStore{store}).Token()
			if test.want == "" {
				if !errors.Is(err, oauth.ErrReauthorize) {
					t.Errorf("Token() = %v, want ErrReauthorize", err)
				}
			} else if err != nil || token.AccessToken != test.want {
				t.Errorf("Token() = %v, want %s", err, test.want)
			}
			if s.requests() != test.requests {
				t.Errorf("%d requests, want %d", s.requests(), test.requests)
			}
		})
	}
}
