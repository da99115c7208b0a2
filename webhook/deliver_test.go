package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/webhook"
)

func TestHandleDecidesTheAnswer(t *testing.T) {
	t.Parallel()
	returns := func(err error) func() error { return func() error { return err } }
	var none []error
	tests := map[string]struct {
		handle func() error
		status int
		logs   string // "" means nothing
	}{
		"nil":                        {returns(nil), http.StatusOK, ""},
		"error":                      {returns(errors.New("database is down")), http.StatusInternalServerError, "database is down"},
		"unsubscribe":                {returns(webhook.ErrUnsubscribe), http.StatusGone, "unsubscribe"},
		"unsubscribe, wrapped":       {returns(fmt.Errorf("user left: %w", webhook.ErrUnsubscribe)), http.StatusGone, "user left"},
		"queue full":                 {returns(webhook.ErrQueueFull), http.StatusServiceUnavailable, "queue is full"},
		"queue closed":               {returns(webhook.ErrQueueClosed), http.StatusServiceUnavailable, "queue is closed"},
		"canceled":                   {returns(context.Canceled), http.StatusServiceUnavailable, "canceled"},
		"a deadline of its own":      {returns(context.DeadlineExceeded), http.StatusServiceUnavailable, "deadline"},
		"panic":                      {func() error { panic("at the disco") }, http.StatusInternalServerError, "a value of type string"},
		"panic with unsubscribe":     {func() error { panic(webhook.ErrUnsubscribe) }, http.StatusInternalServerError, "panicked"},
		"panic with it, wrapped":     {func() error { panic(fmt.Errorf("x: %w", webhook.ErrUnsubscribe)) }, http.StatusInternalServerError, "panicked"},
		"panic with nil":             {func() error { panic(nil) }, http.StatusInternalServerError, "panic called with nil"},
		"panic of net/http":          {func() error { panic(http.ErrAbortHandler) }, http.StatusInternalServerError, "panicked"},
		"runtime error":              {func() error { return none[0] }, http.StatusInternalServerError, "index out of range"},
		"goroutine ended":            {func() error { runtime.Goexit(); return nil }, http.StatusInternalServerError, "ended its goroutine"},
		"a panic error, passed on":   {returns(&webhook.PanicError{Value: webhook.ErrUnsubscribe}), http.StatusInternalServerError, "panicked"},
		"a stale event from nowhere": {returns(webhook.ErrStale), http.StatusInternalServerError, "stale"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logs
			var got []webhook.Event
			h := &webhook.Handler{
				ClientSecret: secret, VerificationToken: token, Now: now, Logger: log.logger(),
				Handle: func(_ context.Context, ev webhook.Event) error {
					got = append(got, ev)
					return tt.handle()
				},
			}
			w := serve(h, post(headers(timestamp, signature), body))
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			if diff := cmp.Diff([]webhook.Event{event}, got); diff != "" {
				t.Errorf("handled, -want +got:\n%s", diff)
			}
			want := ""
			if tt.status != http.StatusOK {
				want = http.StatusText(tt.status) + "\n"
			}
			if w.Body.String() != want {
				t.Errorf("answer %q, want %q", w.Body, want)
			}
			out := log.String()
			if (tt.logs == "") != (out == "") || !strings.Contains(out, tt.logs) || holdsSecret(out, timestamp, body) || strings.Contains(out, event.UserID) {
				t.Errorf("logged %q, want %q", out, tt.logs)
			}
		})
	}
}

func TestPanicIsLoggedWithItsStackAndWithoutItsValue(t *testing.T) {
	t.Parallel()
	var log logs
	h := &webhook.Handler{ClientSecret: secret, Now: now, Logger: log.logger(), Handle: func(context.Context, webhook.Event) error {
		panic("heart rate 47")
	}}
	serve(h, post(headers(timestamp, signature), body))
	if out := log.String(); !strings.Contains(out, "deliver_test.go") || strings.Contains(out, "heart rate 47") {
		t.Errorf("logged %q", out)
	}
}

func TestNoHandle(t *testing.T) {
	t.Parallel()
	h := &webhook.Handler{ClientSecret: secret, Now: now, Logger: silent}
	if w := serve(h, post(headers(timestamp, signature), body)); w.Code != http.StatusInternalServerError {
		t.Errorf("status %d, want 500", w.Code)
	}
	if w := serve(new(webhook.Handler), post(headers(timestamp, signature), body)); w.Code != http.StatusUnauthorized {
		t.Errorf("zero Handler: status %d, want 401", w.Code)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	untilEnd := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	sleep := func(d time.Duration, err error) func(context.Context) error {
		return func(context.Context) error { time.Sleep(d); return err }
	}
	tests := map[string]struct {
		timeout time.Duration
		handle  func(context.Context) error
		status  int
		takes   time.Duration
	}{
		"default":                  {0, untilEnd, http.StatusServiceUnavailable, 8 * time.Second},
		"negative":                 {-1, untilEnd, http.StatusServiceUnavailable, 8 * time.Second},
		"own":                      {3 * time.Second, untilEnd, http.StatusServiceUnavailable, 3 * time.Second},
		"in time":                  {0, sleep(7*time.Second, nil), http.StatusOK, 7 * time.Second},
		"late success":             {0, sleep(9*time.Second, nil), http.StatusServiceUnavailable, 9 * time.Second},
		"late unsubscribe":         {0, sleep(9*time.Second, webhook.ErrUnsubscribe), http.StatusServiceUnavailable, 9 * time.Second},
		"success at the last tick": {0, func(ctx context.Context) error { <-ctx.Done(); return nil }, http.StatusServiceUnavailable, 8 * time.Second},
		"late panic":               {0, func(ctx context.Context) error { <-ctx.Done(); panic("late") }, http.StatusServiceUnavailable, 8 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log logs
				h := &webhook.Handler{
					ClientSecret: secret, Timeout: tt.timeout, Logger: log.logger(),
					Handle: func(ctx context.Context, _ webhook.Event) error { return tt.handle(ctx) },
				}
				start := time.Now()
				w := serve(h, fresh(body))
				if took := time.Since(start); w.Code != tt.status || took != tt.takes {
					t.Errorf("status %d after %v, want %d after %v", w.Code, took, tt.status, tt.takes)
				}
				if out := log.String(); strings.Contains(out, "did not return in time") != (tt.status != http.StatusOK) {
					t.Errorf("logged %q", out)
				}
				if out := log.String(); strings.Contains(out, "panicked") != (name == "late panic") {
					t.Errorf("logged %q", out)
				}
			})
		})
	}
}

// Over a real connection the 503 arrives while Handle, which ignores its
// context, still runs; and the server waits for it when it shuts down.
func TestTimeoutAnswersBeforeHandleReturns(t *testing.T) {
	t.Parallel()
	release, returned := make(chan struct{}), make(chan struct{})
	h := &webhook.Handler{
		ClientSecret: secret, Timeout: time.Millisecond, Logger: silent,
		Handle: func(context.Context, webhook.Event) error {
			defer close(returned)
			<-release
			return nil
		},
	}
	server := httptest.NewServer(h)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, fresh(body).Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = fresh(body).Header
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", resp.StatusCode)
	}
	select {
	case <-returned:
		t.Error("Handle returned before the answer was read")
	default:
	}
	close(release)
	server.Close()
	select {
	case <-returned:
	default:
		t.Error("the server closed while Handle ran")
	}
}

// When Oura hangs up, the context of Handle ends; a Handle that is done all the
// same has its event marked, for which there is still time.
func TestHangUp(t *testing.T) {
	t.Parallel()
	ctx, hangUp := context.WithCancel(t.Context())
	marked := errors.New("never called")
	h := &webhook.Handler{
		ClientSecret: secret, Now: now, Logger: silent,
		Duplicates: filter{
			seen: func(context.Context) (bool, error) { return false, nil },
			mark: func(ctx context.Context) error { marked = ctx.Err(); return nil },
		},
		Handle: func(ctx context.Context, _ webhook.Event) error {
			hangUp()
			<-ctx.Done()
			return nil
		},
	}
	w := serve(h, post(headers(timestamp, signature), body).WithContext(ctx))
	if w.Code != http.StatusOK || marked != nil {
		t.Errorf("status %d, Mark's context: %v", w.Code, marked)
	}
}
