package oura

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestHook: one event per request that was sent, in order, with what happened.
func TestHook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		reset := time.Now().Add(time.Hour).Truncate(time.Second)
		took := func(d time.Duration, f step) step {
			return func() (*http.Response, error) { time.Sleep(d); return f() }
		}
		rt, _ := script(t,
			took(time.Second, says(429, "", "Retry-After: 3", "X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 0",
				"X-RateLimit-Window: 300", "X-RateLimit-Tier: application", "X-RateLimit-Reset: "+itoa(reset.Unix()))),
			took(2*time.Second, fails(io.ErrUnexpectedEOF)),
			took(0, says(401, "")),
			took(4*time.Second, says(200, `{}`, "X-Trace-Id: t-4")),
		)
		waits := []time.Duration{0, 0, 5 * time.Second, 0}
		var got []Attempt
		var second int
		d := newDoer(t, over(rt), WithTokenSource(&refresher{}),
			WithRetry(RetryPolicy{MinDelay: 1, MaxDelay: 1}), // a nanosecond
			WithLimiter(waiterFunc(func(context.Context) error { time.Sleep(waits[len(got)]); return nil })),
			WithHook(func(ctx context.Context, a Attempt) {
				if ctx.Value(key{}) != "mine" {
					t.Error("the hook does not get the request's context")
				}
				got = append(got, a)
			}),
			WithHook(func(context.Context, Attempt) {
				if second++; second != len(got) {
					t.Error("the second hook was not called after the first")
				}
			}))
		wantSuccess(t, send(context.WithValue(t.Context(), key{}, "mine"), d, http.MethodGet, sleepPath+"/id-1"))

		const path = sleepPath + "/{document_id}"
		want := []Attempt{
			{Method: "GET", Path: path, Number: 1, StatusCode: 429, Duration: time.Second, RetryIn: 3 * time.Second, RateLimit: RateLimit{
				Limit: 5000, Window: 5 * time.Minute, Reset: reset, Tier: "application",
			}, Err: ErrRateLimited},
			{Method: "GET", Path: path, Number: 2, Duration: 2 * time.Second, Err: ErrServer},
			{Method: "GET", Path: path, Number: 3, StatusCode: 401, LimiterWait: 5 * time.Second, Err: ErrUnauthorized},
			{Method: "GET", Path: path, Number: 4, StatusCode: 200, Duration: 4 * time.Second, TraceID: "t-4"},
		}
		got[1].RetryIn = 0 // random
		if diff := cmp.Diff(want, got, cmpopts.EquateErrors()); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

// What is refused before sending is no attempt.
func TestHookNotSent(t *testing.T) {
	t.Parallel()
	hook := WithHook(func(_ context.Context, a Attempt) { t.Errorf("told of %+v", a) })
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, opts := range [][]Option{
		{WithLimiter(waiterFunc(func(context.Context) error { return io.EOF }))},
		{WithTokenSource(&tokens{list: []string{""}})},
		{WithBaseURL("http://example.com:1")},
	} {
		d := newDoer(t, append(opts, hook)...)
		ctx := t.Context()
		if d.cfg.origin != defaultOrigin {
			ctx = ended
		}
		if err := get(ctx, d); err == nil {
			t.Error("no error")
		}
	}
}

func TestLogger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := func(level slog.Level) Option {
			return WithLogger(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{
				Level: level,
				ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
					if a.Key == slog.TimeKey {
						return slog.Attr{}
					}
					return a
				},
			})))
		}
		rt, _ := script(t, says(429, "", "Retry-After: 2"), says(200, `{}`, "X-Trace-Id: t-2"))
		wantSuccess(t, send(t.Context(), newDoer(t, over(rt), log(slog.LevelDebug)), http.MethodGet, sleepPath+"/id-1?a=b"))
		const common = `"method":"GET","path":"/v2/usercollection/sleep/{document_id}"`
		want := `{"level":"WARN","msg":"oura: attempt",` + common + `,"status":429,"attempt":1,"limiter_wait":0,"duration":0,"retry_in":2000000000,"trace_id":"",` +
			`"error":"oura: rate limited: GET /v2/usercollection/sleep/{document_id}: status 429 Too Many Requests (retry after 2s)"}` + "\n" +
			`{"level":"DEBUG","msg":"oura: attempt",` + common + `,"status":200,"attempt":2,"limiter_wait":0,"duration":0,"retry_in":0,"trace_id":"t-2"}` + "\n"
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}

		out.Reset()
		rt, _ = script(t, says(200, `{}`))
		wantSuccess(t, get(t.Context(), newDoer(t, over(rt), log(slog.LevelInfo))))
		if out.Len() != 0 {
			t.Errorf("logged below its level: %s", out.String())
		}
	})
}

func itoa(n int64) string { b, _ := json.Marshal(n); return string(b) }
