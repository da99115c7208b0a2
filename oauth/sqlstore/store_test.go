package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

var dialects = []sqlstore.Dialect{sqlstore.PostgreSQL, sqlstore.SQLite}

func TestStoreKeepsOneGrantPerUser(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			f, db := newFakeDB(t)
			store := newStore(t, db, dialect)
			ann, ben := store.For("ann"), store.For("ben")
			_, err := ann.Load(t.Context())
			wantErr(t, "Load of nothing", err, oauth.ErrNoToken)
			if err := ann.Delete(t.Context()); err != nil {
				t.Errorf("Delete of nothing: %v", err)
			}

			expiry := time.Date(2030, 1, 2, 3, 4, 5, 600, time.UTC)
			save(t, ann, grantOf("ann", 1, expiry))
			save(t, ben, grantOf("ben", 7, time.Time{}))
			save(t, ann, grantOf("ann", 2, expiry))
			wantStored(t, ann, "ann", 2)
			wantStored(t, ben, "ben", 7)
			got, err := ann.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if scope, origin := got.Extra("scope"), got.Extra("token_url"); scope != "daily heartrate" || origin != tokenURL {
				t.Errorf("scope %v and token URL %v did not survive", scope, origin)
			}
			if row, _ := f.row("ann"); row.expires != expiry.Unix() {
				t.Errorf("the row's expiry is %v, want %d", row.expires, expiry.Unix())
			}
			if row, _ := f.row("ben"); row.expires != nil {
				t.Errorf("an expiry that is not known is %v in the row, want null", row.expires)
			}

			if err := ann.Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, ok := f.row("ann"); ok {
				t.Error("the row is there after Delete")
			}
			if n := store.TurnsHeld(); n != 0 {
				t.Errorf("%d turns are kept", n)
			}
		})
	}
}

// The lock is on a row that need not be there, in a transaction with bounds, and
// a lock that saved nothing leaves nothing.
func TestStatementsOfALock(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		dialect sqlstore.Dialect
		idle    []string
		saving  []string
	}{
		{sqlstore.PostgreSQL,
			[]string{"1 begin", "1 bounds", "1 lock", "1 reserve", "1 lock", "1 ROLLBACK"},
			[]string{"1 begin", "1 bounds", "1 lock", "1 reserve", "1 lock", "1 load", "1 save", "1 load", "1 COMMIT"}},
		{sqlstore.SQLite,
			[]string{"1 begin", "1 lock", "1 ROLLBACK"},
			[]string{"1 begin", "1 lock", "1 load", "1 save", "1 load", "1 COMMIT"}},
	} {
		t.Run(test.dialect.String(), func(t *testing.T) {
			t.Parallel()
			f, db := newFakeDB(t)
			user := newStore(t, db, test.dialect, sqlstore.WithLease(40*time.Second)).For("ann")
			l, err := user.Lock(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(l.Unlock(), l.Unlock()); err != nil {
				t.Errorf("Unlock: %v", err)
			}
			if diff := cmp.Diff(test.idle, f.statements()); diff != "" {
				t.Errorf("a lock that saves nothing (-want +got):\n%s", diff)
			}
			if _, ok := f.row("ann"); ok {
				t.Error("it left a row")
			}

			if l, err = user.Lock(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err = l.Load(t.Context())
			wantErr(t, "Load of a row that is only reserved", err, oauth.ErrNoToken)
			save(t, l, grantOf("ann", 1, time.Time{}))
			wantStored(t, l, "ann", 1)
			if err := l.Unlock(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.saving, f.statements()); diff != "" {
				t.Errorf("a lock that saves (-want +got):\n%s", diff)
			}
			if test.dialect == sqlstore.PostgreSQL {
				if got := f.args["bounds"]; got[0].Value != "40000" || got[1].Value != "0" {
					t.Errorf("the bounds are %v, want the lease and none for a context without end", got)
				}
			}
			if _, err := l.Load(t.Context()); err == nil {
				t.Error("Load after Unlock worked")
			}
		})
	}
}

func TestSealed(t *testing.T) {
	t.Parallel()
	f, db := newFakeDB(t)
	old := newStore(t, db, sqlstore.PostgreSQL, sqlstore.WithSealing(key(1)))
	save(t, old.For("ann"), grantOf("ann", 1, time.Time{}))
	row, _ := f.row("ann")
	if strings.Contains(row.token, "refresh") || strings.Contains(row.token, "access") {
		t.Errorf("the row is not sealed: %s", row.token)
	}
	f.set("eve", func(r *fakeRow) { *r = row })
	plain := newStore(t, db, sqlstore.PostgreSQL)
	save(t, plain.For("ben"), grantOf("ben", 1, time.Time{}))

	rotated := newStore(t, db, sqlstore.PostgreSQL, sqlstore.WithSealing(key(2), key(1)))
	wantStored(t, rotated.For("ann"), "ann", 1)
	for _, test := range []struct {
		name  string
		store *sqlstore.Store
		user  string
	}{
		{"another user's row", old, "eve"},
		{"another key", newStore(t, db, sqlstore.PostgreSQL, sqlstore.WithSealing(key(2))), "ann"},
		{"no key", plain, "ann"},
		{"plain under a key", old, "ben"},
	} {
		_, err := test.store.For(test.user).Load(t.Context())
		wantErr(t, test.name, err, oauth.ErrSealed)
	}
	// What cannot be opened can be deleted.
	if err := plain.For("ann").Delete(t.Context()); err != nil {
		t.Errorf("Delete without the key: %v", err)
	}
}

func TestReseal(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		f, db := newFakeDB(t)
		plain := newStore(t, db, dialect)
		if _, err := plain.Reseal(t.Context()); err == nil {
			t.Error("Reseal without a key worked")
		}
		rotated := newStore(t, db, dialect, sqlstore.WithSealing(key(2), key(1)))
		for i, store := range []*sqlstore.Store{
			plain, newStore(t, db, dialect, sqlstore.WithSealing(key(1))), rotated,
			newStore(t, db, dialect, sqlstore.WithSealing(key(3))),
		} {
			user := fmt.Sprint("user", i)
			save(t, store.For(user), grantOf(user, 5, time.Time{}))
		}
		before, _ := f.row("user2")
		n, err := rotated.Reseal(t.Context())
		wantErr(t, "a key that nobody has", err, oauth.ErrSealed)
		if n != 2 {
			t.Errorf("%d written, want 2", n)
		}
		if after, _ := f.row("user2"); after != before {
			t.Error("a grant that is sealed with the first key was written again")
		}
		newest := newStore(t, db, dialect, sqlstore.WithSealing(key(2)))
		for _, user := range []string{"user0", "user1", "user2"} {
			wantStored(t, newest.For(user), user, 5)
		}
		if err := newest.For("user3").Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := rotated.Reseal(t.Context()); n != 0 || err != nil {
			t.Errorf("the second time: %d, %v, want nothing to do", n, err)
		}
		for _, statement := range []string{"users", "load"} {
			f.failOn(statement, -1, errFull)
			_, err := rotated.Reseal(t.Context())
			wantErr(t, statement+" fails", err, errFull)
		}
		f.failing(nil)
		save(t, plain.For("user0"), grantOf("user0", 6, time.Time{}))
		f.failOn("rewrite", -1, errFull)
		_, err = rotated.Reseal(t.Context())
		wantErr(t, "rewrite fails", err, errFull)
		ctx, cancel := context.WithCancel(t.Context())
		f.failing(func(_ *fakeConn, s string) error {
			if s == "rewrite" {
				cancel()
			}
			return nil
		})
		_, err = rotated.Reseal(ctx)
		wantErr(t, "ctx ends", err, context.Canceled)
	}
}

func TestArgumentsThatCannotBe(t *testing.T) {
	t.Parallel()
	_, db := newFakeDB(t)
	for name, make := range map[string]func() (*sqlstore.Store, error){
		"no database": func() (*sqlstore.Store, error) { return sqlstore.New(nil, sqlstore.SQLite) },
		"no dialect":  func() (*sqlstore.Store, error) { return sqlstore.New(db, 0) },
		"short key": func() (*sqlstore.Store, error) {
			return sqlstore.New(db, sqlstore.SQLite, sqlstore.WithSealing([]byte("short")))
		},
		"no lease": func() (*sqlstore.Store, error) { return sqlstore.New(db, sqlstore.PostgreSQL, sqlstore.WithLease(0)) },
		"lease of day": func() (*sqlstore.Store, error) {
			return sqlstore.New(db, sqlstore.PostgreSQL, sqlstore.WithLease(24*time.Hour))
		},
	} {
		if s, err := make(); s != nil || err == nil || !strings.HasPrefix(err.Error(), "oauth") {
			t.Errorf("%s: %v, %v, want an error that says whose it is", name, s, err)
		}
	}
	store := newStore(t, db, sqlstore.PostgreSQL)
	for _, id := range []string{"", "a\x00b", "a\xffb"} {
		user := store.For(id)
		_, loadErr := user.Load(t.Context())
		_, lockErr := user.Lock(t.Context())
		for what, err := range map[string]error{
			"Load": loadErr, "Lock": lockErr, "Save": user.Save(t.Context(), grantOf("a", 1, time.Time{})),
			"Delete": user.Delete(t.Context()),
		} {
			if err == nil || !strings.Contains(err.Error(), "user's id") {
				t.Errorf("%s with the id %q: error %v, want one about the id", what, id, err)
			}
		}
	}
	if err := store.For("ann").Save(t.Context(), nil); err == nil {
		t.Error("Save(nil) worked")
	}
}

func TestNothingIsPrinted(t *testing.T) {
	t.Parallel()
	_, db := newFakeDB(t)
	store := newStore(t, db, sqlstore.PostgreSQL, sqlstore.WithSealing(key('k')))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		text := fmt.Sprintf(verb+" "+verb, store, store.For("ann"))
		if text != "sqlstore.Store sqlstore.UserStore" {
			t.Errorf("%s prints %s", verb, text)
		}
	}
	if got := fmt.Sprint(dialects, sqlstore.Dialect(9)); got != "[PostgreSQL SQLite] Dialect(9)" {
		t.Errorf("dialects print %s", got)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			f, db := newFakeDB(t)
			db.SetMaxOpenConns(1) // a list that held its connection would hang
			store := newStore(t, db, dialect)
			now := time.Now()
			var all, soon []string
			for i := range 1203 {
				user := fmt.Sprintf("user%04d", i)
				expires := now.Add(48 * time.Hour).Unix()
				if i%2 == 0 {
					expires = now.Add(time.Hour).Unix()
					soon = append(soon, user)
				}
				f.set(user, func(r *fakeRow) { *r = fakeRow{token: "{}", revision: "r", expires: expires} })
				all = append(all, user)
			}
			f.set("unknown", func(r *fakeRow) { *r = fakeRow{token: "{}", revision: "r"} })
			all = slices.Insert(all, 0, "unknown")
			f.set("dead", func(r *fakeRow) { *r = fakeRow{revision: "r", expires: int64(1), dead: int64(1700000000)} })
			all = slices.Insert(all, 0, "dead")

			users := store.Users(t.Context())
			for range 2 { // it can be ranged over again
				var got []string
				for g, err := range users {
					if err != nil {
						t.Fatal(err)
					}
					if len(got)%100 != 0 {
						got = append(got, g.UserID)
						continue
					}
					if _, err := store.For("nobody").Load(t.Context()); !errors.Is(err, oauth.ErrNoToken) {
						t.Fatal(err)
					}
					got = append(got, g.UserID)
				}
				if diff := cmp.Diff(all, got); diff != "" {
					t.Fatalf("Users (-want +got):\n%s", diff)
				}
			}
			var got []string
			for g, err := range store.Expiring(t.Context(), 2*time.Hour) {
				if err != nil {
					t.Fatal(err)
				}
				if want := now.Add(time.Hour).UTC().Truncate(time.Second); !g.ExpiresAt.Equal(want) {
					t.Fatalf("expires at %v, want %v", g.ExpiresAt, want)
				}
				got = append(got, g.UserID)
			}
			if diff := cmp.Diff(soon, got); diff != "" {
				t.Errorf("Expiring (-want +got):\n%s", diff)
			}
			for g, err := range store.NeedConsent(t.Context()) {
				want := sqlstore.Grant{UserID: "dead", ExpiresAt: time.Unix(1, 0).UTC(), DeadSince: time.Unix(1700000000, 0).UTC()}
				if g != want || err != nil {
					t.Errorf("NeedConsent: %v, %v, want %v", g, err, want)
				}
			}

			f.failOn("users", -1, errFull)
			count := 0
			for _, err := range users {
				wantErr(t, "a list that fails", err, errFull)
				count++
			}
			if count != 1 {
				t.Errorf("%d steps, want one with the error", count)
			}
		})
	}
}
