package integration

import (
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

func save(t testing.TB, store oauth.Store, token *oauth2.Token) {
	t.Helper()
	if err := store.Save(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}

func wantStored(t testing.TB, store oauth.Store, refresh string) {
	t.Helper()
	token, err := store.Load(t.Context())
	if err != nil || token.RefreshToken != refresh {
		t.Errorf("the store holds %v, %v, want %q", token != nil, err, refresh)
	}
}

// The server ends the connection that holds the lock while the refresh is under
// way. Nothing is lost, and nobody notices.
func TestBackendTerminatedDuringRefresh(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	s := newService(t)
	admin := d.open(t, 1)
	terminated := 0
	s.rotated = func(string) {
		// All of this test's but the one that asks.
		err := admin.QueryRowContext(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity `+
			`WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()`).Scan(&terminated)
		if err != nil {
			t.Error(err)
		}
	}
	store := d.store(t)
	save(t, store.For("ann"), s.grant("ann", hourAgo()))
	source, err := oauth.NewTokenSource(t.Context(), config(s.URL), store.For("ann"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := source.TokenContext(t.Context())
	if err != nil || token.AccessToken != accessToken("ann", 2) {
		t.Errorf("%v, want the new token", err)
	}
	wantStored(t, store.For("ann"), refreshToken("ann", 2))
	refreshes, reuses := s.count()
	t.Logf("%d connections were ended during a refresh: %d refresh, %d reuses, 0 lost", terminated, refreshes, reuses)
	if terminated == 0 || refreshes != 1 || reuses != 0 {
		t.Error("want 1 refresh, 0 reuses and a connection that was ended")
	}
}

// The network to the database breaks during a refresh, for longer than a save is
// tried again: a SaveError, and the next call saves without another refresh.
func TestDatabaseCutDuringRefresh(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	s := newService(t)
	u, err := url.Parse(d.DSN)
	if err != nil {
		t.Fatal(err)
	}
	wire := newWire(t, u.Host, nil)
	u.Host = wire.Addr().String()
	store := database{d.Dialect, u.String()}.store(t)
	save(t, store.For("ann"), s.grant("ann", hourAgo()))
	s.rotated = func(string) { wire.cut() }
	source, err := oauth.NewTokenSource(t.Context(), config(s.URL), store.For("ann"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = source.TokenContext(t.Context())
	var unsaved *oauth.SaveError
	if !errors.As(err, &unsaved) || unsaved.Token.RefreshToken != refreshToken("ann", 2) {
		t.Fatalf("%v, want a SaveError with the new grant", err)
	}
	direct := d.store(t)
	wantStored(t, direct.For("ann"), refreshToken("ann", 1))
	wire.mend()
	token, err := source.TokenContext(t.Context())
	if err != nil || token.AccessToken != accessToken("ann", 2) {
		t.Errorf("%v, want the new token", err)
	}
	wantStored(t, direct.For("ann"), refreshToken("ann", 2))
	if refreshes, reuses := s.count(); refreshes != 1 || reuses != 0 {
		t.Errorf("%d refreshes and %d reuses, want 1 and 0", refreshes, reuses)
	}
}

// What sqlstore promises of a whole list, on real databases.
func TestListsAndKeepFresh(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, d database) {
		const users = 60
		s := newService(t)
		store := d.store(t)
		for i := range users {
			expiry := time.Now().Add(time.Hour)
			if i%3 == 0 {
				expiry = time.Now().Add(48 * time.Hour)
			}
			save(t, store.For(userName(i)), s.grant(userName(i), expiry))
		}
		s.mu.Lock()
		s.live[userName(1)] = 9 // its refresh token was used elsewhere
		s.mu.Unlock()
		save(t, store.For("unknown"), s.grant("unknown", time.Time{}))

		var reports []*sqlstore.FreshReport
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 3 {
			replica := d.store(t)
			wg.Go(func() {
				report, err := replica.KeepFresh(t.Context(), config(s.URL), 2*time.Hour, 4)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				reports = append(reports, report)
			})
		}
		wg.Wait()
		refreshed := 0
		for _, r := range reports {
			refreshed += r.Refreshed
			for user, err := range r.Errors {
				if user != userName(1) || !errors.Is(err, oauth.ErrReauthorize) {
					t.Errorf("%s: %v", user, err)
				}
			}
		}
		const due = users*2/3 - 1
		if refreshes, _ := s.count(); refreshes != due || refreshed != due {
			t.Errorf("%d refreshes, %d reported, want %d", refreshes, refreshed, due)
		}
		s.mu.Lock()
		for user := range s.reused {
			if user != userName(1) {
				t.Errorf("%s: a refresh token was sent twice", user)
			}
		}
		s.mu.Unlock()
		var dead []sqlstore.Grant
		for g, err := range store.NeedConsent(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			dead = append(dead, g)
		}
		if len(dead) != 1 || dead[0].UserID != userName(1) || time.Since(dead[0].DeadSince).Abs() > time.Minute {
			t.Errorf("need consent: %v, want %s since now", dead, userName(1))
		}
		for g, err := range store.Expiring(t.Context(), 2*time.Hour) {
			t.Errorf("still expiring: %v, %v", g, err)
		}
		if err := store.For(userName(1)).Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
		n := 0
		for g, err := range store.Users(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if g.UserID == userName(0) && time.Until(g.ExpiresAt) < 47*time.Hour {
				t.Errorf("%s expires at %v", g.UserID, g.ExpiresAt)
			}
			n++
		}
		if n != users { // one deleted, one of unknown expiry added
			t.Errorf("%d users, want %d", n, users)
		}

		// Another key, and nothing left of the old one.
		newer := append([]byte(nil), key...)
		newer[0]++
		both, err := sqlstore.New(d.open(t, 2), d.Dialect, sqlstore.WithSealing(newer, key))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := both.Reseal(t.Context()); n != users || err != nil {
			t.Errorf("resealed %d, %v, want %d", n, err, users)
		}
		_, err = store.For(userName(0)).Load(t.Context())
		if !errors.Is(err, oauth.ErrSealed) {
			t.Errorf("with the old key: %v", err)
		}
	})
}

// Processes that start at once migrate at once.
func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, d database) {
		for _, table := range []string{"oura_grants"} {
			if _, err := d.open(t, 1).ExecContext(t.Context(), `DROP TABLE `+table); err != nil {
				t.Fatal(err)
			}
		}
		var wg sync.WaitGroup
		for range 8 {
			db := d.open(t, 1)
			wg.Go(func() {
				if err := sqlstore.Migrate(t.Context(), db, d.Dialect); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		save(t, d.store(t).For("ann"), &oauth2.Token{AccessToken: "a", RefreshToken: "r"})
	})
}

// A table of an earlier version, with grants in it, gets what it lacks and serves refreshes.
func TestMigrateAnOlderTable(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	s := newService(t)
	save(t, d.store(t).For("ann"), s.grant("ann", hourAgo()))
	db := d.open(t, 1)
	if _, err := db.ExecContext(t.Context(), `ALTER TABLE oura_grants DROP COLUMN holder, DROP COLUMN held_until`); err != nil {
		t.Fatal(err)
	}
	if err := sqlstore.Migrate(t.Context(), db, d.Dialect); err != nil {
		t.Fatal(err)
	}
	source, err := oauth.NewTokenSource(t.Context(), config(s.URL), d.store(t).For("ann"))
	if err != nil {
		t.Fatal(err)
	}
	if token, err := source.TokenContext(t.Context()); err != nil || token.AccessToken != accessToken("ann", 2) {
		t.Errorf("%v, want the new token", err)
	}
}
