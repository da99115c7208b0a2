package mirror

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Dialect is a kind of database.
type Dialect int

const (
	// PostgreSQL is version 12 or newer, with any driver.
	PostgreSQL Dialect = iota + 1
	// SQLite is version 3.38 or newer, for processes of one machine. Its file should have journal_mode WAL.
	SQLite
)

// String is the dialect's name.
func (d Dialect) String() string {
	if language := languages[d]; language != nil {
		return language.name
	}
	return fmt.Sprintf("Dialect(%d)", int(d))
}

// language is what a dialect says differently.
type language struct {
	name       string
	begin      string
	schemaLock string // held to the end of the transaction that makes the tables; "": begin locks enough
	hasMeta    string // whether the first table is there
	now        string // milliseconds since 1970, by the clock of the database
	identity   string // a key that is given by the database and to nobody twice
	bytes      string // the type of a body
	day        string // a day, from the column "day"
	numbered   bool   // parameters are $1, $2 and so on
	body       func([]byte) any
	busy       func(error) bool
}

var languages = map[Dialect]*language{PostgreSQL: &postgresql, SQLite: &sqlite}

var postgresql = language{
	name: "PostgreSQL",
	// Whatever the database's default is: a writer must see what was committed before it had the person's row.
	begin: `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`,
	// Not even CREATE TABLE IF NOT EXISTS is safe to run twice at once.
	schemaLock: `SELECT pg_advisory_xact_lock(hashtext('oura_mirror_schema'))`,
	hasMeta:    `SELECT count(*) FROM pg_class WHERE oid = to_regclass(quote_ident(current_schema()) || '.oura_mirror_meta')`,
	now:        `(extract(epoch FROM clock_timestamp()) * 1000)::bigint`,
	identity:   `bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`,
	bytes:      `bytea`, // text would refuse what is not UTF-8
	day:        `::date`,
	numbered:   true,
	body:       func(b []byte) any { return b },
	busy:       func(error) bool { return false },
}

var sqlite = language{
	name:     "SQLite",
	begin:    `BEGIN IMMEDIATE`,
	hasMeta:  `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'oura_mirror_meta'`,
	now:      `CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`,
	identity: `INTEGER PRIMARY KEY AUTOINCREMENT`,
	bytes:    `text`,
	body:     func(b []byte) any { return string(b) }, // a blob would be taken for another form of JSON
	busy:     sqliteBusy,
}

// bind writes the parameters of a statement, which are question marks here, in the dialect's way.
func (l *language) bind(query string) string {
	if !l.numbered {
		return query
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitAfterSeq(query, "?") {
		if before, ok := strings.CutSuffix(part, "?"); ok {
			n++
			part = before + "$" + strconv.Itoa(n)
		}
		b.WriteString(part)
	}
	return b.String()
}

// SQLite's primary result codes.
const (
	sqliteBusyCode = 5
	sqliteReadOnly = 8
	sqliteFull     = 13
)

// sqliteCode is the primary result code of an error, where the driver's error has one.
func sqliteCode(err error) (code int, ok bool) {
	const primary = 0xff // the rest of a code tells why
	var coded interface{ Code() int }
	if !errors.As(err, &coded) {
		return 0, false
	}
	return coded.Code() & primary, true
}

// sqliteBusy knows SQLITE_BUSY by its code where the driver's error has one, and by SQLite's own text otherwise.
func sqliteBusy(err error) bool {
	if code, ok := sqliteCode(err); ok {
		return code == sqliteBusyCode
	}
	return err != nil && strings.Contains(err.Error(), "database is locked")
}

// sqlState is PostgreSQL's code of an error; "" where the driver's error has none.
func sqlState(err error) string {
	var stated interface{ SQLState() string }
	if !errors.As(err, &stated) {
		return ""
	}
	return stated.SQLState()
}
