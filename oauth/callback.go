package oauth

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// Callback is both ends of the consent in a web application: Begin sends a person to the consent page, and the Callback
// itself, an [http.Handler], belongs at the path of the redirect URL.
//
//	http.HandleFunc("GET /connect", callback.Begin)
//	http.Handle("GET /callback", callback)
//
// The state, and the PKCE verifier, travel in a cookie of the person's browser, so that any replica can answer. Each
// consent has its own, so that several tabs can ask at once; of more than eight that are pending in one browser the
// oldest ends. Within one process a state is good for one callback, and a code is never exchanged twice.
//
// The HTTP client of the exchange is that of the request's context ([oauth2.HTTPClient]), where it has one: put it
// there with http.Server.BaseContext, or with a handler around this one.
//
// A Callback is safe for concurrent use and must not be copied once in use.
type Callback struct {
	// Config is the application's. Its RedirectURL, exactly as registered, leads here.
	Config *oauth2.Config
	// Family says whose scope names and issuer count, where Config's URLs do not tell ([FamilyOf]): endpoints with
	// paths of your own. Leave it nil otherwise.
	Family *Family
	// Success is called with the token of the consent: store it for the person who is logged in, look at
	// [MissingScopes], and redirect to a page of yours.
	Success func(w http.ResponseWriter, r *http.Request, token *oauth2.Token)
	// Failure is called instead with [ErrState], [ErrIssuer], *[ConsentError], [ErrNoCode], [ErrCodeUsed], the error of
	// [Exchange] or a *[ConfigError]. Where it is nil, a plain page tells the person what to do.
	Failure func(w http.ResponseWriter, r *http.Request, err error)
	// PKCE adds a code challenge, where the family takes one ([Moi]).
	PKCE bool

	used usedCodes
}

const (
	// codeLifetime is how long the service honours a code.
	codeLifetime = 10 * time.Minute
	// exchangeTimeout bounds an exchange whose browser may have left.
	exchangeTimeout = 30 * time.Second

	// A name of a cookie goes on with the fingerprint of its state.
	cookieName       = "oura_oauth_"
	secureCookieName = "__Host-" + cookieName // browsers let no other host and no plain page set it
	// maxPending bounds what a browser sends along: each cookie has some 120 bytes.
	maxPending = 8
)

// Begin redirects to the consent page.
func (c *Callback) Begin(w http.ResponseWriter, r *http.Request) {
	private(w)
	f, err := c.check(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	address, a := begin(f, c.Config, c.PKCE)
	c.endOldest(w, r)
	http.SetCookie(w, c.cookie(a.state, a.state+"."+a.verifier, codeLifetime))
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// ServeHTTP takes the callback of the consent page.
func (c *Callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	private(w)
	if !isGet(w, r) {
		return
	}
	token, err := c.finish(w, r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.Success(w, r, token)
}

func (c *Callback) finish(w http.ResponseWriter, r *http.Request) (*oauth2.Token, error) {
	f, err := c.check(r.Context())
	if err != nil {
		return nil, err
	}
	a := attempt{family: f}
	if cookie, err := r.Cookie(c.cookie(r.URL.Query().Get("state"), "", 0).Name); err == nil {
		a.state, a.verifier, _ = strings.Cut(cookie.Value, ".")
	}
	got, err := a.read(r.URL.RawQuery)
	if errors.Is(err, ErrState) {
		// The cookie stays: a forged callback must not end the person's own.
		return nil, err
	}
	http.SetCookie(w, c.cookie(a.state, "", -time.Second))
	// The cookie is gone in a browser, but not for whoever kept it.
	first := c.used.take("state of " + a.state)
	if err != nil {
		return nil, err
	}
	if !c.used.take("code " + got.code) {
		return nil, ErrCodeUsed
	}
	if !first {
		return nil, ErrState
	}
	// A browser that leaves now must not cost the grant.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), exchangeTimeout)
	defer cancel()
	return a.exchange(ctx, c.Config, got)
}

func (c *Callback) check(ctx context.Context) (Family, error) {
	if c.Success == nil {
		return Family{}, errors.New("oauth: the Callback has no Success")
	}
	return checkConsent(ctx, c.Config, c.Family)
}

// cookie is that of one consent.
func (c *Callback) cookie(state, value string, age time.Duration) *http.Cookie {
	mark := fingerprintOf(state)
	cookie := &http.Cookie{
		Name: cookieName + hex.EncodeToString(mark[:8]), Value: value, Path: "/", MaxAge: int(age / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	// Plain http is for development on one's own machine.
	if u, err := url.Parse(c.Config.RedirectURL); err == nil && u.Scheme == "https" {
		cookie.Name, cookie.Secure = strings.Replace(cookie.Name, cookieName, secureCookieName, 1), true
	}
	return cookie
}

// endOldest makes room for one more pending consent. Browsers send the cookies of one path in the order in which they
// were set.
func (c *Callback) endOldest(w http.ResponseWriter, r *http.Request) {
	model := c.cookie("", "", -time.Second) //nolint:gosec // cookie sets what it should have
	name := model.Name[:strings.Index(model.Name, cookieName)+len(cookieName)]
	pending := slices.DeleteFunc(r.Cookies(), func(sent *http.Cookie) bool { return !strings.HasPrefix(sent.Name, name) })
	for _, old := range pending[:max(0, len(pending)-maxPending+1)] {
		model.Name = old.Name
		http.SetCookie(w, model)
	}
}

func (c *Callback) fail(w http.ResponseWriter, r *http.Request, err error) {
	if c.Failure != nil {
		c.Failure(w, r, err)
		return
	}
	status, text := http.StatusInternalServerError, "The connection could not be made. Please try again later."
	_, refused := errors.AsType[*TokenError](err)
	switch {
	case errors.Is(err, ErrConsentDenied):
		status, text = http.StatusForbidden, "You did not give access, and nothing was connected."
	case errors.Is(err, ErrState), errors.Is(err, ErrIssuer), errors.Is(err, ErrNoCode), errors.Is(err, ErrCodeUsed):
		status, text = http.StatusBadRequest, "This link was used or does not belong to you. Please begin again."
	case refused:
		status = http.StatusBadGateway
	}
	http.Error(w, text, status)
}

// Format names the type and nothing that it holds: Config has the client's secret.
func (c *Callback) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "oauth.Callback") }

// MarshalJSON keeps the configuration's secret out of JSON.
func (c *Callback) MarshalJSON() ([]byte, error) { return []byte(`"oauth.Callback"`), nil }

// private keeps an address with a code in it out of caches and Referer headers.
func private(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
}

// isGet refuses any other method.
func isGet(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "GET only", http.StatusMethodNotAllowed)
	}
	return r.Method == http.MethodGet
}

// usedCodes remembers the codes and states of the last ten minutes. The zero value is ready.
type usedCodes struct {
	mu    sync.Mutex
	codes map[fingerprint]time.Time
}

// maxCodes bounds the memory of a flood, in which the oldest half is forgotten.
const maxCodes = 1 << 15

// take reports whether code is new, and remembers it.
func (u *usedCodes) take(code string) bool {
	key := fingerprintOf(code)
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now() // under the lock: none that is remembered is later
	if at, ok := u.codes[key]; ok && now.Sub(at) <= codeLifetime {
		return false
	}
	if u.codes == nil {
		u.codes = map[fingerprint]time.Time{}
	}
	for life := codeLifetime; len(u.codes) >= maxCodes; life /= 2 {
		maps.DeleteFunc(u.codes, func(_ fingerprint, at time.Time) bool { return now.Sub(at) >= life || life == 0 })
	}
	u.codes[key] = now
	return true
}
