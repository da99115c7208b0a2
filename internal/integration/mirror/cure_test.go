package mirror

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
)

// with is the database, reached with one more parameter of its driver.
func (d database) with(parameter string) database {
	return database{d.Dialect, d.DSN + "&" + parameter}
}

// other reaches the copy through another handle.
func (w *world) other(d database) (*mirror.Person, error) {
	w.Helper()
	m, err := mirror.Open(w.Context(), d.open(w.TB), d.Dialect, mirror.WithClock(clock), mirror.WithPatience(0))
	if err != nil {
		return nil, err
	}
	return m.Person(w.user.ID), nil
}

// names fails unless the error is one sentence that says which way out there is.
func (w *world) names(cure string, err error) {
	w.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), "oura/mirror: ") || !strings.Contains(err.Error(), cure) ||
		strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), w.user.ID) {
		w.Errorf("got %v, want an error that names the cure %q", err, cure)
	}
}

// readOnly is the database, with the right to read alone.
func (w *world) readOnly() database {
	w.Helper()
	if w.database.Dialect == mirror.SQLite {
		return w.database.with("mode=ro")
	}
	role := "oura_" + strings.ToLower(rand.Text()[:12])
	w.exec(`CREATE ROLE ` + role)
	w.Cleanup(func() {
		for _, s := range []string{`DROP OWNED BY ` + role, `DROP ROLE ` + role} {
			if _, err := w.ExecContext(context.Background(), s); err != nil {
				w.Error(err)
			}
		}
	})
	var schema string
	if err := w.QueryRow(`SELECT current_schema()`).Scan(&schema); err != nil {
		w.Fatal(err)
	}
	w.exec(`GRANT USAGE ON SCHEMA ` + schema + ` TO ` + role)
	w.exec(`GRANT SELECT ON ALL TABLES IN SCHEMA ` + schema + ` TO ` + role)
	return w.database.with("role=" + role)
}

// A database that may only be read is read; what writes says what it needs, and nothing is lost.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	each(t, 3, func(w *world) {
		w.sync()
		me, err := w.other(w.readOnly())
		if err != nil {
			w.Fatal(err)
		}
		if n := len(collect(w, mirror.All[oura.DailySleep](w.Context(), me))); n < 3 {
			w.Errorf("%d documents", n)
		}
		if err := me.Export(w.Context(), io.Discard, mirror.JSONLines); err != nil {
			w.Error(err)
		}
		if _, err := me.Verify(w.Context(), w.client); err != nil {
			w.Error(err)
		}
		const cure = "open the database with the right to write"
		_, sync := me.Sync(w.Context(), w.client)
		w.names(cure, sync)
		_, forget := me.Forget(w.Context())
		w.names(cure, forget)
		w.exec(`UPDATE oura_mirror_meta SET value = 'of an older version' WHERE name = 'views'`)
		_, open := w.other(w.readOnly())
		w.names(cure, open)
		w.opened()
		w.sync()
		w.same()
		if w.database.Dialect == mirror.PostgreSQL { // whose default may be what it likes
			me, err := w.other(w.database.with("default_transaction_read_only=on"))
			if err != nil {
				w.Fatal(err)
			}
			if _, err := me.Sync(w.Context(), w.client); err != nil {
				w.Error(err)
			}
		}
	})
}

// Who opens a database whose tables are there writes nothing, and so waits for nobody who does.
func TestOpenBesideAWriter(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *world) {
		writer, err := w.Conn(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		defer writer.Close()
		statements := []string{`BEGIN IMMEDIATE`}
		if w.database.Dialect == mirror.PostgreSQL {
			statements = []string{`BEGIN`, `SELECT pg_advisory_xact_lock(hashtext('oura_mirror_schema'))`} // that of migrating
		}
		for _, s := range statements {
			if _, err := writer.ExecContext(w.Context(), s); err != nil {
				w.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second) // without the writer, milliseconds
		defer cancel()
		if _, err := mirror.Open(ctx, w.database.open(w.TB), w.database.Dialect); err != nil {
			w.Error(err)
		}
		if _, err := writer.ExecContext(w.Context(), `ROLLBACK`); err != nil {
			w.Error(err)
		}
	})
}

// A disk that is full in the middle of a first copy ends it with a sentence; with room again it goes on there, and reads a
// page or some again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqlite(t), 30)
	whole := w.sync().Requests
	if _, err := w.me.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.exec(`VACUUM`)
	empty := w.number(`SELECT page_count FROM pragma_page_count()`)
	requests, failures := 0, 0
	for room := empty + 10; ; room += 100 {
		me, err := w.other(w.database.with("_pragma=max_page_count(" + strconv.Itoa(room) + ")"))
		if err != nil {
			t.Fatal(err)
		}
		report, err := me.Sync(t.Context(), w.client, w.since())
		requests += report.Requests
		if err == nil {
			break
		}
		failures++
		w.names("make room for the database", err)
	}
	w.same()
	if failures < 3 || requests > whole+4*failures {
		t.Errorf("%d requests with %d full disks, %d without", requests, failures, whole)
	}
}

// A server that ends connections again and again, in whatever they are doing, loses nothing.
func TestConnectionsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, postgres(t), 10)
	name := "oura_" + rand.Text()
	me, err := w.other(w.database.with("application_name=" + name))
	if err != nil {
		t.Fatal(err)
	}
	failures := 0
	for range 12 {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for ctx.Err() == nil { // each is a round trip, so this does not spin
				_, _ = w.ExecContext(ctx, `SELECT pg_terminate_backend(pid), pg_sleep(0.01) FROM pg_stat_activity WHERE application_name = $1`, name)
			}
		}()
		w.exec(`UPDATE oura_mirror_people SET holder = ''`) // a release that failed
		if _, err := me.Sync(t.Context(), w.client, w.since()); err != nil {
			failures++
			w.names("see to the database and call again", err)
		}
		stop()
		<-ended
	}
	if failures == 0 {
		t.Error("no connection was ended in time")
	}
	w.exec(`UPDATE oura_mirror_people SET holder = ''`)
	w.sync()
	w.same()
}

// A grant that is revoked in the middle ends a Sync with the error of the client, removes nothing, and costs no more than
// what was left to read.
func TestRevokedInTheMiddle(t *testing.T) {
	t.Parallel()
	each(t, 10, func(w *world) {
		w.service.Fail("session", ouratest.Expired())
		report, err := w.me.Sync(w.Context(), w.client, w.since())
		if !errors.Is(err, oura.ErrUnauthorized) || strings.Contains(err.Error(), w.user.ID) {
			w.Fatalf("got %v", err)
		}
		read := report.Requests
		stored := w.number(`SELECT count(*) FROM oura_mirror_documents`)
		if stored == 0 {
			w.Fatal("nothing was read before")
		}
		if _, err := w.me.Sync(w.Context(), w.client, w.since()); !errors.Is(err, oura.ErrUnauthorized) {
			w.Errorf("once more: %v", err)
		}
		if n := w.number(`SELECT count(*) FROM oura_mirror_documents`); n < stored {
			w.Errorf("%d documents, there were %d", n, stored)
		}
		w.service.Fail("session", ouratest.Fault{})
		if report := w.sync(); report.Requests > 2*read || of(report, "session").New == 0 {
			w.Errorf("%d requests in place of %d: %+v", report.Requests, read, of(report, "session"))
		}
		w.same()
	})
}

// A day that does not exist is refused, as it is by the client.
func TestNoSuchDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqlite(t), 1)
	w.sync()
	no := oura.Date{Year: 2026, Month: 2, Day: 30}
	for _, days := range [][2]oura.Date{{no, w.today}, {w.today, no}, {}} {
		_, err := oura.Collect(mirror.Days[oura.Sleep](t.Context(), w.me, days[0], days[1]))
		w.names("give two that exist", err)
	}
}
