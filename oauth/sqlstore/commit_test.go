package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

// rival is another process: it has a store and a source of its own.
func rival(t *testing.T, f *fakeDB, s *service) *oauth.TokenSource {
	t.Helper()
	return newSource(t, s, newStore(t, sqlOpen(t, f), sqlstore.PostgreSQL).For("ann"))
}

// cutAt breaks the connection of the n-th COMMIT from now on, once, before it is carried out or after. Then it calls
// then, which must not wait for the database.
func cutAt(f *fakeDB, n int, carriedOut bool, then func()) {
	f.failing(func(c *fakeConn, statement string) error {
		if statement != "COMMIT" {
			return nil
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if n--; n != 0 {
			return nil
		}
		c.end(carriedOut)
		c.gone = true
		then()
		return errGone
	})
}

// A commit whose connection breaks is looked up and made good for. Rivals, those that wait for the lock and those that
// come to a lock that is free by then, leave the holder the time for it.
func TestCommitCut(t *testing.T) {
	t.Parallel()
	for _, carriedOut := range []bool{false, true} {
		for commit, what := range map[int]string{1: "mark", 2: "save"} {
			bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service) {
				s.before = func(string) error { time.Sleep(time.Second); return nil }
				var wg sync.WaitGroup
				want := func(source *oauth.TokenSource) {
					if token, err := source.Token(); err != nil || token.AccessToken != "access-ann-2" {
						t.Errorf("%s cut, carried out %t: %v, want the new token", what, carriedOut, err)
					}
				}
				late := rival(t, f, s)
				wg.Add(1)
				cutAt(f, commit, carriedOut, func() {
					go func() { defer wg.Done(); want(late) }()
				})
				for i := range 4 {
					source := rival(t, f, s)
					wg.Go(func() {
						time.Sleep(time.Duration(i) * time.Millisecond)
						want(source)
					})
				}
				wg.Wait()
				wantStored(t, store.For("ann"), "ann", 2)
				if requests, reuses := s.asked(); requests != 1 || reuses != 0 {
					t.Errorf("%s cut, carried out %t: %d requests and %d reuses, want 1 and 0", what, carriedOut, requests, reuses)
				}
				if row, _ := f.row("ann"); row.holder != "" {
					t.Errorf("%s cut, carried out %t: the mark stays", what, carriedOut)
				}
			})
		}
	}
}

// pool is a process's way to the database, which can be broken.
type pool struct {
	*fakeDB
	broken atomic.Bool
}

func (p *pool) Connect(ctx context.Context) (driver.Conn, error) {
	if p.broken.Load() {
		return nil, errGone
	}
	c, err := p.fakeDB.Connect(ctx)
	if err == nil {
		c.(*fakeConn).pool = p
	}
	return c, err
}

// breakFor ends the pool's connections, and lets no other be made for d.
func (p *pool) breakFor(d time.Duration) {
	p.broken.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if c.pool == p {
			c.end(false)
			c.gone = true
		}
	}
	time.AfterFunc(d, func() { p.broken.Store(false) })
}

// While the holder cannot reach the database for four seconds, a rival that can leaves the row alone.
func TestHolderComesBack(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"before the response", "at the save", "at the commit"} {
		bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, _ *sqlstore.Store, s *service) {
			p := &pool{fakeDB: f}
			own := sql.OpenDB(p)
			defer own.Close()
			holder := newSource(t, s, newStore(t, own, sqlstore.PostgreSQL).For("ann"))
			var once sync.Once
			f.failing(func(c *fakeConn, statement string) error {
				requests, _ := s.asked()
				if c != nil && c.pool == p && requests == 1 && moment != "before the response" &&
					statement == map[bool]string{true: "save", false: "COMMIT"}[moment == "at the save"] {
					once.Do(func() { p.breakFor(4 * time.Second) })
				}
				return nil
			})
			s.before = func(string) error {
				if moment == "before the response" {
					p.breakFor(4 * time.Second)
					time.Sleep(3 * time.Second)
				}
				return nil
			}
			other := rival(t, f, s)
			var wg sync.WaitGroup
			for _, source := range []*oauth.TokenSource{holder, other} {
				wg.Go(func() {
					if token, err := source.Token(); err != nil || token.AccessToken != "access-ann-2" {
						t.Errorf("%s: %v, want the new token", moment, err)
					}
				})
				synctest.Wait()
			}
			wg.Wait()
			if requests, reuses := s.asked(); requests != 1 || reuses != 0 {
				t.Errorf("%s: %d requests and %d reuses, want 1 and 0", moment, requests, reuses)
			}
		})
	}
}

// A holder that was killed keeps its user for eight seconds after its lock is free, or until its mark runs out.
func TestHolderIsGone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ lease, want time.Duration }{{40 * time.Second, 8 * time.Second}, {3 * time.Second, 3 * time.Second}} {
		bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, _ *sqlstore.Store, s *service) {
			l, err := newStore(t, sqlOpen(t, f), sqlstore.PostgreSQL, sqlstore.WithLease(test.lease)).For("ann").Lock(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			reserved, err := l.(interface {
				Reserve(ctx context.Context, replaced *oauth2.Token) (bool, error)
			}).Reserve(t.Context(), nil)
			if err != nil || !reserved {
				t.Fatalf("Reserve: %t, %v", reserved, err)
			}
			f.kill()
			start := time.Now()
			report, err := newStore(t, sqlOpen(t, f), sqlstore.PostgreSQL).KeepFresh(s.context(t.Context()), config, time.Hour, 1)
			if err != nil || report.Skipped != 1 {
				t.Errorf("KeepFresh: %+v, %v, want it to skip who has a mark", report, err)
			}
			if token, err := rival(t, f, s).Token(); err != nil || token.AccessToken != "access-ann-2" {
				t.Errorf("%v, want the new token", err)
			}
			if took := time.Since(start); took < test.want || took > test.want+time.Second {
				t.Errorf("the lease is %s: the user was free after %s, want %s", test.lease, took, test.want)
			}
			_ = l.Unlock() // the test's own
		})
	}
}

// A refresh that fails keeps nobody waiting.
func TestMarkEndsWithARefreshThatFails(t *testing.T) {
	t.Parallel()
	bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service) {
		s.status["ann"] = http.StatusServiceUnavailable
		if _, err := rival(t, f, s).Token(); err == nil {
			t.Error("no error")
		}
		if row, _ := f.row("ann"); row.holder != "" {
			t.Error("the mark stays")
		}
		s.status["ann"] = 0
		start := time.Now()
		if _, err := newSource(t, s, store.For("ann")).Token(); err != nil || time.Since(start) > 0 {
			t.Errorf("%v after %s, want a token at once", err, time.Since(start))
		}
	})
}

// Nothing is sent while the mark cannot be written: then the grant could not be, either.
func TestNothingIsSentWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{"mark", "COMMIT"} {
		bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service) {
			f.failOn(statement, -1, errFull)
			source := newSource(t, s, store.For("ann"))
			_, err := source.Token()
			wantErr(t, statement, err, errFull)
			if requests, _ := s.asked(); requests != 0 {
				t.Errorf("%d requests, want none", requests)
			}
			f.failing(nil)
			if token, err := source.Token(); err != nil || token.AccessToken != "access-ann-2" {
				t.Errorf("%v, want the new token", err)
			}
		})
	}
}

// The lock is free for the moment of the mark's commit. Who saves then is heard.
func TestReplacedAtTheMark(t *testing.T) {
	t.Parallel()
	bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service) {
		once := sync.Once{}
		f.failing(func(_ *fakeConn, statement string) error {
			if statement == "begin" {
				if row, _ := f.row("ann"); row.holder != "" {
					once.Do(func() {
						f.set("ann", func(row *fakeRow) {
							row.revision, row.token = "another", strings.ReplaceAll(row.token, "ann 1", "ann 7")
						})
						s.live["ann"] = 7
					})
				}
			}
			return nil
		})
		token, err := newSource(t, s, store.For("ann")).Token()
		if err != nil || token.AccessToken != "access-ann-8" {
			t.Errorf("%v, want the token after the grant that was saved in between", err)
		}
		if requests, reuses := s.asked(); requests != 1 || reuses != 0 {
			t.Errorf("%d requests and %d reuses, want 1 and 0", requests, reuses)
		}
	})
}

// The statements of a refresh: the mark and a second lock are all that it costs.
func TestStatementsOfARefresh(t *testing.T) {
	t.Parallel()
	for dialect, want := range map[sqlstore.Dialect][]string{
		sqlstore.PostgreSQL: {"load", "begin", "bounds", "lock", "load", "mark", "COMMIT", "begin", "bounds", "lock", "save", "COMMIT"},
		sqlstore.SQLite:     {"load", "begin", "lock", "load", "save", "COMMIT"},
	} {
		bubble(t, dialect, func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service) {
			if _, err := newSource(t, s, store.For("ann")).Token(); err != nil {
				t.Fatal(err)
			}
			got := f.statements()
			for i := range got {
				_, got[i], _ = strings.Cut(got[i], " ")
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", dialect, got, want)
			}
		})
	}
}

// A holder that comes back after another grant was saved leaves that alone, and finds it at its next call.
func TestOvertakenAtTheCommit(t *testing.T) {
	t.Parallel()
	bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service) {
		cutAt(f, 2, false, func() {
			row := f.rows["ann"]
			row.revision, row.token = "another", strings.ReplaceAll(row.token, "ann 1", "ann 7")
			f.rows["ann"] = row
		})
		_, err := newSource(t, s, store.For("ann")).Token()
		if _, ok := errors.AsType[*oauth.SaveError](err); !ok || !strings.Contains(err.Error(), "another grant was saved meanwhile") {
			t.Errorf("%v, want a SaveError that says what happened", err)
		}
		wantStored(t, store.For("ann"), "ann", 7)
	})
}

// A rival that had the row for the moment between the mark and the refresh, and then waited for a long refresh whose
// commit was cut, leaves the holder its time from then on.
func TestRivalThatSawTheMarkBefore(t *testing.T) {
	t.Parallel()
	bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, _ *sqlstore.Store, s *service) {
		s.before = func(string) error { time.Sleep(20 * time.Second); return nil }
		other := rival(t, f, s)
		var wg sync.WaitGroup
		want := func(source *oauth.TokenSource) {
			if token, err := source.Token(); err != nil || token.AccessToken != "access-ann-2" {
				t.Errorf("%v, want the new token", err)
			}
		}
		p := &pool{fakeDB: f}
		own := sql.OpenDB(p)
		defer own.Close()
		var seen, cut sync.Once
		f.failing(func(c *fakeConn, statement string) error {
			requests, _ := s.asked()
			switch {
			case statement == "mark":
				seen.Do(func() {
					wg.Go(func() { want(other) })
					time.Sleep(time.Millisecond) // it waits for the row by then
				})
			case statement == "COMMIT" && requests == 1 && c.pool == p:
				cut.Do(func() { p.breakFor(2 * time.Second) })
			}
			return nil
		})
		want(newSource(t, s, newStore(t, own, sqlstore.PostgreSQL).For("ann")))
		wg.Wait()
		if requests, reuses := s.asked(); requests != 1 || reuses != 0 {
			t.Errorf("%d requests and %d reuses, want 1 and 0", requests, reuses)
		}
	})
}

// A holder whose mark was lost with its connection does not put it over a rival's.
func TestMarkOfARivalMeanwhile(t *testing.T) {
	t.Parallel()
	bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service) {
		cutAt(f, 1, false, func() {
			row := f.rows["ann"]
			row.holder, row.until = "rival", time.Now().Add(time.Minute)
			f.rows["ann"] = row
		})
		start := time.Now()
		token, err := newSource(t, s, store.For("ann")).Token()
		if err != nil || token.AccessToken != "access-ann-2" || time.Since(start) < 8*time.Second {
			t.Errorf("%v, %v after %s, want the new token once the rival had its time", token, err, time.Since(start))
		}
	})
}
