package oauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// families are the two, with the way that this service and the real one tell which application belongs where.
var families = []struct {
	name        string
	moi         bool
	mine, other oauth.Family
	otherName   string
}{
	{"moi", true, oauth.Moi, oauth.Cloud, "oauth.Cloud"},
	{"cloud", false, oauth.Cloud, oauth.Moi, "oauth.Moi"},
}

// follow is the person's browser: it goes to the page and follows it back.
func follow(done chan<- error) oauth.LoginOption {
	return oauth.WithBrowser(func(ctx context.Context, address string) error {
		go func() {
			_, err := visit(ctx, http.MethodGet, address, true)
			done <- err
		}()
		return nil
	})
}

// An application of each portal signs in with nothing but id, secret and redirect URL, by all ways that there are; the
// grant has every scope asked for, is refreshed, and ends.
func TestSignIn(t *testing.T) {
	t.Parallel()
	for _, family := range families {
		ways := map[string]func(t *testing.T, s *service, cfg *oauth2.Config, store oauth.Store) error{
			"Login": func(t *testing.T, _ *service, cfg *oauth2.Config, store oauth.Store) error {
				done := make(chan error, 1)
				_, err := oauth.Login(t.Context(), cfg, store, follow(done), oauth.WithOutput(io.Discard), oauth.WithPKCE())
				return errors.Join(err, <-done)
			},
			"paste": func(t *testing.T, _ *service, cfg *oauth2.Config, store oauth.Store) error {
				in, out := newPerson(t)
				_, err := oauth.Login(t.Context(), cfg, store, oauth.WithPaste(in), oauth.WithOutput(out))
				return err
			},
			"Callback": func(t *testing.T, _ *service, cfg *oauth2.Config, store oauth.Store) error {
				var failure error
				callback := &oauth.Callback{
					Config: cfg,
					Success: func(_ http.ResponseWriter, r *http.Request, token *oauth2.Token) {
						failure = store.Save(r.Context(), token)
					},
					Failure: func(_ http.ResponseWriter, _ *http.Request, err error) { failure = err },
				}
				begun, ended := httptest.NewRecorder(), httptest.NewRecorder()
				callback.Begin(begun, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
				back, err := visit(t.Context(), http.MethodGet, begun.Header().Get("Location"), false)
				if err != nil {
					return err
				}
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, back.location, nil)
				for _, cookie := range begun.Result().Cookies() {
					r.AddCookie(cookie)
				}
				callback.ServeHTTP(ended, r)
				return failure
			},
			"by hand": func(t *testing.T, _ *service, cfg *oauth2.Config, store oauth.Store) error {
				back, err := visit(t.Context(), http.MethodGet, cfg.AuthCodeURL("s"), false)
				if err != nil {
					return err
				}
				code, err := oauth.CallbackCode(httptest.NewRequestWithContext(t.Context(), http.MethodGet, back.location, nil), "s")
				if err != nil {
					return err
				}
				token, err := oauth.Exchange(t.Context(), cfg, code)
				if err != nil {
					return err
				}
				return store.Save(t.Context(), token)
			},
		}
		for way, signIn := range ways {
			for _, said := range []string{"response", "callback"} {
				if way == "by hand" && said == "callback" {
					continue
				}
				t.Run(family.name+" "+way+" "+said, func(t *testing.T) {
					t.Parallel()
					s := newService()
					s.moi, s.iss, s.callbackScope = family.moi, oauth.Moi.Issuer, said == "callback"
					server := httptest.NewServer(s)
					defer server.Close()
					mine := family.mine.At(server.URL)
					s.redirect = redirectURL(t, "localhost")
					cfg := mine.Config(clientID, clientSecret, s.redirect, oauth.AllScopes()...)
					store := oauth.NewMemoryStore()
					if err := signIn(t, s, cfg, store); err != nil {
						t.Fatal(err)
					}
					token := load(t, store)
					if diff := cmp.Diff(oauth.AllScopes(), oauth.GrantedScopes(token)); diff != "" {
						t.Errorf("the grant (-want +got):\n%s", diff)
					}
					ts, err := oauth.NewTokenSource(t.Context(), cfg, store)
					if err != nil {
						t.Fatal(err)
					}
					if next, err := ts.Refresh(t.Context(), token); err != nil || len(oauth.MissingScopes(next, oauth.AllScopes()...)) > 0 {
						t.Errorf("Refresh: %v", err)
					}
					if err := oauth.Disconnect(t.Context(), cfg, store); err != nil || len(s.revocations) != 1 {
						t.Errorf("Disconnect: %v, %d revocations", err, len(s.revocations))
					}
					if s.requests() != 2 || s.reused() != 0 {
						t.Errorf("%d token requests, %d reuses, want one exchange and one refresh", s.requests(), s.reused())
					}
				})
			}
		}
	}
}

// With the family exchanged, one request is made, the code is not sent again, and the error names the cure.
func TestTheOtherFamily(t *testing.T) {
	t.Parallel()
	for _, family := range families {
		t.Run(family.name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			s.moi = !family.moi // the portal's other one
			server := httptest.NewServer(s)
			defer server.Close()
			cfg := family.mine.At(server.URL).Config(clientID, clientSecret, redirectURL(t, "localhost"), oauth.AllScopes()...)
			done := make(chan error, 1)
			_, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), follow(done), oauth.WithOutput(io.Discard))
			if visited := <-done; visited != nil {
				t.Error(visited)
			}
			assertOneSentence(t, err, family.otherName, "begin the consent again")
			if s.requests() != 1 {
				t.Errorf("%d exchanges, want 1", s.requests())
			}
			store := newRecorder(t, s.current(time.Now().Add(-time.Hour)))
			ts, err := oauth.NewTokenSource(t.Context(), cfg, store)
			if err != nil {
				t.Fatal(err)
			}
			_, err = ts.Token()
			assertOneSentence(t, err, family.otherName, "oauth.WithMovedFrom")
			if strings.Contains(err.Error(), "RedirectURL") || store.saved() != 0 || s.requests() != 2 {
				t.Errorf("%v, %d saves, %d requests", err, store.saved(), s.requests())
			}
		})
	}
}

func assertOneSentence(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not say %q", err, word)
		}
	}
	if strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), ". ") {
		t.Errorf("%q is not one sentence", err)
	}
	t.Log(err)
}

// What a refusal says to check is what can be wrong.
func TestRefusalsSayWhatToCheck(t *testing.T) {
	t.Parallel()
	const (
		ids   = "ClientID and ClientSecret"
		moi   = "oauth.Moi"
		cloud = "oauth.Cloud"
		again = "begin the consent again"
		moved = "oauth.WithMovedFrom"
		to    = "RedirectURL"
	)
	own := oauth.Family{Endpoint: oauth2.Endpoint{AuthURL: "https://own.test/a", TokenURL: "https://own.test/t"}}
	for _, test := range []struct {
		family            oauth.Family
		status            int
		code              string
		exchange, refresh []string // what is said, of the words above
	}{
		{oauth.Cloud, 401, "invalid_client", []string{ids, moi, again}, []string{ids, moi, moved}},
		{oauth.Cloud, 401, "", []string{ids, moi, again}, []string{ids, moi, moved}},
		{oauth.Cloud, 400, "invalid_request", []string{moi, to, again}, []string{ids, moi, moved}},
		{oauth.Cloud, 400, "invalid_client", []string{ids, again}, []string{ids}}, // a wrong id, says Cloud
		{oauth.Moi, 401, "invalid_client", []string{ids, cloud, again}, []string{ids, cloud, moved}},
		{oauth.Moi, 400, "unauthorized_client", []string{ids, cloud, again}, []string{ids, cloud, moved}},
		{own, 401, "invalid_client", []string{ids, again}, []string{ids}},
		{oauth.Moi, 400, "invalid_grant", []string{to, again}, nil},
		{oauth.Moi, 400, "invalid_scope", nil, nil}, {oauth.Moi, 429, "invalid_request", nil, nil}, {oauth.Moi, 503, "", nil, nil},
		{oauth.Moi, 302, "", nil, nil}, {oauth.Moi, 403, "", nil, nil},
	} {
		s := newService()
		s.answer = func(w http.ResponseWriter, _ url.Values) { refuse(w, test.status, test.code) }
		ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: everywhere{s}})
		cfg := test.family.Config(clientID, clientSecret, "https://app.test/callback")
		_, exchange := oauth.Exchange(ctx, cfg, "c")
		ts, err := oauth.NewTokenSource(ctx, cfg, newRecorder(t, &oauth2.Token{RefreshToken: "r"}))
		if err != nil {
			t.Fatal(err)
		}
		_, refresh := ts.Token()
		for _, got := range []struct {
			err  error
			want []string
		}{{exchange, test.exchange}, {refresh, test.refresh}} {
			var said []string
			for _, word := range []string{ids, moi, cloud, to, again, moved} {
				if strings.Contains(got.err.Error(), word) {
					said = append(said, word)
				}
			}
			if !cmp.Equal(slices.Sorted(slices.Values(said)), slices.Sorted(slices.Values(got.want))) {
				t.Errorf("%d %s: %v, want it to say %q", test.status, test.code, got.err, got.want)
			}
		}
	}
}

// everywhere answers as the token endpoint, whatever the URL is.
type everywhere struct{ *service }

func (e everywhere) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Path = "/oauth/token"
	return e.service.RoundTrip(r)
}

// A callback of another issuer ends the sign-in before its code is sent.
func TestIssuerOfTheCallback(t *testing.T) {
	t.Parallel()
	for _, iss := range []string{"https://moi.ouraring.com.evil.test/oauth/v2/ext/oauth-anonymous", "https://moi.ouraring.com", " "} {
		s := newService()
		s.moi, s.iss = true, iss
		server := httptest.NewServer(s)
		defer server.Close()
		cfg := oauth.Moi.At(server.URL).Config(clientID, clientSecret, redirectURL(t, "localhost"), oauth.ScopeDaily)
		done := make(chan error, 1)
		_, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), follow(done), oauth.WithOutput(io.Discard))
		if visited := <-done; visited != nil || !errors.Is(err, oauth.ErrIssuer) {
			t.Errorf("Login: %v, %v", err, visited)
		}
		in, out := newPerson(t)
		if _, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithPaste(in), oauth.WithOutput(out)); !errors.Is(err, oauth.ErrIssuer) {
			t.Errorf("paste: %v", err)
		}
		app := newWebApp(t)
		app.service.iss = iss
		app.get(t, app.URL+"/connect")
		if len(app.errs) != 1 || !errors.Is(app.errs[0], oauth.ErrIssuer) {
			t.Errorf("Callback: %v", app.errs)
		}
		if s.requests()+app.service.requests() != 0 {
			t.Error("a code was sent")
		}
	}
}
