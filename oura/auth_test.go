package oura

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
)

// accepts answers 200 to one token and 401 to all others.
func accepts(token string) (roundTripper, func() []string) {
	var mu sync.Mutex
	var seen []string
	return func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			got := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			seen = append(seen, got)
			if got != token {
				return answer(401, `{"detail":"Invalid token."}`), nil
			}
			return answer(200, `{}`), nil
		}, func() []string {
			mu.Lock()
			defer mu.Unlock()
			return seen
		}
}

func TestUnauthorized(t *testing.T) {
	t.Parallel()
	dead := errors.New("the grant is dead")
	tests := []struct {
		name    string
		source  oauth2.TokenSource
		accepts string
		opts    []Option
		want    error
		is      error
		tokens  string
	}{
		{"static", oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "a"}), "b", nil, ErrUnauthorized, nil, "a"},
		{"source with another", &tokens{list: []string{"a", "b"}}, "b", nil, nil, nil, "a b"},
		{"source with another bad one", &tokens{list: []string{"a", "b", "c"}}, "c", nil, ErrUnauthorized, nil, "a b"},
		{"refreshed", &refresher{}, "token-1", nil, nil, nil, "token-0 token-1"},
		{"refreshed, no retry", &refresher{}, "token-1", []Option{WithRetry(NoRetry)}, nil, nil, "token-0 token-1"},
		{"refreshed in vain", &refresher{}, "token-9", nil, ErrUnauthorized, nil, "token-0 token-1"},
		{"refresh fails", &refresher{err: dead}, "token-1", nil, ErrUnauthorized, dead, "token-0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rt, seen := accepts(tt.accepts)
			d := newDoer(t, append(tt.opts, WithTokenSource(tt.source), over(rt))...)
			e := wantError(t, get(t.Context(), d), tt.want)
			if got := strings.Join(seen(), " "); got != tt.tokens {
				t.Errorf("sent tokens %q, want %q", got, tt.tokens)
			}
			if e != nil && (e.StatusCode != http.StatusUnauthorized || e.Detail != "Invalid token.") {
				t.Errorf("status %d, detail %q; want those of the answer", e.StatusCode, e.Detail)
			}
			if tt.is != nil && !errors.Is(e, tt.is) {
				t.Errorf("%v does not match %v", e, tt.is)
			}
		})
	}
}

// Requests that fail together with one token cause one refresh, and a fresh
// token that is refused is not refreshed again for a minute.
func TestRefreshOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &refresher{slow: time.Second}
		rt, seen := accepts("token-1")
		d := newDoer(t, WithTokenSource(source), over(rt))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { wantSuccess(t, get(t.Context(), d)) })
		}
		wg.Wait()
		if source.refreshes != 1 || len(seen()) != 40 {
			t.Errorf("%d refreshes, %d requests; want 1 and 40", source.refreshes, len(seen()))
		}
	})
}

func TestFreshTokenRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &refresher{}
		rt, seen := accepts("none")
		d := newDoer(t, WithTokenSource(source), over(rt))
		wantKind(t, get(t.Context(), d), ErrUnauthorized) // token-0, refresh, token-1
		time.Sleep(59 * time.Second)
		wantKind(t, get(t.Context(), d), ErrUnauthorized) // token-1
		if source.refreshes != 1 || len(seen()) != 3 {
			t.Errorf("within a minute: %d refreshes, %d requests; want 1 and 3", source.refreshes, len(seen()))
		}
		time.Sleep(time.Second)
		wantKind(t, get(t.Context(), d), ErrUnauthorized) // token-1, refresh, token-2
		if source.refreshes != 2 || len(seen()) != 5 {
			t.Errorf("after a minute: %d refreshes, %d requests; want 2 and 5", source.refreshes, len(seen()))
		}
	})
}

// Who waits for another's refresh may leave; and when the one who refreshes
// leaves, another takes over.
func TestRefreshContexts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &refresher{slow: 10 * time.Second}
		rt, _ := accepts("token-1")
		d := newDoer(t, WithTokenSource(source), over(rt))
		leader, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		var wg sync.WaitGroup
		for _, ctx := range []context.Context{leader, short, t.Context()} {
			wg.Go(func() {
				err := get(ctx, d)
				if ctx == t.Context() {
					wantSuccess(t, err)
				} else if e := wantError(t, err, ErrContextEnded); !errors.Is(e, context.DeadlineExceeded) || e.StatusCode != http.StatusUnauthorized {
					t.Errorf("%v does not match the context's end", e)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		if took := time.Since(start); took != 12*time.Second || source.refreshes != 2 {
			t.Errorf("took %v with %d refreshes, want 12s with 2", took, source.refreshes)
		}
	})
}

// A failed refresh answers those who waited for it, and nobody later.
func TestRefreshFailureIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &refresher{slow: time.Second, err: errors.New("not now")}
		rt, _ := accepts("none")
		d := newDoer(t, WithTokenSource(source), over(rt))
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() { wantKind(t, get(t.Context(), d), ErrUnauthorized) })
		}
		wg.Wait()
		if source.refreshes != 1 {
			t.Errorf("%d refreshes, want 1", source.refreshes)
		}
		wantKind(t, get(t.Context(), d), ErrUnauthorized)
		if source.refreshes != 2 {
			t.Errorf("%d refreshes, want 2", source.refreshes)
		}
	})
}

// contextSource is a ContextTokenSource.
type contextSource func(context.Context) (*oauth2.Token, error)

func (f contextSource) Token() (*oauth2.Token, error) {
	return nil, errors.New("called without a context")
}
func (f contextSource) TokenContext(ctx context.Context) (*oauth2.Token, error) {
	return f(ctx)
}

// typedError is what a source may return besides.
type typedError struct{ code int }

func (e *typedError) Error() string { return "typed" }

func TestTokenSourceErrors(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name   string
		source contextSource
		want   error
		text   string
	}{
		{"error", func(context.Context) (*oauth2.Token, error) { return nil, &typedError{7} }, ErrUnauthorized, "typed"},
		{"nil", func(context.Context) (*oauth2.Token, error) { return nil, nil }, ErrUnauthorized, "no token"},
		{"empty", func(context.Context) (*oauth2.Token, error) { return &oauth2.Token{}, nil }, ErrUnauthorized, "no token"},
		{"line end", func(context.Context) (*oauth2.Token, error) { return &oauth2.Token{AccessToken: "tok\n"}, nil }, ErrUnauthorized, "line end"},
		{"a sentinel of ours", func(context.Context) (*oauth2.Token, error) { return nil, ErrNotFound }, ErrUnauthorized, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rt, requests := script(t, says(200, `{}`))
			d := newDoer(t, WithTokenSource(tt.source), over(rt))
			e := wantError(t, get(t.Context(), d), tt.want)
			if !strings.Contains(e.Error(), tt.text) || e.StatusCode != 0 || requests() != 0 {
				t.Errorf("got %v after %d requests", e, requests())
			}
			var typed *typedError
			if tt.name == "error" && (!errors.As(e, &typed) || typed.code != 7) {
				t.Error("the source's error is not found by errors.As")
			}
		})
	}
	d := newDoer(t)
	if e := wantError(t, get(ended, d), ErrContextEnded); !errors.Is(e, context.Canceled) {
		t.Errorf("got %v", e)
	}
}

// TestCredentials: each request carries the one kind of credential that its path
// calls for, to the configured origin and nowhere else, or is not sent.
func TestCredentials(t *testing.T) {
	t.Parallel()
	const app, tok = "WithAppCredentials", "WithAccessToken"
	both := []Option{WithAccessToken(testToken), WithAppCredentials("id", testSecret)}
	tests := []struct {
		name string
		opts []Option
		url  string
		auth string // Authorization, or the client id and secret
		text string // refused
	}{
		{"person", both, defaultOrigin + sleepPath, "Bearer " + testToken, ""},
		{"application", both, defaultOrigin + "/v2/webhook/subscription", "id " + testSecret, ""},
		{"subscription", both, defaultOrigin + "/v2/webhook/subscription/renew/x", "id " + testSecret, ""},
		{"not a subscription", both, defaultOrigin + "/v2/webhook/subscriptions", "Bearer " + testToken, ""},
		{"explicit port", both, defaultOrigin + ":443" + sleepPath, "Bearer " + testToken, ""},
		{"sandbox", []Option{WithSandbox()}, defaultOrigin + "/v2/sandbox/usercollection/sleep", "Bearer sandbox", ""},
		{"sandbox with a token", append([]Option{WithSandbox()}, both...), defaultOrigin + "/v2/sandbox/usercollection/sleep", "Bearer " + testToken, ""},
		{"no token", []Option{WithAppCredentials("id", testSecret)}, defaultOrigin + sleepPath, "", tok},
		{"no token, out of the sandbox", []Option{WithSandbox()}, defaultOrigin + sleepPath, "", tok},
		{"no application", []Option{WithAccessToken(testToken)}, defaultOrigin + "/v2/webhook/subscription", "", app},
		{"another host", both, "https://example.com" + sleepPath, "", "https://example.com"},
		{"another scheme", both, "http://api.ouraring.com" + sleepPath, "", "http://api.ouraring.com"},
		{"another scheme, same port", both, "http://api.ouraring.com:443" + sleepPath, "", "http://api.ouraring.com:443"},
		{"another port", both, defaultOrigin + ":8443" + sleepPath, "", ":8443"},
		{"dot segments", both, defaultOrigin + "/v2/usercollection/../webhook/subscription", "", "segment"},
		{"hidden dot segments", both, defaultOrigin + "/v2/usercollection/sleep/%2e%2e", "", "segment"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got http.Header
			c, err := newConfig(append([]Option{over(roundTripper(func(r *http.Request) (*http.Response, error) {
				got = r.Header.Clone()
				return answer(200, `{}`), nil
			}))}, tt.opts...))
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.url, strings.NewReader(""))
			if err != nil {
				t.Fatal(err)
			}
			// What the caller sets does not travel beside our own.
			req.Header.Set("Authorization", "Basic other")
			req.Header.Set("X-Client-Id", "other")
			req.Header.Set("X-Client-Secret", "other")
			resp, err := newCore(c).Do(req)
			if tt.text != "" {
				if e := wantError(t, err, ErrInvalidRequest); !strings.Contains(e.Error(), tt.text) || e.StatusCode != 0 || got != nil {
					t.Errorf("got %v, want it refused with %q", e, tt.text)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			auth := strings.TrimSpace(got.Get("Authorization") + got.Get("X-Client-Id") + " " + got.Get("X-Client-Secret"))
			if auth != tt.auth {
				t.Errorf("credentials %q, want %q", auth, tt.auth)
			}
			if got.Get("Accept") != "application/json" || !strings.HasPrefix(got.Get("User-Agent"), "oura-go/"+version()+" (+https://") {
				t.Errorf("Accept %q, User-Agent %q", got.Get("Accept"), got.Get("User-Agent"))
			}
		})
	}
}

// A token that was refreshed before the machine slept is no fresh one when it wakes, nor when its clock was put back.
func TestAgeOfARefreshIsTheWallClocks(t *testing.T) {
	t.Parallel()
	f := &refreshFlight{rejected: "token-0", done: make(chan struct{})}
	f.fly(t.Context(), &refresher{}, &oauth2.Token{AccessToken: "token-0"})
	if at := f.at.String(); strings.Contains(at, "m=") {
		t.Errorf("refreshed at %s, want no monotonic reading", at)
	}
	if !f.settles(&oauth2.Token{AccessToken: "token-0"}, false) {
		t.Error("it does not settle at once")
	}
	f.at = time.Now().Add(time.Hour)
	if f.settles(&oauth2.Token{AccessToken: "token-0"}, false) {
		t.Error("it settles for an hour after the clock was put back")
	}
}
