package redislimit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/redislimit"
)

var silent = slog.New(slog.DiscardHandler)

const (
	limit  = 5000
	window = 5 * time.Minute
)

// greedy lets goroutines of every limiter send as fast as they may for a time.
func greedy(t *testing.T, limiters []*redislimit.Limiter, d time.Duration, s *sent) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	var wg sync.WaitGroup
	for i, l := range limiters {
		for j := range 3 {
			var w oura.Waiter = l
			if j == 2 {
				w = l.For(string(rune('a' + i)))
			}
			wg.Go(func() {
				for {
					if err := w.Wait(ctx); err != nil {
						if ctx.Err() == nil && !errors.Is(err, oura.ErrRateLimited) {
							t.Errorf("Wait: %v", err)
						}
						return
					}
					s.note()
				}
			})
		}
	}
	wg.Wait()
}

func TestFourGreedyProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeRedis()
		var s sent
		start := time.Now()
		greedy(t, []*redislimit.Limiter{f.limiter(t, 4), f.limiter(t, 4), f.limiter(t, 4), f.limiter(t, 4)}, 3*window, &s)
		if most := s.most(window); most > limit {
			t.Errorf("%d requests in a window, the limit is %d", most, limit)
		}
		for i := range 3 {
			from := start.Add(time.Duration(i) * window)
			if n := s.between(from, from.Add(window)); n < limit*95/100 {
				t.Errorf("window %d has %d requests, want 95%% of %d", i+1, n, limit)
			}
		}
	})
}

// Redis goes away and comes back without its data, again and again and in
// different ways. The processes notice at times of their own.
func TestRedisRestarts(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(f *fakeRedis){
		"refuses":    func(f *fakeRedis) { f.down = errRefused },
		"says no":    func(f *fakeRedis) { f.down = errors.New("LOADING Redis is loading the dataset in memory") },
		"is silent":  func(f *fakeRedis) { f.hang = true },
		"for a wink": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFakeRedis()
				var mu sync.Mutex
				var changes []redislimit.Change
				told := redislimit.WithOnChange(func(c redislimit.Change) {
					mu.Lock()
					defer mu.Unlock()
					changes = append(changes, c)
				})
				limiters := []*redislimit.Limiter{f.limiter(t, 4, told), f.limiter(t, 4), f.limiter(t, 4), f.limiter(t, 4)}
				var s sent
				var wg sync.WaitGroup
				start := time.Now()
				wg.Go(func() { greedy(t, limiters, 5*window/2, &s) })
				const outage = 20 * time.Second
				if away == nil {
					time.Sleep(window / 2)
					f.restart() // once, and quicker than anybody can notice
				}
				for range 4 {
					time.Sleep(window/5 + 700*time.Millisecond)
					if away == nil {
						continue
					}
					f.set(away)
					before := s.count()
					time.Sleep(outage)
					// The share is 1 in 4 of 16 a second, for each of 4.
					if n := s.count() - before; n < 200 || n > 16*20+8 {
						t.Errorf("%d requests in %v without Redis", n, outage)
					}
					if st := limiters[0].Stats(); !st.Away || st.Err == nil || st.AwaySince.IsZero() || st.Local == 0 {
						t.Errorf("while Redis is away: %+v", st)
					}
					f.restart()
				}
				wg.Wait()
				if most := s.most(window); most > limit {
					t.Errorf("%d requests in a window, the limit is %d", most, limit)
				}
				if n := s.between(start.Add(3*window/2), start.Add(5*window/2)); n < limit*95/100 {
					t.Errorf("%d requests in the last window, want 95%% of %d", n, limit)
				}
				if away == nil {
					return
				}
				if len(changes) != 8 || !changes[0].Away || changes[0].Err == nil || changes[1].Away || changes[1].Err != nil {
					t.Errorf("%d changes were told: %v", len(changes), changes)
				}
				if st := limiters[0].Stats(); st.Away || st.Err != nil || !st.AwaySince.IsZero() {
					t.Errorf("when Redis is back: %+v", st)
				}
			})
		})
	}
}

func TestPauseIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeRedis()
		a, b, other := f.limiter(t, 2), f.limiter(t, 2), f.limiter(t, 2, redislimit.WithName("another"))
		start := time.Now()
		a.For("ann").PauseUntil(start.Add(time.Minute))
		a.PauseUntil(start.Add(time.Second)) // changes nothing
		b.PauseUntil(start.Add(-time.Second))
		for name, test := range map[string]struct {
			w    oura.Waiter
			want time.Duration
		}{"same process": {a, time.Minute}, "another process": {b, 0}, "token": {b.For("ben"), 0}, "another application": {other, 0}} {
			if name == "another application" {
				if err := test.w.Wait(t.Context()); err != nil || time.Since(start) != 0 {
					t.Errorf("%s waited %v, %v", name, time.Since(start), err)
				}
			}
		}
		if st := a.Stats(); !st.PausedUntil.Equal(start.Add(time.Minute)) {
			t.Errorf("the pause is until %v", st.PausedUntil)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for _, w := range []oura.Waiter{a, b, b.For("ben")} {
			wantTooLong(t, w.Wait(ctx), time.Minute)
		}
		if since := time.Since(start); since != 0 {
			t.Errorf("to refuse took %v", since)
		}
		var wg sync.WaitGroup
		for _, w := range []oura.Waiter{a, b, b, b.For("ben")} {
			wg.Go(func() {
				if err := w.Wait(t.Context()); err != nil || time.Since(start) < time.Minute || time.Since(start) > time.Minute+time.Second {
					t.Errorf("waited %v, %v", time.Since(start), err)
				}
			})
		}
		// It grows while they wait, and those who then cannot wait know at once.
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
			defer cancel()
			time.Sleep(time.Second)
			err := b.Wait(ctx)
			if err != nil {
				t.Errorf("a wait that fits: %v", err)
			}
		})
		wg.Wait()
		if st := a.Stats(); !st.PausedUntil.IsZero() {
			t.Errorf("a pause that is over: %v", st.PausedUntil)
		}
	})
}

// A pause that grows wakes those who wait, and refuses whom it outlasts.
func TestPauseGrows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeRedis()
		l := f.limiter(t, 1)
		start := time.Now()
		l.PauseUntil(start.Add(10 * time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for range 3 { // one has the turn, two are behind it
			wg.Go(func() {
				wantTooLong(t, l.Wait(ctx), 25*time.Second)
				if since := time.Since(start); since != 5*time.Second {
					t.Errorf("refused after %v", since)
				}
			})
		}
		time.Sleep(5 * time.Second)
		if n := l.Stats().Waiting; n != 2 {
			t.Errorf("%d wait, want 2", n)
		}
		l.PauseUntil(start.Add(30 * time.Second))
		wg.Wait()
	})
}

// A pause that Redis could not be told holds the process, and is told later.
func TestPauseWhileAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeRedis()
		f.set(func(f *fakeRedis) { f.down = errRefused })
		a, b := f.limiter(t, 2), f.limiter(t, 2)
		start := time.Now()
		a.PauseUntil(start.Add(time.Minute))
		a.PauseUntil(start.Add(61 * time.Second)) // known to be away: not even tried
		if f.commands != 1 {
			t.Errorf("%d commands, want 1", f.commands)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := a.Wait(t.Context()); err != nil || time.Since(start) < 61*time.Second {
				t.Errorf("waited %v, %v", time.Since(start), err)
			}
		})
		time.Sleep(30 * time.Second)
		f.restart()
		time.Sleep(2 * time.Second)
		if err := b.Wait(t.Context()); err != nil || time.Since(start) < 61*time.Second {
			t.Errorf("the other waited %v, %v", time.Since(start), err)
		}
		wg.Wait()
		// Over before it could be told: nothing is.
		f.set(func(f *fakeRedis) { f.down = errRefused })
		a.PauseUntil(time.Now().Add(time.Second))
		time.Sleep(2 * time.Second)
		f.restart()
		if err := a.Wait(t.Context()); err != nil || len(f.pauses) != 0 {
			t.Errorf("%v, %d pauses", err, len(f.pauses))
		}
	})
}

func TestTokenLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeRedis()
		a := f.limiter(t, 2, redislimit.WithTokenLimit(300))
		b := f.limiter(t, 2, redislimit.WithTokenLimit(300))
		var s sent
		ctx, cancel := context.WithTimeout(t.Context(), 2*window)
		defer cancel()
		var wg sync.WaitGroup
		for _, w := range []oura.Waiter{a.For("secret-token"), b.For("secret-token"), b.For("secret-token")} {
			wg.Go(func() {
				for w.Wait(ctx) == nil {
					s.note()
				}
			})
		}
		for _, l := range []*redislimit.Limiter{a, b} { // others are not held up
			if err := l.For("ann").Wait(ctx); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(window / 2)
		f.set(func(f *fakeRedis) { f.down = errRefused })
		time.Sleep(window / 2)
		f.restart()
		wg.Wait()
		if most := s.most(window); most > 300 || most < 300*90/100 {
			t.Errorf("%d requests of one token in a window, want 300 and not much less", most)
		}
		if f.keyWith("secret") {
			t.Error("Redis saw what names the token")
		}
	})
}

// A wait that cannot end in time is refused at once, wherever it stands.
func TestTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeRedis()
		l := f.limiter(t, 1, redislimit.WithLimit(100, 100*time.Second), redislimit.WithTokenLimit(50))
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := l.Wait(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		wantTooLong(t, l.Wait(short), 9*time.Second) // in the queue
		wg.Wait()
		if err := l.For("ann").Wait(t.Context()); err != nil {
			t.Error(err)
		}
		short, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantTooLong(t, l.Wait(short), time.Second)            // at the bucket
		wantTooLong(t, l.For("ann").Wait(short), time.Second) // at the token's
		if since := time.Since(start); since > 13*time.Second {
			t.Errorf("it took %v", since)
		}
	})
}

func wantTooLong(t testing.TB, err error, atLeast time.Duration) {
	t.Helper()
	var e *oura.Error
	if !errors.Is(err, oura.ErrRateLimited) || !errors.As(err, &e) || e.RetryAfter < atLeast || e.RetryAfter > 2*atLeast {
		t.Errorf("error %v (%+v), want ErrRateLimited and at least %v", err, e, atLeast)
	}
}

func TestContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("shutting down")
		f := newFakeRedis()
		for name, prepare := range map[string]func(l *redislimit.Limiter){
			"before":   nil,
			"pause":    func(l *redislimit.Limiter) { l.PauseUntil(time.Now().Add(time.Hour)) },
			"no reply": func(*redislimit.Limiter) { f.set(func(f *fakeRedis) { f.hang = true }) },
		} {
			l := f.limiter(t, 1, redislimit.WithName("app-"+strings.ReplaceAll(name, " ", "-")), redislimit.WithTimeout(time.Hour))
			ctx, cancel := context.WithCancelCause(t.Context())
			if prepare == nil {
				cancel(cause)
			} else {
				prepare(l)
				time.AfterFunc(time.Second, func() { cancel(cause) })
			}
			var wg sync.WaitGroup
			for _, w := range []oura.Waiter{l, l, l.For("ann"), l.For("ann")} {
				wg.Go(func() {
					start := time.Now()
					err := w.Wait(ctx)
					if !errors.Is(err, context.Canceled) || !errors.Is(err, cause) || time.Since(start) > time.Second {
						t.Errorf("%s: %v after %v, want the context's error and its cause", name, err, time.Since(start))
					}
				})
			}
			wg.Wait()
			if st := l.Stats(); st.Away || st.Waiting != 0 {
				t.Errorf("%s: %+v", name, st)
			}
			cancel(nil)
			f.restart()
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := f.limiter(t, 1).For("ann").Wait(ctx); err != context.Canceled { //nolint:errorlint // nothing around it
			t.Errorf("without a cause: %v", err)
		}
	})
}

// What is logged, once for each change.
func TestLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeRedis()
		var out bytes.Buffer
		l := f.limiter(t, 3, redislimit.WithLogger(slog.New(slog.NewTextHandler(&out, nil))))
		f.set(func(f *fakeRedis) { f.down = errRefused })
		for range 3 {
			if err := l.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		f.restart()
		time.Sleep(2 * time.Second)
		if err := l.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "level=WARN") || !strings.Contains(lines[0], "connection refused") ||
			!strings.Contains(lines[1], "level=INFO") {
			t.Errorf("logged:\n%s", out.String())
		}
	})
}

func TestArgumentsThatCannotBe(t *testing.T) {
	t.Parallel()
	good := redis.NewClient(&redis.Options{ContextTimeoutEnabled: true})
	defer good.Close()
	deaf := redis.NewClient(&redis.Options{})
	defer deaf.Close()
	deafCluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"a.test:1"}})
	defer deafCluster.Close()
	deafRing := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "a.test:1"}})
	defer deafRing.Close()
	for _, test := range []struct {
		name, text string
		rdb        redis.UniversalClient
		replicas   int
		opts       []redislimit.Option
	}{
		{"no client", "nil", nil, 1, nil},
		{"no replicas", "how many processes", good, 0, nil},
		{"deaf client", "ContextTimeoutEnabled", deaf, 1, nil},
		{"deaf cluster", "ContextTimeoutEnabled", deafCluster, 1, nil},
		{"deaf ring", "ContextTimeoutEnabled", deafRing, 1, nil},
		{"no name", "Name", good, 1, []redislimit.Option{redislimit.WithName("")}},
		{"spaces", "Name", good, 1, []redislimit.Option{redislimit.WithName("a b")}},
		{"no limit", "limit of 0", good, 1, []redislimit.Option{redislimit.WithLimit(0, time.Minute)}},
		{"no window", "limit of 100", good, 1, []redislimit.Option{redislimit.WithLimit(100, 0)}},
		{"token limit of 0", "TokenLimit", good, 1, []redislimit.Option{redislimit.WithTokenLimit(0)}},
		{"token limit of 2", "limit of 2", good, 1, []redislimit.Option{redislimit.WithTokenLimit(2)}},
		{"no timeout", "Timeout", good, 1, []redislimit.Option{redislimit.WithTimeout(0)}},
		{"nil option", "option 2 is nil", good, 1, []redislimit.Option{redislimit.WithName("a"), nil}},
		{"nil OnChange", "WithOnChange", good, 1, []redislimit.Option{redislimit.WithOnChange(nil)}},
		{"no logger", "Logger", good, 1, []redislimit.Option{redislimit.WithLogger(nil)}},
	} {
		l, err := redislimit.New(test.rdb, test.replicas, test.opts...)
		if l != nil || err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.text)
		}
	}
	if l, err := redislimit.New(good, 1, redislimit.WithLimit(3, time.Second)); l == nil || err != nil {
		t.Errorf("the smallest limit: %v", err)
	}
	other := struct{ redis.UniversalClient }{good}
	if l, err := redislimit.New(other, 1); l == nil || err != nil {
		t.Errorf("a client of another kind: %v", err)
	}
}
