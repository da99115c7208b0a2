package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strconv"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

var (
	errUnlocked  = errors.New("oauth/sqlstore: the lock is no longer held")
	errOvertaken = errors.New("oauth/sqlstore: the lock was lost, and another grant was saved meanwhile")
	errWriteLost = errors.New("oauth/sqlstore: the lock's connection was lost, and with it what was saved")
)

const (
	// The end of a transaction has no context of its own.
	commitTimeout   = 10 * time.Second
	rollbackTimeout = 2 * time.Second
	// beginTries is how many connections are tried: those in a pool can all have died with the server that they led to.
	beginTries = 3
)

// lock is a user's row, held by a transaction on a connection of its own. Should that be lost, the next Load or Save
// takes the lock anew on another: the grant that a refresh brought must not go down with a connection.
type lock struct {
	user *UserStore

	mu       sync.Mutex
	conn     *sql.Conn // nil: lost
	revision string    // of what was committed when the row was locked
	wrote    bool      // Unlock has something to commit
	saved    string    // the revision of what Save wrote last
	lost     error     // what was written is gone with its connection
	done     bool
}

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
	if err := l.begin(ctx, wait); err != nil {
		u.store.turns.pass(u.turn())
		return nil, err
	}
	return l, nil
}

// turn is whose turn to wait for: of a lock on the whole database, everybody's.
func (u *UserStore) turn() string {
	if u.store.sql.rowLocks {
		return u.id
	}
	return ""
}

// begin opens a transaction and locks the row in it. The transaction does not end with ctx, which bounds the wait
// alone.
func (l *lock) begin(ctx context.Context, wait bool) error {
	err := l.open(ctx)
	if err == nil {
		err = l.lockRow(ctx, wait)
	}
	if err == nil {
		return nil
	}
	l.abandon()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errHeld):
		return err
	}
	return databaseError("lock", err)
}

// open begins a transaction on a connection of the pool.
func (l *lock) open(ctx context.Context) error {
	s := l.user.store
	for try := 1; ; try++ {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return err
		}
		err = s.patiently(ctx, func() error {
			_, err := conn.ExecContext(ctx, s.sql.begin)
			return err
		})
		if err == nil {
			l.conn = conn
			return nil
		}
		discard(conn)
		_ = conn.Close()
		if try == beginTries || ctx.Err() != nil {
			return err
		}
	}
}

func (l *lock) lockRow(ctx context.Context, wait bool) error {
	statements, user := l.user.store.sql, l.user.id
	if statements.bounds != "" {
		_, err := l.conn.ExecContext(ctx, statements.bounds, milliseconds(l.user.store.lease), lockTimeout(ctx))
		if err != nil {
			return err
		}
	}
	query := statements.lock
	if !wait {
		query = statements.lockFree
	}
	for {
		err := l.conn.QueryRowContext(ctx, query, user).Scan(&l.revision)
		switch {
		case !errors.Is(err, sql.ErrNoRows):
			return err
		case !wait:
			return errHeld
		case statements.reserve == "": // the database is locked, row or no row
			l.revision = ""
			return nil
		}
		if _, err := l.conn.ExecContext(ctx, statements.reserve, user); err != nil {
			return err
		}
	}
}

// lockTimeout is for the server alone, should this process be gone while its statement waits: a moment later than the
// end of the context.
func lockTimeout(ctx context.Context) string {
	deadline, ok := ctx.Deadline()
	if !ok {
		return "0" // for as long as it takes
	}
	return milliseconds(min(max(0, time.Until(deadline)), longestBound) + time.Second)
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Load returns the grant, as this lock has saved it or else as it was committed.
func (l *lock) Load(ctx context.Context) (*oauth2.Token, error) {
	var token *oauth2.Token
	err := l.do(ctx, func() (err error) {
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
	return l.write(ctx, "save", l.user.store.sql.save, l.user.id, data, expiry, l.saved)
}

// Delete removes the row in the transaction.
func (l *lock) Delete(ctx context.Context) error {
	return l.write(ctx, "delete", l.user.store.sql.remove, l.user.id)
}

func (l *lock) write(ctx context.Context, what, query string, args ...any) error {
	return l.do(ctx, func() error {
		if _, err := l.conn.ExecContext(ctx, query, args...); err != nil {
			return databaseError(what, err)
		}
		l.wrote, l.lost = true, nil
		return nil
	})
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

// abandon gives the transaction up, and the connection unless it is sound.
func (l *lock) abandon() {
	conn := l.conn
	if conn == nil {
		return
	}
	l.conn = nil
	if l.wrote {
		l.wrote, l.lost = false, errWriteLost
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTimeout)
	defer cancel()
	if _, err := conn.ExecContext(ctx, `ROLLBACK`); err != nil {
		discard(conn)
	}
	_ = conn.Close()
}

// Unlock commits what was saved, or rolls back where nothing was. An error means that what was saved may be lost.
func (l *lock) Unlock() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done {
		return nil
	}
	l.done = true
	defer l.user.store.turns.pass(l.user.turn())
	if !l.wrote {
		l.abandon()
		return l.lost
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	err := l.user.store.patiently(ctx, func() error {
		_, err := l.conn.ExecContext(ctx, `COMMIT`)
		return err
	})
	if err != nil {
		l.abandon()
		return databaseError("commit", err)
	}
	_ = l.conn.Close()
	l.conn = nil
	return nil
}

// discard keeps a connection that may be within a transaction out of the pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}
