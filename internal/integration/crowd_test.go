package integration

import (
	"errors"
	"testing"
	"time"
)

// Eight processes want the tokens of the same thousand users, all expired, at
// once: each grant is refreshed once, and everybody gets the new one.
func TestEightProcessesThousandUsers(t *testing.T) {
	crowd(t, postgres(t), 8, 1000, 4)
}

// On one machine SQLite does the same, one refresh at a time.
func TestFourProcessesOneSQLite(t *testing.T) {
	crowd(t, sqlite(t), 4, 100, 4)
}

func crowd(t *testing.T, d database, processes, users, workers int) {
	s := newService(t)
	s.delay = 2 * time.Millisecond
	store := d.store(t)
	for i := range users {
		if err := store.For(userName(i)).Save(t.Context(), s.grant(userName(i), hourAgo())); err != nil {
			t.Fatal(err)
		}
	}
	var all []*process
	for range processes {
		all = append(all, start(t, "refresh", refreshSettings{d, s.URL, users, workers, false}))
	}
	began := time.Now()
	for _, p := range all {
		p.begin()
	}
	for _, p := range all {
		results, err := readAll[result](p)
		if err := errors.Join(err, p.wait()); err != nil {
			t.Error(err)
		}
		if len(results) != users {
			t.Errorf("a process has %d results, want %d", len(results), users)
		}
		for _, r := range results {
			if r.Access != accessToken(r.User, 2) {
				t.Errorf("%s: a process got %q, %s", r.User, r.Access, r.Error)
			}
		}
	}
	took := time.Since(began)
	lost := 0
	for i := range users {
		token, err := store.For(userName(i)).Load(t.Context())
		if err != nil || token.RefreshToken != refreshToken(userName(i), 2) {
			lost++
		}
	}
	refreshes, reuses := s.count()
	t.Logf("%d processes, %d users, %s: %d refreshes, %d reuses, %d lost, in %v",
		processes, users, d.Dialect, refreshes, reuses, lost, took.Round(time.Millisecond))
	if refreshes != users || reuses != 0 || lost != 0 {
		t.Errorf("want %d refreshes, 0 reuses, 0 lost", users)
	}
}
