package oura

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// An impossible value is refused by name, with its cure.
func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	var noLimiter *Limiter
	var noSource *refresher
	tests := []struct {
		name string
		opts []Option
		text string
	}{
		{"none", nil, "WithTokenSource"},
		{"nil option", []Option{WithSandbox(), nil}, "option 2 is nil"},
		{"nil source", []Option{WithTokenSource(nil)}, "WithTokenSource: the token source is nil"},
		{"typed nil source", []Option{WithTokenSource(noSource)}, "WithTokenSource: the token source is nil"},
		{"empty token", []Option{WithAccessToken("")}, "the token is empty"},
		{"token with Bearer", []Option{WithAccessToken("Bearer x")}, `without "Bearer "`},
		{"token with line end", []Option{WithAccessToken("x\n")}, "line end"},
		{"no id", []Option{WithAppCredentials("", "s")}, "the client id is empty"},
		{"no secret", []Option{WithAppCredentials("i", "")}, "the client secret is empty"},
		{"secret with line end", []Option{WithAppCredentials("i", "s\r\n")}, "line end"},
		{"empty URL", []Option{WithBaseURL("")}, "no scheme"},
		{"no scheme", []Option{WithBaseURL("api.ouraring.com")}, "no scheme"},
		{"host and port alone", []Option{WithBaseURL("localhost:8080")}, "no scheme"},
		{"no host", []Option{WithBaseURL("https://")}, "no host"},
		{"port alone", []Option{WithBaseURL("https://:443")}, "no host"},
		{"path", []Option{WithBaseURL("https://api.ouraring.com/v2")}, `"https://api.ouraring.com/v2" has a path; give scheme and host alone`},
		{"query", []Option{WithBaseURL("https://h?a=b")}, "query"},
		{"fragment", []Option{WithBaseURL("https://h#a")}, "fragment"},
		{"user", []Option{WithBaseURL("https://u:p@h")}, "user or password"},
		{"not a URL", []Option{WithBaseURL("https://%zz")}, "not a URL"},
		{"nil client", []Option{WithHTTPClient(nil)}, "the client is nil"},
		{"negative timeout", []Option{WithHTTPClient(&http.Client{Timeout: -1})}, "negative"},
		{"no timeout", []Option{WithTimeout(0)}, "WithTimeout: 0s is not positive"},
		{"negative WithTimeout", []Option{WithTimeout(-time.Second)}, "WithTimeout"},
		{"empty agent", []Option{WithUserAgent(" ")}, "empty"},
		{"odd agent", []Option{WithUserAgent("a\nb")}, "printable"},
		{"nil limiter", []Option{WithLimiter(nil)}, "the limiter is nil"},
		{"typed nil limiter", []Option{WithLimiter(noLimiter)}, "the limiter is nil"},
		{"no body", []Option{WithMaxBody(0)}, "not positive"},
		{"nil logger", []Option{WithLogger(nil)}, "the logger is nil"},
		{"nil hook", []Option{WithHook(nil)}, "the function is nil"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := newConfig(tt.opts)
			if e := wantError(t, err, ErrInvalidRequest); !strings.Contains(e.Error(), tt.text) || e.StatusCode != 0 {
				t.Errorf("got %q, want it to say %q", e.Error(), tt.text)
			}
			c, err := newConfig([]Option{WithSandbox()})
			if err != nil {
				t.Fatal(err)
			}
			if tt.opts == nil {
				return
			}
			_, err = c.with(tt.opts)
			wantKind(t, err, ErrInvalidRequest)
		})
	}
}

func TestOptionsDefaults(t *testing.T) {
	t.Parallel()
	c, err := newConfig([]Option{WithSandbox(), WithBaseURL("HTTPS://Example.com:8443/")})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.server(); got != "https://Example.com:8443/v2/sandbox" {
		t.Errorf("server %s", got)
	}
	if c.timeout != time.Minute || c.httpClient.Timeout != 0 || c.maxBody != 16<<20 {
		t.Errorf("timeout %v, max body %d", c.timeout, c.maxBody)
	}
	if _, ok := c.limiter.(*Limiter); !ok {
		t.Errorf("limiter %T", c.limiter)
	}
	other, err := newConfig([]Option{WithAccessToken("x")})
	if err != nil {
		t.Fatal(err)
	}
	if other.httpClient.Transport != c.httpClient.Transport {
		t.Error("clients do not share the default transport")
	}
	if other.limiter == c.limiter {
		t.Error("clients share a limiter that nobody asked to share")
	}
	if got := other.server(); got != "https://api.ouraring.com/v2" {
		t.Errorf("server %s", got)
	}
}

// The later of WithTimeout and a Timeout of WithHTTPClient holds; a client without one changes nothing.
func TestWithTimeout(t *testing.T) {
	t.Parallel()
	hc := func(d time.Duration) Option { return WithHTTPClient(&http.Client{Timeout: d}) }
	for _, tt := range []struct {
		opts []Option
		want time.Duration
	}{
		{nil, time.Minute},
		{[]Option{hc(0)}, time.Minute},
		{[]Option{WithTimeout(time.Second)}, time.Second},
		{[]Option{WithTimeout(time.Second), hc(0)}, time.Second},
		{[]Option{WithTimeout(time.Second), hc(3)}, 3},
		{[]Option{hc(3), WithTimeout(time.Second)}, time.Second},
	} {
		c, err := newConfig(append([]Option{WithSandbox()}, tt.opts...))
		if err != nil || c.timeout != tt.want || newCore(c).pipeline.Timeout != tt.want {
			t.Errorf("%v, %v, want %v", err, c.timeout, tt.want)
		}
	}
}

// The caller's http.Client is copied, and what it must not decide is replaced.
func TestHTTPClientIsCopied(t *testing.T) {
	t.Parallel()
	followed := errors.New("followed")
	hc := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return followed }, Timeout: time.Second}
	c, err := newConfig([]Option{WithSandbox(), WithHTTPClient(hc)})
	if err != nil {
		t.Fatal(err)
	}
	if hc.Transport != nil || !errors.Is(hc.CheckRedirect(nil, nil), followed) {
		t.Error("the caller's client was changed")
	}
	if c.timeout != time.Second || c.httpClient.Timeout != 0 || !errors.Is(c.httpClient.CheckRedirect(nil, nil), http.ErrUseLastResponse) {
		t.Error("the copy has not the caller's timeout, or follows redirects")
	}
}

// With shares all but what it is given, and leaves the original alone.
func TestWithShares(t *testing.T) {
	t.Parallel()
	var first, second int
	count := func(n *int) Option { return WithHook(func(context.Context, Attempt) { *n++ }) }
	c, err := newConfig([]Option{WithAccessToken("a"), WithAppCredentials("i", "s"), WithLogger(slog.Default()), count(&first), WithMaxBody(9)})
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.with([]Option{WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "b"})), count(&second)})
	if err != nil {
		t.Fatal(err)
	}
	if d.limiter != c.limiter || d.httpClient != c.httpClient || d.retry != c.retry || d.logger != c.logger || d.app != c.app || d.maxBody != 9 {
		t.Error("the derived configuration does not share what it should")
	}
	if d.bearer == c.bearer || d.gate == c.gate {
		t.Error("the derived configuration has the original's token or pause")
	}
	if len(c.hooks) != 1 || len(d.hooks) != 2 {
		t.Errorf("%d and %d hooks, want 1 and 2", len(c.hooks), len(d.hooks))
	}
	if e, err := d.with([]Option{WithAccessToken("c")}); err != nil || len(e.hooks) != 2 {
		t.Errorf("%v, %d hooks", err, len(e.hooks))
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	var got string
	d := newDoer(t, WithUserAgent("sleep-lab/2 (ops@example.com)"), over(roundTripper(func(r *http.Request) (*http.Response, error) {
		got = r.Header.Get("User-Agent")
		return answer(200, `{}`), nil
	})))
	wantSuccess(t, get(t.Context(), d))
	if got != "sleep-lab/2 (ops@example.com)" {
		t.Errorf("User-Agent %q", got)
	}
}
