package main

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

// Whichever fetch is stored last: the one that began last stays, a deletion included.
func TestLaterFetchWins(t *testing.T) {
	db := shared(t)
	o := objects{db}
	for range 2 { // any number of processes may
		if err := o.migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var tickets []int64
	for range 4 {
		n, err := o.ticket(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, n)
	}
	day := oura.Date{Year: 2026, Month: 3, Day: 1}
	write := func(ticket int64, score int, hash string) (stored bool) {
		t.Helper()
		v := version{id: "a", mark: oura.Fingerprint{Day: day, Hash: hash}}
		if score > 0 {
			v.doc = &oura.DailySleep{ID: "a", Day: day, Score: &score}
		}
		stored, err := o.put(t.Context(), "ann", oura.DataTypeDailySleep, ticket, v)
		if err != nil {
			t.Fatal(err)
		}
		return stored
	}
	steps := []struct {
		ticket int64
		score  int // 0: gone
		stored bool
		known  oura.Known
	}{
		{tickets[1], 2, true, oura.Known{"a": {Day: day, Hash: "two"}}},
		{tickets[0], 1, false, oura.Known{"a": {Day: day, Hash: "two"}}},
		{tickets[1], 1, false, oura.Known{"a": {Day: day, Hash: "two"}}},
		{tickets[3], 0, true, oura.Known{}},
		{tickets[2], 1, false, oura.Known{}}, // must not come back
	}
	for i, step := range steps {
		hash := []string{"", "one", "two"}[step.score]
		if got := write(step.ticket, step.score, hash); got != step.stored {
			t.Errorf("step %d: stored %t, want %t", i, got, step.stored)
		}
		known, err := o.known(t.Context(), "ann", oura.DataTypeDailySleep, day)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.known, known); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
	}
	if n, err := o.sweep(t.Context(), 3600e9); err != nil || n != 0 {
		t.Errorf("swept %d rows within the hour: %v", n, err)
	}
	if n, err := o.sweep(t.Context(), 0); err != nil || n != 1 {
		t.Errorf("swept %d rows, want the one that is gone: %v", n, err)
	}
}

// A document that PostgreSQL will never take is told from an outage, and the error quotes nothing of it.
func TestUnstorable(t *testing.T) {
	db := shared(t)
	o := objects{db}
	if err := o.migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	comment := "private\x00comment"
	_, err := o.put(t.Context(), "ann", oura.DataTypeEnhancedTag, 1, version{id: "a", doc: &oura.EnhancedTag{Comment: &comment}})
	if !errors.Is(err, errUnstorable) {
		t.Fatalf("got %v, want errUnstorable", err)
	}
	if got, want := err.Error(), errUnstorable.Error()+" (SQLSTATE 22P05)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestVisits(t *testing.T) {
	db := shared(t)
	if err := (objects{db}).migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := visits{db}
	for _, user := range []string{"ann", "bob"} {
		if err := v.done(t.Context(), user, 0); err != nil { // nobody has a place yet
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), `INSERT INTO fleet_visits VALUES ($1, clock_timestamp() - interval '1 hour')`, user); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for range 2 {
		user, err := v.next(t.Context(), 600e9)
		if err != nil {
			t.Fatal(err)
		}
		seen[user] = true
	}
	if diff := cmp.Diff(map[string]bool{"ann": true, "bob": true}, seen); diff != "" {
		t.Error(diff)
	}
	if user, err := v.next(t.Context(), 600e9); user != "" || err != nil {
		t.Errorf("%q is due within the lease: %v", user, err)
	}
	if err := v.done(t.Context(), "bob", 0); err != nil {
		t.Fatal(err)
	}
	if err := v.forget(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	if user, err := v.next(t.Context(), 0); user != "bob" || err != nil {
		t.Errorf("%q is due, want bob: %v", user, err)
	}
}
