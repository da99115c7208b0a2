package mirror

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

// database is what a mirror is in.
type database struct {
	db  *sql.DB
	sql *language
}

// rollbackTimeout bounds what is done after the caller's context has ended.
const rollbackTimeout = 10 * time.Second

// tx is a transaction on a connection of its own. database/sql's own begins SQLite's without the write lock, which two
// writers then cannot both get.
type tx struct {
	ctx  context.Context //nolint:containedctx // lives as long as one call of transaction
	conn *sql.Conn
	sql  *language
}

// transaction runs do in a transaction, and commits it unless do fails. A database that is busy is tried again until
// ctx ends.
func (d *database) transaction(ctx context.Context, do func(*tx) error) error {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	t := &tx{ctx: ctx, conn: conn, sql: d.sql}
	if err := d.patiently(ctx, func() error { return t.exec(d.sql.begin) }); err != nil {
		discard(conn)
		return err
	}
	if err = do(t); err == nil {
		err = d.patiently(ctx, func() error { return t.exec(`COMMIT`) })
	}
	if err != nil {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
		defer cancel()
		if _, failed := conn.ExecContext(after, `ROLLBACK`); failed != nil {
			discard(conn) // it may still be within the transaction
		}
	}
	return err
}

func discard(conn *sql.Conn) { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }

// patiently tries again what a busy database refuses, until ctx ends.
func (d *database) patiently(ctx context.Context, do func() error) error {
	for failed := 0; ; failed++ {
		err := do()
		if err == nil || !d.sql.busy(err) {
			return err
		}
		pause := wait.Backoff(failed, time.Millisecond, 25*time.Millisecond)
		if err := wait.Sleep(ctx, wait.Between(pause/2, pause)); err != nil {
			return err
		}
	}
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.conn.ExecContext(t.ctx, t.sql.bind(query), args...)
	return err
}

// affected is exec that returns how many rows there were.
func (t *tx) affected(query string, args ...any) (int, error) {
	result, err := t.conn.ExecContext(t.ctx, t.sql.bind(query), args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// row reads the row that a query gives into dest; found is false, and dest as it was, where it gives none.
func (t *tx) row(query string, args []any, dest ...any) (found bool, err error) {
	err = t.conn.QueryRowContext(t.ctx, t.sql.bind(query), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// query calls each for every row of a query.
func (t *tx) query(query string, args []any, each func(*sql.Rows) error) error {
	rows, err := t.conn.QueryContext(t.ctx, t.sql.bind(query), args...)
	if err != nil {
		return err
	}
	return eachOf(rows, each)
}

// query is tx.query outside of any transaction.
func (d *database) query(ctx context.Context, query string, args []any, each func(*sql.Rows) error) (err error) {
	var rows *sql.Rows
	err = d.patiently(ctx, func() (err error) {
		rows, err = d.db.QueryContext(ctx, d.sql.bind(query), args...) //nolint:rowserrcheck,sqlclosecheck // in eachOf
		return err
	})
	if err != nil {
		return err
	}
	return eachOf(rows, each)
}

func eachOf(rows *sql.Rows, each func(*sql.Rows) error) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
