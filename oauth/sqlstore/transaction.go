package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strconv"
	"sync"
	"time"
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
	// comeback is how long a holder tries to carry out a commit whose connection broke.
	comeback = 5 * time.Second
	// grace is how long a rival leaves a row that is free and has the mark of another: that holder is on its way back, or
	// it was killed.
	grace = 8 * time.Second
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
	foreign  bool      // the row has the mark of another holder, which has not run out
	marked   bool      // the row has the mark of this user store, as far as is known
	wrote    bool      // Unlock has something to commit
	pending  write     // what it is
	saved    string    // the revision of what Save wrote last
	lost     error     // what was written is gone with its connection
	done     bool
}

// write is a statement that changes the row, and the row's revision after it.
type write struct {
	what, query string
	args        []any
	revision    string // "" where there is no row
}

// exec writes in the transaction.
func (l *lock) exec(ctx context.Context, w write) error {
	if _, err := l.conn.ExecContext(ctx, w.query, w.args...); err != nil {
		return databaseError(w.what, err)
	}
	l.wrote, l.pending, l.lost = true, w, nil
	return nil
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
		var holder string
		var lives bool
		err := l.conn.QueryRowContext(ctx, query, user).Scan(&l.revision, &holder, &lives)
		l.marked = holder == l.user.mark
		l.foreign = lives && !l.marked
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

// discard keeps a connection that may be within a transaction out of the pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}
