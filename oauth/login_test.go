package oauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/loopback"
	"github.com/oura-go/sdk/oauth"
)

// redirectURL is one that nothing listens at.
func redirectURL(t *testing.T, host string) string {
	t.Helper()
	addr, err := loopback.Addr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("http://%s/call%%2Fback/", net.JoinHostPort(host, port))
}

// loginConfig is the configuration of a service on the network.
func loginConfig(t *testing.T, s *service) *oauth2.Config {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	cfg := config(server.URL)
	cfg.RedirectURL = redirectURL(t, "localhost")
	return cfg
}

// page is what a browser gets.
type page struct {
	status         int
	location, text string
}

// visit gets a page on a connection of its own. It goes on when the login ends, as
// a browser does.
func visit(ctx context.Context, method, address string, follow bool) (page, error) {
	req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), method, address, nil)
	if err != nil {
		return page{}, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if !follow {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	res, err := client.Do(req)
	if err != nil {
		return page{}, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return page{res.StatusCode, res.Header.Get("Location"), string(text)}, err
}

// From the terminal to a refreshed token, end to end.
func TestLogin(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]oauth.LoginOption{nil, {oauth.WithPKCE()}} {
		s := newService()
		s.scope = "extapi:daily"
		cfg := loginConfig(t, s)
		store := oauth.NewFileStore(t.TempDir() + "/token.json")
		var out bytes.Buffer
		shown := make(chan string, 1)
		browser := oauth.WithBrowser(func(ctx context.Context, address string) error {
			go func() {
				p, err := visit(ctx, http.MethodGet, address, true)
				shown <- fmt.Sprint(p.text, err)
			}()
			return nil
		})
		token, err := oauth.Login(t.Context(), cfg, store, append(opts, browser, oauth.WithOutput(&out))...)
		if err != nil {
			t.Fatal(err)
		}
		if got := <-shown; !strings.Contains(got, "Access was given") {
			t.Errorf("the person reads %q", got)
		}
		if token.AccessToken != accessToken(1) || encoded(t, load(t, store)) != encoded(t, token) {
			t.Error("the store does not hold what was returned")
		}
		if got := oauth.MissingScopes(token, oauth.ScopeDaily, oauth.ScopeSpO2); len(got) != 1 {
			t.Errorf("missing scopes %v, want one", got)
		}
		if !strings.Contains(out.String(), cfg.Endpoint.AuthURL) {
			t.Error("the address is not printed")
		}
		assertNoSecret(t, out.String(), clientSecret, token.AccessToken, token.RefreshToken)
		if pkce := s.tokenRequests[0].Get("code_verifier") != ""; pkce != (opts != nil) {
			t.Errorf("a verifier was sent: %t", pkce)
		}

		// What was stored is a grant that lives on.
		ts, err := oauth.NewTokenSource(t.Context(), cfg, store)
		if err != nil {
			t.Fatal(err)
		}
		if next, err := ts.Refresh(t.Context(), token); err != nil || next.AccessToken == token.AccessToken || s.reused() != 0 {
			t.Errorf("Refresh: %v, %d reuses", err, s.reused())
		}
	}
}

// Everything but the one callback is refused, and the login goes on.
func TestLoginRefusesWhatIsNotItsCallback(t *testing.T) {
	t.Parallel()
	s := newService()
	cfg := loginConfig(t, s)
	inside := make(chan struct{})
	finish := make(chan struct{})
	s.before = func(*http.Request) {
		close(inside)
		<-finish
	}
	failures := make(chan error, 1)
	browser := oauth.WithBrowser(func(ctx context.Context, address string) error {
		go func() {
			failures <- func() error {
				asked, err := visit(ctx, http.MethodGet, address, false)
				if err != nil {
					return err
				}
				callback := asked.location
				expect := func(status int, method, address string) error {
					p, err := visit(ctx, method, address, true)
					if err == nil && p.status != status {
						err = fmt.Errorf("%s %s: status %d, want %d", method, address, p.status, status)
					}
					return err
				}
				other := strings.TrimSuffix(cfg.RedirectURL, "/") + "?" + callback[strings.Index(callback, "?")+1:]
				err = errors.Join(
					expect(http.StatusBadRequest, http.MethodGet, callback+"forged"),
					expect(http.StatusBadRequest, http.MethodGet, cfg.RedirectURL),
					expect(http.StatusBadRequest, http.MethodGet, cfg.RedirectURL+"?error=access_denied&state=forged"),
					expect(http.StatusNotFound, http.MethodGet, other),
					expect(http.StatusMethodNotAllowed, http.MethodPost, callback),
				)
				first := make(chan error, 1)
				go func() { first <- expect(http.StatusOK, http.MethodGet, callback) }()
				<-inside
				err = errors.Join(err, expect(http.StatusConflict, http.MethodGet, callback))
				close(finish)
				return errors.Join(err, <-first)
			}()
		}()
		return nil
	})
	token, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), browser, oauth.WithOutput(io.Discard))
	if err != nil || token.AccessToken != accessToken(1) {
		t.Errorf("Login() = %v", err)
	}
	if err := <-failures; err != nil {
		t.Error(err)
	}
	if s.requests() != 1 {
		t.Errorf("%d exchanges, want 1", s.requests())
	}
	if _, err := visit(t.Context(), http.MethodGet, cfg.RedirectURL, true); err == nil {
		t.Error("something listens after the login")
	}
}

func TestLoginThatFails(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	tests := []struct {
		name   string
		change func(s *service, cfg *oauth2.Config)
		store  oauth.Store
		open   bool // somebody comes to the page
		opts   []oauth.LoginOption
		want   func(err error) bool
	}{
		{
			name: "denied", change: func(s *service, _ *oauth2.Config) { s.deny = true }, open: true,
			want: func(err error) bool { return errors.Is(err, oauth.ErrConsentDenied) },
		},
		{
			name: "exchange refused", change: func(_ *service, cfg *oauth2.Config) { cfg.ClientSecret = "wrong" }, open: true,
			want: func(err error) bool {
				e, ok := errors.AsType[*oauth.TokenError](err)
				return ok && e.Code == "invalid_client"
			},
		},
		{
			name: "not saved", store: failingStore{refused}, open: true,
			want: func(err error) bool {
				e, ok := errors.AsType[*oauth.SaveError](err)
				return ok && e.Token.AccessToken == accessToken(1) && errors.Is(err, refused)
			},
		},
		{
			name: "nobody comes", opts: []oauth.LoginOption{oauth.WithTimeout(time.Millisecond), oauth.WithoutBrowser()},
			want: func(err error) bool {
				return errors.Is(err, context.DeadlineExceeded) && strings.Contains(err.Error(), "nobody came")
			},
		},
		{
			name: "no browser, nobody comes",
			opts: []oauth.LoginOption{oauth.WithTimeout(time.Millisecond), oauth.WithBrowser(func(context.Context, string) error { return refused })},
			want: func(err error) bool { return errors.Is(err, context.DeadlineExceeded) },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			cfg := loginConfig(t, s)
			if test.change != nil {
				test.change(s, cfg)
			}
			if test.store == nil {
				test.store = oauth.NewMemoryStore()
			}
			done := make(chan struct{})
			opts := append([]oauth.LoginOption{oauth.WithOutput(io.Discard)}, test.opts...)
			if test.open {
				opts = append(opts, oauth.WithBrowser(func(ctx context.Context, address string) error {
					go func() {
						defer close(done)
						if p, err := visit(ctx, http.MethodGet, address, true); err != nil || p.status < 400 {
							t.Errorf("the person reads of no failure: %v", err)
						}
					}()
					return nil
				}))
			} else {
				close(done)
			}
			if token, err := oauth.Login(t.Context(), cfg, test.store, opts...); token != nil || !test.want(err) {
				t.Errorf("Login() = %v", err)
			}
			<-done
		})
	}
}

type failingStore struct{ err error }

func (s failingStore) Load(context.Context) (*oauth2.Token, error) { return nil, s.err }
func (s failingStore) Save(context.Context, *oauth2.Token) error   { return s.err }
func (s failingStore) Lock(context.Context) (oauth.Locked, error)  { return nil, s.err }
func (s failingStore) Delete(context.Context) error                { return s.err }

// A context that ends shuts everything down at once, also in the middle of an exchange.
func TestLoginIsCancelled(t *testing.T) {
	s := newService()
	cfg := loginConfig(t, s)
	ignore := goleak.IgnoreCurrent()
	for _, during := range []string{"waiting", "exchange"} {
		t.Run(during, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan struct{})
			s.set(func(s *service) { s.before = func(r *http.Request) { cancel(); <-r.Context().Done() } })
			browser := oauth.WithBrowser(func(_ context.Context, address string) error {
				if during == "waiting" {
					close(done)
					cancel()
					return nil
				}
				go func() {
					defer close(done)
					_, _ = visit(ctx, http.MethodGet, address, true)
				}()
				return nil
			})
			if _, err := oauth.Login(ctx, cfg, oauth.NewMemoryStore(), browser, oauth.WithOutput(io.Discard)); !errors.Is(err, context.Canceled) {
				t.Errorf("Login() = %v, want the context's error", err)
			}
			<-done
		})
	}
	goleak.VerifyNone(t, ignore)
}

func TestLoginRefusesConfigurations(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	redirects := []string{
		"", "https://localhost:8910/callback", "http://localhost/callback", "http://localhost:0/callback", "http://app.test:80/callback",
		"http://192.0.2.1:8910/", "urn:ietf:wg:oauth:2.0:oob", "http://localhost:port/", "\x00", "http://" + taken.Addr().String() + "/callback",
	}
	// A browser may try ::1 first, and another program would get the code.
	if other, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "[::1]:0"); err == nil && runtime.GOOS != "windows" {
		defer func() { _ = other.Close() }()
		redirects = append(redirects, fmt.Sprintf("http://localhost:%d/", other.Addr().(*net.TCPAddr).Port))
	}
	for _, redirect := range redirects {
		cfg := config(fakeOrigin)
		cfg.RedirectURL = redirect
		if _, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithoutBrowser()); err == nil || !strings.Contains(err.Error(), "RedirectURL") {
			t.Errorf("%q: %v, want an error that names the RedirectURL", redirect, err)
		}
	}
	cfg := config(fakeOrigin)
	if _, err := oauth.Login(t.Context(), cfg, nil); err == nil {
		t.Error("no store: no error")
	}
	if _, err := oauth.Login(t.Context(), nil, oauth.NewMemoryStore()); err == nil {
		t.Error("no configuration: no error")
	}
	for _, bad := range []oauth.LoginOption{oauth.WithTimeout(0), oauth.WithBrowser(nil), oauth.WithOutput(nil)} {
		if _, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), bad); err == nil {
			t.Error("a bad option: no error")
		}
	}
}

// A loopback address and no path at all are redirect URLs like any other.
func TestLoginAtOtherLoopbackAddresses(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "localhost"} {
		s := newService()
		cfg := loginConfig(t, s)
		u, err := url.Parse(redirectURL(t, host))
		if err != nil {
			t.Fatal(err)
		}
		cfg.RedirectURL = "http://" + u.Host
		done := make(chan error, 1)
		browser := oauth.WithBrowser(func(ctx context.Context, address string) error {
			go func() {
				_, err := visit(ctx, http.MethodGet, address, true)
				done <- err
			}()
			return nil
		})
		if _, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), browser, oauth.WithOutput(io.Discard)); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if got := s.tokenRequests[0].Get("redirect_uri"); got != cfg.RedirectURL {
			t.Errorf("the redirect URL was sent as %q, configured is %q", got, cfg.RedirectURL)
		}
	}
}
