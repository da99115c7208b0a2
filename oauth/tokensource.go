package oauth

import (
	"context"

	"golang.org/x/oauth2"
)

// TokenSource hands out the access token of one grant and keeps the grant alive. It is an [oauth2.TokenSource], safe
// for concurrent use, and does no I/O while the token that it has is good.
//
// A refresh goes: lock, in the process and, where the store is a [Locker], across processes; load again; use another
// token if the store holds one; else refresh; save under the lock; and only then hand out. A lock that cannot be had
// within a minute fails before any request.
//
// A call that has a valid token never waits for the token endpoint or a rival's lock: it gets that token at once while
// another call refreshes early, and the call that refreshes gets it after a second, while the refresh goes on in a
// goroutine of its own.
//
// The context of a call ends it within a moment, but for one exception. The call that sends a refresh and has no valid
// token stays until the response is saved, 30 seconds at most, because a response that nobody reads is a lost grant.
// Calls that merely wait for it may leave.
type TokenSource struct {
	s *source // a pointer, so that a copied TokenSource shares everything and prints nothing
}

// NewTokenSource returns a source of the grant in store. It does no I/O; ctx only gives the HTTP client
// ([oauth2.HTTPClient]). What is used of cfg, and checked, are the client's id and secret and the token endpoint.
//
// Use one source per grant in a process, such as [Sources] gives. Several are safe where the store is a [Locker], as
// those of this package are.
func NewTokenSource(ctx context.Context, cfg *oauth2.Config, store Store, opts ...Option) (*TokenSource, error) {
	e, err := newEndpoint(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s := &source{}
	if err := s.prepare(e, store, opts); err != nil {
		return nil, err
	}
	return &TokenSource{s: s}, nil
}

// Token is TokenContext without a context, for [oauth2.TokenSource].
func (t *TokenSource) Token() (*oauth2.Token, error) {
	return t.s.get(context.Background(), nil)
}

// TokenContext returns a token that has not expired, refreshed where needed. The errors are those of the table in the
// package's documentation. A passing failure of an early refresh is none: the token that is still valid is returned,
// and the refresh is tried again by the next call, and then after waits that grow to half a minute.
//
// A refusal that no waiting cures (invalid_client, invalid_request, unauthorized_client) is remembered for 30 s, and
// longer each time that it is repeated, up to 10 minutes: calls get the error without a request, and its RetryAfter
// says when the next one is. Another grant in the store, or another source, is tried at once. A token that is still
// valid is returned all the same.
func (t *TokenSource) TokenContext(ctx context.Context) (*oauth2.Token, error) {
	return t.s.get(ctx, nil)
}

// Refresh returns a token other than rejected: the store's if it has one, else a refreshed one. Any number of callers
// with one rejected token cause one refresh. A token refreshed less than 60 s ago is not refreshed again:
// [ErrJustRefreshed]. With nil for rejected it is TokenContext.
func (t *TokenSource) Refresh(ctx context.Context, rejected *oauth2.Token) (*oauth2.Token, error) {
	return t.s.get(ctx, rejected)
}

// get returns the current token where it will do, waits for whoever is at work, or does the work.
func (s *source) get(ctx context.Context, rejected *oauth2.Token) (*oauth2.Token, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.mu.Lock()
		t, f := s.current, s.flight
		if serves(t, rejected) && (f != nil || !s.due(t)) {
			s.mu.Unlock()
			return copyToken(t), nil
		}
		if f == nil {
			f = &flight{done: make(chan struct{}), found: make(chan struct{}), private: true}
			s.flight = f
			r := &renewal{source: s, rejected: rejected, known: t}
			s.mu.Unlock()
			return s.lead(ctx, f, r)
		}
		found := f.found // nil where what was found is not good for this caller
		s.mu.Unlock()
		select {
		case <-found:
			continue
		case <-f.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if f.private || f.err == nil && sameAccess(f.token, rejected) {
			continue
		}
		return copyToken(f.token), f.err
	}
}
