package oura

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/header"
	"github.com/oura-go/sdk/internal/refusal"
	"github.com/oura-go/sdk/internal/wait"
)

// ContextTokenSource is optional beside [oauth2.TokenSource], and called in place of Token, so that a refresh ends with
// the request's context. The TokenSource of package oauth has it. It must be safe for concurrent use.
type ContextTokenSource interface {
	TokenContext(ctx context.Context) (*oauth2.Token, error)
}

// Refresher is optional beside [oauth2.TokenSource]: it cures a token that the service refuses although it has not
// expired. The TokenSource of package oauth has it. A source without it is asked for its token once more, and the
// request is replayed if that is another one.
type Refresher interface {
	// Refresh returns a token other than rejected, or an error. The client calls it once for a rejected token, however
	// many requests it fails, and not for a token that Refresh itself returned less than a minute ago.
	Refresh(ctx context.Context, rejected *oauth2.Token) (*oauth2.Token, error)
}

// sandboxToken is sent where the service wants a token but does not read it.
const sandboxToken = "sandbox"

// appCredentials are an application's client id and secret.
type appCredentials struct{ id, secret string }

// bearer gives the tokens of one person. Derived clients with the same credential share it.
type bearer struct {
	source oauth2.TokenSource

	mu     sync.Mutex
	flight *refreshFlight // under way, or the last one

	last atomic.Pointer[oauth2.Token] // that the source gave
}

// credentials are all that a client has.
type credentials struct {
	app    *appCredentials // nil: none
	bearer *bearer         // nil: none
}

// secrets are those of the credentials that the service may have seen.
func (c credentials) secrets() (all []string) {
	if c.app != nil {
		all = append(all, c.app.secret)
	}
	if c.bearer == nil {
		return all
	}
	all = append(all, secretsOf(c.bearer.last.Load())...)
	c.bearer.mu.Lock()
	defer c.bearer.mu.Unlock()
	if f := c.bearer.flight; f != nil {
		all = append(all, f.rejected)
		if f.over() {
			all = append(all, secretsOf(f.token)...)
		}
	}
	return all
}

func secretsOf(tokens ...*oauth2.Token) (all []string) {
	for _, t := range tokens {
		if t != nil {
			all = append(all, t.AccessToken, t.RefreshToken)
		}
	}
	return all
}

// refreshFlight is one call of Refresh. Until done is closed only its leader touches the fields below.
type refreshFlight struct {
	rejected string
	done     chan struct{} // made by the leader: a testing/synctest bubble can wait for it

	token *oauth2.Token // nil: the source had no other
	err   error
	at    time.Time
}

func (f *refreshFlight) over() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// refreshAgain is how old a refreshed token must be to be refreshed again: if the service refuses a fresh one, yet
// another will not help.
const refreshAgain = 60 * time.Second

var (
	errNoToken  = errors.New("the token source returned no token")
	errBadToken = errors.New("the access token holds a space or a control character, perhaps a line end")
)

// token is a token for the next attempt.
func (b *bearer) token(ctx context.Context) (t *oauth2.Token, err error) {
	if source, ok := b.source.(ContextTokenSource); ok {
		t, err = source.TokenContext(ctx)
	} else {
		t, err = b.source.Token()
	}
	if err != nil {
		return nil, err
	}
	if t != b.last.Load() { // hardly ever: no store that other processors have to see
		b.last.Store(t)
	}
	return usable(t)
}

func usable(t *oauth2.Token) (*oauth2.Token, error) {
	switch {
	case t == nil || t.AccessToken == "":
		return nil, errNoToken
	case !header.IsWord(t.AccessToken):
		return nil, errBadToken
	}
	return t, nil
}

// other is the token of a source that was asked for another one; nil if it is the rejected one again.
func other(t *oauth2.Token, err error, rejected *oauth2.Token) (*oauth2.Token, error) {
	if err != nil || t == nil || t.AccessToken == rejected.AccessToken {
		return nil, err
	}
	return usable(t)
}

// replace finds another token for one that was refused; nil if there is none.
func (b *bearer) replace(ctx context.Context, rejected *oauth2.Token) (*oauth2.Token, error) {
	source, ok := b.source.(Refresher)
	if !ok {
		t, err := b.token(ctx)
		return other(t, err, rejected)
	}
	for {
		f, lead := b.board(rejected)
		if lead {
			f.fly(ctx, source, rejected)
			return f.token, f.err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, wait.ContextError(ctx)
		}
		if f.settles(rejected, true) {
			return other(f.token, f.err, rejected)
		}
	}
}

// fly calls Refresh.
func (f *refreshFlight) fly(ctx context.Context, source Refresher, rejected *oauth2.Token) {
	defer close(f.done)
	f.err = errNoToken // stays if Refresh panics
	t, err := source.Refresh(ctx, rejected)
	f.token, f.err = other(t, err, rejected)
	f.at = time.Now().Round(0) // the monotonic clock stands still while a machine sleeps
}

// board returns the flight to wait for, or to lead if there is none that will settle the matter.
func (b *bearer) board(rejected *oauth2.Token) (f *refreshFlight, lead bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f = b.flight; f != nil && (!f.over() || f.settles(rejected, false)) {
		return f, false
	}
	b.flight = &refreshFlight{rejected: rejected.AccessToken, done: make(chan struct{})}
	return b.flight, true
}

// settles reports whether the result of a flight that is over holds for rejected. Its error holds only for those who
// waited, unless it was its leader who gave up.
func (f *refreshFlight) settles(rejected *oauth2.Token, waited bool) bool {
	if f.err != nil {
		return waited && f.rejected == rejected.AccessToken &&
			!errors.Is(f.err, context.Canceled) && !errors.Is(f.err, context.DeadlineExceeded)
	}
	if time.Since(f.at).Abs() >= refreshAgain {
		return false
	}
	return f.rejected == rejected.AccessToken || f.token != nil && f.token.AccessToken == rejected.AccessToken
}

// authorization is the credential of one request, across its attempts.
type authorization struct {
	req       *http.Request // as the caller made it
	userAgent string
	client    credentials     // all that the client has, whether or not the request carries them
	app       *appCredentials // of a subscription call; then bearer is nil
	bearer    *bearer         // of anything else; nil in the sandbox without credentials

	used, next *oauth2.Token
	refused    *oauth2.Token // the one that Replace has replaced
}

// Authorize writes the one kind of credential that the path calls for, and takes any other away. It implements
// [transport.Authorizer].
func (a *authorization) Authorize(ctx context.Context, h http.Header) error {
	// Every request comes here: the names are in their canonical form, which Get and Set would look for each time, and
	// the values share one allocation.
	values := []string{"application/json", a.userAgent, ""}
	h["Accept"] = values[:1:1]
	if own := h["User-Agent"]; len(own) == 0 || own[0] == "" {
		h["User-Agent"] = values[1:2:2]
	}
	delete(h, "Authorization")
	delete(h, "X-Client-Id")
	delete(h, "X-Client-Secret")
	if a.app != nil {
		h.Set("X-Client-Id", a.app.id)
		h.Set("X-Client-Secret", a.app.secret)
		return nil
	}
	token := sandboxToken
	if a.bearer != nil {
		t := a.next
		if a.next = nil; t == nil {
			var err error
			if t, err = a.bearer.token(ctx); err != nil {
				return err
			}
		}
		a.used, token = t, t.AccessToken
	}
	values[2] = "Bearer " + token
	h["Authorization"] = values[2:]
	return nil
}

// Replace implements [transport.Authorizer].
func (a *authorization) Replace(ctx context.Context) (bool, error) {
	if a.bearer == nil {
		return false, nil // application credentials and the sandbox have but one
	}
	next, err := a.bearer.replace(ctx, a.used)
	a.next, a.refused = next, a.used
	return next != nil, err
}

// Clean implements [transport.Cleaner].
func (a *authorization) Clean(foreign string, n int) string {
	if foreign == "" {
		return ""
	}
	return refusal.Redact(foreign, n, a.secrets()...)
}

// secrets are the credentials of the client that the service may know, the verification token in the body of the
// request, and its query.
func (a *authorization) secrets() []string {
	verification, _ := a.req.Context().Value(verificationKey{}).(string)
	all := append(secretsOf(a.used, a.next, a.refused), a.client.secrets()...)
	return append(all, verification, a.req.URL.RawQuery, a.req.URL.Query().Get("next_token"))
}

// verificationKey finds the verification token of a request in its context.
type verificationKey struct{}

// guard keeps a verification token, which is in the body of the request, out of errors that quote the response.
func guard(ctx context.Context, verificationToken string) context.Context {
	return context.WithValue(ctx, verificationKey{}, verificationToken)
}
