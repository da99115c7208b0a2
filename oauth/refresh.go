package oauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/oauth2"
)

// minAge is the age from which a rejected token is worth a refresh.
const minAge = 60 * time.Second

// renewal is one walk from "the current token will not do" to a token or an error.
type renewal struct {
	*source
	rejected *oauth2.Token
	known    *oauth2.Token // the current token when the walk began
	valid    *oauth2.Token // to hand out should a refresh meet a passing failure
	sent     bool          // the last refresh request was sent
}

func (r *renewal) run(ctx context.Context) (*oauth2.Token, error) {
	r.setValid(r.known)
	// A look without the lock first: most often there is nothing to refresh, and a store that is read-only serves a
	// token as long as it lasts.
	if r.unsaved == nil {
		stored, err := r.load(ctx, r.store)
		if err != nil {
			return nil, err
		}
		if r.usable(stored) {
			return r.adopt(stored), nil
		}
		r.setValid(stored)
		if err := r.worthwhile(stored); err != nil {
			return nil, err
		}
	}
	token, err := r.throughLock(ctx)
	for turn := 1; turn <= maxTaken && (errors.Is(err, errTakenAlong) || errors.Is(err, errReplaced)); turn++ {
		token, err = r.throughLock(ctx)
	}
	if err != nil {
		return nil, err
	}
	return r.adopt(token), nil
}

// throughLock takes the lock, does what is to be done under it, and releases it.
func (r *renewal) throughLock(ctx context.Context) (*oauth2.Token, error) {
	h, err := r.hold(ctx)
	if err != nil {
		if r.unsaved != nil {
			err = r.unsaved.err(err)
		}
		return nil, err
	}
	defer func() { _ = h.release() }() // for a store that panics
	token, err := r.underLock(ctx, h)
	if endErr := r.end(h); endErr != nil {
		err = endErr
	}
	return token, err
}

// underLock loads again, settles what is unsaved, uses another token, else refreshes and saves.
func (r *renewal) underLock(ctx context.Context, h *held) (*oauth2.Token, error) {
	stored, err := r.load(ctx, h)
	if r.unsaved != nil {
		stored, err = r.settle(ctx, h, stored, err)
	}
	if err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		if r.usable(stored) {
			return stored, nil
		}
		r.setValid(stored)
		if err := r.worthwhile(stored); err != nil {
			return nil, err
		}
		if r.elsewhere(stored) {
			return nil, r.takeAlong(ctx, h, stored)
		}
		token, err := r.refresh(ctx, h, stored)
		if incurable(err) {
			r.refused = r.refused.after(stored.RefreshToken, err)
		}
		if refused, ok := errors.AsType[*TokenError](err); !ok || !refused.dead() {
			return token, err
		}
		r.dead[fingerprintOf(stored.RefreshToken)] = true
		// Somebody without our lock may have been quicker.
		again, loadErr := r.load(context.WithoutCancel(ctx), h)
		if loadErr != nil || sameGrant(again, stored) || !first {
			return nil, fmt.Errorf("%w (%w)", ErrReauthorize, err)
		}
		stored = again
	}
}

// maxTaken is how often a walk begins anew after it took a grant along, or found it replaced: others may put another one
// in its place.
const maxTaken = 3

var errTakenAlong = errors.New("oauth: the grant was stored under the configuration's token URL, and the store holds one of another again")

// takeAlong stores a grant of another token URL under this one, and releases the lock: in a database that is what makes
// a save last. Only then may its refresh token be sent here, for until then another process may send it there.
func (r *renewal) takeAlong(ctx context.Context, h *held, stored *oauth2.Token) error {
	err := h.Save(ctx, movedTo(stored, r.endpoint.tokenURL))
	if err == nil {
		err = h.release()
	}
	if err != nil {
		return fmt.Errorf("taking a grant along: %w", err)
	}
	return errTakenAlong
}

// errReplaced is a grant that others replaced between its load and its refresh.
var errReplaced = errors.New("oauth: the stored grant was replaced again and again: try again")

// refresh sends one request and saves the token of its response. From here on ctx no longer counts.
func (r *renewal) refresh(ctx context.Context, h *held, stored *oauth2.Token) (*oauth2.Token, error) {
	r.sent = false // should this one not be: who waits need not hear of our context
	if b, err := EncodeToken(stored); err != nil || len(b) > maxRefreshed {
		return nil, fmt.Errorf("the answer to a refresh could not be stored, so none was sent: %w", cmp.Or(err, errTooLarge))
	}
	switch same, err := h.reserve(ctx, stored); {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("the answer to a refresh could not be stored, so none was sent: %w", err)
	case !same:
		return nil, errReplaced
	}
	r.sent = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout+saveTimeout)
	defer cancel()
	sending, endSending := context.WithTimeout(ctx, requestTimeout)
	defer endSending()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {stored.RefreshToken}}
	a, err := r.endpoint.grant(sending, form, stored.RefreshToken, stored.AccessToken)
	if err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	token := a.token(r.endpoint.tokenURL, stored)
	r.refused = refusal{}
	// Before the save: one that fails makes the token no older.
	r.issued = issue{fingerprintOf(token.AccessToken), wallTime()}
	if err := r.save(ctx, h, token, stored); err != nil {
		return nil, err
	}
	if a.refused != nil { // a new refresh token came without a usable access token
		return nil, fmt.Errorf("refresh: %w", a.refused)
	}
	return token, nil
}

// usable reports whether a stored token can be handed out as it is. One that is another than the caller had is used to
// its end, whatever its expiry: it is what the service returned last.
func (r *renewal) usable(t *oauth2.Token) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return serves(t, r.rejected) && (r.another(t) || !r.due(t))
}

// another reports whether t is another token than the caller had.
func (r *renewal) another(t *oauth2.Token) bool {
	return r.rejected != nil || r.known != nil && !sameAccess(t, r.known)
}

// worthwhile says why a refresh of t is not to be tried.
func (r *renewal) worthwhile(t *oauth2.Token) error {
	switch {
	case t.RefreshToken == "":
		return fmt.Errorf("%w (the stored grant has no refresh token)", ErrReauthorize)
	case r.dead[fingerprintOf(t.RefreshToken)]:
		return fmt.Errorf("%w (the service called its refresh token invalid before)", ErrReauthorize)
	case sameAccess(t, r.rejected) && !expired(t) &&
		r.issued.access == fingerprintOf(t.AccessToken) && time.Since(r.issued.at).Abs() < minAge:
		return ErrJustRefreshed
	}
	return r.refused.inForce(t.RefreshToken)
}

// adopt makes t the current token. One that somebody else refreshed counts as refreshed at the time that its expiry and
// its lifetime tell.
func (r *renewal) adopt(t *oauth2.Token) *oauth2.Token {
	mark := fingerprintOf(t.AccessToken)
	if r.another(t) && r.issued.access != mark && t.ExpiresIn > 0 && !t.Expiry.IsZero() {
		r.issued = issue{mark, t.Expiry.Round(0).Add(-time.Duration(t.ExpiresIn) * time.Second)}
	}
	r.setCurrent(t)
	return t
}

// setValid keeps t, where it serves, and makes it current while the flight goes on.
func (r *renewal) setValid(t *oauth2.Token) {
	if !serves(t, r.rejected) {
		return
	}
	r.valid = t
	r.setCurrent(t)
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.flight; f.found != nil {
		close(f.found)
		f.found = nil
	}
}

// inHand reports whether err is a failure that passes, or one that is remembered, while there is a valid token to go on
// with.
func (r *renewal) inHand(err error) bool {
	if r.valid == nil || expired(r.valid) {
		return false
	}
	if incurable(err) {
		return true
	}
	if refused, ok := errors.AsType[*TokenError](err); ok && refused.misconfigured() {
		return false
	}
	_, unsaved := errors.AsType[*SaveError](err)
	return !unsaved && !errors.Is(err, ErrReauthorize) && !errors.Is(err, ErrNoToken) &&
		!errors.Is(err, ErrWrongGrant) && !errors.Is(err, ErrJustRefreshed) && !errors.Is(err, ErrSealed)
}
