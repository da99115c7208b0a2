package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/wait"
	"github.com/oura-go/sdk/oauth"
)

// Lock waits for the user's lock, which holds off other goroutines and other processes. It holds one connection until
// Unlock.
func (u *UserStore) Lock(ctx context.Context) (oauth.Locked, error) {
	l, err := u.lock(ctx, true)
	if err != nil {
		return nil, err // not a nil *lock in an interface
	}
	return l, nil
}

// lock takes the lock. Without wait, one that somebody has is errHeld, where a lock is a user's own.
func (u *UserStore) lock(ctx context.Context, wait bool) (*lock, error) {
	if u.err != nil {
		return nil, u.err
	}
	wait = wait || !u.store.sql.rowLocks
	if err := u.store.turns.take(ctx, u.turn(), wait); err != nil {
		return nil, err
	}
	l := &lock{user: u}
	if err := l.acquire(ctx, wait); err != nil {
		u.store.turns.pass(u.turn())
		return nil, err
	}
	return l, nil
}

// acquire locks the row, and leaves it again as long as it has the mark of a holder that may come back.
func (l *lock) acquire(ctx context.Context, waits bool) error {
	var free time.Time // since when the row was seen free, and never held
	for tries, waiting := 0, waits; ; tries++ {
		err := l.begin(ctx, waiting)
		switch {
		case errors.Is(err, errHeld) && waits: // the holder is back, or there is no row
			waiting, free = true, time.Time{}
			continue
		case err != nil || !l.foreign:
			return err
		case free.IsZero():
			free = time.Now()
		case time.Since(free) >= grace:
			return nil // it was killed, as far as can be told
		}
		l.abandon()
		if !waits {
			return errHeld
		}
		if wait.Sleep(ctx, wait.Backoff(tries, 5*time.Millisecond, 100*time.Millisecond)) != nil {
			return ctx.Err()
		}
		waiting = false
	}
}

// turn is whose turn to wait for: of a lock on the whole database, everybody's.
func (u *UserStore) turn() string {
	if u.store.sql.rowLocks {
		return u.id
	}
	return ""
}

// Load returns the grant, as this lock has saved it or else as it was committed.
func (l *lock) Load(ctx context.Context) (token *oauth2.Token, err error) {
	err = l.do(ctx, func() (err error) {
		if l.lost != nil {
			return l.lost
		}
		token, _, err = l.user.read(ctx, l.conn)
		return err
	})
	return token, err
}

// Save replaces the grant in the transaction. Unlock makes it last.
func (l *lock) Save(ctx context.Context, token *oauth2.Token) error {
	encoded, err := oauth.EncodeToken(token)
	if err != nil {
		return err
	}
	data, err := l.user.seal(encoded)
	if err != nil {
		return err
	}
	expiry := sql.NullInt64{Int64: token.Expiry.Unix(), Valid: !token.Expiry.IsZero()}
	l.saved = rand.Text()
	return l.write(ctx, write{"save", l.user.store.sql.save, []any{l.user.id, data, expiry, l.saved}, l.saved})
}

// Delete removes the row in the transaction.
func (l *lock) Delete(ctx context.Context) error {
	return l.write(ctx, write{"delete", l.user.store.sql.remove, []any{l.user.id}, ""})
}

func (l *lock) write(ctx context.Context, w write) error {
	return l.do(ctx, func() error { return l.exec(ctx, w) })
}

// do runs a step in the transaction, in a new one where the last was lost.
func (l *lock) do(ctx context.Context, step func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done {
		return errUnlocked
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.conn == nil {
		before := l.revision
		if err := l.begin(ctx, true); err != nil {
			return err
		}
		if l.revision != before {
			l.abandon()
			l.revision = before
			return errOvertaken
		}
	}
	err := step()
	if _, ok := errors.AsType[*failure](err); ok {
		// Whether it is the connection, or the transaction that PostgreSQL then refuses to go on with: nothing more can
		// be done in it. Any other error is about what was read.
		l.abandon()
	}
	return err
}
