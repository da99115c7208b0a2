package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/oura-go/sdk/oauth/sqlstore"
)

func TestMigrateOnce(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		f, db := newFakeDB(t)
		if err := sqlstore.Migrate(t.Context(), db, dialect); err != nil {
			t.Fatal(err)
		}
		first := strings.Join(f.statements(), "\n")
		if !strings.Contains(first, "CREATE TABLE oura_grants") || !strings.HasSuffix(first, "1 COMMIT") {
			t.Errorf("%s: the first time:\n%s", dialect, first)
		}
		if err := sqlstore.Migrate(t.Context(), db, dialect); err != nil {
			t.Fatal(err)
		}
		if again := strings.Join(f.statements(), "\n"); strings.Contains(again, "CREATE ") || strings.Contains(again, "ALTER ") {
			t.Errorf("%s: the second time:\n%s", dialect, again)
		}
	}
}

// A table of an earlier version gets the columns that it lacks.
func TestMigrateAnOlderTable(t *testing.T) {
	t.Parallel()
	f, db := newFakeDB(t)
	f.migrated = true
	if err := sqlstore.Migrate(t.Context(), db, sqlstore.PostgreSQL); err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(f.statements(), "\n"); !f.marks || strings.Contains(said, "CREATE TABLE") {
		t.Errorf("it has its columns: %t, want them and no other table:\n%s", f.marks, said)
	}
}

func TestMigrateAllOrNothing(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		for _, statement := range []string{"connect", "begin", "migration lock", "migrated", "marks", "CREATE", "ALTER", "COMMIT"} {
			if dialect == sqlstore.SQLite && (statement == "migration lock" || statement == "marks" || statement == "ALTER") {
				continue
			}
			f, db := newFakeDB(t)
			f.failing(func(_ *fakeConn, s string) error {
				if s == statement || statement == "CREATE" && strings.Contains(s, "CREATE TABLE oura_grants") ||
					statement == "ALTER" && strings.Contains(s, "ALTER TABLE oura_grants") {
					return errFull
				}
				return nil
			})
			wantErr(t, dialect.String()+": "+statement, sqlstore.Migrate(t.Context(), db, dialect), errFull)
			f.failing(nil)
			if err := sqlstore.Migrate(t.Context(), db, dialect); err != nil {
				t.Errorf("%s: after a failing %s: %v", dialect, statement, err)
			}
			if !f.migrated {
				t.Errorf("%s: after a failing %s there is no table", dialect, statement)
			}
		}
	}
	_, db := newFakeDB(t)
	if err := sqlstore.Migrate(t.Context(), db, 0); err == nil {
		t.Error("Migrate of no dialect worked")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantErr(t, "an ended context", sqlstore.Migrate(ctx, db, sqlstore.SQLite), context.Canceled)
}

// Migrations are numbered without a gap, so that Migrate and other tools agree
// on their order.
func TestMigrationFiles(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`^[0-9]{4}_[a-z_]+\.sql$`)
	for _, dialect := range dialects {
		files, err := sqlstore.Migrations(dialect)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := fs.ReadDir(files, ".")
		if err != nil || len(entries) == 0 {
			t.Fatalf("%s: %d files, %v", dialect, len(entries), err)
		}
		for i, e := range entries {
			if !named.MatchString(e.Name()) || !strings.HasPrefix(e.Name(), fmt.Sprintf("%04d_", i+1)) {
				t.Errorf("%s: the file %d is named %s", dialect, i+1, e.Name())
			}
		}
	}
	if _, err := sqlstore.Migrations(0); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Migrations of no dialect: %v", err)
	}
}
