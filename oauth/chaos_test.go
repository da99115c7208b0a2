package oauth_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/oauth"
)

// Half an hour in which the endpoint and the store fail, hang and recover at random, and callers come and leave. No
// refresh token is sent twice, no token that has expired is handed out, and when all is well again everybody has the
// last one. Even runs have three sources of one store, and saves that fail for less than they are tried again; odd runs
// have one source, and saves that fail for minutes. OURA_TEST_CHAOS sets how many runs there are.
func TestChaos(t *testing.T) {
	t.Parallel()
	runs := 30
	if testing.Short() {
		runs = 12
	}
	if n, err := strconv.Atoi(os.Getenv("OURA_TEST_CHAOS")); err == nil {
		runs = n
	}
	var mu sync.Mutex
	refreshes, calls, failures := 0, 0, 0
	t.Run("runs", func(t *testing.T) {
		for run := range runs {
			t.Run(fmt.Sprint(run), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r, c, f := chaos(t, run)
					mu.Lock()
					defer mu.Unlock()
					refreshes, calls, failures = refreshes+r, calls+c, failures+f
				})
			})
		}
	})
	t.Logf("%d runs: %d refreshes, %d calls, %d errors", runs, refreshes, calls, failures)
	if refreshes < runs || failures < runs || failures > calls/2 {
		t.Error("that is no chaos, or nothing else")
	}
}

func chaos(t *testing.T, run int) (refreshes, calls, failures int) {
	s := newService()
	s.expiresIn = 600
	store := newRecorder(t, expiredGrant(s))
	sources, longest := 3, 4*time.Second
	if run%2 == 1 {
		sources, longest = 1, 3*time.Minute
	}
	ctx, end := context.WithTimeout(t.Context(), 30*time.Minute)
	defer end()
	down := func(w http.ResponseWriter, _ url.Values) { w.WriteHeader(http.StatusServiceUnavailable) }
	var wg sync.WaitGroup
	wg.Go(func() {
		random := rand.New(rand.NewPCG(uint64(run), 1))
		for ctx.Err() == nil {
			hang := time.Duration(random.Int64N(int64(15 * time.Second)))
			switch random.IntN(6) {
			case 0:
				s.set(func(s *service) { s.answer = down })
			case 1:
				s.set(func(s *service) { s.before = func(*http.Request) { time.Sleep(hang) } })
			case 2:
				store.set(func(r *recorder) { r.saveErr = errDisk })
			case 3:
				store.set(func(r *recorder) { r.loadErr = errDisk })
			case 4:
				store.set(func(r *recorder) { r.lockErr = errDisk })
			}
			time.Sleep(time.Duration(random.Int64N(int64(longest))))
			heal(s, store)
			time.Sleep(time.Duration(random.Int64N(int64(2 * time.Minute))))
		}
	})
	var mu sync.Mutex
	var all []*oauth.TokenSource
	for i := range sources {
		ts := newSource(t, s, store)
		all = append(all, ts)
		for caller := range 4 {
			random := rand.New(rand.NewPCG(uint64(run), uint64(10*i+caller+2)))
			wg.Go(func() {
				for ctx.Err() == nil {
					calling, leave := context.WithTimeout(ctx, time.Duration(random.Int64N(int64(40*time.Second))))
					token, err := ts.TokenContext(calling)
					if err == nil && random.IntN(20) == 0 {
						token, err = ts.Refresh(calling, token)
					}
					leave()
					if err == nil && !time.Now().Before(token.Expiry) {
						t.Errorf("run %d: a token that ended %s ago was handed out", run, time.Since(token.Expiry))
					}
					mu.Lock()
					calls++
					if err != nil {
						failures++
					}
					mu.Unlock()
					time.Sleep(time.Duration(random.Int64N(int64(20 * time.Second))))
				}
			})
		}
	}
	wg.Wait()
	heal(s, store)
	time.Sleep(11 * time.Minute) // what waits ends, and tokens too
	for i, ts := range all {
		token, err := ts.Token()
		s.mu.Lock()
		last := s.generation
		s.mu.Unlock()
		if err != nil || token.AccessToken != accessToken(last) {
			t.Errorf("run %d, source %d: %v when all is well again, want the last token", run, i, err)
		}
	}
	if n := s.reused(); n != 0 {
		t.Errorf("run %d: %d refresh tokens were sent twice", run, n)
	}
	return s.requests(), calls, failures
}

// heal ends what fails.
func heal(s *service, store *recorder) {
	s.set(func(s *service) { s.answer, s.before = nil, nil })
	store.set(func(r *recorder) { r.saveErr, r.loadErr, r.lockErr = nil, nil, nil })
}
