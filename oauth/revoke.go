package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
)

// Revoke ends a grant at the service. A person who disconnects, or asks for deletion, is served by [Disconnect], which
// deletes the stored grant too.
//
// family is the one that cfg's endpoints are of: [Cloud], [Moi] or your own. Where its token URL is not the
// configuration's, or the token came from another one, the error is [ErrWrongGrant] and nothing was sent. Both 200 and
// 401, which means that it was revoked already, are success; any other response is a *[TokenError], and the call can be
// repeated. Redirects are not followed.
//
// In the style [RevokeQuery] an expired access token is refused with 401 though its refresh token lives: revoke a fresh
// one. Disconnect sees to that.
func Revoke(ctx context.Context, family Family, cfg *oauth2.Config, token *oauth2.Token) error {
	e, err := family.revoker(ctx, cfg)
	if err != nil {
		return err
	}
	if token == nil {
		return errors.New("oauth: revoke: the token is nil")
	}
	if origin := tokenURLOf(token); origin != "" && origin != e.tokenURL {
		return ErrWrongGrant
	}
	return e.revoke(ctx, family, token)
}

// Disconnect ends the grant in store: it revokes it at the service and then deletes it from the store, which must be a
// [Deleter]. A store without a grant is success, so that a call can be repeated until it succeeds.
//
// Revocation and deletion run under the store's lock, where it is a [Locker]. An access token that has expired is
// refreshed before, where the family's revocation needs a living one. When the service cannot be reached the store is
// left as it is, and the error says why; a grant that must go all the same can be removed with the store's Delete.
// family is as in [Revoke], opts as in [NewTokenSource]: a grant of another token URL needs [MovedFrom].
func Disconnect(ctx context.Context, family Family, cfg *oauth2.Config, store Store, opts ...Option) error {
	e, err := family.revoker(ctx, cfg)
	if err != nil {
		return err
	}
	src := &source{}
	if err := src.prepare(e, store, opts); err != nil {
		return err
	}
	deleter, ok := store.(Deleter)
	if !ok {
		return errors.New("oauth: Disconnect needs a store with a Delete method (oauth.Deleter)")
	}
	src.early = 0
	dead := false
	if family.RevokeStyle == RevokeQuery {
		switch _, err := src.get(ctx, nil); {
		case errors.Is(err, ErrReauthorize):
			dead = true
		case err != nil && !errors.Is(err, ErrNoToken):
			return err
		}
	}
	h, err := src.hold(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = h.release() }()
	stored, err := src.load(ctx, h)
	if errors.Is(err, ErrNoToken) {
		return nil
	}
	if err != nil {
		return err
	}
	if usable := stored.AccessToken != "" && !expired(stored, time.Now()); usable || !dead {
		if err := e.revoke(ctx, family, stored); err != nil {
			return err
		}
	}
	if under, ok := h.Locked.(Deleter); ok {
		if err := under.Delete(ctx); err != nil {
			return err
		}
		return h.release()
	}
	// Delete of the store would wait for its own lock.
	if err := h.release(); err != nil {
		return err
	}
	return deleter.Delete(ctx)
}

// revoker checks that the family and the configuration belong together.
func (f Family) revoker(ctx context.Context, cfg *oauth2.Config) (*endpoint, error) {
	e, err := newEndpoint(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if f.TokenURL != e.tokenURL {
		return nil, fmt.Errorf("%w: the family is not that of the configuration's Endpoint", ErrWrongGrant)
	}
	if err := checkURL("Family.RevokeURL", f.RevokeURL); err != nil {
		return nil, err
	}
	if f.RevokeStyle != RevokeForm && f.RevokeStyle != RevokeQuery {
		return nil, &ConfigError{Field: "Family.RevokeStyle", Problem: "is neither oauth.RevokeForm nor oauth.RevokeQuery"}
	}
	return e, nil
}

// revoke sends a token to be revoked, in the form of the family.
func (e *endpoint) revoke(ctx context.Context, f Family, t *oauth2.Token) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var r *reply
	var err error
	switch query := f.RevokeStyle == RevokeQuery; {
	case query && t.AccessToken != "":
		// The token is all that this form takes: the client's secret stays here.
		r, err = e.send(ctx, withQuery(f.RevokeURL, "access_token", t.AccessToken), url.Values{}, false, newScrubber(t.AccessToken))
	case !query && t.RefreshToken != "": // the whole grant ends with it
		r, err = e.post(ctx, f.RevokeURL, url.Values{"token": {t.RefreshToken}, "token_type_hint": {"refresh_token"}}, t.AccessToken, t.RefreshToken)
	case !query && t.AccessToken != "":
		r, err = e.post(ctx, f.RevokeURL, url.Values{"token": {t.AccessToken}, "token_type_hint": {"access_token"}}, t.AccessToken)
	default:
		return errors.New("oauth: revoke: there is no token to revoke")
	}
	if err == nil && !r.ok() && r.status != http.StatusUnauthorized {
		_, err = readAnswer(r)
	}
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	return nil
}

// withQuery adds a parameter to a URL that was checked.
func withQuery(address, key, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	q.Set(key, value)
	u.RawQuery = q.Encode()
	return u.String()
}
