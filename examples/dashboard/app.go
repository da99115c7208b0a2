package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

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
	folder string // of grants and copies
	done   func() // after everything else has ended

	ctx   context.Context // of what goes on behind the pages
	stop  context.CancelFunc
	syncs sync.WaitGroup

	// Where people connect, unless there is a fixed client:
	callback *oauth.Callback
	base     *oura.Client // of which each person's client is derived, so that all share one rate limiter
	http     *http.Client // of the token endpoint; nil: the default
	service  *ouratest.Service

	mu     sync.Mutex
	people map[string]*person // by session
}

func newApp(folder string) *app {
	a := &app{folder: folder, people: map[string]*person{}, done: func() {}}
	a.ctx, a.stop = context.WithCancel(context.Background())
	return a
}

// close ends the Syncs under way; the next ones go on where they were.
func (a *app) close() error {
	a.stop()
	a.syncs.Wait()
	var err error
	for _, p := range a.people {
		err = errors.Join(err, p.stop())
	}
	a.done()
	return err
}

// openApp takes what the environment names. home is where the application is reached.
func openApp(ctx context.Context, home, folder string) (*app, error) {
	a := newApp(folder)
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
	if a.folder, err = os.MkdirTemp("", "oura-dashboard-"); err != nil { // what is in it ends with the program
		src.Close()
		return nil, err
	}
	a.source = src.Name
	a.done = func() {
		src.Close()
		_ = os.RemoveAll(a.folder)
	}
	if src.Service != nil {
		return a, a.embed(src.Service, home)
	}
	a.fixed, err = src.Client.With(impatient)
	return a, err
}

// impatient says at once that the service wants a long wait, so that the page can.
var impatient = oura.WithRetry(oura.RetryPolicy{MaxRetryAfter: 20 * time.Second})

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
	a.base, err = oura.NewClient(append(options, impatient, oura.WithAppCredentials(cfg.ClientID, cfg.ClientSecret))...)
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
		mux.HandleFunc("GET /disconnect", a.askToDisconnect)
		mux.HandleFunc("POST /disconnect", a.disconnect)
		mux.HandleFunc("GET /disconnected", a.disconnected)
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
