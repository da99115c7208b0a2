package transport_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/internal/refusal"
	"github.com/oura-go/sdk/internal/transport"
)

// roundTripper is a network of one function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// auth is an Authorizer that counts.
type auth struct {
	log     *[]string
	err     error
	replace func() (bool, error)
}

func (a *auth) Authorize(_ context.Context, h http.Header) error {
	*a.log = append(*a.log, "authorize")
	h.Set("Authorization", "secret")
	return a.err
}

func (a *auth) Clean(foreign string, n int) string { return refusal.Redact(foreign, n) }

func (a *auth) Replace(context.Context) (bool, error) {
	*a.log = append(*a.log, "replace")
	return a.replace()
}

type failure struct {
	stage  transport.Stage
	status int
	cause  error
}

func (f *failure) Error() string { return "failed" }
func (f *failure) Unwrap() error { return f.cause }

// TestPipelineOrder: what is called, in which order, for one request.
func TestPipelineOrder(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := []struct {
		name       string
		statuses   []int // 0: connection error
		waitErr    error
		authErr    error
		replace    func() (bool, error)
		repeatable bool
		want       string
		err        *failure
	}{
		{name: "success", statuses: []int{200}, want: "wait authorize send classify observe"},
		{name: "wait fails", waitErr: broken, want: "wait classify", err: &failure{transport.Waiting, 0, broken}},
		{name: "authorize fails", authErr: broken, want: "wait authorize classify", err: &failure{transport.Authorizing, 0, broken}},
		{
			name: "repeated", statuses: []int{503, 200}, repeatable: true,
			want: "wait authorize send classify observe wait authorize send classify observe",
		},
		{name: "not repeatable", statuses: []int{503, 200}, want: "wait authorize send classify observe", err: &failure{transport.Answered, 503, nil}},
		{
			name: "connection error, to the last attempt", statuses: []int{0, 0}, repeatable: true,
			want: "wait authorize send classify observe wait authorize send classify observe", err: &failure{transport.Sending, 0, broken},
		},
		{
			name: "throttled", statuses: []int{429, 200},
			want: "wait authorize send classify pause observe wait authorize send classify observe",
		},
		{
			name: "throttled to the last attempt", statuses: []int{429, 429},
			want: "wait authorize send classify pause observe wait authorize send classify pause observe", err: &failure{transport.Answered, 429, nil},
		},
		{
			name: "replaced, then repeated as often as any", statuses: []int{401, 503, 200}, repeatable: true,
			replace: func() (bool, error) { return true, nil },
			want:    "wait authorize send classify observe replace wait authorize send classify observe wait authorize send classify observe",
		},
		{
			name: "replaced once", statuses: []int{401, 401}, replace: func() (bool, error) { return true, nil },
			want: "wait authorize send classify observe replace wait authorize send classify observe", err: &failure{transport.Answered, 401, nil},
		},
		{
			name: "nothing to replace with", statuses: []int{401}, replace: func() (bool, error) { return false, nil },
			want: "wait authorize send classify observe replace", err: &failure{transport.Answered, 401, nil},
		},
		{
			name: "replacing fails", statuses: []int{401}, replace: func() (bool, error) { return false, broken },
			want: "wait authorize send classify observe replace give-up", err: &failure{transport.Answered, 401, broken},
		},
		{name: "final", statuses: []int{404}, repeatable: true, want: "wait authorize send classify observe", err: &failure{transport.Answered, 404, nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log []string
				note := func(s string) { log = append(log, s) }
				sent := 0
				p := &transport.Pipeline{
					MaxBody: 100, Timeout: time.Minute,
					Retry: transport.Policy{MaxAttempts: 2, MinDelay: time.Second, MaxDelay: time.Second, MaxRetryAfter: time.Minute},
					Client: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
						note("send")
						status := tt.statuses[sent]
						sent++
						if status == 0 {
							return nil, &url.Error{Op: "Get", URL: "http://h/?secret", Err: broken}
						}
						return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("body")), Request: r}, nil
					})},
					Wait: func(context.Context) error { note("wait"); return tt.waitErr },
					Classify: func(a *transport.Attempt) (transport.Action, error) {
						note("classify")
						action := map[int]transport.Action{
							0: transport.Repeat, 401: transport.Reauthorize, 429: transport.Throttle, 503: transport.Repeat,
						}[a.StatusCode()]
						if a.Err == nil && a.StatusCode() == http.StatusOK {
							return action, nil
						}
						return action, &failure{a.Stage, a.StatusCode(), a.Err}
					},
					GivenUp: func(a *transport.Attempt, _, cause error) error {
						note("give-up")
						return &failure{a.Stage, a.StatusCode(), cause}
					},
					Pause:   func(*transport.Attempt, time.Time) { note("pause") },
					Observe: func(context.Context, *transport.Attempt, error) { note("observe") },
				}
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://h/?secret", nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := p.Do(req, transport.Call{Repeatable: tt.repeatable, Auth: &auth{&log, tt.authErr, tt.replace}})
				if err == nil {
					if resp.Request != req || req.Header.Get("Authorization") != "" {
						t.Error("the answer's request is not the caller's, or that saw the credential")
					}
					_ = resp.Body.Close()
				}
				if diff := cmp.Diff(strings.Fields(tt.want), log); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				var got *failure
				if errors.As(err, &got) != (tt.err != nil) || tt.err != nil && *got != *tt.err {
					t.Errorf("got %+v, want %+v", got, tt.err)
				}
			})
		})
	}
}

// A request is closed whether or not it is sent.
func TestRequestBodyIsClosed(t *testing.T) {
	t.Parallel()
	src := &source{Reader: strings.NewReader("x")}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://h/", src)
	if err != nil {
		t.Fatal(err)
	}
	p := &transport.Pipeline{
		Wait:     func(context.Context) error { return io.EOF },
		Classify: func(a *transport.Attempt) (transport.Action, error) { return transport.Fail, a.Err },
	}
	if _, err := p.Do(req, transport.Call{}); !errors.Is(err, io.EOF) || !src.closed { //nolint:bodyclose // an error has no body
		t.Errorf("%v, closed %t", err, src.closed)
	}
}
