package mirror

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
)

// faults makes a database fail at its n-th statement.
type faults struct {
	driver.Driver
	dsn  string
	left atomic.Int64 // statements until the one that fails
}

var errFault = fault{}

// fault is PostgreSQL's disk_full, as its drivers tell it.
type fault struct{}

func (fault) Error() string { return "the disk is full" }

func (fault) SQLState() string { return "53100" }

func (f *faults) Connect(context.Context) (driver.Conn, error) {
	conn, err := f.Open(f.dsn)
	return faultyConn{conn, f}, err
}

func (f *faults) fail() error {
	if f.left.Add(-1) == 0 {
		return errFault
	}
	return nil
}

type connector struct{ *faults }

func (c connector) Driver() driver.Driver { return c.faults.Driver }

type faultyConn struct {
	driver.Conn
	faults *faults
}

func (c faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	// A rollback that fails would only cost the connection.
	if err := c.faults.fail(); err != nil && query != "ROLLBACK" {
		return nil, err
	}
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.faults.fail(); err != nil {
		return nil, err
	}
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

// Whatever statement the database fails at, the call says so, and what follows is right.
func TestEveryStatementFails(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	w := newWorld(t, d, 3)
	w.exec(`PRAGMA synchronous = OFF`)
	f := &faults{Driver: w.DB.Driver(), dsn: d.DSN}
	db := sql.OpenDB(connector{f})
	t.Cleanup(func() { db.Close() })
	only := mirror.Only("daily_activity", "daily_cardiovascular_age", "ring_battery_level")
	since := mirror.Since(w.today.AddDays(-4))
	m, err := mirror.Open(t.Context(), db, mirror.SQLite, mirror.WithClock(clock), mirror.WithPatience(0), mirror.WithLease(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	me := m.Person(w.user.ID)
	day := ouratest.DailyActivity(w.today.AddDays(-1))
	age := ouratest.DailyCardiovascularAge(w.today.AddDays(-4))
	age.ID = new("an id")
	sync := func(opts ...mirror.SyncOption) error {
		_, err := me.Sync(t.Context(), w.client, append(opts, since, only)...)
		return err
	}
	different := func() string {
		t.Helper()
		differences, err := me.Verify(t.Context(), w.client, only)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(differences)
	}
	release := func() { w.exec(`UPDATE oura_mirror_people SET holder = ''`) } // after a release that failed
	changes := 0
	change := func() {
		changes++
		day.Steps = changes
		w.user.Add(day)
		if changes%2 == 0 {
			w.user.Remove(*age.ID)
		} else {
			w.user.Add(age)
		}
		w.user.Add(oura.RingBatteryLevel{Timestamp: noon.AddDate(0, 0, -1).Add(time.Duration(changes) * time.Second), Level: 5})
	}
	for name, call := range map[string]func() error{
		"open": func() error {
			w.exec(`UPDATE oura_mirror_meta SET value = 'of another version' WHERE name = 'views'`)
			_, err := mirror.Open(t.Context(), db, mirror.SQLite)
			return err
		},
		"first copy": func() error {
			w.exec(`DELETE FROM oura_mirror_people`)
			return sync(mirror.Granted("daily", "heart_health", "ring_configuration"))
		},
		"sync": func() error { change(); return sync(mirror.AskAgain()) },
		"look": func() error { return sync(mirror.Late(-1)) },
		"apply": func() error {
			change()
			return errors.Join(m.Apply(t.Context(), w.client, w.event("update", "daily_activity", day.ID)),
				m.Apply(t.Context(), w.client, w.event("update", "daily_cardiovascular_age", *age.ID)))
		},
		"missing scope": func() error {
			w.service.FailOnce("daily_activity", ouratest.MissingScope())
			err := sync()
			release()
			return cmp.Or(err, sync(mirror.AskAgain()))
		},
		"verify": func() error { _, err := me.Verify(t.Context(), w.client); return err },
		"export": func() error { return me.Export(t.Context(), io.Discard, mirror.JSONLines) },
		"people": func() error { _, err := m.People(t.Context()); return err },
		"forget": func() error { _, err := me.Forget(t.Context()); return err },
		"read": func() error {
			_, err := oura.Collect(mirror.All[oura.DailyActivity](t.Context(), me))
			_, rows := oura.Collect(mirror.Between[oura.RingBatteryLevel](t.Context(), me, noon.AddDate(0, 0, -9), noon))
			return errors.Join(err, rows)
		},
	} {
		// What fails at the release of the person fails for nobody: it is the beginning, the update and the end of it.
		unnoticed := map[string]int{"first copy": 3, "sync": 3, "look": 3, "missing scope": 6}[name]
		failures := 0
		for n := int64(1); ; n++ {
			f.left.Store(0)
			release()
			if err := sync(); err != nil {
				t.Fatal(err)
			}
			f.left.Store(n)
			err := call()
			reached := f.left.Swap(0) <= 0
			if !reached {
				break
			}
			switch {
			case err == nil && unnoticed > 0:
				unnoticed--
				if d := different(); d != "[]" {
					t.Errorf("%s, statement %d: no error, and %s", name, n, d)
				}
			case !errors.Is(err, errFault) || !strings.Contains(err.Error(), "oura/mirror: ") ||
				!strings.Contains(err.Error(), "make room for the database"):
				t.Errorf("%s, statement %d: %v", name, n, err)
			default:
				failures++
			}
			release()
			if err := sync(); err != nil {
				t.Fatalf("%s, after statement %d: %v", name, n, err)
			}
			if d := different(); d != "[]" {
				t.Errorf("%s, after statement %d: %s", name, n, d)
			}
			if failures > 500 {
				t.Fatal("it does not come to an end")
			}
		}
		t.Logf("%s: %d statements failed", name, failures)
		if failures == 0 {
			t.Errorf("%s: no statement failed", name)
		}
	}
}

// A service that does not keep to the order of time loses nothing, and rows that cannot be placed stay where they came.
func TestDisorder(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *world) {
		row := func(at string) string { return `{"timestamp":"` + at + `","bpm":50,"source":"rest"}` }
		asked := 0
		w.client = w.rewritten(func(path, body string) string {
			if path != "heartrate" {
				return body
			}
			asked++
			if asked%2 == 1 {
				return `{"data":[` + row("2026-03-09T10:00:00Z") + `,` + row("2026-03-11T10:00:00Z") + `,` + row("2026-03-10T10:00:00Z") + `],"next_token":"made-up"}`
			}
			return `{"data":[null,` + row("2026-03-09T23:00:00Z") + `,` + row("2026-03-12T01:00:00+02:00") + `]}`
		})
		if _, err := w.me.Sync(w.Context(), w.client, mirror.Since(w.today.AddDays(-5)), mirror.Only("heartrate")); err != nil {
			w.Fatal(err)
		}
		good, bad := 0, 0
		for _, err := range mirror.Between[oura.HeartRate](w.Context(), w.me, noon.AddDate(0, 0, -9), noon) {
			if err != nil {
				bad++
			} else {
				good++
			}
		}
		if good != 5 || bad != 1 || asked != 2 {
			w.Errorf("%d good, %d bad rows, %d requests", good, bad, asked)
		}
	})
}
