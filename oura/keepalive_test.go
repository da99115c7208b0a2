package oura_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

// keepAlive runs KeepAlive in a bubble until the end of ctx. It returns when each run began, counted from the start.
func keepAlive(ctx context.Context, t *testing.T, s *subscriptionService, opts ...oura.Option) (runs []time.Duration, err error) {
	t.Helper()
	begin, inner := time.Now(), s.fault
	s.fault = func(_ int, r *http.Request) fault {
		if r.Method == http.MethodGet {
			runs = append(runs, time.Since(begin))
		}
		if inner == nil {
			return fault{}
		}
		return inner(len(runs), r)
	}
	c := s.app(t, append([]oura.Option{oura.WithRetry(oura.NoRetry)}, opts...)...)
	err = c.Subscriptions.KeepAlive(ctx, wanted(oura.DataTypeSleep))
	return runs, err
}

// gaps checks how far apart the runs were.
func gaps(t *testing.T, runs []time.Duration, least, most time.Duration) {
	t.Helper()
	for i := 1; i < len(runs); i++ {
		if d := runs[i] - runs[i-1]; d < least || d > most {
			t.Errorf("run %d came %v after the one before, want %v to %v", i+1, d, least, most)
		}
	}
}

func TestKeepAliveSchedule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*24*time.Hour)
		defer cancel()
		s := &subscriptionService{}
		begin := time.Now()
		runs, err := keepAlive(ctx, t, s)
		if err != context.DeadlineExceeded { //nolint:errorlint // the plain one, as callers compare it
			t.Errorf("got %v", err)
		}
		if time.Since(begin) != 200*24*time.Hour {
			t.Errorf("ended after %v", time.Since(begin))
		}
		if runs[0] != 0 || len(runs) < 200*24/6*9/10 || len(runs) > 200*24/6*11/10 {
			t.Errorf("%d runs in 200 days, the first after %v", len(runs), runs[0])
		}
		gaps(t, runs, 6*time.Hour*9/10, 6*time.Hour*11/10)
		different := map[time.Duration]bool{}
		for i := 1; i < len(runs); i++ {
			different[runs[i]-runs[i-1]] = true
		}
		if len(different) < len(runs)/2 {
			t.Errorf("only %d different gaps in %d runs: replicas would not drift apart", len(different), len(runs))
		}
		renewals := 0
		for _, r := range s.asked() {
			if strings.HasPrefix(r, "PUT /renew/") {
				renewals++
			}
		}
		if renewals != 2 { // each lasts 90 days and is renewed 7 days before its end
			t.Errorf("%d renewals in 200 days, want 2", renewals)
		}
		if diff := cmp.Diff([]string{"update sleep " + callback}, s.stands()); diff != "" {
			t.Errorf("stands (-want +got):\n%s", diff)
		}
	})
}

func TestKeepAliveRetries(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		foreign     bool
		fault       func(run int, r *http.Request) fault
		least, most []time.Duration // before runs 2, 3, …; the last holds for the rest
	}{
		{
			name:  "later the longer it fails",
			fault: func(int, *http.Request) fault { return fault{status: 500} },
			least: []time.Duration{time.Minute}, most: []time.Duration{2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute},
		},
		{
			name: "a success begins anew",
			fault: func(run int, _ *http.Request) fault {
				if run%3 == 0 {
					return fault{}
				}
				return fault{status: 500}
			},
			least: []time.Duration{time.Minute, time.Minute, 324 * time.Minute, time.Minute, time.Minute, 324 * time.Minute},
			most:  []time.Duration{2 * time.Minute, 4 * time.Minute, 396 * time.Minute, 2 * time.Minute, 4 * time.Minute, 396 * time.Minute},
		},
		{
			name: "another's callback, too", foreign: true,
			least: []time.Duration{time.Minute}, most: []time.Duration{2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				stop := errors.New("shutting down")
				s := &subscriptionService{fault: func(run int, r *http.Request) fault {
					if run == 7 {
						cancel(stop)
					}
					if tt.fault == nil {
						return fault{}
					}
					return tt.fault(run, r)
				}}
				if tt.foreign {
					s.has(oura.DataTypeSleep, elsewhere, 90*24*time.Hour)
				}
				runs, err := keepAlive(ctx, t, s)
				if !errors.Is(err, context.Canceled) || !errors.Is(err, stop) || len(runs) != 7 {
					t.Errorf("got %v after %d runs", err, len(runs))
				}
				for i := 1; i < len(runs); i++ {
					gaps(t, runs[i-1:i+1], tt.least[min(i, len(tt.least))-1], tt.most[min(i, len(tt.most))-1])
				}
			})
		})
	}
}

func TestKeepAliveWaitsAsLongAsTheServiceAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var runs []time.Time
		c, _ := scripted(t, func(w http.ResponseWriter, _ *http.Request) {
			if runs = append(runs, time.Now()); len(runs) == 3 {
				cancel()
			}
			w.Header().Set("Retry-After", []string{"300", "86400", "1"}[len(runs)-1])
			answer(w, http.StatusTooManyRequests, "")
		}, oura.WithAppCredentials(appID, appSecret))
		if err := c.Subscriptions.KeepAlive(ctx, wanted("sleep")); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if d := runs[1].Sub(runs[0]); d != 5*time.Minute {
			t.Errorf("waited %v, want what the service asks for", d)
		}
		if d := runs[2].Sub(runs[1]); d != 15*time.Minute {
			t.Errorf("waited %v, want 15 minutes at most", d)
		}
	})
}

func TestKeepAliveEnds(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			synctest.Test(t, func(t *testing.T) {
				s := &subscriptionService{fault: func(run int, r *http.Request) fault {
					if r.Method == method && run == map[string]int{http.MethodGet: 2, http.MethodPost: 1}[method] {
						return fault{status: status}
					}
					return fault{}
				}}
				_, err := keepAlive(t.Context(), t, s)
				want := map[int]error{http.StatusUnauthorized: oura.ErrUnauthorized, http.StatusForbidden: oura.ErrForbidden}[status]
				if !errors.Is(err, want) {
					t.Errorf("%s %d: got %v, want %v", method, status, err, want)
				}
			})
		}
	}
	s := &subscriptionService{}
	for _, list := range [][]oura.SubscriptionRequest{{{}}, {wanted("sleep"), wanted("sleep")}} {
		if err := s.app(t).Subscriptions.KeepAlive(t.Context(), list...); !errors.Is(err, oura.ErrInvalidRequest) {
			t.Errorf("got %v", err)
		}
	}
	if len(s.asked()) != 0 {
		t.Errorf("asked %q", s.asked())
	}
}

func TestKeepAliveLogs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "next_in" {
				return slog.Attr{}
			}
			return a
		}}))
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Hour)
		defer cancel()
		if _, err := keepAlive(ctx, t, &subscriptionService{fault: func(run int, _ *http.Request) fault {
			if run == 1 {
				return fault{status: http.StatusBadRequest, body: `{"detail":"busy"}`}
			}
			return fault{}
		}}, oura.WithLogger(logger)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		var got []string
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, "kept alive") {
				got = append(got, strings.TrimSpace(line))
			}
		}
		want := []string{
			`level=WARN msg="oura: subscriptions not kept alive" created=0 updated=0 renewed=0 unchanged=0 foreign=0 error="oura: invalid request: GET /v2/webhook/subscription: status 400 Bad Request: busy"`,
			`level=INFO msg="oura: subscriptions kept alive" created=1 updated=0 renewed=0 unchanged=0 foreign=0`,
		} // and nothing of runs that found all well
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// Without a logger, failures in the background are still not silent, and all else is. Not parallel: the default logger is
// global.
func TestKeepAliveWithoutLogger(t *testing.T) {
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(old)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Hour)
		defer cancel()
		if _, err := keepAlive(ctx, t, &subscriptionService{fault: func(run int, _ *http.Request) fault {
			if run == 1 {
				return fault{status: http.StatusBadRequest, body: `{"detail":"busy"}`}
			}
			return fault{}
		}}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
	if got := log.String(); strings.Count(got, "kept alive") != 1 || !strings.Contains(got, "subscriptions not kept alive") || !strings.Contains(got, "busy") {
		t.Errorf("logged %q, want the failure alone", got)
	}
}

func ExampleSubscriptions_KeepAlive() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // in a server: until it shuts down
	defer cancel()
	app, err := oura.NewClient(oura.WithAppCredentials("client id", "client secret"), oura.WithLogger(slog.Default()))
	if err != nil {
		fmt.Println(err)
		return
	}
	err = app.Subscriptions.KeepAlive(ctx, oura.SubscriptionRequest{
		CallbackURL: "https://example.com/oura", VerificationToken: "a long random text",
		EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
	})
	if !errors.Is(err, context.Canceled) {
		fmt.Println("events will stop within 90 days:", err)
	}
}
