package oauth_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/oauth"
)

func TestEarlyRefresh(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		left      time.Duration
		expiresIn int64
		opts      []oauth.Option
		want      int // requests
	}{
		{name: "six minutes of a day", left: 6 * time.Minute, expiresIn: 86400, want: 0},
		{name: "four minutes of a day", left: 4 * time.Minute, expiresIn: 86400, want: 1},
		{name: "four minutes of an unknown life", left: 4 * time.Minute, want: 1},
		{name: "11% of ten minutes", left: 66 * time.Second, expiresIn: 600, want: 0},
		{name: "9% of ten minutes", left: 54 * time.Second, expiresIn: 600, want: 1},
		{name: "switched off", left: time.Second, expiresIn: 86400, opts: []oauth.Option{oauth.WithEarlyRefresh(0)}, want: 0},
		{name: "earlier", left: 59 * time.Minute, expiresIn: 86400, opts: []oauth.Option{oauth.WithEarlyRefresh(time.Hour)}, want: 1},
		{name: "expired", left: -1, expiresIn: 86400, opts: []oauth.Option{oauth.WithEarlyRefresh(0)}, want: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				grant := s.current(time.Now().Add(test.left))
				grant.ExpiresIn = test.expiresIn
				ts := newSource(t, s, newRecorder(t, grant), test.opts...)
				for range 3 {
					if _, err := ts.Token(); err != nil {
						t.Fatal(err)
					}
				}
				if s.requests() != test.want {
					t.Errorf("%d requests, want %d", s.requests(), test.want)
				}
			})
		})
	}
}

func TestEarlyRefreshThatFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		passes bool
	}{
		{"unavailable", 503, "", true},
		{"too many", 429, "", true},
		{"html", 200, "<html>", true},
		{"invalid_client", 401, `{"error":"invalid_client"}`, true},
		{"invalid_grant", 400, `{"error":"invalid_grant"}`, false},
		{"redirect", 302, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				s.answer = func(w http.ResponseWriter, _ url.Values) {
					w.WriteHeader(test.status)
					_, _ = w.Write([]byte(test.body))
				}
				store := newRecorder(t, s.current(time.Now().Add(time.Minute)))
				ts := newSource(t, s, store)
				for range 10 {
					token, err := ts.Token()
					if passed := err == nil && token.AccessToken == accessToken(1); passed != test.passes {
						t.Fatalf("Token() = %v, want passes %t", err, test.passes)
					}
				}
				if !test.passes {
					return
				}
				time.Sleep(time.Minute)
				if _, err := ts.Token(); err == nil {
					t.Error("an expired token was handed out")
				}
				if got := load(t, store).RefreshToken; got != refreshToken(1) {
					t.Error("the store was touched")
				}
			})
		})
	}
}

func TestEarlyRefreshesThatFailAreSpaced(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		retry string        // Retry-After
		hang  time.Duration // of each answer
		want  []time.Duration
	}{
		{"down", "", 0, []time.Duration{0, 0, 1, 3, 7, 15, 31, 61, 91}},
		{"Retry-After", "17", 0, []time.Duration{0, 17, 34, 51, 68, 85, 102}},
		{"hangs", "", 20 * time.Second, []time.Duration{0, 40, 80}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				s := newService()
				var at []time.Duration // seconds
				down := func(w http.ResponseWriter, _ url.Values) {
					at = append(at, time.Since(start)/time.Second)
					time.Sleep(test.hang)
					w.Header().Set("Retry-After", test.retry)
					w.WriteHeader(http.StatusServiceUnavailable)
				}
				s.answer = down
				ts := newSource(t, s, newRecorder(t, s.current(start.Add(time.Hour))), oauth.WithEarlyRefresh(time.Hour))
				for calls := 0; time.Since(start) < 2*time.Minute; calls++ {
					if token, err := ts.Token(); err != nil || token.AccessToken != accessToken(1) {
						t.Fatalf("Token() = %v, want the token that is valid", err)
					}
					if calls > 0 {
						time.Sleep(100 * time.Millisecond)
					}
				}
				if !slices.Equal(at, test.want) {
					t.Errorf("requests at the seconds %d, want %d", at, test.want)
				}
				s.set(func(s *service) { s.answer = nil })
				time.Sleep(time.Minute)
				if token, err := ts.Token(); err != nil || token.AccessToken != accessToken(2) {
					t.Errorf("Token() = %v, want a new token", err)
				}
				// Down again, a day later: the waits begin anew.
				s.set(func(s *service) { s.answer = down })
				time.Sleep(23*time.Hour + time.Minute)
				at = nil
				for range 3 {
					if token, err := ts.Token(); err != nil || token.AccessToken != accessToken(2) {
						t.Errorf("Token() = %v, want the token that is valid", err)
					}
				}
				if test.name == "down" && len(at) != 2 {
					t.Errorf("%d requests in a row, want 2", len(at))
				}
				time.Sleep(time.Minute) // what is under way ends
			})
		})
	}
}

// Nobody who has a valid token waits for the endpoint or for a rival's lock: the call that refreshes for a second, the
// others not at all. What it began goes on without it.
func TestValidTokenDoesNotWait(t *testing.T) {
	t.Parallel()
	for name, stall := range map[string]func(t *testing.T, s *service, store *recorder){
		"endpoint hangs": func(_ *testing.T, s *service, _ *recorder) {
			s.before = func(*http.Request) { time.Sleep(20 * time.Second) }
		},
		"rival has the lock": func(t *testing.T, _ *service, store *recorder) {
			l, err := store.MemoryStore.Lock(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(50*time.Second, func() { _ = l.Unlock() })
		},
	} {
		for _, warm := range []bool{false, true} { // whether the token was handed out before
			t.Run(fmt.Sprint(name, warm), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newService()
					store := newRecorder(t, s.current(time.Now().Add(10*time.Minute)))
					ts := newSource(t, s, store)
					if warm {
						if _, err := ts.Token(); err != nil {
							t.Fatal(err)
						}
					}
					time.Sleep(6 * time.Minute) // into the early window
					stall(t, s, store)
					var longest, sum time.Duration
					var mu sync.Mutex
					var wg sync.WaitGroup
					for i := range 60 {
						wg.Go(func() {
							time.Sleep(time.Duration(i) * time.Second / 2)
							ctx, cancel := context.WithCancel(t.Context())
							defer cancel() // as a handler does that has answered
							start := time.Now()
							token, err := ts.TokenContext(ctx)
							if err != nil || token.AccessToken != accessToken(1) && s.requests() == 0 {
								t.Errorf("%v, want a token that is valid", err)
							}
							mu.Lock()
							defer mu.Unlock()
							longest, sum = max(longest, time.Since(start)), sum+time.Since(start)
						})
					}
					wg.Wait()
					if longest > time.Second || sum > 2*time.Second {
						t.Errorf("the longest wait is %s, all together %s, want a second for one call", longest, sum)
					}
					time.Sleep(time.Minute)
					if token, err := ts.Token(); err != nil || token.AccessToken != accessToken(2) || s.requests() != 1 {
						t.Errorf("afterwards: %v, %d requests, want the new token after one", err, s.requests())
					}
				})
			})
		}
	}
}

// A rejected token is no token in hand.
func TestRejectedTokenWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		ts := newSource(t, s, newRecorder(t, s.current(time.Now().Add(time.Hour))))
		rejected, err := ts.Token()
		if err != nil {
			t.Fatal(err)
		}
		s.before = func(*http.Request) { time.Sleep(20 * time.Second) }
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				start := time.Now()
				token, err := ts.Refresh(t.Context(), rejected)
				if err != nil || token.AccessToken != accessToken(2) || time.Since(start) != 20*time.Second {
					t.Errorf("%v after %s, want the new token after 20 s", err, time.Since(start))
				}
			})
		}
		wg.Wait()
	})
}
