package main

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

//go:embed static
var static embed.FS

// scopes are all that the pages need. Ask for no more than that.
var scopes = []string{oauth.ScopeDaily, oauth.ScopeWorkout}

// callbackPath is where the consent page sends people back to.
const callbackPath = "/callback"

// app is the web application. It is safe for concurrent use.
type app struct {
	source string // for people
	host   string // the name that -addr gives it
	fixed  *oura.Client
	close  func()

	// Where people connect, unless there is a fixed client:
	callback *oauth.Callback
	base     *oura.Client // of which each person's client is derived, so that all share one rate limiter
	http     *http.Client // of the token endpoint; nil: the default
	tokens   string       // folder
	service  *ouratest.Service

	mu      sync.Mutex
	clients map[string]*oura.Client // by session
}

func newApp(tokens string) *app {
	return &app{tokens: tokens, clients: map[string]*oura.Client{}, close: func() {}}
}

// openApp takes what the environment names. home is where the application is reached.
func openApp(ctx context.Context, home, tokens string) (*app, error) {
	a := newApp(tokens)
	if source.HasApp() {
		cfg, family, err := source.Config()
		if err != nil {
			return nil, err
		}
		if u, err := url.Parse(cfg.RedirectURL); err != nil || u.Path != callbackPath {
			return nil, fmt.Errorf("OURA_REDIRECT_URL is %s, and must lead to %s of this program", cfg.RedirectURL, callbackPath)
		}
		a.source = "your account"
		return a, a.connectable(cfg, family, source.Options()...)
	}
	src, err := source.Open(ctx)
	if err != nil {
		return nil, err
	}
	a.source, a.close = src.Name, src.Close
	if src.Service == nil {
		a.fixed = src.Client
		return a, nil
	}
	if a.tokens, err = os.MkdirTemp("", "oura-dashboard-"); err != nil { // the grants end with the service
		src.Close()
		return nil, err
	}
	a.close = func() {
		src.Close()
		_ = os.RemoveAll(a.tokens)
	}
	return a, a.embed(src.Service, home)
}

// embed lets people connect to the embedded service.
func (a *app) embed(service *ouratest.Service, home string) error {
	a.service, a.http = service, service.HTTPClient()
	cfg := service.OAuthConfig()
	cfg.RedirectURL = home + callbackPath
	return a.connectable(cfg, oauth.Moi.At(service.URL),
		oura.WithBaseURL(service.URL), oura.WithHTTPClient(service.HTTPClient()))
}

// connectable prepares consent and the client of which the others are derived.
func (a *app) connectable(cfg *oauth2.Config, family oauth.Family, options ...oura.Option) (err error) {
	cfg = family.Config(cfg.ClientID, cfg.ClientSecret, cfg.RedirectURL, scopes...)
	a.callback = &oauth.Callback{Config: cfg, Success: a.connected, Failure: a.trouble}
	a.base, err = oura.NewClient(append(options, oura.WithAppCredentials(cfg.ClientID, cfg.ClientSecret))...)
	return err
}

func (a *app) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /static/", http.FileServerFS(static))
	mux.HandleFunc("GET /{$}", a.page(a.night))
	mux.HandleFunc("GET /trends", a.page(a.trends))
	mux.HandleFunc("GET /activity", a.page(a.activity))
	mux.HandleFunc("GET /year", a.page(a.year))
	mux.HandleFunc("GET /", a.notFound)
	if a.callback != nil {
		mux.HandleFunc("GET /connect", a.callback.Begin)
		mux.HandleFunc("GET "+callbackPath, func(w http.ResponseWriter, r *http.Request) {
			a.callback.ServeHTTP(w, r.WithContext(a.oauthContext(r.Context())))
		})
		mux.HandleFunc("POST /disconnect", a.disconnect)
	}
	// A page elsewhere must not disconnect anybody.
	return guard(a.ownHosts(http.NewCrossOriginProtection().Handler(mux)))
}

// guard says what a page may do: show itself and its style sheet. Health data stays out of caches and frames.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; "+
			"img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
