package main

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oura-go/sdk/oura"
)

//go:embed schema.sql
var schema string

// objects is the table of documents. Many processes write it in any order: a writer draws a ticket before it fetches,
// and of two the higher stays. The ticket that is drawn after the last change to a document was told belongs to a fetch
// that sees that change, and all higher ones do too, so whichever is written last or first, the newest state stays.
type objects struct{ db *sql.DB }

func (o objects) migrate(ctx context.Context) error {
	tx, err := o.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	// Not even IF NOT EXISTS is safe to run twice at once.
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('fleet_schema'))`); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	return tx.Commit()
}

func (o objects) ticket(ctx context.Context) (n int64, err error) {
	err = o.db.QueryRowContext(ctx, `SELECT nextval('fleet_tickets')`).Scan(&n)
	return n, err
}

// put stores a version, or that there is none, unless a later fetch has been stored. It reports whether it was.
func (o objects) put(ctx context.Context, user string, t oura.DataType, ticket int64, v version) (stored bool, err error) {
	var doc, day, hash sql.NullString
	if v.doc != nil {
		body, err := json.Marshal(v.doc)
		if err != nil {
			return false, errors.New("a document cannot be written as JSON") // its text may quote values
		}
		doc, hash = text(string(body)), text(v.mark.Hash)
	}
	if !v.mark.Day.IsZero() {
		day = text(v.mark.Day.String())
	}
	result, err := o.db.ExecContext(ctx, `
		INSERT INTO fleet_objects (user_id, data_type, object_id, ticket, day, hash, doc)
		VALUES ($1, $2, $3, $4, $5::date, $6, $7::jsonb)
		ON CONFLICT (user_id, data_type, object_id) DO UPDATE SET
			ticket = excluded.ticket, day = coalesce(excluded.day, fleet_objects.day), hash = excluded.hash,
			doc = excluded.doc, stored_at = clock_timestamp()
		WHERE fleet_objects.ticket < excluded.ticket`,
		user, string(t), v.id, ticket, day, hash, doc)
	if err != nil {
		return false, storeError(err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

func text(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }

// errUnstorable means that PostgreSQL will never take the document: its text holds a zero byte, for one.
var errUnstorable = errors.New("the document holds what PostgreSQL cannot store")

// storeError keeps what PostgreSQL quotes of a row out of logs: the code alone tells what is wrong.
func storeError(err error) error {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case !ok:
		return err
	case len(refused.Code) == 5 && refused.Code[:2] == "22": // data exception
		return fmt.Errorf("%w (SQLSTATE %s)", errUnstorable, refused.Code)
	default:
		return fmt.Errorf("PostgreSQL refused: SQLSTATE %s", refused.Code)
	}
}

// known is what the table has of a person's documents of one type since a day.
func (o objects) known(ctx context.Context, user string, t oura.DataType, since oura.Date) (_ oura.Known, err error) {
	rows, err := o.db.QueryContext(ctx, `
		SELECT object_id, day::text, hash FROM fleet_objects
		WHERE user_id = $1 AND data_type = $2 AND doc IS NOT NULL AND day >= $3::date`, user, string(t), since.String())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	known := oura.Known{}
	for rows.Next() {
		var id, day, hash string
		if err := rows.Scan(&id, &day, &hash); err != nil {
			return nil, err
		}
		date, err := oura.ParseDate(day)
		if err != nil {
			return nil, err
		}
		known[id] = oura.Fingerprint{Day: date, Hash: hash}
	}
	return known, rows.Err()
}

// sweep forgets documents that have been gone for longer than any fetch or event from before could last.
func (o objects) sweep(ctx context.Context, age time.Duration) (int64, error) {
	result, err := o.db.ExecContext(ctx, `DELETE FROM fleet_objects WHERE doc IS NULL AND stored_at < clock_timestamp() - make_interval(secs => $1)`,
		age.Seconds())
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
