package oura

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestRetryAfter counts what a 429 costs, in requests and in time.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration) string { return "Retry-After: " + time.Now().Add(d).UTC().Format(http.TimeFormat) }
	resetIn := func(d time.Duration) string {
		return "X-RateLimit-Reset: " + strconv.FormatInt(time.Now().Add(d).Unix(), 10)
	}
	is := func(s string) func() string { return func() string { return s } }
	const backoff = -1 // some time up to the first backoff limit
	tests := []struct {
		name       string
		header     func() string // one or more, a line each
		timeout    time.Duration
		want       error
		requests   int
		waited     time.Duration
		retryAfter time.Duration
	}{
		{"one second", is("Retry-After: 1"), 0, nil, 2, time.Second, 0},
		{"zero", is("Retry-After: 0"), 0, nil, 2, 0, 0},
		{"date", func() string { return in(7 * time.Second) }, 0, nil, 2, 7 * time.Second, 0},
		{"date in the past", func() string { return in(-time.Hour) }, 0, nil, 2, backoff, 0},
		{"date of a clock that is off", func() string {
			return "Date: " + time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat) + "\n" + in(-time.Hour+7*time.Second)
		}, 0, nil, 2, 7 * time.Second, 0},
		{"reset of a clock that is off", func() string {
			return "Date: " + time.Now().Add(time.Hour).UTC().Format(http.TimeFormat) + "\n" + resetIn(time.Hour+9*time.Second)
		}, 0, nil, 2, 9 * time.Second, 0},
		{"absent", is(""), 0, nil, 2, backoff, 0},
		{"negative", is("Retry-After: -5"), 0, nil, 2, backoff, 0},
		{"unreadable", is("Retry-After: soon"), 0, nil, 2, backoff, 0},
		{"reset", func() string { return resetIn(9 * time.Second) }, 0, nil, 2, 9 * time.Second, 0},
		{"reset in the past", func() string { return resetIn(-9 * time.Second) }, 0, nil, 2, backoff, 0},
		{"120 s within 10", is("Retry-After: 120"), 10 * time.Second, ErrRateLimited, 1, 0, 120 * time.Second},
		{"date within 10 s", func() string { return in(time.Minute) }, 10 * time.Second, ErrRateLimited, 1, 0, time.Minute},
		{"the limit", is("Retry-After: 300"), 0, nil, 2, 5 * time.Minute, 0},
		{"above the limit", is("Retry-After: 301"), 0, ErrRateLimited, 1, 0, 301 * time.Second},
		{"absurd", is("Retry-After: 9999999999999999999999"), 0, ErrRateLimited, 1, 0, 1<<63 - 1},
		{"reset above the limit", func() string { return resetIn(time.Hour) }, 0, ErrRateLimited, 1, 0, time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var header []string
				if h := tt.header(); h != "" {
					header = strings.Split(h, "\n")
				}
				rt, requests := script(t, says(429, "", header...), says(200, `{}`))
				d := newDoer(t, over(rt))
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel func()
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				start := time.Now()
				e := wantError(t, get(ctx, d), tt.want)
				waited := time.Since(start)
				if requests() != tt.requests {
					t.Errorf("%d requests, want %d", requests(), tt.requests)
				}
				if tt.waited == backoff {
					if waited > 500*time.Millisecond {
						t.Errorf("waited %v, want at most the first backoff of 500ms", waited)
					}
				} else if waited != tt.waited {
					t.Errorf("waited %v, want %v", waited, tt.waited)
				}
				if e != nil && (e.RetryAfter != tt.retryAfter || e.StatusCode != http.StatusTooManyRequests) {
					t.Errorf("RetryAfter %v, status %d; want %v, 429", e.RetryAfter, e.StatusCode, tt.retryAfter)
				}
			})
		})
	}
}

// Backoff has full jitter: over many requests it comes near both ends of the
// interval, and never leaves it.
func TestBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limits := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second}
		shortest, longest := [4]time.Duration{time.Hour, time.Hour, time.Hour, time.Hour}, [4]time.Duration{}
		rt, _ := script(t, says(503, ""))
		d := newDoer(t, over(rt),
			WithRetry(RetryPolicy{MaxAttempts: 5, MinDelay: time.Second, MaxDelay: 4 * time.Second}),
			WithHook(func(_ context.Context, a Attempt) {
				if n := a.Number - 1; n < 4 {
					shortest[n], longest[n] = min(shortest[n], a.RetryIn), max(longest[n], a.RetryIn)
				} else if a.RetryIn != 0 {
					t.Errorf("RetryIn %v after the last attempt", a.RetryIn)
				}
			}))
		for range 200 {
			wantKind(t, get(t.Context(), d), ErrServer)
		}
		for n, limit := range limits {
			if longest[n] > limit || longest[n] < limit*8/10 || shortest[n] > limit/5 {
				t.Errorf("attempt %d: waits from %v to %v, want from near 0 to %v", n+1, shortest[n], longest[n], limit)
			}
		}
	})
}

// A failure whose wait would outlast the context is returned at once.
func TestBackoffBeyondDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt, requests := script(t, says(503, "", "Retry-After: 20"))
		d := newDoer(t, over(rt))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		e := wantError(t, get(ctx, d), ErrServer)
		if requests() != 1 || time.Since(start) != 0 || e.RetryAfter != 20*time.Second {
			t.Errorf("%d requests in %v, RetryAfter %v; want 1 at once, 20s", requests(), time.Since(start), e.RetryAfter)
		}
	})
}

// A request body is sent whole with each attempt; one that cannot be made again
// is sent once.
func TestRetryBody(t *testing.T) {
	t.Parallel()
	for _, replayable := range []bool{true, false} {
		var bodies []string
		d := newDoer(t, WithAppCredentials("id", testSecret), quick, over(roundTripper(func(r *http.Request) (*http.Response, error) {
			bodies = append(bodies, r.Header.Get("X-Client-Id"))
			return answer(429, ""), nil
		})))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, defaultOrigin+"/v2/webhook/subscription", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		want := 4
		if !replayable {
			req.GetBody, want = nil, 1
		}
		resp, err := d.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		wantKind(t, err, ErrRateLimited)
		if len(bodies) != want {
			t.Errorf("replayable %t: %d requests, want %d", replayable, len(bodies), want)
		}
	}
}

// A collection of the caller's own is asked as often, and with as fresh a token, as any other.
func TestRetryOfOwnCollections(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusServiceUnavailable} {
		requests := 0
		c, err := NewClient(WithTokenSource(&refresher{}), quick, over(roundTripper(func(*http.Request) (*http.Response, error) {
			if requests++; requests%2 == 1 {
				return answer(status, ""), nil
			}
			return answer(200, `{"data":[],"id":"a"}`), nil
		})))
		if err != nil {
			t.Fatal(err)
		}
		ours := NewDocuments[map[string]any](c, "ours", nil)
		if _, err := Collect(ours.List(t.Context())); err != nil || requests != 2 {
			t.Errorf("List after %d: %v, %d requests", status, err, requests)
		}
		if _, err := ours.Get(t.Context(), "a"); err != nil && status != http.StatusUnauthorized {
			t.Errorf("Get after %d: %v", status, err)
		}
		if _, err := Collect(NewTimeSeries[map[string]any](c, "rows", nil).List(t.Context())); err != nil && status != http.StatusUnauthorized {
			t.Errorf("series after %d: %v", status, err)
		}
	}
}

func TestRetryPolicyDefaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   RetryPolicy
		want RetryPolicy
		err  string
	}{
		{"zero", RetryPolicy{}, RetryPolicy{4, 500 * time.Millisecond, 30 * time.Second, 5 * time.Minute}, ""},
		{"NoRetry", NoRetry, RetryPolicy{1, 500 * time.Millisecond, 30 * time.Second, 5 * time.Minute}, ""},
		{"long MinDelay", RetryPolicy{MinDelay: time.Minute}, RetryPolicy{4, time.Minute, time.Minute, 5 * time.Minute}, ""},
		{"short MaxDelay", RetryPolicy{MaxDelay: time.Millisecond}, RetryPolicy{4, time.Millisecond, time.Millisecond, 5 * time.Minute}, ""},
		{"crossed", RetryPolicy{MinDelay: 2, MaxDelay: 1}, RetryPolicy{}, "MinDelay 2ns is above MaxDelay 1ns"},
		{"negative", RetryPolicy{MaxAttempts: -1}, RetryPolicy{}, "NoRetry"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := newConfig([]Option{WithSandbox(), WithRetry(tt.in)})
			if tt.err != "" {
				if e := wantError(t, err, ErrInvalidRequest); !strings.Contains(e.Error(), tt.err) {
					t.Errorf("%v does not say %q", e, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := RetryPolicy(c.retry); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestTiers: two clients share a limiter, and one of them is refused.
func TestTiers(t *testing.T) {
	t.Parallel()
	bare := func() Waiter { return waiterFunc(func(context.Context) error { return nil }) }
	shared := func() Waiter { return NewLimiter() }
	tests := []struct {
		name    string
		limiter func() Waiter
		tier    string
		held    bool // the other client waits too
	}{
		{"application", shared, "application", true},
		{"none", shared, "", true},
		{"unknown", shared, "global", true},
		{"token", shared, "token", false},
		{"access token", shared, "Access-Token", false},
		{"bare waiter, application", bare, "application", false},
		{"bare waiter, token", bare, "token", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				refused := true
				rt := roundTripper(func(r *http.Request) (*http.Response, error) {
					if refused && r.Header.Get("Authorization") == "Bearer "+testToken {
						refused = false
						return answer(429, "", "Retry-After: 60", "X-RateLimit-Tier: "+tt.tier), nil
					}
					return answer(200, `{}`), nil
				})
				first := newDoer(t, WithLimiter(tt.limiter()), over(rt), WithRetry(NoRetry))
				derived, err := first.cfg.with([]Option{WithAccessToken("another-token")})
				if err != nil {
					t.Fatal(err)
				}
				same, err := first.cfg.with([]Option{WithUserAgent("same token")})
				if err != nil {
					t.Fatal(err)
				}
				wantKind(t, get(t.Context(), first), ErrRateLimited)

				start := time.Now()
				wantSuccess(t, get(t.Context(), newCore(derived)))
				if held := time.Since(start); (held == time.Minute) != tt.held || held != 0 && !tt.held {
					t.Errorf("the other client was held for %v; held: want %t", held, tt.held)
				}
				// Whoever has the refused token is held in any case.
				wantSuccess(t, get(t.Context(), newCore(same)))
				if held := time.Since(start); held != time.Minute {
					t.Errorf("the derived client of the same token was held for %v, want 1m", held)
				}
			})
		})
	}
}

// The client's own pause fails at once, like the limiter's, when it would
// outlast the context, and holds those who came before it.
func TestOwnPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDoer(t, over(roundTripper(func(*http.Request) (*http.Response, error) { return answer(200, `{}`), nil })),
			WithLimiter(waiterFunc(func(ctx context.Context) error {
				select {
				case <-time.After(time.Second):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})))
		start := time.Now()
		time.AfterFunc(time.Millisecond, func() { d.cfg.gate.Until(start.Add(10 * time.Second)) })
		wantSuccess(t, get(t.Context(), d))
		if waited := time.Since(start); waited != 11*time.Second {
			t.Errorf("a pause that began in the limiter's wait held it for %v, want 11s", waited)
		}

		d.cfg.gate.Until(time.Now().Add(time.Minute))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if e := wantError(t, get(ctx, d), ErrRateLimited); e.RetryAfter != time.Minute || time.Since(start) != 0 {
			t.Errorf("RetryAfter %v after %v, want 1m at once", e.RetryAfter, time.Since(start))
		}
		ended, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		if e := wantError(t, get(ended, d), ErrContextEnded); !errors.Is(e, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", e)
		}

		start = time.Now()
		d.cfg.gate.Until(start.Add(time.Minute))
		time.AfterFunc(30*time.Second, func() { d.cfg.gate.Until(start.Add(2 * time.Minute)) })
		longer, done := context.WithTimeout(t.Context(), 90*time.Second)
		defer done()
		if e := wantError(t, get(longer, d), ErrRateLimited); e.RetryAfter != time.Minute || time.Since(start) != time.Minute {
			t.Errorf("a pause extended beyond the context: RetryAfter %v after %v, want 1m after 1m", e.RetryAfter, time.Since(start))
		}
	})
}
