package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// What cannot work is one sentence about the field, by every way, and nothing is sent.
func TestBadConfigurations(t *testing.T) {
	t.Parallel()
	const redirect = "http://localhost:8910/callback"
	own := oauth.Family{Endpoint: oauth2.Endpoint{AuthURL: "https://own.test/a", TokenURL: "https://own.test/t"}, ScopePrefix: "extapi:"}
	for name, test := range map[string]struct {
		cfg    *oauth2.Config
		family *oauth.Family
		field  string
		words  string
	}{
		"nil":              {nil, nil, "Config", "nil"},
		"no id":            {oauth.Moi.Config("", "s", redirect, "daily"), nil, "ClientID", "empty"},
		"no URLs":          {oauth.Family{}.Config("id", "s", redirect, "daily"), nil, "Endpoint.TokenURL", "oauth.Moi.Config"},
		"no consent page":  {oauth.Family{Endpoint: oauth2.Endpoint{TokenURL: oauth.Moi.TokenURL}}.Config("id", "s", redirect, "daily"), nil, "Endpoint.AuthURL", "oauth.Moi.Config"},
		"an odd style":     {oauth.Family{Endpoint: oauth2.Endpoint{TokenURL: oauth.Moi.TokenURL, AuthStyle: 9}}.Config("id", "s", redirect, "daily"), nil, "Endpoint.AuthStyle", ""},
		"neither family":   {own.Config("id", "s", redirect, "daily"), nil, "Endpoint.AuthURL", "oauth.WithFamily"},
		"another family":   {oauth.Moi.Config("id", "s", redirect, "daily"), &oauth.Cloud, "Endpoint", "another family"},
		"unknown scope":    {oauth.Moi.Config("id", "s", redirect, "daily", "dayly"), nil, "Scopes", `"dayly"`},
		"unknown, prefix":  {oauth.Cloud.Config("id", "s", redirect, "extapi:dayly"), nil, "Scopes", `"dayly"`},
		"no scopes":        {oauth.Moi.Config("id", "s", redirect), nil, "Scopes", "AllScopes"},
		"blank scopes":     {oauth.Moi.Config("id", "s", redirect, "", " ", "extapi:"), nil, "Scopes", "AllScopes"},
		"no redirect":      {oauth.Moi.Config("id", "s", "", "daily"), nil, "RedirectURL", "character by character"},
		"redirect, no URL": {oauth.Moi.Config("id", "s", "\x00", "daily"), nil, "RedirectURL", "no URL"},
		"127.0.0.1":        {oauth.Moi.Config("id", "s", "http://127.0.0.1:8910/callback", "daily"), nil, "RedirectURL", "localhost"},
		"::1":              {oauth.Moi.Config("id", "s", "http://[::1]:8910/callback", "daily"), nil, "RedirectURL", "localhost"},
		"127.0.0.1, own":   {own.Config("id", "s", "http://127.0.0.1:8910/callback", "daily"), &own, "RedirectURL", "localhost"},
		"127.0.0.1, proxy": {oauth.Moi.At("https://proxy.test").Config("id", "s", "http://127.0.0.1:8910/callback", "daily"), nil, "RedirectURL", "localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			opts := []oauth.LoginOption{oauth.WithOutput(io.Discard), oauth.WithTimeout(time.Second), oauth.WithBrowser(func(context.Context, string) error {
				t.Error("the browser is opened")
				return nil
			})}
			if test.family != nil {
				opts = append(opts, oauth.WithFamily(*test.family))
			}
			_, login := oauth.Login(s.context(t), test.cfg, oauth.NewMemoryStore(), opts...)
			_, paste := oauth.Login(s.context(t), test.cfg, oauth.NewMemoryStore(), append(opts, oauth.WithPaste(strings.NewReader("")))...)
			errs := map[string]error{"Login": login, "paste": paste}
			callback := &oauth.Callback{
				Config: test.cfg, Family: test.family,
				Success: func(http.ResponseWriter, *http.Request, *oauth2.Token) {},
				Failure: func(_ http.ResponseWriter, r *http.Request, err error) { errs[r.URL.Path] = err },
			}
			w := httptest.NewRecorder()
			callback.Begin(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/begin", nil))
			callback.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/callback", nil))
			if test.family == nil {
				errs["CheckConsent"] = oauth.CheckConsent(test.cfg)
			}
			for by, err := range errs {
				if !isConfigError(err, test.field) || !strings.Contains(err.Error(), test.words) {
					t.Errorf("%s: %v, want it about %s with %q", by, err, test.field, test.words)
				}
			}
			if len(errs) < 4 || s.requests()+s.visits != 0 {
				t.Errorf("%d errors, %d requests", len(errs), s.requests()+s.visits)
			}
		})
	}
	for _, scopes := range [][]string{{"extapi:daily", "spo2Daily"}, {"metabolic", "reproductive_cycle"}, oauth.AllScopes()} {
		for _, family := range families {
			if err := oauth.CheckConsent(family.mine.Config("id", "s", redirect, scopes...)); err != nil {
				t.Errorf("%q: %v", scopes, err)
			}
		}
	}
}

// Endpoints with paths of one's own work once their family is said.
func TestFamilyThatIsSaid(t *testing.T) {
	t.Parallel()
	s := newService()
	s.moi, s.iss = true, oauth.Moi.Issuer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/oauth/v2/ext/oauth-" + r.URL.Path[1:]
		s.ServeHTTP(w, r)
	}))
	defer server.Close()
	cfg := oauth.Family{Endpoint: oauth2.Endpoint{AuthURL: server.URL + "/authorize", TokenURL: server.URL + "/token"}}.
		Config(clientID, clientSecret, redirectURL(t, "localhost"), oauth.ScopeDaily)
	done := make(chan error, 1)
	token, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithFamily(oauth.Moi), follow(done), oauth.WithOutput(io.Discard))
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	if missing := oauth.MissingScopes(token, oauth.ScopeDaily); oauth.GrantedScopes(token) == nil || missing != nil {
		t.Errorf("missing %q of %v", missing, oauth.GrantedScopes(token))
	}
	s.iss = "https://other.test"
	_, err = oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithFamily(oauth.Family{ScopePrefix: "extapi:", Issuer: s.iss + "/"}), follow(done), oauth.WithOutput(io.Discard))
	if visited := <-done; visited != nil || !errors.Is(err, oauth.ErrIssuer) {
		t.Errorf("a family whose issuer is another: %v, %v", err, visited)
	}
}

// Where the consent page refuses, no browser is opened; where it cannot be asked, one is.
func TestLoginAsksTheConsentPageFirst(t *testing.T) {
	t.Parallel()
	const registered = "http://localhost:8910/callback"
	for name, test := range map[string]struct {
		redirect string
		change   func(s *service)
		status   int // 0: the browser is opened
	}{
		"registered":       {registered, nil, 0},
		"a trailing slash": {registered + "/", nil, 400},
		"another port":     {"http://localhost:8911/callback", nil, 400},
		"no page":          {registered, func(s *service) { s.pageStatus = 404 }, 404},
		"wrong id":         {registered, func(s *service) { s.pageStatus = 401 }, 401},
		"down":             {registered, func(s *service) { s.pageStatus = 503 }, 0},
		"too many":         {registered, func(s *service) { s.pageStatus = 429 }, 0},
		"not for programs": {registered, func(s *service) { s.pageStatus = 403 }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			s.redirect = registered
			if test.change != nil {
				test.change(s)
			}
			cfg := oauth.Moi.Config(clientID, clientSecret, test.redirect, oauth.ScopeDaily)
			opened := false
			// Without a listener, so that all these can run at once.
			_, err := oauth.Login(s.context(t), cfg, oauth.NewMemoryStore(), oauth.WithPaste(strings.NewReader("")), oauth.WithOutput(io.Discard),
				oauth.WithBrowser(func(context.Context, string) error { opened = true; return nil }))
			refused, ok := errors.AsType[*oauth.ConsentPageError](err)
			if ok != (test.status != 0) || opened == ok || ok && refused.StatusCode != test.status || s.visits != 1 {
				t.Errorf("Login() = %v, opened: %t, visits: %d", err, opened, s.visits)
			}
			if ok {
				assertOneSentence(t, err, "RedirectURL", "character by character", "localhost and not on 127.0.0.1")
			}
		})
	}
	s := newService()
	gone := &http.Client{Transport: everywhere{s}, Timeout: time.Nanosecond}
	opened := false
	_, err := oauth.Login(context.WithValue(t.Context(), oauth2.HTTPClient, gone), oauth.Moi.Config(clientID, clientSecret, registered, oauth.ScopeDaily),
		oauth.NewMemoryStore(), oauth.WithPaste(strings.NewReader("")), oauth.WithOutput(io.Discard),
		oauth.WithBrowser(func(context.Context, string) error { opened = true; return nil }))
	if !errors.Is(err, oauth.ErrPaste) || !opened {
		t.Errorf("out of reach from here: %v, opened: %t", err, opened)
	}
	// What the page says in JSON is told, without control characters and without an end.
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":"invalid_request","error_description":"redirect_uri\n%s %s"}`, r.FormValue("state"), strings.Repeat("x ", 1e4))
	}))
	defer page.Close()
	_, err = oauth.Login(t.Context(), oauth.Moi.At(page.URL).Config(clientID, clientSecret, redirectURL(t, "localhost"), oauth.ScopeDaily), oauth.NewMemoryStore(), oauth.WithOutput(io.Discard), oauth.WithoutBrowser(), oauth.WithTimeout(time.Second))
	if refused, ok := errors.AsType[*oauth.ConsentPageError](err); !ok || refused.Code != "invalid_request" || !strings.HasPrefix(refused.Description, "redirect_uri ") || len(err.Error()) > 1000 || strings.Contains(err.Error(), "\n") {
		t.Errorf("the page's own words: %v", err)
	}
}

// A nil option is an error of every call that takes options; AuthCodeURL, which has none to return, leaves it out.
func TestNilOptions(t *testing.T) {
	t.Parallel()
	ctx, cfg, store := t.Context(), config(fakeOrigin), oauth.NewMemoryStore()
	each := func(string) oauth.Store { return store }
	for name, call := range map[string]func() error{
		"NewTokenSource": func() error { _, err := oauth.NewTokenSource(ctx, cfg, store, nil); return err },
		"NewSources":     func() error { _, err := oauth.NewSources(ctx, cfg, each, nil); return err },
		"NewFileStore":   func() error { _, err := oauth.NewFileStore(t.TempDir()+"/t.json", nil).Load(ctx); return err },
		"Login":          func() error { _, err := oauth.Login(ctx, cfg, store, nil); return err },
		"Exchange":       func() error { _, err := oauth.Exchange(ctx, cfg, "code", nil); return err },
		"Revoke":         func() error { return oauth.Revoke(ctx, cfg, someToken, nil) },
		"Disconnect":     func() error { return oauth.Disconnect(ctx, cfg, store, nil) },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), "an option is nil; leave it out") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	if address, state := oauth.AuthCodeURL(cfg, nil); !strings.Contains(address, state) {
		t.Errorf("AuthCodeURL with a nil option: %q", address)
	}
	if address, _ := oauth.AuthCodeURL(nil); address != "" {
		t.Errorf("AuthCodeURL without a configuration: %q", address)
	}
}
