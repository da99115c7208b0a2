package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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

var errNetwork = errors.New("no route to host")

// crowd saves n users whose tokens end in an hour.
func crowd(t testing.TB, s *service, store *sqlstore.Store, n int) {
	t.Helper()
	for i := range n {
		user := fmt.Sprintf("user%03d", i)
		s.expired(user)
		save(t, store.For(user), grantOf(user, 1, time.Now().Add(time.Hour)))
	}
}

func TestKeepFresh(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		synctest.Test(t, func(t *testing.T) {
			f, db := newFakeDB(t)
			store, s := newStore(t, db, dialect), newService()
			crowd(t, s, store, 50)
			save(t, store.For("later"), grantOf("later", 1, time.Now().Add(24*time.Hour)))
			save(t, store.For("unknown"), grantOf("unknown", 1, time.Time{}))
			s.status["user007"] = http.StatusServiceUnavailable
			s.live["user008"] = 100 // somebody has used its refresh token
			other := grantOf("user009", 1, time.Now())
			save(t, store.For("user009"), other.WithExtra(map[string]any{"token_url": "https://elsewhere.test/token"}))
			f.set("user010", func(r *fakeRow) { r.token = "torn" })
			var under, most atomic.Int32
			s.before = func(string) error {
				n := under.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				time.Sleep(time.Second)
				under.Add(-1)
				return nil
			}
			report, err := store.KeepFresh(s.context(t.Context()), config, 2*time.Hour, 5)
			if err != nil {
				t.Fatal(err)
			}
			if report.Refreshed != 46 || report.Skipped != 0 || len(report.Errors) != 4 {
				t.Errorf("%s: report %+v, want 46 refreshed and 4 errors", dialect, report)
			}
			var answer *oauth.TokenError
			if !errors.As(report.Errors["user007"], &answer) {
				t.Errorf("an endpoint that is down: %v", report.Errors["user007"])
			}
			wantErr(t, "a dead grant", report.Errors["user008"], oauth.ErrReauthorize)
			wantErr(t, "a grant of other endpoints", report.Errors["user009"], oauth.ErrWrongGrant)
			if report.Errors["user010"] == nil {
				t.Error("a torn grant is no error")
			}
			if want := map[sqlstore.Dialect]int32{sqlstore.PostgreSQL: 5, sqlstore.SQLite: 1}[dialect]; most.Load() != want {
				t.Errorf("%s: %d refreshes at once, want %d", dialect, most.Load(), want)
			}
			wantStored(t, store.For("user049"), "user049", 2)
			wantStored(t, store.For("later"), "later", 1)
			wantStored(t, store.For("user007"), "user007", 1)

			// The dead one is listed and left in peace until there is a new grant.
			var dead []string
			for g, err := range store.NeedConsent(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				dead = append(dead, g.UserID)
			}
			if len(dead) != 1 || dead[0] != "user008" {
				t.Errorf("need consent: %v", dead)
			}
			before, _ := s.asked()
			s.status = map[string]int{}
			report, err = store.KeepFresh(s.context(t.Context()), config, 2*time.Hour, 0)
			if after, _ := s.asked(); after != before+1 || report.Refreshed != 1 || err != nil {
				t.Errorf("the second time: %d requests, %+v, %v, want one", after-before, report, err)
			}
			save(t, store.For("user008"), grantOf("user008", 100, time.Now()))
			report, err = store.KeepFresh(s.context(t.Context()), config, 2*time.Hour, 0)
			if report.Refreshed != 1 || err != nil {
				t.Errorf("after a new consent: %+v, %v", report, err)
			}
		})
	}
}

// Processes that keep the same users fresh at once refresh each of them once.
func TestKeepFreshInManyProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, db := newFakeDB(t)
		s := newService()
		s.before = func(string) error { time.Sleep(10 * time.Millisecond); return nil }
		crowd(t, s, newStore(t, db, sqlstore.PostgreSQL), 60)
		var wg sync.WaitGroup
		var refreshed, skipped atomic.Int32
		for range 4 {
			store := newStore(t, sqlOpen(t, f), sqlstore.PostgreSQL)
			wg.Go(func() {
				report, err := store.KeepFresh(s.context(t.Context()), config, 2*time.Hour, 3)
				if err != nil || len(report.Errors) != 0 {
					t.Errorf("%v, %v", report, err)
				}
				refreshed.Add(int32(report.Refreshed))
				skipped.Add(int32(report.Skipped))
			})
		}
		wg.Wait()
		if requests, reuses := s.asked(); requests != 60 || reuses != 0 || refreshed.Load() != 60 {
			t.Errorf("%d requests, %d reuses, %d refreshed, want 60, 0, 60", requests, reuses, refreshed.Load())
		}
		if skipped.Load() == 0 {
			t.Error("nobody met anybody")
		}
	})
}

func TestKeepFreshSkips(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, db := newFakeDB(t)
		store, s := newStore(t, db, sqlstore.PostgreSQL), newService()
		crowd(t, s, store, 4)
		l, err := store.For("user000").Lock(t.Context()) // in this process
		if err != nil {
			t.Fatal(err)
		}
		m, err := newStore(t, sqlOpen(t, f), sqlstore.PostgreSQL).For("user001").Lock(t.Context()) // in another
		if err != nil {
			t.Fatal(err)
		}
		// Since the list: one was deleted, one refreshed.
		f.failing(func(_ *fakeConn, statement string) error {
			if statement == "load" {
				f.mu.Lock()
				defer f.mu.Unlock()
				delete(f.rows, "user002")
				row := f.rows["user003"]
				row.token = strings.Replace(row.token, "2000-01-01T01", "2000-01-02T01", 1)
				f.rows["user003"] = row
			}
			return nil
		})
		report, err := store.KeepFresh(s.context(t.Context()), config, 2*time.Hour, 1)
		if requests, _ := s.asked(); err != nil || report.Skipped != 4 || requests != 0 {
			t.Errorf("%+v, %v and %d requests, want 4 skipped", report, err, requests)
		}
		if err := errors.Join(l.Unlock(), m.Unlock()); err != nil {
			t.Error(err)
		}
	})
}

// The database goes away after a refresh. The call keeps the grant until it can
// be saved, or hands it back when its context ends.
func TestKeepFreshKeepsWhatItCannotSave(t *testing.T) {
	t.Parallel()
	for _, deadline := range []time.Duration{time.Hour, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			f, db := newFakeDB(t)
			store, s := newStore(t, db, sqlstore.PostgreSQL), newService()
			crowd(t, s, store, 1)
			s.before = func(string) error {
				f.kill()
				start := time.Now()
				f.failing(func(*fakeConn, string) error {
					if time.Since(start) < 10*time.Minute {
						return errFull
					}
					return nil
				})
				return nil
			}
			ctx, cancel := context.WithTimeout(s.context(t.Context()), deadline)
			defer cancel()
			report, err := store.KeepFresh(ctx, config, 2*time.Hour, 2)
			if deadline == time.Hour {
				if err != nil || report.Refreshed != 1 || len(report.Errors) != 0 {
					t.Errorf("%+v, %v, want it saved in the end", report, err)
				}
			} else {
				var unsaved *oauth.SaveError
				if !errors.As(report.Errors["user000"], &unsaved) {
					t.Fatalf("%+v, want a SaveError", report)
				}
				time.Sleep(time.Hour)
				save(t, store.For("user000"), unsaved.Token)
			}
			wantStored(t, store.For("user000"), "user000", 2)
			if requests, reuses := s.asked(); requests != 1 || reuses != 0 {
				t.Errorf("%d requests, %d reuses, want 1 and 0", requests, reuses)
			}
		})
	}
}

// What ends the call as a whole, and how many users it has asked for by then.
// Grants of another token URL are taken along, and one that the service calls dead there is listed.
func TestKeepFreshTakesAlong(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		_, db := newFakeDB(t)
		s := newService()
		store := newStore(t, db, dialect)
		for _, user := range []string{"ann", "ben"} {
			save(t, store.For(user), s.expired(user).WithExtra(map[string]any{"token_url": oauth.Cloud.TokenURL}))
		}
		s.live["ben"] = 7 // his token was used elsewhere
		ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: s})
		report, err := store.KeepFresh(ctx, config, time.Hour, 1)
		if err != nil || !errors.Is(report.Errors["ann"], oauth.ErrWrongGrant) || s.requests != 0 {
			t.Errorf("without the option: %+v, %v, %d requests", report, err, s.requests)
		}
		report, err = store.KeepFresh(ctx, config, time.Hour, 1, oauth.WithMovedFrom(oauth.Cloud.TokenURL))
		if err != nil || report.Refreshed != 1 || !errors.Is(report.Errors["ben"], oauth.ErrReauthorize) {
			t.Errorf("with the option: %+v, %v", report, err)
		}
		wantStored(t, store.For("ann"), "ann", 2)
		dead := 0
		for g, err := range store.NeedConsent(ctx) {
			if err != nil || g.UserID != "ben" {
				t.Errorf("%+v, %v needs consent", g, err)
			}
			dead++
		}
		if dead != 1 {
			t.Errorf("%d users need consent, want ben", dead)
		}
	}
}

func TestKeepFreshEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		harm func(t *testing.T, f *fakeDB, s *service, cancel context.CancelFunc)
		most int // requests
		want error
		text string
	}{
		{"the application is refused", func(_ *testing.T, _ *fakeDB, s *service, _ context.CancelFunc) {
			s.code = "invalid_client"
			for i := range 50 {
				s.status[fmt.Sprintf("user%03d", i)] = http.StatusUnauthorized
			}
		}, 3, nil, "401"},
		{"the application may not refresh", func(_ *testing.T, _ *fakeDB, s *service, _ context.CancelFunc) {
			s.code = "unauthorized_client"
			for i := range 50 {
				s.status[fmt.Sprintf("user%03d", i)] = http.StatusBadRequest
			}
		}, 3, nil, "400"},
		{"asked to wait", func(_ *testing.T, _ *fakeDB, s *service, _ context.CancelFunc) {
			for i := range 50 {
				s.status[fmt.Sprintf("user%03d", i)] = http.StatusTooManyRequests
			}
		}, 3, nil, "429"},
		{"the network is away", func(_ *testing.T, _ *fakeDB, s *service, _ context.CancelFunc) {
			s.before = func(string) error { return errNetwork }
		}, 10, errNetwork, "6 failures in a row"},
		{"the list fails", func(_ *testing.T, f *fakeDB, _ *service, _ context.CancelFunc) {
			f.failOn("expiring", -1, errFull)
		}, 0, errFull, "list"},
		{"ctx ends", func(_ *testing.T, _ *fakeDB, s *service, cancel context.CancelFunc) {
			s.before = func(string) error { cancel(); return nil }
		}, 2, context.Canceled, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f, db := newFakeDB(t)
				store, s := newStore(t, db, sqlstore.PostgreSQL), newService()
				crowd(t, s, store, 50)
				ctx, cancel := context.WithCancel(s.context(t.Context()))
				defer cancel()
				test.harm(t, f, s, cancel)
				report, err := store.KeepFresh(ctx, config, 2*time.Hour, 2)
				if err == nil || !strings.Contains(err.Error(), test.text) || test.want != nil && !errors.Is(err, test.want) {
					t.Errorf("error %v, want %v with %q", err, test.want, test.text)
				}
				if requests, _ := s.asked(); requests > test.most || report == nil {
					t.Errorf("%d requests, want %d at most; report %v", requests, test.most, report)
				}
			})
		})
	}
}

// What the endpoint has against some users does not keep the others from their turn, wherever they are in the list.
func TestKeepFreshGoesOnAfterARefusal(t *testing.T) {
	t.Parallel()
	const users, refused = 60, 7
	for _, status := range []int{400, 401, 403, 404, 413, 422} {
		_, db := newFakeDB(t)
		store, s := newStore(t, db, sqlstore.PostgreSQL), newService()
		crowd(t, s, store, users)
		s.code = map[int]string{400: "invalid_request"}[status]
		for i := range refused {
			s.status[fmt.Sprintf("user%03d", i)] = status
		}
		for run, want := range []int{users - refused, 0, 0} {
			report, err := store.KeepFresh(s.context(t.Context()), config, 2*time.Hour, 1)
			if err != nil || report.Refreshed != want || len(report.Errors) != refused {
				t.Errorf("%d, run %d: %d refreshed, %d errors, %v; want %d, %d and no error",
					status, run, report.Refreshed, len(report.Errors), err, want, refused)
			}
		}
	}
}

func TestKeepFreshRefusesArguments(t *testing.T) {
	t.Parallel()
	_, db := newFakeDB(t)
	store := newStore(t, db, sqlstore.PostgreSQL)
	for name, call := range map[string]func() (*sqlstore.FreshReport, error){
		"no time":    func() (*sqlstore.FreshReport, error) { return store.KeepFresh(t.Context(), config, 0, 1) },
		"workers -1": func() (*sqlstore.FreshReport, error) { return store.KeepFresh(t.Context(), config, time.Hour, -1) },
		"no config": func() (*sqlstore.FreshReport, error) {
			return store.KeepFresh(t.Context(), &oauth2.Config{}, time.Hour, 1)
		},
	} {
		if report, err := call(); report != nil || err == nil {
			t.Errorf("%s: %v, %v, want an error", name, report, err)
		}
	}
}

// A grant that cannot be marked as dead is an error besides.
func TestKeepFreshCannotMark(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, db := newFakeDB(t)
		store, s := newStore(t, db, sqlstore.PostgreSQL), newService()
		crowd(t, s, store, 1)
		s.live["user000"] = 9
		f.failOn("bury", -1, errFull)
		report, err := store.KeepFresh(s.context(t.Context()), config, 2*time.Hour, 1)
		if err != nil {
			t.Fatal(err)
		}
		wantErr(t, "the grant", report.Errors["user000"], oauth.ErrReauthorize)
		wantErr(t, "the mark", report.Errors["user000"], errFull)
	})
}
