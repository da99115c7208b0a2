package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations
var migrations embed.FS

// Migrations returns the tables as plain SQL, for tools that apply migrations: files that begin with their number, such
// as 0001_grants.sql, each to be run once and in one transaction. Released files do not change. [Migrate] applies them
// too; use one way, for the other does not know what was done.
func Migrations(dialect Dialect) (fs.FS, error) {
	s, err := dialect.statements()
	if err != nil {
		return nil, err
	}
	return fs.Sub(migrations, s.folder)
}

// Migrate applies the migrations that the database lacks, all or none. Any number of processes may do so at once, and
// each time they start. What was applied is in the table oura_migrations; tables are made where the connection makes
// them (on PostgreSQL, the first schema of its search_path).
//
// A newer schema than this version of the package knows is left alone, so that an old process can start again while a
// new version is rolled out.
func Migrate(ctx context.Context, db *sql.DB, dialect Dialect) error {
	s, err := New(db, dialect)
	if err != nil {
		return err
	}
	l := &lock{user: &UserStore{store: s}}
	if err := l.open(ctx); err != nil {
		return databaseError("migrate", err)
	}
	if err := l.migrate(ctx); err != nil {
		l.abandon()
		return databaseError("migrate", err)
	}
	if _, err := l.conn.ExecContext(ctx, `COMMIT`); err != nil {
		l.abandon()
		return databaseError("migrate", err)
	}
	return l.conn.Close()
}

func (l *lock) migrate(ctx context.Context) error {
	statements := l.user.store.sql
	if statements.migrationLock != "" {
		if _, err := l.conn.ExecContext(ctx, statements.migrationLock); err != nil {
			return err
		}
	}
	if _, err := l.conn.ExecContext(ctx, statements.versions); err != nil {
		return err
	}
	var has int
	if err := l.conn.QueryRowContext(ctx, statements.version).Scan(&has); err != nil {
		return err
	}
	files, err := fs.Glob(migrations, statements.folder+"/*.sql") // in order
	if err != nil {
		return err
	}
	for _, file := range files {
		number, _, _ := strings.Cut(file[len(statements.folder)+1:], "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("%s: a migration's name begins with its number", file)
		}
		if version <= has {
			continue
		}
		if err := l.apply(ctx, file); err != nil {
			return err
		}
		if _, err := l.conn.ExecContext(ctx, statements.migrated, version); err != nil {
			return err
		}
	}
	return nil
}

// apply runs a file's statements one by one: not every driver takes several.
func (l *lock) apply(ctx context.Context, file string) error {
	text, err := fs.ReadFile(migrations, file)
	if err != nil {
		return err
	}
	for statement := range strings.SplitSeq(string(text), ";\n") {
		if statement = strings.TrimSpace(statement); statement == "" {
			continue
		}
		if _, err := l.conn.ExecContext(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("in %s", file), err)
		}
	}
	return nil
}
