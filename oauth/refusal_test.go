package oauth_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

func refusing(code string) func(w http.ResponseWriter, _ url.Values) {
	return func(w http.ResponseWriter, _ url.Values) { refuse(w, http.StatusBadRequest, code) }
}

func TestRefusalsAreRemembered(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code string
		once bool
	}{{"invalid_client", true}, {"invalid_request", true}, {"unauthorized_client", true}, {"temporarily_unavailable", false}} {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				s.answer = refusing(test.code)
				ts := newSource(t, s, newRecorder(t, expiredGrant(s)))
				start := time.Now()
				var wg sync.WaitGroup
				for range 20 {
					wg.Go(func() {
						for time.Since(start) < 5*time.Second {
							_, err := ts.Token()
							if refused, ok := errors.AsType[*oauth.TokenError](err); !ok || refused.Code != test.code {
								t.Errorf("Token() = %v, want the refusal", err)
							}
							time.Sleep(50 * time.Millisecond)
						}
					})
				}
				wg.Wait()
				if got := s.requests(); (got == 1) != test.once {
					t.Errorf("%d requests, want once %t", got, test.once)
				}
			})
		})
	}
}

func TestRefusalsAreRememberedForLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		start := time.Now()
		var at []time.Duration // seconds
		s.answer = func(w http.ResponseWriter, form url.Values) {
			at = append(at, time.Since(start)/time.Second)
			refusing("invalid_client")(w, form)
		}
		ts := newSource(t, s, newRecorder(t, expiredGrant(s)))
		for time.Since(start) <= 40*time.Minute {
			_, err := ts.Token()
			refused, ok := errors.AsType[*oauth.TokenError](err)
			if !ok {
				t.Fatal(err)
			}
			// What is remembered says when the next request is.
			if rest := refused.RetryAfter; time.Since(start) == 10*time.Second && (rest != 20*time.Second || !strings.Contains(err.Error(), "20s")) {
				t.Errorf("after 10 s: %v, want 20 s to go", err)
			}
			time.Sleep(time.Second)
		}
		if want := []time.Duration{0, 30, 90, 210, 450, 930, 1530, 2130}; !slices.Equal(at, want) {
			t.Errorf("requests at the seconds %d, want %d", at, want)
		}
		// It works again, and then no longer: the waits begin anew.
		s.set(func(s *service) { s.answer = nil })
		time.Sleep(10 * time.Minute)
		token, err := ts.Token()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(token.Expiry))
		start, at = time.Now(), nil
		s.set(func(s *service) {
			s.answer = func(w http.ResponseWriter, form url.Values) {
				at = append(at, time.Since(start)/time.Second)
				refusing("invalid_client")(w, form)
			}
		})
		for time.Since(start) <= 31*time.Second {
			_, _ = ts.Token()
			time.Sleep(time.Second)
		}
		if want := []time.Duration{0, 30}; !slices.Equal(at, want) {
			t.Errorf("requests at the seconds %d, want %d", at, want)
		}
	})
}

func TestRefusalDoesNotOutliveItsCause(t *testing.T) {
	t.Parallel()
	s := newService()
	s.answer = refusing("invalid_request")
	store := newRecorder(t, expiredGrant(s))
	ts := newSource(t, s, store)
	for range 3 {
		if _, err := ts.Token(); err == nil {
			t.Fatal("a token")
		}
	}
	if s.requests() != 1 {
		t.Fatalf("%d requests, want 1", s.requests())
	}
	// Another configuration is tried at once.
	if _, err := newSource(t, s, store).Token(); err == nil || s.requests() != 2 {
		t.Errorf("%v after %d requests, want 2", err, s.requests())
	}
	// And so is another grant.
	s.set(func(s *service) { s.answer, s.live = nil, "" })
	if err := store.Save(t.Context(), expiredGrant(s)); err != nil {
		t.Fatal(err)
	}
	if token, err := ts.Token(); err != nil || s.requests() != 3 {
		t.Errorf("Token() = %v, %v after %d requests, want a token of the new grant", token, err, s.requests())
	}
}

// A token that is valid goes on being handed out, and the endpoint is not asked for each call.
func TestRefusedEarlyRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.answer = refusing("invalid_client")
		store := newRecorder(t, s.current(time.Now().Add(4*time.Minute)))
		ts := newSource(t, s, store)
		for range 235 {
			if token, err := ts.Token(); err != nil || token.AccessToken != accessToken(1) {
				t.Fatalf("Token() = %v, want the token that is valid", err)
			}
			time.Sleep(time.Second)
		}
		if s.requests() != 4 { // at 0, 30, 90 and 210 s
			t.Errorf("%d requests, want 4", s.requests())
		}
		if store.loads > 20 {
			t.Errorf("the store was read %d times", store.loads)
		}
		time.Sleep(5 * time.Second)
		if _, err := ts.Token(); err == nil {
			t.Error("an expired token was handed out")
		}
	})
}

func TestUsedRefreshTokenIsDead(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"invalid_request": {400, `{"error":"invalid_request","error_description":"Refresh token already used."}`},
		"no code":         {400, `{"detail":"Refresh token already used."}`},
		"as the code":     {401, `{"error":"refresh_token_already_used"}`},
		"a bare string":   {403, `Refresh token already used.`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			s.answer = func(w http.ResponseWriter, _ url.Values) {
				w.WriteHeader(answer.status)
				_, _ = w.Write([]byte(answer.body))
			}
			// A token that holds words of the answer is replaced in the error, and the answer is understood all the same.
			stored := &oauth2.Token{AccessToken: "a", RefreshToken: "refresh token of mine", Expiry: time.Now().Add(-time.Hour)}
			store := newRecorder(t, stored)
			ts := newSource(t, s, store)
			for range 3 {
				_, err := ts.Token()
				if !errors.Is(err, oauth.ErrReauthorize) {
					t.Errorf("Token() = %v, want ErrReauthorize", err)
				}
			}
			if s.requests() != 1 {
				t.Errorf("%d requests, want 1", s.requests())
			}
		})
	}
	t.Run("the rival's token is used", func(t *testing.T) {
		t.Parallel()
		s := newService()
		store := newRecorder(t, expiredGrant(s))
		s.answer = func(w http.ResponseWriter, _ url.Values) {
			rival := &oauth2.Token{AccessToken: "rival", RefreshToken: "rival", Expiry: time.Now().Add(time.Hour)}
			if err := store.MemoryStore.Save(t.Context(), rival); err != nil { // plainStore: nobody has the lock
				t.Error(err)
			}
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"invalid_request","error_description":"Refresh token already used."}`))
		}
		if token, err := newSource(t, s, plainStore{store}).Token(); err != nil || token.AccessToken != "rival" {
			t.Errorf("Token() = %v, %v, want the rival's", token, err)
		}
	})
	t.Run("a server in trouble", func(t *testing.T) {
		t.Parallel()
		s := newService()
		s.answer = func(w http.ResponseWriter, _ url.Values) {
			http.Error(w, "Refresh token already used.", http.StatusBadGateway)
		}
		if _, err := newSource(t, s, newRecorder(t, expiredGrant(s))).Token(); errors.Is(err, oauth.ErrReauthorize) {
			t.Errorf("Token() = %v: a 502 is not a dead grant", err)
		}
	})
}
