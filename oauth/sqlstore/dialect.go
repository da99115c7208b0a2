package sqlstore

import (
	"errors"
	"fmt"
	"strings"
)

// Dialect is a kind of database.
type Dialect int

const (
	// PostgreSQL is version 12 or newer, with any driver; databases that speak its dialect need row locks that hold for
	// the transaction.
	PostgreSQL Dialect = iota + 1
	// SQLite is version 3.38 or newer, for processes of one machine.
	SQLite
)

// String is the dialect's name.
func (d Dialect) String() string {
	switch d {
	case PostgreSQL:
		return "PostgreSQL"
	case SQLite:
		return "SQLite"
	}
	return fmt.Sprintf("Dialect(%d)", int(d))
}

func (d Dialect) statements() (*statements, error) {
	switch d {
	case PostgreSQL:
		return &postgresql, nil
	case SQLite:
		return &sqlite, nil
	}
	return nil, fmt.Errorf("oauth/sqlstore: %s is not a dialect: give sqlstore.PostgreSQL or sqlstore.SQLite", d)
}

// statements is what a dialect says differently. Their parameters are the same.
type statements struct {
	folder string // of the tables
	// rowLocks: a lock is a row's; else it is the whole database's.
	rowLocks bool
	// busy reports whether an error only says to try again, in a database whose statements do not wait themselves.
	busy func(error) bool

	begin    string
	bounds   string // lease and lock timeout in milliseconds, as text; "" is none
	lock     string // user → revision, mark, whether that lives
	lockFree string // the same, and no row where somebody holds it
	reserve  string // user: a row to lock where there is none; it is never committed
	load     string // user → token, revision
	mark     string // user, mark, its life in milliseconds; "" where a connection cannot break
	unmark   string // user, mark
	save     string // user, token, expiry, revision; the mark ends
	rewrite  string // user, token, revision: the same grant in another form
	remove   string // user
	bury     string // user, revision

	users, expiring, dead string // user that came before, limit[, time] → user, expiry, dead since

	migrated      []string // by file of the folder: whether it was run
	migrationLock string
}

// postgresqlLock reads the row as its last holder left it. A mark says who holds it though its lock may be lost.
const postgresqlLock = `SELECT revision, coalesce(holder, ''), coalesce(held_until > clock_timestamp(), false) ` +
	`FROM oura_grants WHERE user_id = $1`

// The columns of a list. Times are seconds since 1970 under either dialect.
const (
	postgresqlRow = `SELECT user_id, floor(extract(epoch FROM expires_at))::bigint, ` +
		`floor(extract(epoch FROM dead_since))::bigint FROM oura_grants WHERE user_id > $1`
	sqliteRow = `SELECT user_id, expires_at, dead_since FROM oura_grants WHERE user_id > ?1`
)

var postgresql = statements{
	folder:   "migrations/postgresql",
	rowLocks: true,
	busy:     func(error) bool { return false },

	// Whatever the database's default is: a lock must see what its last holder committed.
	begin: `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`,
	bounds: `SELECT set_config('idle_in_transaction_session_timeout', $1::text, true), ` +
		`set_config('lock_timeout', $2::text, true)`,
	lock:     postgresqlLock + ` FOR UPDATE`,
	lockFree: postgresqlLock + ` FOR UPDATE SKIP LOCKED`,
	// It waits for another transaction that reserves the same user.
	reserve: `INSERT INTO oura_grants (user_id, token, revision) VALUES ($1, '', '') ON CONFLICT (user_id) DO NOTHING`,
	load:    `SELECT token, revision FROM oura_grants WHERE user_id = $1`,
	mark: `UPDATE oura_grants SET holder = $2, held_until = clock_timestamp() + $3::bigint * interval '1 millisecond' ` +
		`WHERE user_id = $1`,
	unmark: `UPDATE oura_grants SET holder = NULL, held_until = NULL WHERE user_id = $1 AND holder = $2`,
	save: `INSERT INTO oura_grants (user_id, token, expires_at, revision) ` +
		`VALUES ($1, $2, to_timestamp($3::bigint), $4) ON CONFLICT (user_id) DO UPDATE SET ` +
		`token = excluded.token, expires_at = excluded.expires_at, revision = excluded.revision, ` +
		`holder = NULL, held_until = NULL, dead_since = NULL, saved_at = clock_timestamp()`,
	rewrite: `UPDATE oura_grants SET token = $2, revision = $3 WHERE user_id = $1`,
	remove:  `DELETE FROM oura_grants WHERE user_id = $1`,
	bury: `UPDATE oura_grants SET dead_since = clock_timestamp() ` +
		`WHERE user_id = $1 AND revision = $2 AND dead_since IS NULL`,

	users: postgresqlRow + ` ORDER BY user_id LIMIT $2`,
	expiring: postgresqlRow + ` AND dead_since IS NULL AND expires_at <= to_timestamp($3::bigint) ` +
		`ORDER BY user_id LIMIT $2`,
	dead: postgresqlRow + ` AND dead_since IS NOT NULL ORDER BY user_id LIMIT $2`,

	// Not even CREATE TABLE IF NOT EXISTS is safe to run twice at once.
	migrationLock: `SELECT pg_advisory_xact_lock(hashtext('oura_migrations'))`,
	migrated: []string{
		`SELECT to_regclass(quote_ident(current_schema()) || '.oura_grants') IS NOT NULL`,
		`SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attname = 'held_until' AND NOT attisdropped ` +
			`AND attrelid = to_regclass(quote_ident(current_schema()) || '.oura_grants'))`,
	},
}

var sqlite = statements{
	folder: "migrations/sqlite",
	busy:   sqliteBusy,

	begin:   `BEGIN IMMEDIATE`,
	lock:    `SELECT revision, '', 0 FROM oura_grants WHERE user_id = ?1`,
	load:    `SELECT token, revision FROM oura_grants WHERE user_id = ?1`,
	rewrite: `UPDATE oura_grants SET token = ?2, revision = ?3 WHERE user_id = ?1`,
	remove:  `DELETE FROM oura_grants WHERE user_id = ?1`,
	save: `INSERT INTO oura_grants (user_id, token, expires_at, revision, saved_at) ` +
		`VALUES (?1, ?2, ?3, ?4, CAST(strftime('%s') AS INTEGER)) ON CONFLICT (user_id) DO UPDATE SET ` +
		`token = excluded.token, expires_at = excluded.expires_at, revision = excluded.revision, ` +
		`dead_since = NULL, saved_at = excluded.saved_at`,
	bury: `UPDATE oura_grants SET dead_since = CAST(strftime('%s') AS INTEGER) ` +
		`WHERE user_id = ?1 AND revision = ?2 AND dead_since IS NULL`,

	users:    sqliteRow + ` ORDER BY user_id LIMIT ?2`,
	expiring: sqliteRow + ` AND dead_since IS NULL AND expires_at <= ?3 ORDER BY user_id LIMIT ?2`,
	dead:     sqliteRow + ` AND dead_since IS NOT NULL ORDER BY user_id LIMIT ?2`,

	migrated: []string{`SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'oura_grants'`},
}

// sqliteBusy knows SQLITE_BUSY by its code where the driver's error has one, and by SQLite's own text otherwise.
func sqliteBusy(err error) bool {
	const (
		busyCode = 5
		primary  = 0xff // the rest of a code tells why
	)
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code()&primary == busyCode
	}
	return err != nil && strings.Contains(err.Error(), "database is locked")
}
