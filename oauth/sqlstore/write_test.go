package sqlstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

func TestMove(t *testing.T) {
	t.Parallel()
	const to = "https://new.test/oauth/token"
	for _, dialect := range dialects {
		f, db := newFakeDB(t)
		store := newStore(t, db, dialect, sqlstore.WithSealing(key(2), key(1)))
		old := newStore(t, db, dialect, sqlstore.WithSealing(key(1)))
		elsewhere := grantOf("elsewhere", 1, time.Time{}).WithExtra(map[string]any{"token_url": oauth.Cloud.TokenURL})
		text, err := oauth.EncodeToken(grantOf("note", 5, time.Now().Add(time.Hour)))
		if err != nil {
			t.Fatal(err)
		}
		note, err := oauth.DecodeToken([]byte(`{"note":"theirs",` + string(text[1:])))
		if err != nil {
			t.Fatal(err)
		}
		for user, token := range map[string]*oauth2.Token{
			"ann": grantOf("ann", 5, time.Time{}), "note": note, "elsewhere": elsewhere,
			"plain": {AccessToken: "a", RefreshToken: "r"},
		} {
			save(t, store.For(user), token)
		}
		save(t, old.For("old key"), grantOf("old key", 5, time.Time{}))
		before := map[string]fakeRow{}
		for _, user := range []string{"ann", "note", "elsewhere", "plain", "old key"} {
			before[user], _ = f.row(user)
		}
		f.mu.Lock()
		row := f.rows["ann"]
		row.dead = time.Now().Unix() // the service called it dead, and so it stays
		f.rows["ann"] = row
		f.mu.Unlock()

		f.failOn("rewrite", -1, errFull)
		n, err := store.Move(t.Context(), tokenURL, to)
		wantErr(t, "rewrite fails", err, errFull)
		if n != 0 {
			t.Errorf("%d moved, want none", n)
		}
		f.failing(nil)
		ctx, cancel := context.WithCancel(t.Context())
		f.failing(func(_ *fakeConn, s string) error {
			if s == "rewrite" {
				cancel()
			}
			return nil
		})
		_, err = store.Move(ctx, tokenURL, to)
		wantErr(t, "ctx ends", err, context.Canceled)
		f.failing(nil)
		if n, err := store.Move(t.Context(), tokenURL, to); err != nil || n > 3 || n < 2 {
			t.Errorf("Move() = %d, %v, want the rest of three", n, err)
		}
		if n, err := store.Move(t.Context(), tokenURL, to); err != nil || n != 0 {
			t.Errorf("Move() = %d, %v, want nothing to do", n, err)
		}
		for user, url := range map[string]any{
			"ann": to, "note": to, "old key": to, "elsewhere": oauth.Cloud.TokenURL, "plain": nil,
		} {
			token, err := store.For(user).Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			after, _ := f.row(user)
			if moved := url == to; token.Extra("token_url") != url || (after.revision != before[user].revision) != moved || after.expires != before[user].expires {
				t.Errorf("%s: the token URL is %v, the row %+v, before %+v", user, token.Extra("token_url"), after, before[user])
			}
			if user == "note" && (token.Extra("note") != "theirs" || token.Extra("scope") != "daily heartrate" || token.Expiry.IsZero()) {
				t.Error("a key of the token is lost")
			}
			if user == "ann" && after.dead == nil {
				t.Error("a grant that is dead lives again")
			}
		}
		for _, urls := range [][2]string{{"", to}, {tokenURL, ""}, {to, to}, {tokenURL, "/oauth/token"}} {
			if _, err := store.Move(t.Context(), urls[0], urls[1]); err == nil {
				t.Errorf("Move%q worked", urls)
			}
		}
		for i := range 15 {
			save(t, old.For(fmt.Sprint("user", i)), grantOf("user", 1, time.Time{}))
		}
		_, err = newStore(t, db, dialect, sqlstore.WithSealing(key(2))).Move(t.Context(), tokenURL, to)
		wantErr(t, "a key is missing", err, oauth.ErrSealed)
	}
}
