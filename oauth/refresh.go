package oauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/oauth2"
)

const (
	// lockTimeout bounds the wait for a store's lock: twice what a holder may take.
	lockTimeout = time.Minute
	// minAge is the age from which a rejected token is worth a refresh.
	minAge = 60 * time.Second
)

// work is one walk from "the current token will not do" to a token or an error.
type work struct {
	*source
	rejected *oauth2.Token
	known    *oauth2.Token // the current token when the work began
	valid    *oauth2.Token // to hand out should a refresh meet a passing failure
	sent     bool          // the last refresh request was sent
}

// fingerprint stands for a token where only equality matters.
type fingerprint [sha256.Size]byte

func fingerprintOf(token string) fingerprint { return sha256.Sum256([]byte(token)) }

// issue is when an access token was issued.
type issue struct {
	access fingerprint
	at     time.Time
}

func (w *work) run(ctx context.Context) (*oauth2.Token, error) {
	w.setValid(w.known)
	// A look without the lock first: most often there is nothing to refresh, and
	// a store that is read-only serves a token as long as it lasts.
	if w.unsaved == nil {
		stored, err := w.load(ctx, w.store)
		if err != nil {
			return nil, err
		}
		if w.usable(stored) {
			return w.adopt(stored), nil
		}
		w.setValid(stored)
		if err := w.worthwhile(stored); err != nil {
			return nil, err
		}
	}
	locked, err := w.lock(ctx)
	if err != nil {
		if w.unsaved != nil {
			err = w.unsaved.err(err)
		}
		return nil, err
	}
	l := &lease{Locked: locked}
	defer func() { _ = l.release() }() // for a store that panics
	token, err := w.locked(ctx, l)
	if endErr := w.end(l); endErr != nil {
		err = endErr
	}
	if err != nil {
		return nil, err
	}
	return w.adopt(token), nil
}

// locked is the part under the lock: load again, settle what is unsaved, use
// another token, else refresh and save.
func (w *work) locked(ctx context.Context, l *lease) (*oauth2.Token, error) {
	stored, err := w.load(ctx, l)
	if w.unsaved != nil {
		if stored, err = w.settle(ctx, l, stored, err); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		if w.usable(stored) {
			return stored, nil
		}
		w.setValid(stored)
		if err := w.worthwhile(stored); err != nil {
			return nil, err
		}
		token, err := w.refresh(ctx, l, stored)
		if refused, ok := errors.AsType[*TokenError](err); !ok || !refused.dead() {
			return token, err
		}
		w.dead[fingerprintOf(stored.RefreshToken)] = true
		// Somebody without our lock may have been quicker.
		again, loadErr := w.load(context.WithoutCancel(ctx), l)
		if loadErr != nil || sameGrant(again, stored) || !first {
			return nil, fmt.Errorf("%w (%w)", ErrReauthorize, err)
		}
		stored = again
	}
}

// refresh sends one request and saves what it answers. From here on ctx no longer counts.
func (w *work) refresh(ctx context.Context, l *lease, stored *oauth2.Token) (*oauth2.Token, error) {
	if err := ctx.Err(); err != nil {
		w.sent = false // this one was not: who waits need not hear of our context
		return nil, err
	}
	w.sent = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout+saveTimeout)
	defer cancel()
	token, refused, err := w.endpoint.refresh(ctx, stored)
	if err != nil {
		return nil, err
	}
	// Before the save: one that fails makes the token no older.
	w.issued = issue{fingerprintOf(token.AccessToken), time.Now()}
	if err := w.save(ctx, l, token, stored); err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, fmt.Errorf("refresh: %w", refused)
	}
	return token, nil
}

// refresh trades a refresh token. Where the answer has a new refresh token but no
// usable access token, refused is set too, and the token has to be kept.
func (e *endpoint) refresh(ctx context.Context, t *oauth2.Token) (_ *oauth2.Token, refused *TokenError, _ error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.RefreshToken}}
	a, err := e.grant(ctx, form, t.RefreshToken, t.AccessToken)
	if err != nil {
		return nil, nil, fmt.Errorf("refresh: %w", err)
	}
	return a.token(e.tokenURL, t), a.refused, nil
}

// load reads the store and refuses a grant of other endpoints.
func (s *source) load(ctx context.Context, from Store) (*oauth2.Token, error) {
	t, err := from.Load(ctx)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, ErrNoToken
	}
	if origin, _ := t.Extra(keyTokenURL).(string); origin != "" && origin != s.endpoint.tokenURL {
		return nil, ErrWrongGrant
	}
	return t, nil
}

// lock takes the store's lock where it has one.
func (s *source) lock(ctx context.Context) (Locked, error) {
	locker, ok := s.store.(Locker)
	if !ok {
		return unlocked{s.store}, nil
	}
	errHeld := errors.New("another holder has had it for a minute: is it hanging?")
	limited, cancel := context.WithTimeoutCause(ctx, lockTimeout, errHeld)
	defer cancel()
	locked, err := locker.Lock(limited)
	switch {
	case err == nil:
		return locked, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		err = context.Cause(limited)
	}
	return nil, fmt.Errorf("oauth: the store's lock: %w", err)
}

// usable reports whether a stored token can be handed out as it is. One that is
// another than the caller had is used to its end, whatever its expiry: it is
// what the service answered last.
func (w *work) usable(t *oauth2.Token) bool {
	if t.AccessToken == "" || sameAccess(t, w.rejected) || expired(t, time.Now()) {
		return false
	}
	return w.rejected != nil || w.known != nil && !sameAccess(t, w.known) || !w.isDue(t)
}

// worthwhile says why a refresh of t is not to be tried.
func (w *work) worthwhile(t *oauth2.Token) error {
	switch {
	case t.RefreshToken == "":
		return fmt.Errorf("%w (the stored grant has no refresh token)", ErrReauthorize)
	case w.dead[fingerprintOf(t.RefreshToken)]:
		return fmt.Errorf("%w (the service called its refresh token invalid before)", ErrReauthorize)
	case sameAccess(t, w.rejected) && !expired(t, time.Now()) && w.justIssued(t):
		return ErrJustRefreshed
	}
	return nil
}

func (w *work) justIssued(t *oauth2.Token) bool {
	return w.issued.access == fingerprintOf(t.AccessToken) && time.Since(w.issued.at).Abs() < minAge
}

// adopt makes t the current token. One that somebody else refreshed counts as
// refreshed at the time that its expiry and its lifetime tell.
func (w *work) adopt(t *oauth2.Token) *oauth2.Token {
	another := w.rejected != nil || w.known != nil && !sameAccess(t, w.known)
	if mark := fingerprintOf(t.AccessToken); another && w.issued.access != mark && t.ExpiresIn > 0 && !t.Expiry.IsZero() {
		w.issued = issue{mark, t.Expiry.Add(-time.Duration(t.ExpiresIn) * time.Second)}
	}
	w.setCurrent(t)
	return t
}

func (w *work) setValid(t *oauth2.Token) {
	if t != nil && t.AccessToken != "" && !sameAccess(t, w.rejected) && !expired(t, time.Now()) {
		w.valid = t
	}
}

// inHand reports whether err is a failure that passes while there is a valid
// token to go on with.
func (w *work) inHand(err error) bool {
	if w.valid == nil || expired(w.valid, time.Now()) {
		return false
	}
	if refused, ok := errors.AsType[*TokenError](err); ok && refused.misconfigured() {
		return false
	}
	_, unsaved := errors.AsType[*SaveError](err)
	return !unsaved && !errors.Is(err, ErrReauthorize) && !errors.Is(err, ErrNoToken) &&
		!errors.Is(err, ErrWrongGrant) && !errors.Is(err, ErrJustRefreshed) && !errors.Is(err, ErrSealed)
}
