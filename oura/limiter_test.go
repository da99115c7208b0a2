package oura

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// worstWindow is the largest number of instants within any five minutes, both
// ends included.
func worstWindow(at []time.Time) int {
	slices.SortFunc(at, time.Time.Compare)
	worst, first := 0, 0
	for last, t := range at {
		for t.Sub(at[first]) > 5*time.Minute {
			first++
		}
		worst = max(worst, last-first+1)
	}
	return worst
}

func TestLimiterWindow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		goroutines int
		requests   int
		pause      time.Duration // begins after five minutes
		atMost     time.Duration
	}{
		{name: "20 goroutines", goroutines: 20, requests: 15000, atMost: 19 * time.Minute},
		{name: "many waiting through a pause", goroutines: 3000, requests: 15000, pause: 5 * time.Minute, atMost: 24 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var sent []time.Time
				l := NewLimiter()
				d := newDoer(t, WithLimiter(l), over(roundTripper(func(*http.Request) (*http.Response, error) {
					mu.Lock()
					sent = append(sent, time.Now())
					mu.Unlock()
					return answer(200, `{}`), nil
				})))
				start := time.Now()
				work := make(chan int)
				var wg sync.WaitGroup
				for range tt.goroutines {
					wg.Go(func() {
						for range work {
							if err := get(t.Context(), d); err != nil {
								t.Error(err)
							}
						}
					})
				}
				if tt.pause > 0 {
					time.AfterFunc(5*time.Minute, func() { l.PauseUntil(time.Now().Add(tt.pause)) })
				}
				for i := range tt.requests {
					work <- i
				}
				close(work)
				wg.Wait()

				total, worst := time.Since(start), worstWindow(sent)
				t.Logf("%d goroutines, %d requests: worst 5-minute window %d, total %v",
					tt.goroutines, len(sent), worst, total.Round(time.Millisecond))
				if worst > 5000 || len(sent) != tt.requests {
					t.Errorf("%d requests, worst window %d, want %d and at most 5000", len(sent), worst, tt.requests)
				}
				if total > tt.atMost {
					t.Errorf("took %v, want at most %v", total, tt.atMost)
				}
			})
		})
	}
}

// No window sees more than the limit, whatever it is, wherever the requests come from and however they are spread; and
// what remains is used.
func TestLimiterWindowOfAnyLimit(t *testing.T) {
	t.Parallel()
	limits := []int{1, 2, 3, 9, 10, 11, 20, 99, 499, 500, 501, 1000}
	random := rand.New(rand.NewPCG(7, 11))
	if !testing.Short() {
		limits = append(limits, 4999, 5000, 5001, 20000)
		for range 20 {
			limits = append(limits, 1+random.IntN(3000))
		}
	}
	for _, limit := range limits {
		synctest.Test(t, func(t *testing.T) {
			l := NewLimiter(WithLimitPer5Minutes(limit))
			var sent []time.Time
			for windows := 0; len(sent) < 3*limit+2; windows++ {
				for range 1 + random.IntN(limit) {
					wantSuccess(t, l.Wait(t.Context()))
					sent = append(sent, time.Now())
					if s := l.Stats(); s.Limit != limit || s.Used < 1 || s.Used > limit+limit/300+1 || s.Remaining != max(0, limit-s.Used) {
						t.Fatalf("limit %d: %+v", limit, s)
					}
				}
				if windows%2 == 1 { // quiet long enough for a part of a full bucket
					time.Sleep(time.Duration(random.Int64N(int64(5 * time.Minute))))
				}
			}
			if worst := worstWindow(sent); worst > limit || limit > 1 && worst < limit*8/10 {
				t.Errorf("limit %d: worst window %d of %d requests", limit, worst, len(sent))
			}
		})
	}
	for _, limit := range []int{5000, maxLimit, math.MaxInt32 / 3} {
		burst, refill := shares(limit)
		if float64(burst)+refill > float64(limit) || burst < 1 || refill <= 0 {
			t.Errorf("limit %d: %d and %v", limit, burst, refill)
		}
	}
}

func TestLimiterOptions(t *testing.T) {
	t.Parallel()
	for text, opts := range map[string][]LimiterOption{
		"WithLimitPer5Minutes(0)":          {WithLimitPer5Minutes(0)},
		"WithLimitPer5Minutes(-5)":         {WithLimitPer5Minutes(5000), WithLimitPer5Minutes(-5)},
		"WithLimitPer5Minutes(1000000001)": {WithLimitPer5Minutes(maxLimit + 1)},
		"option 2 is nil":                  {WithLimitPer5Minutes(5000), nil},
	} {
		l := NewLimiter(opts...)
		_, err := NewClient(WithSandbox(), WithLimiter(l))
		for _, err := range []error{err, l.Wait(t.Context())} {
			if e := wantError(t, err, ErrInvalidRequest); !strings.Contains(e.Error(), text) {
				t.Errorf("got %v, want it to say %q", e, text)
			}
		}
	}
	if got := NewLimiter(WithLimitPer5Minutes(20000)).Stats(); got != (LimiterStats{Limit: 20000, Remaining: 20000, Available: 1960}) {
		t.Errorf("got %+v", got)
	}
}

func TestLimiterDeadline(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		prepare  func(l *Limiter)
		deadline time.Duration
		want     time.Duration // RetryAfter; 0: passes
	}{
		{"free", func(*Limiter) {}, time.Nanosecond, 0},
		{"empty, long enough", drain, 100 * time.Millisecond, 0},
		{"empty, too short", drain, 10 * time.Millisecond, 66667 * time.Microsecond},
		{"paused", func(l *Limiter) { l.PauseUntil(time.Now().Add(time.Minute)) }, time.Second, time.Minute},
		{"paused for ever", func(l *Limiter) { l.PauseUntil(time.Now().AddDate(5000, 0, 0)) }, time.Second, 1<<63 - 1},
		{"pause over in time", func(l *Limiter) { l.PauseUntil(time.Now().Add(time.Second)) }, 2 * time.Second, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var l Limiter // the zero value works too
				tt.prepare(&l)
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				start := time.Now()
				err := l.Wait(ctx)
				if tt.want == 0 {
					wantSuccess(t, err)
					return
				}
				if e := wantError(t, err, ErrRateLimited); e.RetryAfter != tt.want || e.StatusCode != 0 {
					t.Errorf("RetryAfter %v, status %d; want %v, 0", e.RetryAfter, e.StatusCode, tt.want)
				}
				if waited := time.Since(start); waited != 0 {
					t.Errorf("failed after %v, want at once", waited)
				}
			})
		})
	}
}

// drain takes all tokens of a fresh limiter.
func drain(l *Limiter) {
	for range 490 {
		if err := l.Wait(context.Background()); err != nil {
			panic(err)
		}
	}
}

func TestLimiterQueueDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter()
		drain(l)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 30 { // two seconds of tokens
			wg.Go(func() { _ = l.Wait(ctx) })
		}
		synctest.Wait()
		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if e := wantError(t, l.Wait(short), ErrRateLimited); e.RetryAfter < 2*time.Second || e.RetryAfter > 2100*time.Millisecond {
			t.Errorf("RetryAfter %v behind 30 others, want 2 s and a little", e.RetryAfter)
		}
		if got := l.Stats(); got.Available != 0 {
			t.Errorf("Available %d while others wait, want 0", got.Available)
		}
		cancel()
		wg.Wait()
		start := time.Now()
		wantSuccess(t, l.Wait(t.Context())) // those who left took no token
		if d := time.Since(start); d > 70*time.Millisecond {
			t.Errorf("waited %v after the queue was gone", d)
		}
	})
}

func TestLimiterOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter()
		drain(l)
		var mu sync.Mutex
		var got []int
		var wg sync.WaitGroup
		gone, leave := context.WithCancel(t.Context())
		for i := range 6 {
			wg.Go(func() {
				ctx := t.Context()
				if i == 0 || i == 3 {
					ctx = gone
				}
				if l.Wait(ctx) == nil {
					mu.Lock()
					got = append(got, i)
					mu.Unlock()
				}
			})
			synctest.Wait()
		}
		leave()
		wg.Wait()
		if want := []int{1, 2, 4, 5}; !slices.Equal(got, want) {
			t.Errorf("passed in order %v, want %v", got, want)
		}
	})
}

// A pause that comes while requests wait holds them, and those who cannot wait
// that long hear of it at once.
func TestLimiterPauseWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter()
		drain(l)
		start := time.Now()
		type result struct {
			err error
			at  time.Duration
		}
		results := make([]result, 3)
		var wg sync.WaitGroup
		for i, timeout := range []time.Duration{time.Hour, 30 * time.Second, time.Hour} {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				err := l.Wait(ctx)
				results[i] = result{err, time.Since(start)}
			})
			synctest.Wait()
		}
		until := start.Add(time.Minute)
		l.PauseUntil(until)
		l.PauseUntil(start.Add(time.Second)) // shortens nothing
		if got := l.Stats().PausedUntil; !got.Equal(until) {
			t.Errorf("PausedUntil %v, want %v", got, until)
		}
		wg.Wait()
		for _, i := range []int{0, 2} {
			if r := results[i]; r.err != nil || r.at < time.Minute || r.at > time.Minute+time.Second {
				t.Errorf("waiter %d: %v after %v, want nil after a minute", i, r.err, r.at)
			}
		}
		if r := results[1]; r.at != 0 || !errors.Is(r.err, ErrRateLimited) {
			t.Errorf("the waiter of 30 s: %v after %v, want ErrRateLimited at once", r.err, r.at)
		}
		if got := l.Stats().PausedUntil; !got.IsZero() {
			t.Errorf("PausedUntil %v after the pause, want zero", got)
		}
	})
}

func TestLimiterStats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter()
		if got := l.Stats(); got != (LimiterStats{Limit: 5000, Remaining: 5000, Available: 490}) {
			t.Errorf("fresh: %+v", got)
		}
		drain(l)
		if got := l.Stats(); got != (LimiterStats{Limit: 5000, Used: 490, Remaining: 4510}) {
			t.Errorf("drained: %+v", got)
		}
		time.Sleep(2 * time.Second)
		if got := l.Stats(); got != (LimiterStats{Limit: 5000, Used: 490, Remaining: 4510, Available: 30}) {
			t.Errorf("after two seconds: %+v, want 30 available", got)
		}
		for range 30 {
			wantSuccess(t, l.Wait(t.Context()))
		}
		time.Sleep(5*time.Minute - 2*time.Second)
		if got := l.Stats(); got.Used != 520 {
			t.Errorf("after 5 minutes: %+v, want 520 used", got)
		}
		time.Sleep(time.Second)
		if got := l.Stats(); got.Used != 30 || got.Remaining != 4970 {
			t.Errorf("a second later: %+v, want 30 used", got)
		}
		time.Sleep(time.Hour)
		if got := l.Stats(); got != (LimiterStats{Limit: 5000, Remaining: 5000, Available: 490}) {
			t.Errorf("an hour later: %+v", got)
		}
	})
}

func TestLimiterCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("shutting down")
	cancel(reason)
	err := NewLimiter().Wait(ctx)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
		t.Errorf("got %v, want context.Canceled and its cause", err)
	}
}

// waiterFunc is a bare Waiter.
type waiterFunc func(context.Context) error

func (f waiterFunc) Wait(ctx context.Context) error { return f(ctx) }

func TestWaiterErrors(t *testing.T) {
	t.Parallel()
	own := errors.New("redis: connection refused")
	tests := []struct {
		name       string
		waiter     Waiter
		timeout    time.Duration
		want       error
		is         error
		retryAfter time.Duration
	}{
		{"own error", waiterFunc(func(context.Context) error { return own }), 0, ErrRateLimited, own, 0},
		{"own error of a kind", waiterFunc(func(context.Context) error { return fmt.Errorf("%w: %w", ErrServer, own) }), 0, ErrServer, own, 0},
		{"an *Error", waiterFunc(func(context.Context) error { return &Error{RetryAfter: time.Minute} }), 0, ErrRateLimited, nil, time.Minute},
		{"x/time/rate", rate.NewLimiter(rate.Every(time.Hour), 0), 0, ErrRateLimited, nil, 0},
		{"ended context", waiterFunc(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }), time.Millisecond, ErrContextEnded, context.DeadlineExceeded, 0},
		{"error after the context", waiterFunc(func(ctx context.Context) error { <-ctx.Done(); return own }), time.Millisecond, ErrContextEnded, context.DeadlineExceeded, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rt, n := script(t, says(200, `{}`))
			d := newDoer(t, WithLimiter(tt.waiter), over(rt))
			ctx := t.Context()
			if tt.timeout > 0 {
				var cancel func()
				ctx, cancel = context.WithTimeout(ctx, tt.timeout)
				defer cancel()
			}
			e := wantError(t, get(ctx, d), tt.want)
			if tt.is != nil && !errors.Is(e, tt.is) {
				t.Errorf("%v does not match %v", e, tt.is)
			}
			if e.RetryAfter != tt.retryAfter || e.Path != sleepPath || e.Method != http.MethodGet {
				t.Errorf("got %+v", e)
			}
			if n() != 0 {
				t.Errorf("%d requests were sent", n())
			}
		})
	}
}

// A *rate.Limiter refuses a wait without saying how long it would have been.
func TestWaitThatXTimeRateRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			every time.Duration
			want  time.Duration
		}{{time.Hour, time.Hour}, {1 << 62, 1 << 62}} {
			limiter := rate.NewLimiter(rate.Every(tt.every), 1)
			limiter.Allow()
			rt, n := script(t, says(200, `{}`))
			d := newDoer(t, WithLimiter(limiter), over(rt))
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			begin := time.Now()
			e := wantError(t, get(ctx, d), ErrRateLimited)
			if e.RetryAfter.Round(time.Second) != tt.want.Round(time.Second) || e.StatusCode != 0 || time.Since(begin) != 0 || n() != 0 {
				t.Errorf("every %v: RetryAfter %v after %v and %d requests", tt.every, e.RetryAfter, time.Since(begin), n())
			}
		}
	})
}
