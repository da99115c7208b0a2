package oura

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
)

// never does not answer until the request's time is over.
func never(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

// neverWhole answers, with a body that does not end.
func neverWhole(r *http.Request) (*http.Response, error) {
	body, w := io.Pipe()
	context.AfterFunc(r.Context(), func() { _ = w.CloseWithError(errors.New("canceled by the transport")) })
	resp := answer(http.StatusOK, "")
	resp.Body = body
	return resp, nil
}

// The time of an attempt and the time of the caller end in different errors.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		rt       func(*http.Request) (*http.Response, error)
		opts     []Option // after the RoundTripper
		deadline time.Duration
		took     time.Duration
		own      bool // the caller's own time was over
	}{
		{name: "no answer", rt: never, took: 4 * time.Minute},
		{name: "half an answer", rt: neverWhole, took: 4 * time.Minute},
		{name: "no repetition", rt: never, opts: []Option{WithRetry(NoRetry)}, took: time.Minute},
		{name: "WithTimeout", rt: never, opts: []Option{WithTimeout(2 * time.Minute)}, took: 8 * time.Minute},
		{name: "the caller's time ends first", rt: never, deadline: time.Second, took: time.Second, own: true},
		{name: "the caller's time ends with the attempt's", rt: never, deadline: time.Minute, took: time.Minute, own: true},
		{name: "the caller's time ends in the body", rt: neverWhole, deadline: time.Second, took: time.Second, own: true},
		{name: "the caller's time ends in the second attempt", rt: never, deadline: 90 * time.Second, took: 90 * time.Second, own: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				d := newDoer(t, append([]Option{over(roundTripper(tt.rt)), WithRetry(RetryPolicy{MinDelay: 1, MaxDelay: 1})}, tt.opts...)...)
				begin := time.Now()
				err := get(ctx, d)
				if took := time.Since(begin).Round(time.Millisecond); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				want := ErrServer
				if tt.own {
					want = ErrContextEnded
				}
				wantKind(t, err, want)
				if errors.Is(err, context.DeadlineExceeded) != tt.own || errors.Is(err, os.ErrDeadlineExceeded) == tt.own {
					t.Errorf("%v: the caller's time was over: %t", err, tt.own)
				}
				var timeout net.Error
				if !errors.As(err, &timeout) || !timeout.Timeout() || !timeout.Temporary() { //nolint:staticcheck // it is in the interface
					t.Errorf("%v is no timeout", err)
				}
				if !tt.own && !strings.Contains(err.Error(), "no whole response within ") {
					t.Errorf("%q does not say how long was waited", err)
				}
			})
		})
	}
}

// What comes before the request has time of its own.
func TestTimeoutIsOfTheRequestAlone(t *testing.T) {
	t.Parallel()
	const long = 10 * defaultTimeout
	t.Run("limiter", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rt, _ := script(t, says(http.StatusOK, `{"data":[]}`))
			d := newDoer(t, over(rt), WithLimiter(waiterFunc(func(context.Context) error { time.Sleep(long); return nil })))
			wantSuccess(t, get(t.Context(), d))
		})
	})
	t.Run("refresh", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rt, _ := accepts("token-1")
			d := newDoer(t, over(rt), WithTokenSource(&refresher{slow: long}))
			wantSuccess(t, get(t.Context(), d))
		})
	})
	t.Run("token source", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rt, _ := script(t, says(http.StatusOK, `{"data":[]}`))
			d := newDoer(t, over(rt), WithTokenSource(slowTokens{long}))
			wantSuccess(t, get(t.Context(), d))
		})
	})
}

// slowTokens gives its token after a while.
type slowTokens struct{ after time.Duration }

func (s slowTokens) Token() (*oauth2.Token, error) {
	time.Sleep(s.after)
	return &oauth2.Token{AccessToken: "slow"}, nil
}
