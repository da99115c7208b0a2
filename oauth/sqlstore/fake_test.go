package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oura-go/sdk/oauth/sqlstore"
)

// fakeDB is a database that knows the statements of the package and nothing else:
// rows, row locks that hold for a transaction, and connections that can be lost.
// What SQL means to real databases is tested against those.
type fakeDB struct {
	mu       sync.Mutex
	rows     map[string]fakeRow
	locks    map[string]chan struct{}
	migrated bool
	marks    bool // there are columns for them
	conns    map[*fakeConn]bool
	log      []string // "1 begin": the connection's number and the statement
	args     map[string][]driver.NamedValue
	opened   int

	// fail is asked before each statement; its error is the statement's.
	fail func(c *fakeConn, statement string) error
}

type fakeRow struct {
	token, revision string
	expires, dead   any // int64 or nil
	holder          string
	until           time.Time // when its mark runs out
}

var (
	errGone    = errors.New("fake: the connection is gone")
	errAborted = errors.New("fake: the transaction is aborted")
	errFull    = errors.New("fake: no space left")
)

// newFakeDB opens a database. It is closed with the test.
func newFakeDB(t testing.TB) (*fakeDB, *sql.DB) {
	t.Helper()
	f := &fakeDB{
		rows: map[string]fakeRow{}, locks: map[string]chan struct{}{},
		conns: map[*fakeConn]bool{}, args: map[string][]driver.NamedValue{},
	}
	db := sql.OpenDB(f)
	t.Cleanup(func() { db.Close() })
	return f, db
}

func (f *fakeDB) Connect(context.Context) (driver.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		if err := f.fail(nil, "connect"); err != nil {
			return nil, err
		}
	}
	f.opened++
	c := &fakeConn{db: f, number: f.opened}
	f.conns[c] = true
	return c, nil
}

func (f *fakeDB) Driver() driver.Driver { return nil }

// kill ends all connections, as a database that restarts does.
func (f *fakeDB) kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.gone = true
		c.end(false)
	}
}

// failing sets what is asked before each statement.
func (f *fakeDB) failing(fail func(c *fakeConn, statement string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

// failOn fails one statement with err, the first n times.
func (f *fakeDB) failOn(statement string, n int, err error) {
	f.failing(func(_ *fakeConn, s string) error {
		if s != statement || n == 0 {
			return nil
		}
		n--
		return err
	})
}

func (f *fakeDB) row(user string) (fakeRow, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	row, ok := f.rows[user]
	return row, ok
}

func (f *fakeDB) set(user string, change func(*fakeRow)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	row := f.rows[user]
	change(&row)
	f.rows[user] = row
}

// statements is what was said since the last call.
func (f *fakeDB) statements() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	log := f.log
	f.log = nil
	return log
}

type fakeConn struct {
	db      *fakeDB
	pool    *pool // nil: of no pool in particular
	number  int
	in      bool // a transaction
	aborted bool
	gone    bool
	held    []string
	writes  map[string]*fakeRow // nil: removed
	creates bool
	alters  bool
}

func (c *fakeConn) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }
func (c *fakeConn) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }

func (c *fakeConn) Close() error {
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	c.end(false)
	delete(c.db.conns, c)
	return nil
}

// end ends the transaction. The database's mu is held.
func (c *fakeConn) end(commit bool) {
	if commit {
		for user, row := range c.writes {
			if row == nil {
				delete(c.db.rows, user)
			} else {
				c.db.rows[user] = *row
			}
		}
		c.db.migrated = c.db.migrated || c.creates
		c.db.marks = c.db.marks || c.alters
	}
	for _, user := range c.held {
		<-c.db.locks[user]
	}
	c.in, c.aborted, c.held, c.writes, c.creates, c.alters = false, false, nil, nil, false, false
}

func (c *fakeConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	_, err := c.run(ctx, query, args)
	return driver.RowsAffected(1), err
}

func (c *fakeConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.run(ctx, query, args)
}

func (c *fakeConn) run(ctx context.Context, query string, args []driver.NamedValue) (*fakeRows, error) {
	statement := sqlstore.Statement(query)
	c.db.mu.Lock()
	fail := c.db.fail
	c.db.mu.Unlock()
	if fail != nil {
		if err := fail(c, statement); err != nil {
			c.db.mu.Lock()
			defer c.db.mu.Unlock()
			c.aborted = c.in && statement != "COMMIT"
			return nil, err
		}
	}
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	if err := ctx.Err(); err != nil {
		c.aborted = c.in
		return nil, err
	}
	if c.gone || c.pool != nil && c.pool.broken.Load() {
		return nil, errGone
	}
	if c.aborted && statement != "ROLLBACK" {
		return nil, errAborted
	}
	c.db.log = append(c.db.log, string(rune('0'+c.number))+" "+statement)
	c.db.args[statement] = args
	text := func(i int) string { s, _ := args[i].Value.(string); return s }
	switch statement {
	case "begin":
		c.in, c.writes = true, map[string]*fakeRow{}
	case "COMMIT", "ROLLBACK":
		c.end(statement == "COMMIT")
	case "lock", "lock free", "reserve":
		if err := c.lock(ctx, text(0), statement); err != nil {
			return nil, err
		}
		row, ok := c.see(text(0))
		switch {
		case statement == "reserve" && !ok:
			c.writes[text(0)] = &fakeRow{}
		case ok && slices.Contains(c.held, text(0)):
			return &fakeRows{[][]driver.Value{{row.revision, row.holder, time.Now().Before(row.until)}}}, nil
		}
	case "load":
		if row, ok := c.see(text(0)); ok {
			return &fakeRows{[][]driver.Value{{row.token, row.revision}}}, nil
		}
	case "save":
		c.write(text(0), &fakeRow{token: text(1), expires: args[2].Value, revision: text(3)})
	case "rewrite":
		row, _ := c.see(text(0))
		row.token, row.revision = text(1), text(2)
		c.write(text(0), &row)
	case "mark", "unmark":
		if row, ok := c.see(text(0)); ok && (statement == "mark" || row.holder == text(1)) {
			row.holder, row.until = "", time.Time{}
			if statement == "mark" {
				life, _ := args[2].Value.(int64)
				row.holder, row.until = text(1), time.Now().Add(time.Duration(life)*time.Millisecond)
			}
			c.write(text(0), &row)
		}
	case "remove":
		c.write(text(0), nil)
	case "bury":
		if row := c.db.rows[text(0)]; row.revision == text(1) && row.dead == nil {
			row.dead = time.Now().Unix()
			c.db.rows[text(0)] = row
		}
	case "users", "expiring", "dead":
		return c.list(statement, args), nil
	case "migrated":
		return &fakeRows{[][]driver.Value{{c.db.migrated}}}, nil
	case "marks":
		return &fakeRows{[][]driver.Value{{c.db.marks}}}, nil
	case "bounds", "migration lock":
	default:
		switch {
		case strings.Contains(statement, "ALTER TABLE "):
			c.alters = true
		case strings.Contains(statement, "CREATE "):
			c.creates = true
		default:
			return nil, errors.New("fake: unknown statement " + query)
		}
	}
	return &fakeRows{}, nil
}

// lock locks a row that is there, and one that is not where it is reserved. The
// database's mu is held, but not while waiting.
func (c *fakeConn) lock(ctx context.Context, user, statement string) error {
	if _, ok := c.see(user); !ok && statement != "reserve" || slices.Contains(c.held, user) {
		return nil
	}
	free := c.db.locks[user]
	if free == nil {
		free = make(chan struct{}, 1)
		c.db.locks[user] = free
	}
	if statement == "lock free" {
		select {
		case free <- struct{}{}:
			c.held = append(c.held, user)
		default:
		}
		return nil
	}
	c.db.mu.Unlock()
	defer c.db.mu.Lock()
	select {
	case free <- struct{}{}:
		c.held = append(c.held, user)
		return nil
	case <-ctx.Done():
		c.aborted = true
		return ctx.Err()
	}
}

func (c *fakeConn) see(user string) (fakeRow, bool) {
	if row, ok := c.writes[user]; ok {
		if row == nil {
			return fakeRow{}, false
		}
		return *row, true
	}
	row, ok := c.db.rows[user]
	return row, ok
}

func (c *fakeConn) write(user string, row *fakeRow) { c.writes[user] = row }

func (c *fakeConn) list(statement string, args []driver.NamedValue) *fakeRows {
	rows := &fakeRows{}
	after, _ := args[0].Value.(string)
	limit, _ := args[1].Value.(int64)
	for _, user := range slices.Sorted(maps.Keys(c.db.rows)) {
		row := c.db.rows[user]
		expires, known := row.expires.(int64)
		switch {
		case user <= after, len(rows.rows) == int(limit):
			continue
		case statement == "expiring" && (!known || row.dead != nil || expires > args[2].Value.(int64)):
			continue
		case statement == "dead" && row.dead == nil:
			continue
		}
		rows.rows = append(rows.rows, []driver.Value{user, row.expires, row.dead})
	}
	return rows
}

type fakeRows struct{ rows [][]driver.Value }

func (r *fakeRows) Columns() []string {
	if len(r.rows) == 0 {
		return nil
	}
	return make([]string, len(r.rows[0]))
}
func (r *fakeRows) Close() error { return nil }
func (r *fakeRows) Next(dest []driver.Value) error {
	if len(r.rows) == 0 {
		return io.EOF
	}
	copy(dest, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}

// sqlOpen is one more pool of the database, as another process has.
func sqlOpen(t testing.TB, f *fakeDB) *sql.DB {
	t.Helper()
	db := sql.OpenDB(f)
	t.Cleanup(func() { db.Close() })
	return db
}
