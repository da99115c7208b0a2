package redislimit_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/oura/redislimit"
)

// TestCrowdOfOneToken: 500 requests of one token wait at once. They pass in order, and Redis is asked no more often than
// they pass, or nearly so.
func TestCrowdOfOneToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeRedis()
		l := f.limiter(t, 2)
		const crowd = 500
		var mu sync.Mutex
		var passed []int
		var wg sync.WaitGroup
		begin := time.Now()
		for i := range crowd {
			wg.Go(func() {
				if err := l.For("ann").Wait(t.Context()); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				passed = append(passed, i)
			})
			synctest.Wait() // in order
		}
		wg.Wait()
		took := time.Since(begin)
		for i, n := range passed {
			if n != i {
				t.Errorf("request %d passed in place %d", n, i)
				break
			}
		}
		var commands int
		f.set(func(f *fakeRedis) { commands = f.commands })
		perSecond := float64(commands) / took.Seconds()
		t.Logf("%d commands in %v, %.0f a second", commands, took, perSecond)
		if perSecond > 150 || commands > 6*crowd {
			t.Errorf("%d commands in %v, %.0f a second", commands, took, perSecond)
		}
	})
}

// TestClockOfRedisStepsBack: the fleet goes on, and within its limit.
func TestClockOfRedisStepsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeRedis()
		l := f.limiter(t, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 2*window)
		defer cancel()
		var s sent
		var wg sync.WaitGroup
		begin := time.Now()
		for range 3 {
			wg.Go(func() {
				for l.For("ann").Wait(ctx) == nil {
					s.note()
				}
			})
		}
		time.Sleep(window)
		f.set(func(f *fakeRedis) { f.clock = -time.Hour })
		wg.Wait()
		if most := s.most(window); most > limit {
			t.Errorf("%d requests in a window, the limit is %d", most, limit)
		}
		if n := s.between(begin.Add(window), begin.Add(2*window)); n < limit*95/100 {
			t.Errorf("%d requests in the window after the step, want 95%% of %d", n, limit)
		}
	})
}

// TestLostBuckets: Redis forgets all buckets every second, as one that evicts does.
func TestLostBuckets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeRedis()
		limiters := []*redislimit.Limiter{f.limiter(t, 2), f.limiter(t, 2)}
		ctx, cancel := context.WithTimeout(t.Context(), 2*window)
		defer cancel()
		var s sent
		var wg sync.WaitGroup
		for _, l := range limiters {
			wg.Go(func() {
				for l.Wait(ctx) == nil {
					s.note()
				}
			})
		}
		for ctx.Err() == nil {
			time.Sleep(time.Second)
			f.set(func(f *fakeRedis) { f.tat = map[string]time.Time{} })
		}
		wg.Wait()
		t.Logf("%d in a window, %d in two", s.most(window), s.count())
		if most := s.most(window); most > limit {
			t.Errorf("%d requests in a window, the limit is %d", most, limit)
		}
		if limiters[0].Stats().Lost == 0 {
			t.Error("the loss was not noticed")
		}
	})
}
