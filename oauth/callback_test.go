package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// webApp is an application with a Callback, the service that it uses, and what
// its Callback told it.
type webApp struct {
	*httptest.Server
	service  *service
	callback *oauth.Callback
	browser  *http.Client
	// exchanger is the HTTP client in the context of a callback, where it is set.
	exchanger *http.Client

	mu     sync.Mutex
	tokens []*oauth2.Token
	errs   []error
}

func newWebApp(t *testing.T, change ...func(c *oauth.Callback)) *webApp {
	t.Helper()
	app := &webApp{service: newService()}
	provider := httptest.NewServer(app.service)
	t.Cleanup(provider.Close)
	mux := http.NewServeMux()
	app.Server = httptest.NewServer(mux)
	t.Cleanup(app.Close)

	cfg := config(provider.URL)
	cfg.RedirectURL = app.URL + "/callback"
	app.callback = &oauth.Callback{
		Config: cfg,
		Success: func(w http.ResponseWriter, _ *http.Request, token *oauth2.Token) {
			app.mu.Lock()
			defer app.mu.Unlock()
			app.tokens = append(app.tokens, token)
			_, _ = w.Write([]byte("connected"))
		},
		Failure: func(w http.ResponseWriter, _ *http.Request, err error) {
			app.mu.Lock()
			defer app.mu.Unlock()
			app.errs = append(app.errs, err)
			w.WriteHeader(http.StatusTeapot)
		},
	}
	for _, c := range change {
		c(app.callback)
	}
	mux.HandleFunc("/connect", app.callback.Begin)
	mux.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		if app.exchanger != nil {
			r = r.WithContext(context.WithValue(r.Context(), oauth2.HTTPClient, app.exchanger))
		}
		app.callback.ServeHTTP(w, r)
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	app.browser = &http.Client{Jar: jar}
	return app
}

// get visits a page, and returns its status and its header.
func (a *webApp) get(t *testing.T, address string) (int, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := a.browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode, res.Header
}

// stopAt makes the browser stop before the callback and returns its address.
func (a *webApp) stopAt(t *testing.T) string {
	t.Helper()
	a.browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/callback" {
			return http.ErrUseLastResponse
		}
		return nil
	}
	_, header := a.get(t, a.URL+"/connect")
	a.browser.CheckRedirect = nil
	return header.Get("Location")
}

func TestCallback(t *testing.T) {
	t.Parallel()
	for _, pkce := range []bool{false, true} {
		app := newWebApp(t, func(c *oauth.Callback) { c.PKCE = pkce })
		sent := 0
		app.exchanger = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			sent++
			return http.DefaultTransport.RoundTrip(r)
		})}
		status, header := app.get(t, app.URL+"/connect")
		if status != http.StatusOK || len(app.tokens) != 1 || app.tokens[0].AccessToken != accessToken(1) {
			t.Fatalf("status %d, errors %v", status, app.errs)
		}
		if sent != 1 {
			t.Errorf("the client of the request's context sent %d exchanges", sent)
		}
		if got := (app.service.tokenRequests[0].Get("code_verifier") != ""); got != pkce {
			t.Errorf("a verifier was sent: %t, want %t", got, pkce)
		}
		if header.Get("Cache-Control") != "no-store" || header.Get("Referrer-Policy") != "no-referrer" {
			t.Error("the page with the code in its address can be kept or told")
		}
		if left := app.browser.Jar.Cookies(&url.URL{Scheme: "http", Host: strings.TrimPrefix(app.URL, "http://"), Path: "/"}); len(left) != 0 {
			t.Error("the cookie stays")
		}
	}
}

func TestCallbackRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		visit    func(t *testing.T, app *webApp)
		err      error
		requests int // exchanges
		tokens   int
	}{
		{"forged state", func(t *testing.T, app *webApp) {
			address := app.stopAt(t)
			app.get(t, address+"x")
			app.get(t, address) // the person's own still counts
		}, oauth.ErrState, 1, 1},
		{"another browser", func(t *testing.T, app *webApp) {
			address := app.stopAt(t)
			app.browser.Jar = nil
			app.get(t, address)
		}, oauth.ErrState, 0, 0},
		{"denied", func(t *testing.T, app *webApp) {
			app.service.deny = true
			app.get(t, app.URL+"/connect")
		}, oauth.ErrConsentDenied, 0, 0},
		{"no code", func(t *testing.T, app *webApp) {
			u, err := url.Parse(app.stopAt(t))
			if err != nil {
				t.Fatal(err)
			}
			app.get(t, app.URL+"/callback?state="+u.Query().Get("state"))
		}, oauth.ErrNoCode, 0, 0},
		{"second callback", func(t *testing.T, app *webApp) {
			address := app.stopAt(t)
			app.get(t, address)
			app.get(t, address)
		}, oauth.ErrState, 1, 1},
		{"replayed code, cookie and all", func(t *testing.T, app *webApp) {
			address := app.stopAt(t)
			u, err := url.Parse(app.URL)
			if err != nil {
				t.Fatal(err)
			}
			cookies := app.browser.Jar.Cookies(u)
			app.get(t, address)
			app.browser.Jar.SetCookies(u, cookies)
			app.get(t, address)
		}, oauth.ErrCodeUsed, 1, 1},
		{"another code for a used state, cookie and all", func(t *testing.T, app *webApp) {
			address := app.stopAt(t)
			u, err := url.Parse(app.URL)
			if err != nil {
				t.Fatal(err)
			}
			cookies := app.browser.Jar.Cookies(u)
			app.get(t, address)
			app.browser.Jar.SetCookies(u, cookies)
			app.get(t, strings.Replace(address, "code=", "code=another-", 1))
		}, oauth.ErrState, 1, 1},
		{"refused code", func(t *testing.T, app *webApp) {
			address := app.stopAt(t)
			app.service.set(func(s *service) { clear(s.codes) })
			app.get(t, address)
		}, &oauth.TokenError{StatusCode: 400, Code: "invalid_grant", Description: "refused"}, 1, 0},
		{"no configuration", func(t *testing.T, app *webApp) {
			app.callback.Config = nil
			app.get(t, app.URL+"/connect")
			app.get(t, app.URL+"/callback?code=c&state=s")
		}, nil, 0, 0},
		{"no redirect URL", func(t *testing.T, app *webApp) {
			app.callback.Config.RedirectURL = ""
			app.get(t, app.URL+"/connect")
		}, nil, 0, 0},
		{"no address", func(t *testing.T, app *webApp) {
			app.callback.Config.Endpoint.AuthURL = ""
			app.get(t, app.URL+"/connect")
		}, nil, 0, 0},
		{"no success", func(t *testing.T, app *webApp) {
			app.callback.Success = nil
			app.get(t, app.URL+"/connect")
		}, nil, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			app := newWebApp(t)
			test.visit(t, app)
			app.mu.Lock()
			defer app.mu.Unlock()
			if len(app.errs) == 0 {
				t.Fatal("no error")
			}
			if want, ok := test.err.(*oauth.TokenError); ok { //nolint:errorlint // the table's own value
				if got, ok := errors.AsType[*oauth.TokenError](app.errs[0]); !ok || *got != *want {
					t.Errorf("%v, want %v", app.errs[0], want)
				}
			} else if test.err != nil && !errors.Is(app.errs[0], test.err) {
				t.Errorf("%v, want %v", app.errs[0], test.err)
			}
			if app.service.requests() != test.requests || len(app.tokens) != test.tokens {
				t.Errorf("%d exchanges and %d tokens, want %d and %d", app.service.requests(), len(app.tokens), test.requests, test.tokens)
			}
		})
	}
}

func TestCallbackCookie(t *testing.T) {
	t.Parallel()
	for redirect, want := range map[string]string{
		"https://app.test/callback":      "__Host-oura_oauth_",
		"http://localhost:8080/callback": "oura_oauth_",
	} {
		cfg := config(fakeOrigin)
		cfg.RedirectURL = redirect
		c := &oauth.Callback{Config: cfg, Success: func(http.ResponseWriter, *http.Request, *oauth2.Token) {}}
		w := httptest.NewRecorder()
		c.Begin(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/connect", nil))
		cookie := w.Header().Get("Set-Cookie")
		if !strings.HasPrefix(cookie, want) || !strings.Contains(cookie, "; HttpOnly; ") && !strings.HasSuffix(cookie, "HttpOnly") ||
			!strings.Contains(cookie, "SameSite=Lax") || !strings.Contains(cookie, "Path=/;") || !strings.Contains(cookie, "Max-Age=600") ||
			strings.Contains(cookie, "Secure") != strings.HasPrefix(redirect, "https") {
			t.Errorf("the attributes of the cookie for %s are not those wanted", redirect)
		}
	}
}

// Without a Failure, the person reads what to do, and nothing of the error.
func TestCallbackDefaultPages(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"denied": http.StatusForbidden, "forged": http.StatusBadRequest, "refused": http.StatusBadGateway, "broken": http.StatusInternalServerError,
		"posted": http.StatusMethodNotAllowed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := newWebApp(t, func(c *oauth.Callback) { c.Failure = nil })
			app.service.deny = name == "denied"
			address := app.stopAt(t)
			method := http.MethodGet
			switch name {
			case "forged":
				address += "x"
			case "refused":
				app.service.set(func(s *service) { clear(s.codes) })
			case "broken":
				app.callback.Config.RedirectURL = ""
			case "posted":
				method = http.MethodPost
			}
			req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := app.browser.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != want {
				t.Errorf("status %d, want %d", res.StatusCode, want)
			}
		})
	}
}

// A browser that leaves during the exchange does not cost the grant.
func TestCallbackWhoseBrowserLeaves(t *testing.T) {
	t.Parallel()
	app := newWebApp(t)
	ctx, leave := context.WithCancel(t.Context())
	app.service.before = func(*http.Request) { leave() }
	address := app.stopAt(t)
	u, err := url.Parse(app.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	for _, cookie := range app.browser.Jar.Cookies(u) {
		r.AddCookie(cookie)
	}
	app.callback.ServeHTTP(httptest.NewRecorder(), r)
	if len(app.tokens) != 1 {
		t.Errorf("%d tokens, errors %v", len(app.tokens), app.errs)
	}
}

// Tabs of one browser ask for consent at the same time, and all get it, in any order. Those that nobody comes back
// from are bounded.
func TestCallbackOfSeveralTabs(t *testing.T) {
	t.Parallel()
	const pending = 8
	for _, pkce := range []bool{false, true} {
		app := newWebApp(t, func(c *oauth.Callback) { c.PKCE = pkce })
		u, err := url.Parse(app.URL)
		if err != nil {
			t.Fatal(err)
		}
		var tabs []string
		for range 2 {
			tabs = append(tabs, app.stopAt(t))
		}
		for i, address := range tabs {
			if app.get(t, address); len(app.tokens) != i+1 {
				t.Fatalf("PKCE %t: tab %d of two: errors %v, want a token", pkce, i+1, app.errs)
			}
		}
		if left := app.browser.Jar.Cookies(u); len(left) != 0 {
			t.Errorf("%d cookies stay", len(left))
		}
		tabs = nil
		for range pending + 1 {
			tabs = append(tabs, app.stopAt(t))
		}
		if left := app.browser.Jar.Cookies(u); len(left) != pending {
			t.Errorf("%d cookies for %d tabs, want %d", len(left), len(tabs), pending)
		}
		if app.get(t, tabs[0]); len(app.tokens) != 2 || len(app.errs) != 1 || !errors.Is(app.errs[0], oauth.ErrState) {
			t.Errorf("the oldest of too many: %v, want ErrState", app.errs)
		}
		for i, address := range tabs[1:] {
			if app.get(t, address); len(app.tokens) != 3+i {
				t.Errorf("tab %d of %d: errors %v, want a token", i+2, len(tabs), app.errs)
			}
		}
	}
}
