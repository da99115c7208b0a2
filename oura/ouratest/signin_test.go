package ouratest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// portals are the applications that there are, and the family that each needs.
var portals = map[string]struct {
	family, other oauth.Family
	opts          []ouratest.ServiceOption
	cure          string // what the error of the other family names
}{
	"today": {oauth.Moi, oauth.Cloud, nil, "oauth.Moi"},
	"old":   {oauth.Cloud, oauth.Moi, []ouratest.ServiceOption{ouratest.WithCloud()}, "oauth.Cloud"},
}

// ways are all by which a person signs in.
var ways = map[string]func(*testing.T, *ouratest.Service, *oauth2.Config, oauth.Store) error{
	"Login": func(t *testing.T, s *ouratest.Service, cfg *oauth2.Config, store oauth.Store) error {
		browser := oauth.WithBrowser(func(ctx context.Context, address string) error {
			back, err := s.Consent(address)
			if err != nil {
				return err
			}
			go func() { // while Login serves
				req, _ := http.NewRequestWithContext(ctx, http.MethodGet, back, nil)
				if resp, err := http.DefaultClient.Do(req); err == nil {
					_ = resp.Body.Close()
				}
			}()
			return nil
		})
		_, err := oauth.Login(through(t, s), cfg, store, browser, oauth.WithOutput(io.Discard))
		return err
	},
	"paste": func(t *testing.T, s *ouratest.Service, cfg *oauth2.Config, store oauth.Store) error {
		in, typed := io.Pipe()
		defer in.Close()
		read := writer(func(text string) {
			for line := range strings.Lines(text) {
				if address := strings.TrimSpace(line); strings.HasPrefix(address, s.URL) {
					back, err := s.Consent(address)
					if err != nil {
						t.Error(err)
					}
					go func() { _, _ = io.WriteString(typed, back+"\n") }()
				}
			}
		})
		_, err := oauth.Login(through(t, s), cfg, store, oauth.WithPaste(in), oauth.WithOutput(read))
		return err
	},
	"Callback": func(t *testing.T, s *ouratest.Service, cfg *oauth2.Config, store oauth.Store) (err error) {
		callback := &oauth.Callback{
			Config: cfg,
			Success: func(_ http.ResponseWriter, r *http.Request, token *oauth2.Token) {
				err = store.Save(r.Context(), token)
			},
			Failure: func(_ http.ResponseWriter, _ *http.Request, failed error) { err = failed },
		}
		begun := httptest.NewRecorder()
		callback.Begin(begun, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/connect", nil))
		back, failed := s.Consent(begun.Header().Get("Location"))
		if failed != nil {
			return failed
		}
		r := httptest.NewRequestWithContext(through(t, s), http.MethodGet, back, nil)
		for _, cookie := range begun.Result().Cookies() {
			r.AddCookie(cookie)
		}
		callback.ServeHTTP(httptest.NewRecorder(), r)
		return err
	},
	"own AuthCodeURL": func(t *testing.T, s *ouratest.Service, cfg *oauth2.Config, store oauth.Store) error {
		token, err := oauth.Exchange(through(t, s), cfg, codeOf(t, s, cfg))
		if err != nil {
			return err
		}
		return store.Save(t.Context(), token)
	},
}

type writer func(string)

func (w writer) Write(b []byte) (int, error) { w(string(b)); return len(b), nil }

// freeRedirect is a redirect URL on a port that nobody has.
func freeRedirect(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	return "http://localhost:" + port + "/callback"
}

// tokenRequests counts what was sent to the token endpoints of both families.
func tokenRequests(s *ouratest.Service) (n int) {
	for _, r := range s.Requests() {
		if strings.HasSuffix(r.URL.Path, "token") {
			n++
		}
	}
	return n
}

// An application signs in with nothing but id, secret and redirect URL, by every way; the grant has every scope asked
// for, reads, is refreshed when it has expired, and ends.
func TestSignIn(t *testing.T) {
	t.Parallel()
	for portal, tt := range portals {
		for way, signIn := range ways {
			t.Run(portal+", "+way, func(t *testing.T) {
				t.Parallel()
				s := service(t, append(tt.opts, ouratest.WithExpiresIn(time.Hour))...)
				id, secret := s.AppCredentials()
				family := tt.family.At(s.URL)
				cfg := family.Config(id, secret, freeRedirect(t), oauth.AllScopes()...)
				store := oauth.NewMemoryStore()
				if err := signIn(t, s, cfg, store); err != nil {
					t.Fatal(err)
				}
				token, err := store.Load(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(oauth.AllScopes(), oauth.GrantedScopes(token)); diff != "" {
					t.Errorf("granted: %s", diff)
				}
				tokens, err := oauth.NewTokenSource(through(t, s), cfg, store)
				if err != nil {
					t.Fatal(err)
				}
				c := s.Client(oura.WithTokenSource(tokens))
				s.Advance(2 * time.Hour) // to the service the token has expired
				if _, _, err := ask(t, c, "daily_sleep", ""); err != nil {
					t.Errorf("reading with the grant: %v", err)
				}
				if err := oauth.Disconnect(through(t, s), cfg, store); err != nil {
					t.Errorf("Disconnect: %v", err)
				}
				if _, err := c.PersonalInfo(t.Context()); !errors.Is(err, oura.ErrUnauthorized) && !errors.Is(err, oauth.ErrNoToken) {
					t.Errorf("after Disconnect: %v", err)
				}
				if n := tokenRequests(s); n != 2 {
					t.Errorf("%d requests to the token endpoint, want an exchange and a refresh", n)
				}
			})
		}
	}
}

// A configuration that names the scopes bare grants all of them, too.
func TestSignInWithBareNames(t *testing.T) {
	t.Parallel()
	for way, signIn := range ways {
		if way == "own AuthCodeURL" { // which is x/oauth2's, and sends what the configuration holds
			continue
		}
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := service(t)
			cfg := s.OAuthConfig()
			cfg.RedirectURL, cfg.Scopes = freeRedirect(t), []string{oauth.ScopeDaily, "extapi:tag", "spo2Daily"}
			store := oauth.NewMemoryStore()
			if err := signIn(t, s, cfg, store); err != nil {
				t.Fatal(err)
			}
			token, err := store.Load(t.Context())
			if diff := cmp.Diff([]string{"daily", "tag", "spo2"}, oauth.GrantedScopes(token)); diff != "" || err != nil {
				t.Errorf("%v, granted: %s", err, diff)
			}
		})
	}
}

// What the callback alone says was granted is not lost.
func TestSignInWithScopesInTheCallback(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"Login", "paste", "Callback"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := service(t, ouratest.WithScopeInCallback(), ouratest.WithGrantedScopes("daily"))
			id, secret := s.AppCredentials()
			cfg := oauth.Moi.At(s.URL).Config(id, secret, freeRedirect(t), oauth.ScopeDaily, oauth.ScopeTag)
			store := oauth.NewMemoryStore()
			if err := ways[way](t, s, cfg, store); err != nil {
				t.Fatal(err)
			}
			token, err := store.Load(t.Context())
			if diff := cmp.Diff([]string{"tag"}, oauth.MissingScopes(token, oauth.ScopeDaily, oauth.ScopeTag)); diff != "" || err != nil {
				t.Errorf("%v, missing: %s", err, diff)
			}
		})
	}
}

// With the family of the other portal, one request is made, the code is sent once, and the error names the cure.
func TestSignInWithTheOtherFamily(t *testing.T) {
	t.Parallel()
	for portal, tt := range portals {
		for way, signIn := range ways {
			t.Run(portal+", "+way, func(t *testing.T) {
				t.Parallel()
				s := service(t, tt.opts...)
				id, secret := s.AppCredentials()
				cfg := tt.other.At(s.URL).Config(id, secret, freeRedirect(t), oauth.AllScopes()...)
				store := oauth.NewMemoryStore()
				err := signIn(t, s, cfg, store)
				if err == nil || !strings.Contains(err.Error(), tt.cure) || !strings.Contains(err.Error(), "begin the consent again") {
					t.Errorf("the error does not name the cure: %v", err)
				}
				t.Log(err)
				if n := tokenRequests(s); n != 1 {
					t.Errorf("%d requests to the token endpoints", n)
				}
				if _, err := store.Load(t.Context()); !errors.Is(err, oauth.ErrNoToken) {
					t.Errorf("the store: %v", err)
				}

				grant := s.Token()
				grant.Expiry = time.Now().Add(-time.Hour)
				if err := store.Save(t.Context(), grant); err != nil {
					t.Fatal(err)
				}
				tokens, err := oauth.NewTokenSource(through(t, s), cfg, store)
				if err != nil {
					t.Fatal(err)
				}
				for range 3 {
					if _, err = tokens.Token(); err == nil || !strings.Contains(err.Error(), tt.cure) || !strings.Contains(err.Error(), "oauth.WithMovedFrom") {
						t.Errorf("the error of a refresh does not name the cure: %v", err)
					}
				}
				t.Log(err)
				if n := tokenRequests(s); n != 2 {
					t.Errorf("%d requests to the token endpoints, want one more for three refreshes", n)
				}
			})
		}
	}
}
