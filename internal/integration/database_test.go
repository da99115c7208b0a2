package integration

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/oura-go/sdk/oauth/sqlstore"
)

// database is how a process reaches the tables of a test.
type database struct {
	Dialect sqlstore.Dialect
	DSN     string
}

// key seals the grants of these tests.
var key = func() []byte { sum := sha256.Sum256([]byte("a key of tests")); return sum[:] }()

// postgres is a schema of the test's own, removed with it.
func postgres(t testing.TB) database {
	t.Helper()
	base := address(t, "OURA_TEST_POSTGRES")
	schema := "oura_" + strings.ToLower(rand.Text()[:12])
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.ExecContext(t.Context(), `CREATE SCHEMA `+schema); err != nil {
		t.Fatalf("OURA_TEST_POSTGRES: %v", err)
	}
	t.Cleanup(func() {
		defer admin.Close()
		if _, err := admin.ExecContext(context.Background(), `DROP SCHEMA `+schema+` CASCADE`); err != nil {
			t.Error(err)
		}
	})
	return migrated(t, database{sqlstore.PostgreSQL, withParameters(t, base, "search_path", schema, "application_name", schema)})
}

// sqlite is a file of the test's own.
func sqlite(t testing.TB) database {
	t.Helper()
	path := filepath.ToSlash(filepath.Join(t.TempDir(), "grants.db"))
	return migrated(t, database{sqlstore.SQLite, "file:" + path + "?_pragma=journal_mode(WAL)"})
}

func migrated(t testing.TB, d database) database {
	t.Helper()
	db := d.open(t, 2)
	if err := sqlstore.Migrate(t.Context(), db, d.Dialect); err != nil {
		t.Fatal(err)
	}
	return d
}

func withParameters(t testing.TB, dsn string, pairs ...string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("OURA_TEST_POSTGRES is not a URL")
	}
	q := u.Query()
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// connect opens a pool. A SQLite without connections at rest would sync its log
// away and make it anew all the time.
func (d database) connect(connections int) (*sql.DB, error) {
	driver := map[sqlstore.Dialect]string{sqlstore.PostgreSQL: "pgx", sqlstore.SQLite: "sqlite"}[d.Dialect]
	db, err := sql.Open(driver, d.DSN)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

func (d database) open(t testing.TB, connections int) *sql.DB {
	t.Helper()
	db, err := d.connect(connections)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (d database) store(t testing.TB, opts ...sqlstore.Option) *sqlstore.Store {
	t.Helper()
	store, err := sqlstore.New(d.open(t, 8), d.Dialect, append(opts, sqlstore.WithSealing(key))...)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// databases runs a test on each kind.
func databases(t *testing.T, test func(t *testing.T, d database)) {
	for name, make := range map[string]func(testing.TB) database{"PostgreSQL": postgres, "SQLite": sqlite} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, make(t))
		})
	}
}

// hourAgo is an expiry that is over.
func hourAgo() time.Time { return time.Now().Add(-time.Hour) }
