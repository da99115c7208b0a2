package mirror

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
)

// database is how a process reaches the tables of a test.
type database struct {
	Dialect mirror.Dialect
	DSN     string
}

func (d database) connect() (*sql.DB, error) {
	db, err := sql.Open(map[mirror.Dialect]string{mirror.PostgreSQL: "pgx", mirror.SQLite: "sqlite"}[d.Dialect], d.DSN)
	if err != nil {
		return nil, err
	}
	// A SQLite without connections at rest would sync its log away and make it anew all the time.
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	return db, nil
}

func (d database) open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := d.connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// postgres is a schema of the test's own, removed with it.
func postgres(t testing.TB) database {
	t.Helper()
	base := os.Getenv("OURA_TEST_POSTGRES")
	if base == "" {
		t.Skip("OURA_TEST_POSTGRES is not set")
	}
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
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal("OURA_TEST_POSTGRES is not a URL")
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return database{mirror.PostgreSQL, u.String()}
}

// sqlite is a file of the test's own.
func sqlite(t testing.TB) database {
	t.Helper()
	path := filepath.ToSlash(filepath.Join(t.TempDir(), "oura.db"))
	return database{mirror.SQLite, "file:" + path + "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"}
}

// world is a fake service whose time stands still, and a mirror of it.
type world struct {
	testing.TB
	*sql.DB
	database database
	service  *ouratest.Service
	user     *ouratest.User
	client   *oura.Client
	mirror   *mirror.Mirror
	me       *mirror.Person
	today    oura.Date
	now      time.Time
}

// noon is the service's time: some days back, so that nothing of the data is in the future.
var noon = time.Date(2026, time.March, 12, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// each runs a test on each kind of database, with so many days of data.
func each(t *testing.T, days int, test func(w *world), opts ...ouratest.ServiceOption) {
	t.Helper()
	for name, of := range map[string]func(testing.TB) database{"SQLite": sqlite, "PostgreSQL": postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newWorld(t, of(t), days, opts...))
		})
	}
}

func newWorld(t testing.TB, d database, days int, opts ...ouratest.ServiceOption) *world {
	t.Helper()
	service := ouratest.NewService(append([]ouratest.ServiceOption{ouratest.WithClock(clock), ouratest.WithHistory(days)}, opts...)...)
	t.Cleanup(service.Close)
	w := &world{TB: t, DB: d.open(t), database: d, service: service, user: service.User(), now: noon, today: oura.DateOf(noon)}
	w.client = w.clientOf(w.user)
	w.mirror = w.opened()
	w.me = w.mirror.Person(w.user.ID)
	return w
}

func (w *world) clientOf(u *ouratest.User) *oura.Client {
	return u.Client(oura.WithLimiter(free{}))
}

func (w *world) opened(opts ...mirror.Option) *mirror.Mirror {
	w.Helper()
	m, err := mirror.Open(w.Context(), w.DB, w.database.Dialect, append([]mirror.Option{
		mirror.WithClock(clock), mirror.WithLease(time.Second), mirror.WithPatience(0),
	}, opts...)...)
	if err != nil {
		w.Fatal(err)
	}
	return m
}

// since keeps the first copy short.
func (w *world) since() mirror.SyncOption { return mirror.Since(w.today.AddDays(-60)) }

func (w *world) sync(opts ...mirror.SyncOption) mirror.Report {
	w.Helper()
	report, err := w.me.Sync(w.Context(), w.client, append([]mirror.SyncOption{w.since()}, opts...)...)
	if err != nil {
		w.Fatal(err)
	}
	return report
}

// same fails unless the copy is what the service has.
func (w *world) same(opts ...mirror.SyncOption) {
	w.Helper()
	differences, err := w.me.Verify(w.Context(), w.client, opts...)
	if err != nil {
		w.Fatal(err)
	}
	if len(differences) > 0 {
		w.Fatalf("%d differences: %v", len(differences), differences[:min(len(differences), 10)])
	}
}

// requests counts those for data since the last call.
func (w *world) requests() (paths []string) {
	return w.requestsSince(0)
}

func (w *world) requestsSince(n int) (paths []string) {
	for _, r := range w.service.Requests()[n:] {
		if strings.Contains(r.URL.Path, "/usercollection/") && !strings.HasSuffix(r.URL.Path, "/personal_info") {
			paths = append(paths, strings.TrimPrefix(r.URL.Path, "/v2/usercollection/"))
		}
	}
	return paths
}

func (w *world) exec(query string) {
	w.Helper()
	if _, err := w.ExecContext(w.Context(), query); err != nil {
		w.Fatal(err)
	}
}

func (w *world) number(query string) (n int) {
	w.Helper()
	if err := w.QueryRowContext(w.Context(), query).Scan(&n); err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	return n
}

func collect[T any](w *world, days func(func(T, error) bool)) (all []T) {
	w.Helper()
	for v, err := range days {
		if err != nil {
			w.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// free is no limit.
type free struct{}

func (free) Wait(context.Context) error { return nil }
