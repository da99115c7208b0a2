package sqlstore

import (
	"context"

	"golang.org/x/oauth2"
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
