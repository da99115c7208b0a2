package ouratest

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// grant is what a person has allowed the application.
type grant struct {
	user    *backend
	scopes  []string
	access  string
	refresh string    // "" without
	expires time.Time // of the access token; zero: never
}

func (g *grant) has(scope string) bool { return scope == "" || slices.Contains(g.scopes, scope) }

// scope is what was granted, as responses and callbacks say it.
func (g *grant) scope() string { return strings.Join(prefixed(extapi, g.scopes), " ") }

// token is the grant as the token endpoint would have given it.
func (g *grant) token(expiresIn time.Duration) *oauth2.Token {
	t := &oauth2.Token{
		AccessToken: g.access, TokenType: "bearer", RefreshToken: g.refresh, Expiry: g.expires,
		ExpiresIn: int64(expiresIn / time.Second),
	}
	return t.WithExtra(map[string]any{"scope": g.scope()})
}

// authorization is a request for consent that was found good.
type authorization struct {
	scopes      []string
	redirectURL string
	state       string
	challenge   string // of PKCE, S256; "" without
}

// code is what the consent page sends the browser back with.
type code struct {
	authorization

	user    *backend
	expires time.Time
}

// proves checks the verifier of PKCE; without a challenge none is needed.
func (c *code) proves(verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return c.challenge == "" || c.challenge == base64.RawURLEncoding.EncodeToString(sum[:])
}

const codeLifetime = 10 * time.Minute

// grants are all tokens and codes that are good for something.
type grants struct {
	expiresIn time.Duration
	now       func() time.Time

	mu      sync.Mutex
	access  map[string]*grant
	refresh map[string]*grant // single use: nil once it has been used
	codes   map[string]*code
}

func newGrants(expiresIn time.Duration, now func() time.Time) *grants {
	return &grants{
		expiresIn: expiresIn, now: now, access: map[string]*grant{}, refresh: map[string]*grant{}, codes: map[string]*code{},
	}
}

// issue makes a new grant.
func (g *grants) issue(u *backend, scopes []string) *grant {
	return g.keep(&grant{
		user: u, scopes: scopes, access: "access-" + rand.Text(), refresh: "refresh-" + rand.Text(), expires: g.now().Add(g.expiresIn),
	})
}

// permanent makes the grant of the kit's own clients.
func (g *grants) permanent(u *backend) *grant {
	return g.keep(&grant{user: u, scopes: allScopes(), access: "access-" + rand.Text()})
}

func (g *grants) keep(n *grant) *grant {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.access[n.access] = n
	if n.refresh != "" {
		g.refresh[n.refresh] = n
	}
	return n
}

// check finds the grant of an access token, or refuses it.
func (g *grants) check(access string) (*grant, *answer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.access[access]
	if n == nil || !n.expires.IsZero() && !g.now().Before(n.expires) {
		return nil, wrongToken()
	}
	return n, nil
}

func wrongToken() *answer {
	return unauthorized("The access token is invalid, has expired or was revoked.")
}

// rotate uses a refresh token up and makes another pair; nil if it is not good any more, because it was used or otherwise.
func (g *grants) rotate(refresh string) (next *grant, used bool) {
	g.mu.Lock()
	old, known := g.refresh[refresh]
	if known {
		g.refresh[refresh] = nil
	}
	g.mu.Unlock()
	if old == nil {
		return nil, known
	}
	return g.issue(old.user, old.scopes), false
}

// revoke ends the grant of an access or refresh token.
func (g *grants) revoke(token string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := cmp.Or(g.access[token], g.refresh[token])
	if n == nil {
		return false
	}
	delete(g.access, n.access)
	delete(g.refresh, n.refresh)
	return true
}

func (g *grants) putCode(c *code) string {
	text := "code-" + rand.Text()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.codes[text] = c
	return text
}

// takeCode uses a code up; nil if it is not good any more.
func (g *grants) takeCode(text string) *code {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.codes[text]
	delete(g.codes, text)
	if c == nil || !g.now().Before(c.expires) {
		return nil
	}
	return c
}
