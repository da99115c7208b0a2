package integration

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// victims keeps the processes of TestProcessesKilled, for the killer and the
// service to find.
type victims struct {
	mu     sync.Mutex
	living map[int]*process
	killed map[int]time.Time
	aimed  bool // the next process that is answered dies of it
}

// kill kills one process, unless it has ended. It reports whether it did.
func (v *victims) kill(pid int) bool {
	p := v.living[pid]
	if p == nil || p.cmd.Process.Kill() != nil {
		return false
	}
	delete(v.living, pid)
	v.killed[pid] = time.Now()
	return true
}

// Eight processes refresh a thousand users, and each second one of them, twelve in all, is
// killed: at a random moment, or just when the service has answered it. A grant
// is lost only in the moment between an answer and its save, one for a kill at
// the most, and each is then an ErrReauthorize.
func TestProcessesKilled(t *testing.T) {
	const processes, users, mostKills = 8, 1000, 12
	d := postgres(t)
	s := newService(t)
	s.delay = 75 * time.Millisecond
	v := &victims{living: map[int]*process{}, killed: map[int]time.Time{}}
	s.answered = func(_ string, pid int) {
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.aimed && v.kill(pid) {
			v.aimed = false
		}
	}
	store := d.store(t)
	for i := range users {
		if err := store.For(userName(i)).Save(t.Context(), s.grant(userName(i), hourAgo())); err != nil {
			t.Fatal(err)
		}
	}

	// One refresh at a time in a process: what a kill can cost is one grant.
	settings := refreshSettings{d, s.URL, users, 1, false}
	var results []result
	var wg sync.WaitGroup
	ended := make(chan struct{})
	var run func(p *process)
	run = func(p *process) {
		defer wg.Done()
		p.begin()
		got, _ := readAll[result](p)
		err := p.wait()
		v.mu.Lock()
		results = append(results, got...)
		_, killed := v.killed[p.pid()]
		delete(v.living, p.pid())
		v.mu.Unlock()
		if !killed {
			if err != nil || len(got) != users {
				t.Errorf("a process that was not killed: %d results, %v", len(got), err)
			}
			return
		}
		next, err := launch(t, "refresh", settings) // another replica takes its place
		if err != nil {
			t.Error(err)
			return
		}
		v.mu.Lock()
		v.living[next.pid()] = next
		v.mu.Unlock()
		wg.Add(1)
		go run(next)
	}
	for range processes {
		p := start(t, "refresh", settings)
		v.living[p.pid()] = p
	}
	v.mu.Lock()
	for _, p := range v.living {
		wg.Add(1)
		go run(p)
	}
	v.mu.Unlock()
	go func() {
		defer close(ended)
		wg.Wait()
	}()

	began := time.Now()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-tick.C:
			if rotations, _ := s.count(); rotations >= users {
				continue // all is done: let them end
			}
			v.mu.Lock()
			if len(v.killed) >= mostKills { // each keeps its user for 8 s
				v.aimed = false
			} else if v.aimed = n%2 == 1; !v.aimed && len(v.living) > 0 {
				v.kill(slices.Collect(maps.Keys(v.living))[rand.IntN(len(v.living))])
			}
			v.mu.Unlock()
			continue
		case <-ended:
		}
		break
	}
	took := time.Since(began)

	lost, perKill := map[string]bool{}, map[int]int{}
	for i := range users {
		user := userName(i)
		token, err := store.For(user).Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if token.RefreshToken == refreshToken(user, s.live[user]) {
			continue
		}
		lost[user] = true
		last := s.last(user)
		at, killed := v.killed[last.pid]
		if !killed || last.at.After(at.Add(s.delay)) || at.After(last.at.Add(time.Second)) {
			t.Errorf("%s: lost, and the log shows no answer to a process that was then killed: %+v", user, last)
		}
		perKill[last.pid]++
		if r := tokenOf(t.Context(), store, s.URL, user); !r.Reauthorize {
			t.Errorf("%s: lost, and not ErrReauthorize: %+v", user, r)
		}
	}
	for pid, n := range perKill {
		if n > 1 {
			t.Errorf("the kill of %d cost %d grants", pid, n)
		}
	}
	for _, r := range results {
		if !lost[r.User] && r.Access != accessToken(r.User, 2) {
			t.Errorf("%s: not lost, and a process got %+v", r.User, r)
		}
		if lost[r.User] && !r.Reauthorize {
			t.Errorf("%s: lost, and a process got %+v", r.User, r)
		}
	}
	for user := range s.reused {
		if !lost[user] {
			t.Errorf("%s: a refresh token was sent twice", user)
		}
	}
	t.Logf("%d kills in %v, %d refreshes of %d users, %d grants lost, at most 1 for a kill",
		len(v.killed), took.Round(time.Millisecond), len(s.log), users, len(lost))
	if len(s.log) != users || len(v.killed) < 3 || len(v.killed) > mostKills+1 || len(lost) > len(v.killed) {
		t.Errorf("want %d refreshes and a kill each second", users)
	}
}

// last is a user's last rotation.
func (s *service) last(user string) rotation {
	for _, r := range slices.Backward(s.log) {
		if r.user == user {
			return r
		}
	}
	return rotation{}
}
