package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// Who joins is copied once, and each process asks once whose a token is. Of somebody who has left, no table has a row, and
// Redis has no key. The others keep theirs.
func TestLeave(t *testing.T) {
	t.Parallel()
	service, err := ouratest.StartService(ouratest.WithUsers("Ann", "Bob"), ouratest.WithHistory(20))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(service.Close)
	ann, bob := service.Users()[0], service.Users()[1]
	f := opened(t, "-oura-url", service.URL, "-reconcile-every", "1m")
	id, key := service.AppCredentials()
	f.cfg.clientID, f.cfg.clientSecret = id, secret(key)
	join := func(user *ouratest.User) {
		t.Helper()
		if err := f.grants.For(user.ID).Save(t.Context(), user.Token()); err != nil {
			t.Fatal(err)
		}
		for _, first := range []bool{true, false, false} { // those after the first find nobody who is due
			if err := f.visitAll(t.Context(), first); err != nil {
				t.Fatal(err)
			}
		}
	}
	event := func(user *ouratest.User) {
		t.Helper()
		night := ouratest.Sleep(oura.Today(time.UTC), ouratest.WithPerson(user.Name))
		ev := webhook.Event{Type: oura.EventTypeUpdate, DataType: oura.DataTypeSleep, ObjectID: night.ID, UserID: user.ID, Time: time.Now()}
		if got := outcomeOf(f.mirror.Handler(f.client)(t.Context(), ev), 1); got.name != "applied" {
			t.Errorf("an event: %+v", got)
		}
	}

	join(ann)
	before := f.rows(t)
	join(bob)
	if n := f.metrics.total("fleet_reconciled_users_total", "true"); n != 2 {
		t.Errorf("two people who joined were visited %.0f times", n)
	}
	event(bob)
	asked := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/personal_info") }
	if n := len(slices.DeleteFunc(service.Requests(), func(r *http.Request) bool { return !asked(r) })); n != 2 {
		t.Errorf("it was asked %d times whose two tokens are", n)
	}
	tables, keys := f.rows(t), f.keys(t)
	if len(tables["oura_mirror_documents"]) < 2*4*20 || strings.Contains(keys, bob.ID) {
		t.Errorf("%d documents of two people are stored, and Redis has %s", len(tables["oura_mirror_documents"]), keys)
	}

	if err := oauth.Disconnect(t.Context(), f.cfg.oauth(), f.grants.For(bob.ID)); err != nil {
		t.Fatal(err)
	}
	if err := f.forgetLeavers(t.Context()); err != nil {
		t.Fatal(err)
	}
	event(bob) // one that was under way
	if diff := cmp.Diff(before, f.rows(t)); diff != "" {
		t.Errorf("after Bob has left (-before he came):\n%s", diff)
	}
	if keys := f.keys(t); strings.Contains(keys, bob.ID) {
		t.Errorf("Redis has %s", keys)
	}
}

// rows are those of all tables of the schema, as JSON.
func (f *fleet) rows(t *testing.T) map[string][]string {
	t.Helper()
	query := func(query string, args ...any) (all []string) {
		rows, err := f.db.QueryContext(t.Context(), query, args...)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				t.Fatal(err)
			}
			all = append(all, row)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	tables := query(`SELECT table_name FROM information_schema.tables
		WHERE table_schema = $1 AND table_type = 'BASE TABLE' ORDER BY table_name`, f.cfg.schema)
	all := map[string][]string{}
	for _, table := range tables {
		all[table] = query(`SELECT to_jsonb(t)::text FROM ` + table + ` t ORDER BY 1`)
	}
	return all
}

// keys are those of Redis that are this fleet's.
func (f *fleet) keys(t *testing.T) string {
	t.Helper()
	keys, err := f.redis.Keys(t.Context(), "*"+f.cfg.stream+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
