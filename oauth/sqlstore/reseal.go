package sqlstore

import (
	"context"
	"errors"

	"github.com/oura-go/sdk/oauth"
)

// Reseal writes every grant anew that is not sealed with the first key of
// [Sealed]: those of older keys, and those kept in plain from a time without a
// key. It returns how many it wrote. When it returns without an error, and every
// process writes with the new key, the older ones can go.
//
// To change the key: give all processes the new key as an older one, so that all
// can read it; then as the first, with the old one behind it; then Reseal; then
// drop the old one. It waits for each user's lock, so it may run beside refreshes.
// One grant that cannot be opened does not keep it from the others.
func (s *Store) Reseal(ctx context.Context) (int, error) {
	if s.sealer == nil {
		return 0, errors.New("oauth/sqlstore: Reseal needs a key: give New the option Sealed")
	}
	written := 0
	var failures []error
	for g, err := range s.Users(ctx) {
		if err != nil {
			return written, errors.Join(append(failures, err)...)
		}
		resealed, err := s.For(g.UserID).reseal(ctx)
		switch {
		case ctx.Err() != nil:
			return written, errors.Join(append(failures, ctx.Err())...)
		case err != nil && len(failures) < maxFailures:
			failures = append(failures, err)
		case resealed:
			written++
		}
	}
	return written, errors.Join(failures...)
}

// maxFailures bounds an error's text: with a wrong key, every grant fails.
const maxFailures = 10

func (u *UserStore) reseal(ctx context.Context) (written bool, err error) {
	// A look without the lock first: most are as they should be.
	data, _, err := u.readRaw(ctx, u.store.db)
	if errors.Is(err, oauth.ErrNoToken) {
		return false, nil // deleted meanwhile
	}
	if err != nil {
		return false, err
	}
	if _, err := u.store.newest.Open(data, []byte(u.id)); err == nil {
		return false, nil
	}
	err = u.withLock(ctx, func(l *lock) error {
		data, _, err := u.readRaw(ctx, l.conn)
		if errors.Is(err, oauth.ErrNoToken) {
			return nil
		}
		if err != nil {
			return err
		}
		token, err := oauth.DecodeToken(data) // in plain
		if err != nil {
			if data, err = u.store.sealer.Open(data, []byte(u.id)); err != nil {
				return err
			}
			if token, err = oauth.DecodeToken(data); err != nil {
				return err
			}
		}
		written = true
		return l.Save(ctx, token)
	})
	return written && err == nil, err
}
