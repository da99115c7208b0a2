package oauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"
)

// RevokeOption changes [Revoke] and [Disconnect]: [WithFamily], and every [Option] of a token source.
type RevokeOption interface{ applyRevoke(*revocation) error }

// revocation is one call of Revoke or Disconnect.
type revocation struct {
	family *Family // nil where the URLs tell
	each   []Option
	source source
}

func (o Option) applyRevoke(r *revocation) error {
	r.each = append(r.each, o)
	return nil
}

func (o FamilyOption) applyRevoke(r *revocation) error {
	r.family = &o.family
	return nil
}

// Revoke ends a grant at the service. A person who disconnects, or asks for deletion, is served by [Disconnect], which
// deletes the stored grant too.
//
// Where and how it is revoked follows from cfg's token URL, or from [WithFamily] where that is of neither family. A
// token of another token URL is [ErrWrongGrant], unless [WithMovedFrom] names it, and nothing was sent. Redirects are
// not followed, and the call can be repeated.
//
// nil means that nothing of the grant lives. A *[TokenError] means that it was not revoked, or that nobody can tell: a
// 401 is success only where no refresh token can have outlived the token that was sent. In the style [RevokeQuery] an
// access token that has ended is refused with 401 though its refresh token lives: refresh the grant first, as
// Disconnect does.
func Revoke(ctx context.Context, cfg *oauth2.Config, token *oauth2.Token, opts ...RevokeOption) error {
	r := &revocation{}
	f, err := r.prepare(ctx, cfg, NewMemoryStore(), opts)
	if err != nil {
		return err
	}
	if token == nil {
		return errors.New("oauth: revoke: the token is nil")
	}
	if r.source.stranger(token) {
		return ErrWrongGrant
	}
	return r.source.endpoint.revoke(ctx, f, token)
}

// Disconnect ends the grant in store: it revokes it at the service and then deletes it from the store, which must be a
// [Deleter]. A store without a grant is success, so that a call can be repeated until it succeeds.
//
// After nil no living grant remains. Revocation and deletion run under the store's lock, where it is a [Locker]. An
// access token that has ended, whatever its expiry says, is refreshed before, where the family's revocation needs a
// living one. After an error the store holds the grant, and the error says why; a grant that must go all the same can
// be removed with the store's Delete. The options are those of [Revoke].
func Disconnect(ctx context.Context, cfg *oauth2.Config, store Store, opts ...RevokeOption) error {
	r := &revocation{}
	f, err := r.prepare(ctx, cfg, store, opts)
	if err != nil {
		return err
	}
	deleter, ok := store.(Deleter)
	if !ok {
		return errors.New("oauth: Disconnect needs a store with a Delete method (oauth.Deleter)")
	}
	r.source.early = 0
	// Others may put another grant in its place meanwhile, and the service may end an access token early.
	const tries = 3
	var refused error
	var ended *oauth2.Token // its access token was refused
	for range tries {
		ended, err = r.end(ctx, f, deleter, ended)
		if ended == nil {
			return err
		}
		refused = err
		switch _, err := r.source.get(ctx, ended); {
		case errors.Is(err, ErrNoToken):
			return nil
		case errors.Is(err, ErrJustRefreshed):
			return refused
		case err != nil && !errors.Is(err, ErrReauthorize):
			return err
		}
	}
	return cmp.Or(refused, errors.New("oauth: Disconnect: the grant was replaced again and again: call it once more"))
}

// end revokes and deletes under the lock. It returns the grant instead where that has to be refreshed first.
func (r *revocation) end(ctx context.Context, f Family, deleter Deleter, ended *oauth2.Token) (*oauth2.Token, error) {
	h, err := r.source.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = h.release() }()
	stored, err := r.source.load(ctx, h)
	if errors.Is(err, ErrNoToken) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	switch {
	case f.RevokeStyle != RevokeQuery || serves(stored, ended):
		err := r.source.endpoint.revoke(ctx, f, stored)
		if errors.Is(err, errInDoubt) && f.RevokeStyle == RevokeQuery {
			return stored, err
		}
		if err != nil {
			return nil, err
		}
	case stored.RefreshToken != "" && !r.source.dead[fingerprintOf(stored.RefreshToken)]:
		return stored, nil
	}
	if under, ok := h.Locked.(Deleter); ok {
		if err := under.Delete(ctx); err != nil {
			return nil, err
		}
		return nil, h.release()
	}
	// Delete of the store would wait for its own lock.
	if err := h.release(); err != nil {
		return nil, err
	}
	return nil, deleter.Delete(ctx)
}

// prepare applies the options and returns the family, checked.
func (r *revocation) prepare(ctx context.Context, cfg *oauth2.Config, store Store, opts []RevokeOption) (Family, error) {
	e, err := newEndpoint(ctx, cfg)
	if err != nil {
		return Family{}, err
	}
	for _, o := range opts {
		if o == nil {
			return Family{}, errNilOption
		}
		if err := o.applyRevoke(r); err != nil {
			return Family{}, err
		}
	}
	if err := r.source.prepare(e, store, r.each); err != nil {
		return Family{}, err
	}
	f, found := familyBy(e.tokenURL, familyTokenURL)
	switch {
	case r.family != nil && r.family.TokenURL != e.tokenURL:
		return Family{}, fmt.Errorf("%w: the family is not that of the configuration's Endpoint", ErrWrongGrant)
	case r.family != nil:
		f = *r.family
	case !found:
		return Family{}, &ConfigError{
			Field: "Endpoint.TokenURL", Problem: "is of neither oauth.Moi nor oauth.Cloud: say which family it is with oauth.WithFamily",
		}
	}
	if err := checkURL("Family.RevokeURL", f.RevokeURL); err != nil {
		return Family{}, err
	}
	if f.RevokeStyle != RevokeForm && f.RevokeStyle != RevokeQuery {
		return Family{}, &ConfigError{Field: "Family.RevokeStyle", Problem: "is neither oauth.RevokeForm nor oauth.RevokeQuery"}
	}
	return f, nil
}

// errInDoubt is a 401 after which a refresh token may live.
var errInDoubt = errors.New("the token was refused, and its refresh token may live")

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
	if err == nil {
		err = notRevoked(r, f.RevokeStyle, t)
	}
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	return nil
}

// notRevoked is nil where a response means that nothing of the grant lives. A 401 is about the client (RFC 7009), or
// says that the token has ended already; only its code tells.
func notRevoked(r *reply, style RevokeStyle, t *oauth2.Token) error {
	fields, _ := objectFields(r.body)
	code, _ := fields["error"].(string)
	if r.ok() && code == "" {
		return nil
	}
	description, _ := fields["error_description"].(string)
	if r.status != http.StatusUnauthorized || code == "invalid_client" || code == "unauthorized_client" {
		if _, err := readAnswer(r); err != nil {
			return err
		}
		return r.refused(code, description)
	}
	tokenEnded := code == "invalid_token" || code == "invalid_grant"
	if t.RefreshToken == "" || style == RevokeForm && tokenEnded {
		return nil
	}
	return fmt.Errorf("%w (%w)", r.refused(code, description), errInDoubt)
}

// withQuery adds a parameter to a URL that checkURL has parsed.
func withQuery(address, key, value string) string {
	u, _ := url.Parse(address)
	q := u.Query()
	q.Set(key, value)
	u.RawQuery = q.Encode()
	return u.String()
}
