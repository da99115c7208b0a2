package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"strings"
)

//go:embed migrations
var migrations embed.FS

// Migrations returns the tables as plain SQL, for tools that apply migrations: files that begin with their number, such
// as 0001_grants.sql, each to be run once and in one transaction. Released files do not change. [Migrate] does the same
// without a tool.
func Migrations(dialect Dialect) (fs.FS, error) {
	s, err := dialect.statements()
	if err != nil {
		return nil, err
	}
	return fs.Sub(migrations, s.folder)
}

// Migrate makes the table oura_grants and its indexes where there are none, and adds the columns that it lacks, all or
// nothing. Any number of processes may call it at once, and each time they start. The table is made where the connection
// makes tables (on PostgreSQL, the first schema of its search_path).
//
// What is there is left alone, so that an old process can start again while a new version is rolled out.
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
	return l.conn.Close()
}

func (l *lock) migrate(ctx context.Context) error {
	statements := l.user.store.sql
	if statements.migrationLock != "" {
		if _, err := l.conn.ExecContext(ctx, statements.migrationLock); err != nil {
			return err
		}
	}
	files, err := migrations.ReadDir(statements.folder) // in their order
	if err != nil {
		return err
	}
	for i, file := range files {
		if err := l.migrateTo(ctx, file.Name(), statements.migrated[i]); err != nil {
			return err
		}
	}
	_, err = l.conn.ExecContext(ctx, `COMMIT`)
	return err
}

// migrateTo runs a file, unless it was run.
func (l *lock) migrateTo(ctx context.Context, file, migrated string) error {
	var there bool
	if err := l.conn.QueryRowContext(ctx, migrated).Scan(&there); err != nil || there {
		return err
	}
	schema, err := migrations.ReadFile(l.user.store.sql.folder + "/" + file)
	if err != nil {
		return err
	}
	// One by one: not every driver takes several.
	for statement := range strings.SplitSeq(strings.TrimSpace(string(schema)), ";\n") {
		if _, err := l.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
