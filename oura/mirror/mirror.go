package mirror

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"
)

// Mirror is a database with copies of any number of persons' data. It is safe for concurrent use, in any number of
// processes. It does not close its database.
type Mirror struct {
	database
	lease    time.Duration
	patience time.Duration
	clock    func() time.Time
	owners   owners
}

// Option changes a [Mirror].
type Option func(*Mirror) error

// WithLease sets for how long a [Person.Sync] that is not heard of any more, since its process was killed or its machine is
// gone, keeps others from the person: 20 s where it is not set. A Sync that works renews it all the time.
func WithLease(d time.Duration) Option {
	return func(m *Mirror) error {
		if d < 100*time.Millisecond || d > time.Hour {
			return fmt.Errorf("oura/mirror: WithLease(%s): give a tenth of a second at least and an hour at most", d)
		}
		m.lease = d
		return nil
	}
}

// WithPatience sets how long [Mirror.Apply] waits for the document of an event that has only just happened, which the
// service may not have yet: 4 s where it is not set. Then the document counts as deleted.
func WithPatience(d time.Duration) Option {
	return func(m *Mirror) error {
		if d < 0 {
			return fmt.Errorf("oura/mirror: WithPatience(%s): it must not be negative; 0 asks once", d)
		}
		m.patience = d
		return nil
	}
}

// WithClock replaces time.Now, for tests: it says which day is today, and when a [Whole] reading is due. It must be safe for
// concurrent use.
func WithClock(now func() time.Time) Option {
	return func(m *Mirror) error {
		if now == nil {
			return errors.New("oura/mirror: WithClock(nil): give a function, or leave it out")
		}
		m.clock = now
		return nil
	}
}

// Open makes the tables and views where there are none, or those of an older version, and returns the mirror. Any number
// of processes may call it at once, and each time they start. They are made where the connection makes tables (on
// PostgreSQL, the first schema of its search_path); their names begin with oura_.
//
// A database that is open for reading only can be read, if its tables are those of this version. Tables of a newer version
// are [ErrNewerSchema]: nothing is changed.
func Open(ctx context.Context, db *sql.DB, dialect Dialect, opts ...Option) (*Mirror, error) {
	if db == nil {
		return nil, errors.New("oura/mirror: the database is nil")
	}
	language := languages[dialect]
	if language == nil {
		return nil, fmt.Errorf("oura/mirror: %s is not a dialect: give mirror.PostgreSQL or mirror.SQLite", dialect)
	}
	m := &Mirror{database: database{db, language}, lease: 20 * time.Second, patience: 4 * time.Second, clock: time.Now}
	if err := configure(m, opts); err != nil {
		return nil, err
	}
	if err := m.migrate(ctx); err != nil {
		if errors.Is(err, ErrNewerSchema) {
			return nil, ErrNewerSchema
		}
		return nil, databaseError("open", err)
	}
	return m, nil
}

// Format names the type and nothing that it holds, such as the database's password.
func (m *Mirror) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "mirror.Mirror") }
