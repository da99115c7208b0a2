package integration

import (
	"testing"
	"time"
)

// Four processes use a thousand users' grants: two as they were configured until now, two with the new token URL, one of
// which takes grants along itself. Meanwhile all grants are moved. None is lost, and no refresh token is sent twice, be
// it to one URL or to both.
func TestMoveWhileProcessesRefresh(t *testing.T) {
	const users, workers = 1000, 4
	d := postgres(t)
	s := newService(t)
	s.lifetime = 2 // so that each grant is refreshed again and again
	s.delay = 5 * time.Millisecond
	oldURL, newURL := s.URL+"/old/token", s.URL+"/new/token"
	store := d.store(t)
	for i := range users {
		token := s.grant(userName(i), hourAgo()).WithExtra(map[string]any{"token_url": oldURL})
		if err := store.For(userName(i)).Save(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	var processes []*process
	for _, settings := range []useSettings{
		{d, oldURL, nil, users, workers}, {d, oldURL, nil, users, workers},
		{d, newURL, nil, users, workers}, {d, newURL, []string{oldURL}, users, workers},
	} {
		p := start(t, "use", settings)
		processes = append(processes, p)
	}
	for _, p := range processes {
		p.begin()
	}
	s.until(t, func(path map[string]int) bool { return path["/old/token"] >= users/2 && path["/new/token"] > 0 })

	began := time.Now()
	moved, err := store.Move(t.Context(), oldURL, newURL)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	at := s.paths()
	s.until(t, func(path map[string]int) bool { return path["/new/token"] >= at["/new/token"]+users })
	for i, p := range processes {
		p.begin() // the line that ends it
		got, err := readAll[uses](p)
		if waitErr := p.wait(); err != nil || waitErr != nil || len(got) != 1 {
			t.Fatalf("process %d: %v, %v, %v", i, got, err, waitErr)
		}
		t.Logf("process %d: %d tokens, %d ErrWrongGrant", i, got[0].Tokens, got[0].WrongGrant)
		if len(got[0].Errors) > 0 || got[0].Tokens == 0 {
			t.Errorf("process %d: %+v", i, got[0])
		}
	}
	if again, err := store.Move(t.Context(), oldURL, newURL); err != nil || again != 0 {
		t.Errorf("Move() once more = %d, %v, want nothing to do", again, err)
	}
	lost := 0
	for i := range users {
		token, err := store.For(userName(i)).Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if token.RefreshToken != refreshToken(userName(i), s.live[userName(i)]) || token.Extra("token_url") != newURL {
			lost++
		}
	}
	rotations, reuses := s.count()
	t.Logf("%d of %d grants moved in %v (the others were taken along), %d refreshes, %v by URL, %d grants lost, %d tokens sent twice",
		moved, users, took.Round(time.Millisecond), rotations, s.paths(), lost, reuses)
	if lost != 0 || reuses != 0 || moved == 0 {
		t.Error("want grants moved, none lost and no token sent twice")
	}
}

// paths counts the refreshes at each path.
func (s *service) paths() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := map[string]int{}
	for _, r := range s.log {
		counts[r.path]++
	}
	return counts
}

// until waits until enough was refreshed.
func (s *service) until(t testing.TB, enough func(map[string]int) bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for !enough(s.paths()) {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("after two minutes: %v", s.paths())
		}
	}
}
