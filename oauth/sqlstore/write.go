package sqlstore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// Save waits for the user's lock and replaces the grant. It ends what [Store.NeedConsent] says of the user.
func (u *UserStore) Save(ctx context.Context, token *oauth2.Token) error {
	return u.withLock(ctx, func(l *lock) error { return l.Save(ctx, token) })
}

// Delete waits for the user's lock and removes the row. It needs no key. To end the grant at the service too, use
// [oauth.Disconnect].
func (u *UserStore) Delete(ctx context.Context) error {
	return u.withLock(ctx, func(l *lock) error { return l.Delete(ctx) })
}

func (u *UserStore) withLock(ctx context.Context, do func(*lock) error) error {
	l, err := u.lock(ctx, true)
	if err != nil {
		return err
	}
	err = do(l)
	if unlockErr := l.Unlock(); err == nil {
		err = unlockErr
	}
	return err
}

// Move puts every grant that was refreshed at the token URL from under the token URL to, and returns how many. It is
// for the case "my application's tokens were refreshed at Cloud until now":
//
//	n, err := store.Move(ctx, oauth.Cloud.TokenURL, oauth.Moi.TokenURL)
//
// From then on a grant is refreshed by those processes alone whose configuration has the new URL; the others get
// [oauth.ErrWrongGrant]. It sends nothing, changes nothing else of a grant, and waits for each user's lock, so it may
// run while other processes use the grants: none is lost, and no refresh token is sent to both URLs. Start processes
// with the new configuration beside the old ones or after them, and give them [oauth.WithMovedFrom] where they must
// serve a user before Move comes to them.
//
// It reads the users in pages of 500. When it is interrupted, or has an error, call it again: what is moved stays so.
// One grant that cannot be moved does not keep it from the others. Call it once more when the last process with the old
// configuration has ended, until it returns 0: such a process may have saved a grant at the same moment.
func (s *Store) Move(ctx context.Context, from, to string) (int, error) {
	if u, err := url.Parse(to); err != nil || u.Host == "" || from == "" || from == to {
		return 0, errors.New("oauth/sqlstore: Move needs two token URLs, such as those of oauth.Cloud and oauth.Moi")
	}
	return s.rewriteAll(ctx, func(u *UserStore, data []byte) ([]byte, error) {
		data, err := u.open(data)
		if err != nil {
			return nil, err
		}
		token, err := oauth.DecodeToken(data)
		if err != nil || token.Extra("token_url") != from {
			return nil, err
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(data, &fields); err != nil {
			return nil, errors.New("oauth/sqlstore: the stored token is torn")
		}
		if fields["token_url"], err = json.Marshal(to); err != nil {
			return nil, err
		}
		return json.Marshal(fields)
	})
}

// Reseal writes every grant anew that is not sealed with the first key of [WithSealing]: those of older keys, and those
// kept in plain from a time without a key. It returns how many it wrote. When it returns without an error, and every
// process writes with the new key, the older ones can go.
//
// To change the key: give all processes the new key as an older one, so that all can read it; then as the first, with
// the old one behind it; then Reseal; then drop the old one. It waits for each user's lock, so it may run beside
// refreshes. One grant that cannot be opened does not keep it from the others.
func (s *Store) Reseal(ctx context.Context) (int, error) {
	if s.sealer == nil {
		return 0, errors.New("oauth/sqlstore: Reseal needs a key: give New the option WithSealing")
	}
	return s.rewriteAll(ctx, func(u *UserStore, data []byte) ([]byte, error) {
		if _, err := s.newest.Open(data, []byte(u.id)); err == nil {
			return nil, nil
		}
		if _, err := oauth.DecodeToken(data); err == nil {
			return data, nil // in plain
		}
		return u.open(data)
	})
}

// rewriteAll writes those grants anew for which change returns what is to be stored, before it is sealed.
func (s *Store) rewriteAll(ctx context.Context, change func(u *UserStore, data []byte) ([]byte, error)) (int, error) {
	const maxFailures = 10 // bounds the error's text: with a wrong key, every grant fails
	written, failed := 0, 0
	var failures []error
	for g, err := range s.Users(ctx) {
		if err != nil {
			return written, errors.Join(append(failures, err)...)
		}
		changed, err := s.For(g.UserID).rewrite(ctx, change)
		switch {
		case ctx.Err() != nil:
			return written, errors.Join(append(failures, ctx.Err())...)
		case err == nil && changed:
			written++
		case err != nil:
			if failed++; failed <= maxFailures {
				failures = append(failures, err)
			}
		}
	}
	if failed > maxFailures {
		failures = append(failures, fmt.Errorf("oauth/sqlstore: and %d other grants", failed-maxFailures))
	}
	return written, errors.Join(failures...)
}

func (u *UserStore) rewrite(ctx context.Context, change func(u *UserStore, data []byte) ([]byte, error)) (changed bool, err error) {
	changedFrom := func(from queryer) ([]byte, error) {
		data, _, err := u.readRaw(ctx, from)
		if errors.Is(err, oauth.ErrNoToken) {
			return nil, nil // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		return change(u, data)
	}
	// A look without the lock first: most are as they should be.
	if data, err := changedFrom(u.store.db); data == nil {
		return false, err
	}
	err = u.withLock(ctx, func(l *lock) error {
		data, err := changedFrom(l.conn)
		if data == nil {
			return err
		}
		sealed, err := u.seal(data)
		if err != nil {
			return err
		}
		changed = true
		revision := rand.Text()
		return l.write(ctx, write{"write anew", u.store.sql.rewrite, []any{u.id, sealed, revision}, revision})
	})
	return changed && err == nil, err
}
