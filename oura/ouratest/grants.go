package ouratest

import (
	"crypto/rand"
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
	refresh string
	expires time.Time // of the access token; zero: never
}

func (g *grant) has(scope string) bool { return scope == "" || slices.Contains(g.scopes, scope) }

// code is what the consent page sends the browser back with.
type code struct {
	user        *backend
	scopes      []string
	redirectURL string
	challenge   string // of PKCE, S256; "" without
	expires     time.Time
}

const codeLifetime = 10 * time.Minute

// grants are all tokens and codes that are good for something.
type grants struct {
	mu        sync.Mutex
	access    map[string]*grant
	refresh   map[string]*grant // single use: nil once it has been used
	codes     map[string]*code
	forever   map[*backend]string
	expiresIn time.Duration
	now       func() time.Time
}

// issue makes a new grant.
func (g *grants) issue(u *backend, scopes []string) *grant {
	return g.keep(&grant{
		user: u, scopes: scopes, access: "access-" + rand.Text(), refresh: "refresh-" + rand.Text(), expires: g.now().Add(g.expiresIn),
	})
}

func (g *grants) keep(n *grant) *grant {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.access == nil {
		g.access, g.refresh = map[string]*grant{}, map[string]*grant{}
	}
	g.access[n.access] = n
	if n.refresh != "" {
		g.refresh[n.refresh] = n
	}
	return n
}

// permanent is an access token of the kit's own clients.
func (g *grants) permanent(u *backend) string {
	g.mu.Lock()
	token := g.forever[u]
	g.mu.Unlock()
	if token != "" {
		return token
	}
	n := g.keep(&grant{user: u, scopes: allScopes(), access: "access-" + rand.Text()})
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.forever == nil {
		g.forever = map[*backend]string{}
	}
	g.forever[u] = n.access
	return n.access
}

// check finds the grant of an access token, or refuses it.
func (g *grants) check(access string, now time.Time) (*grant, answer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.access[access]
	if n == nil || !n.expires.IsZero() && !now.Before(n.expires) {
		return nil, unauthorized("The access token is invalid, has expired or was revoked.")
	}
	return n, answer{}
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
	n := g.access[token]
	if n == nil {
		n = g.refresh[token]
	}
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
	if g.codes == nil {
		g.codes = map[string]*code{}
	}
	g.codes[text] = c
	return text
}

// takeCode uses a code up; nil if it is not good any more.
func (g *grants) takeCode(text string, now time.Time) *code {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.codes[text]
	delete(g.codes, text)
	if c == nil || !now.Before(c.expires) {
		return nil
	}
	return c
}

// scope is what was granted, as answers and callbacks say it.
func (g *grant) scope() string {
	names := make([]string, len(g.scopes))
	for i, name := range g.scopes {
		names[i] = extapi + name
	}
	return strings.Join(names, " ")
}

// token is the grant as the token endpoint would have given it.
func (g *grant) token(expiresIn time.Duration) *oauth2.Token {
	t := &oauth2.Token{
		AccessToken: g.access, TokenType: "bearer", RefreshToken: g.refresh, Expiry: g.expires,
		ExpiresIn: int64(expiresIn / time.Second),
	}
	return t.WithExtra(map[string]any{"scope": g.scope()})
}
