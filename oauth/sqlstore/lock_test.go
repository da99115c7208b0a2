package sqlstore_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

// bubble runs a test under fake time with a store of one user, whose grant has
// expired.
func bubble(t *testing.T, dialect sqlstore.Dialect, test func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f, db := newFakeDB(t)
		store := newStore(t, db, dialect)
		s := newService()
		save(t, store.For("ann"), s.expired("ann"))
		f.statements()
		test(t, f, store, s)
		if n := store.TurnsHeld(); n != 0 {
			t.Errorf("%d turns are kept", n)
		}
		if n := db.Stats().InUse; n != 0 {
			t.Errorf("%d connections are in use", n)
		}
	})
}

// A pool of one connection is enough: the lock, the load and the save under it
// are one transaction.
func TestRefreshWithOneConnection(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		synctest.Test(t, func(t *testing.T) {
			f, db := newFakeDB(t)
			db.SetMaxOpenConns(1)
			store, s := newStore(t, db, dialect), newService()
			save(t, store.For("ann"), s.expired("ann"))
			var wg sync.WaitGroup
			for range 20 { // each with a source of its own, as jobs have
				wg.Go(func() {
					token, err := newSource(t, s, store.For("ann")).Token()
					if err != nil || token.AccessToken != "access-ann-2" {
						t.Errorf("%v, %v, want the second token", token, err)
					}
				})
			}
			wg.Wait()
			if requests, reuses := s.asked(); requests != 1 || reuses != 0 {
				t.Errorf("%d requests and %d reuses, want 1 and 0", requests, reuses)
			}
			if f.opened != 1 {
				t.Errorf("%d connections were opened", f.opened)
			}
		})
	}
}

// A connection that is lost while the refresh is under way costs nothing: the
// grant is saved over another one.
func TestConnectionLostDuringRefresh(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		bubble(t, dialect, func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service) {
			s.before = func(string) error { f.kill(); return nil }
			token, err := newSource(t, s, store.For("ann")).Token()
			if err != nil || token.AccessToken != "access-ann-2" {
				t.Errorf("%v, %v, want the second token", token, err)
			}
			wantStored(t, store.For("ann"), "ann", 2)
			if requests, reuses := s.asked(); requests != 1 || reuses != 0 {
				t.Errorf("%d requests and %d reuses, want 1 and 0", requests, reuses)
			}
		})
	}
}

// A database that is away for longer is a SaveError; the next call saves and does
// not refresh.
func TestDatabaseAwayAfterRefresh(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		for _, down := range []string{"save", "COMMIT", "connect"} {
			bubble(t, dialect, func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service) {
				s.before = func(string) error {
					f.kill()
					f.failOn(down, -1, errFull)
					return nil
				}
				if down == "COMMIT" { // nothing before it may fail
					s.before = func(string) error { f.failOn(down, -1, errFull); return nil }
				}
				ts := newSource(t, s, store.For("ann"))
				_, err := ts.Token()
				var unsaved *oauth.SaveError
				if !errors.As(err, &unsaved) || unsaved.Token.RefreshToken != "refresh ann 2" {
					t.Fatalf("%s fails: %v, want a SaveError", down, err)
				}
				wantErr(t, down, err, errFull)
				f.failing(nil)
				wantStored(t, store.For("ann"), "ann", 1)
				token, err := ts.Token()
				if err != nil || token.AccessToken != "access-ann-2" {
					t.Errorf("%s works again: %v, %v, want the second token", down, token, err)
				}
				wantStored(t, store.For("ann"), "ann", 2)
				if requests, reuses := s.asked(); requests != 1 || reuses != 0 {
					t.Errorf("%d requests and %d reuses, want 1 and 0", requests, reuses)
				}
			})
		}
	}
}

// A holder that lost its lock does not overwrite what was saved meanwhile, such
// as the grant of a new consent, and finds it at its next call.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	for _, again := range []int{9, 1} { // 1: the very numbers of before
		bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, store *sqlstore.Store, s *service) {
			other := newStore(t, sqlOpen(t, f), sqlstore.PostgreSQL)
			s.before = func(string) error {
				f.kill()
				if err := other.For("ann").Delete(t.Context()); err != nil {
					t.Error(err)
				}
				save(t, other.For("ann"), grantOf("ann", again, time.Now().Add(time.Hour)))
				return nil
			}
			ts := newSource(t, s, store.For("ann"))
			_, err := ts.Token()
			var unsaved *oauth.SaveError
			if !errors.As(err, &unsaved) || !strings.Contains(err.Error(), "another grant was saved meanwhile") {
				t.Fatalf("%v, want a SaveError that says what happened", err)
			}
			wantStored(t, store.For("ann"), "ann", again)
			if again == 9 {
				token, err := ts.Token()
				if err != nil || token.AccessToken != "access-ann-9" {
					t.Errorf("%v, %v, want the grant that was saved meanwhile", token, err)
				}
			}
		})
	}
}

// What was written and went down with its connection is written again.
func TestWriteLostWithItsConnection(t *testing.T) {
	t.Parallel()
	bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, store *sqlstore.Store, _ *service) {
		for i, between := range []func(l oauth.Locked){
			func(oauth.Locked) {},
			func(l oauth.Locked) { // finds the loss, and then has a new transaction
				_, err := l.Load(t.Context())
				wantErr(t, "Load", err, errGone)
				if _, err := l.Load(t.Context()); err == nil || !strings.Contains(err.Error(), "what was saved") {
					t.Errorf("Load under the new lock: %v", err)
				}
			},
			func(l oauth.Locked) {
				_, err := l.Load(t.Context())
				wantErr(t, "Load", err, errGone)
			},
		} {
			l, err := store.For("ann").Lock(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			save(t, l, grantOf("ann", 3+i, time.Time{}))
			f.kill()
			between(l)
			if err := l.Unlock(); err != nil {
				t.Error(err)
			}
			wantStored(t, store.For("ann"), "ann", 3+i)
		}
		// A second save makes good for the first.
		l, err := store.For("ann").Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		save(t, l, grantOf("ann", 7, time.Time{}))
		f.kill()
		wantErr(t, "Save over the lost connection", l.Save(t.Context(), grantOf("ann", 8, time.Time{})), errGone)
		save(t, l, grantOf("ann", 8, time.Time{}))
		if err := l.Unlock(); err != nil {
			t.Error(err)
		}
		wantStored(t, store.For("ann"), "ann", 8)
	})
}

func TestWaitForALock(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		bubble(t, dialect, func(t *testing.T, f *fakeDB, store *sqlstore.Store, _ *service) {
			l, err := store.For("ann").Lock(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			// In the process nobody takes a connection to wait.
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					_, err := store.For("ann").Lock(ctx)
					wantErr(t, "Lock", err, context.DeadlineExceeded)
				})
			}
			wg.Wait()
			if f.opened != 1 {
				t.Errorf("%d connections for one lock", f.opened)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err = store.For("ann").Lock(ctx)
			wantErr(t, "an ended context", err, context.Canceled)
			wantErr(t, "Save under an ended context", l.Save(ctx, grantOf("ann", 1, time.Time{})), context.Canceled)

			// Another process waits at the database.
			if dialect == sqlstore.PostgreSQL {
				other := newStore(t, sqlOpen(t, f), dialect)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				wg.Go(func() {
					second, err := other.For("ann").Lock(ctx)
					if err != nil {
						t.Error(err)
						return
					}
					if got := f.args["bounds"][1].Value; got != "61000" {
						t.Errorf("the server's lock timeout is %v ms, want a second more than the context has", got)
					}
					if err := second.Unlock(); err != nil {
						t.Error(err)
					}
				})
				short, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, err := newStore(t, sqlOpen(t, f), dialect).For("ann").Lock(short)
				wantErr(t, "another process", err, context.DeadlineExceeded)
			}
			if err := l.Unlock(); err != nil {
				t.Error(err)
			}
			wg.Wait()
		})
	}
}

// Connections of a pool that died with their server are tried and dropped, and a
// new one is had.
func TestDeadPool(t *testing.T) {
	t.Parallel()
	bubble(t, sqlstore.PostgreSQL, func(t *testing.T, f *fakeDB, store *sqlstore.Store, _ *service) {
		first, err := store.For("ann").Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		second, err := store.For("ben").Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(first.Unlock(), second.Unlock()); err != nil {
			t.Fatal(err)
		}
		f.kill() // both are idle in the pool now
		l, err := store.For("ann").Lock(t.Context())
		if err != nil {
			t.Fatalf("Lock with a pool of dead connections: %v", err)
		}
		if err := l.Unlock(); err != nil {
			t.Error(err)
		}
		for _, statement := range []string{"connect", "begin", "bounds", "lock"} {
			f.failOn(statement, -1, errFull)
			if statement == "connect" {
				f.kill()
				f.failing(func(c *fakeConn, _ string) error {
					if c == nil {
						return errFull
					}
					return nil
				})
			}
			_, err := store.For("ann").Lock(t.Context())
			wantErr(t, statement, err, errFull)
			f.failing(nil)
		}
		f.failOn("reserve", -1, errFull)
		_, err = store.For("new").Lock(t.Context())
		wantErr(t, "reserve", err, errFull)
		f.failOn("load", -1, errFull)
		_, err = store.For("ann").Load(t.Context())
		wantErr(t, "load", err, errFull)
	})
}

// codeError is a driver's error of SQLite.
type codeError int

func (e codeError) Error() string { return "constraint or what" }
func (e codeError) Code() int     { return int(e) }

// A busy database is tried again until the context ends, whatever driver says it.
func TestBusySQLite(t *testing.T) {
	t.Parallel()
	bubble(t, sqlstore.SQLite, func(t *testing.T, f *fakeDB, store *sqlstore.Store, _ *service) {
		for _, busy := range []error{codeError(5), codeError(517), errors.New("database is locked")} {
			for _, statement := range []string{"begin", "COMMIT"} {
				f.failOn(statement, 7, busy)
				save(t, store.For("ann"), grantOf("ann", 1, time.Time{}))
			}
			f.failOn("load", 7, busy)
			wantStored(t, store.For("ann"), "ann", 1)

			f.failOn("begin", -1, busy)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			start := time.Now()
			_, err := store.For("ann").Lock(ctx)
			cancel()
			wantErr(t, "Lock of a busy database", err, context.DeadlineExceeded)
			if took := time.Since(start); took != time.Second {
				t.Errorf("it took %v", took)
			}
		}
		f.failOn("begin", -1, codeError(19))
		_, err := store.For("ann").Lock(t.Context())
		wantErr(t, "another error", err, codeError(19))
	})
}
