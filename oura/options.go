package oura

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/header"
	"github.com/oura-go/sdk/internal/transport"
)

// Option configures a [Client]. The later of two options for the same thing wins; hooks add up. [NewClient] fails if an
// option has an impossible value or is nil. The options of all packages of this module follow these rules.
type Option interface {
	apply(c *config) error
}

type option func(*config)

func (o option) apply(c *config) error {
	o(c)
	return nil
}

// refusedOption is an option with an impossible value.
type refusedOption struct{ err error }

func (o refusedOption) apply(*config) error { return o.err }

func refuse(format string, args ...any) Option { return refusedOption{badOption(format, args...)} }

const (
	defaultOrigin  = "https://api.ouraring.com"
	defaultMaxBody = 16 << 20
	defaultTimeout = 60 * time.Second
)

// newConfig applies the options to the defaults.
func newConfig(opts []Option) (*config, error) {
	retry, _ := RetryPolicy{}.withDefaults() // there is nothing in it to refuse
	c := &config{
		origin:     defaultOrigin,
		base:       &url.URL{Scheme: "https", Host: strings.TrimPrefix(defaultOrigin, "https://")},
		gate:       new(transport.Pause),
		httpClient: prepareClient(http.Client{}),
		timeout:    defaultTimeout,
		userAgent:  "oura-go/" + version() + " (+https://github.com/oura-go/sdk)",
		limiter:    NewLimiter(),
		retry:      retry,
		maxBody:    defaultMaxBody,
	}
	return c, c.applyAll(opts)
}

// with derives a configuration: all is shared but what the options replace.
func (c *config) with(opts []Option) (*config, error) {
	derived := *c
	if err := derived.applyAll(opts); err != nil {
		return nil, err
	}
	if derived.bearer != c.bearer {
		derived.gate = new(transport.Pause) // another token has a limit of its own
	}
	return &derived, nil
}

func (c *config) applyAll(opts []Option) error {
	for i, o := range opts {
		if o == nil {
			return badOption("option %d is nil; leave it out", i+1)
		}
		if err := o.apply(c); err != nil {
			return err
		}
	}
	if c.bearer == nil && c.app == nil && !c.sandbox {
		return badOption("no credentials: add WithTokenSource or WithAccessToken for a person's data, " +
			"WithAppCredentials for webhook subscriptions, or WithSandbox to try without")
	}
	return nil
}

// WithTokenSource asks ts for a token before each attempt. The source of package oauth refreshes and stores tokens; any
// other works too. A source may also be a [ContextTokenSource] and a [Refresher].
func WithTokenSource(ts oauth2.TokenSource) Option {
	if isNil(ts) {
		return refuse("WithTokenSource: the token source is nil")
	}
	return option(func(c *config) { c.bearer = &bearer{source: ts} })
}

// WithAccessToken sends one fixed token, for tests and short jobs. For anything that outlives the token, use
// [WithTokenSource].
func WithAccessToken(token string) Option {
	switch {
	case token == "":
		return refuse("WithAccessToken: the token is empty")
	case strings.HasPrefix(token, "Bearer "):
		return refuse(`WithAccessToken: give the token alone, without "Bearer "`)
	case !header.IsWord(token):
		return refuse("WithAccessToken: the token holds a space or a control character, perhaps a line end to trim")
	}
	source := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})
	return option(func(c *config) { c.bearer = &bearer{source: source} })
}

// WithAppCredentials sets an application's client id and secret. They are sent with calls about webhook subscriptions
// only, and a person's token is never sent with those.
func WithAppCredentials(id, secret string) Option {
	switch {
	case id == "":
		return refuse("WithAppCredentials: the client id is empty")
	case secret == "":
		return refuse("WithAppCredentials: the client secret is empty")
	case !header.IsWord(id) || !header.IsWord(secret):
		return refuse("WithAppCredentials: the client id or secret holds a space or a control character, perhaps a line end to trim")
	}
	return option(func(c *config) { c.app = &appCredentials{id, secret} })
}

// WithSandbox reads the service's sandbox: fixed sample data, for which no credentials are needed. It has no
// PersonalInfo, and Latest and Fields are errors. Subscriptions are those of the live service.
func WithSandbox() Option { return option(func(c *config) { c.sandbox = true }) }

// WithBaseURL replaces https://api.ouraring.com, for tests and gateways: scheme and host, nothing more. /v2 or
// /v2/sandbox is added. Credentials are sent to this origin and no other.
func WithBaseURL(origin string) Option {
	u, err := url.Parse(origin)
	const cure = "; give scheme and host alone, such as " + defaultOrigin
	switch {
	case err != nil:
		return refuse("WithBaseURL: not a URL" + cure)
	case u.User != nil:
		return refuse("WithBaseURL: the URL holds a user or password" + cure)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return refuse("WithBaseURL: the URL of %q has a query or fragment"+cure, u.Host)
	case u.Scheme != "https" && u.Scheme != "http":
		return refuse("WithBaseURL: %q has no scheme http or https"+cure, origin)
	case u.Hostname() == "":
		return refuse("WithBaseURL: %q has no host"+cure, origin)
	case u.Path != "" && u.Path != "/":
		return refuse("WithBaseURL: %q has a path"+cure, origin)
	}
	return option(func(c *config) {
		c.base = &url.URL{Scheme: u.Scheme, Host: u.Host}
		c.origin = c.base.String()
	})
}

// WithHTTPClient sends through a copy of hc: its Transport, Jar and Timeout. A Transport that is nil becomes the one
// that all clients of this package share. A Timeout that is not 0 is that of [WithTimeout]. Redirects are not followed,
// whatever its CheckRedirect says.
//
// A Transport of your own sees each attempt with its credentials. The Pattern of the request is its path with names in
// place of ids, such as /v2/usercollection/sleep/{document_id}: fit to name a span.
func WithHTTPClient(hc *http.Client) Option {
	if hc == nil {
		return refuse("WithHTTPClient: the client is nil; leave the option out for the default")
	}
	if hc.Timeout < 0 {
		return refuse("WithHTTPClient: the Timeout %v is negative", hc.Timeout)
	}
	return option(func(c *config) { c.httpClient, c.timeout = prepareClient(*hc), cmp.Or(hc.Timeout, c.timeout) })
}

// WithTimeout bounds one attempt, from connecting to the last byte of the body; default 60 s. Waits are not part of it:
// bound the whole call by its context. Its end is an [ErrServer] that matches [os.ErrDeadlineExceeded], not
// [context.DeadlineExceeded] as that of the caller's context does, and the attempt is repeated as [RetryPolicy] says.
func WithTimeout(d time.Duration) Option {
	if d <= 0 {
		return refuse("WithTimeout: %v is not positive; leave the option out for the default", d)
	}
	return option(func(c *config) { c.timeout = d })
}

func prepareClient(hc http.Client) *http.Client {
	if hc.Transport == nil {
		hc.Transport = sharedTransport()
	}
	hc.Timeout = 0 // the pipeline's business
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &hc
}

// sharedTransport keeps the idle connections of all clients: one per client would leak them with each derived client
// that is dropped.
var sharedTransport = sync.OnceValue(func() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // a program may have put something else there
		t = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
		}
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = 32 // all requests go to one host; the default keeps 2
	return t
})

// WithUserAgent replaces the User-Agent header. The service's operators look at it when an integration misbehaves: name
// the application and a contact.
func WithUserAgent(s string) Option {
	if strings.TrimSpace(s) == "" {
		return refuse("WithUserAgent: the value is empty; leave the option out for the default")
	}
	if header.Printable(s, len(s)) != s {
		return refuse("WithUserAgent: %q holds characters other than printable ASCII", s)
	}
	return option(func(c *config) { c.userAgent = s })
}

// WithLimiter replaces the client's own [Limiter]: with one that several clients share, or with a limiter of another
// kind. See [Waiter] and [Pauser].
func WithLimiter(w Waiter) Option {
	if isNil(w) {
		return refuse("WithLimiter: the limiter is nil; leave the option out for one of its own")
	}
	if l, ok := w.(*Limiter); ok && l.err != nil {
		return refusedOption{l.err}
	}
	return option(func(c *config) { c.limiter = w })
}

// WithRetry sets the retry policy.
func WithRetry(p RetryPolicy) Option {
	policy, err := p.withDefaults()
	if err != nil {
		return refusedOption{err}
	}
	return option(func(c *config) { c.retry = policy })
}

// WithHook calls f after every attempt, for metrics and traces (examples/telemetry has both for OpenTelemetry). f runs in the goroutine of the request, before the wait
// for the next attempt, with the context of the request: it must be quick and safe for concurrent use. Several hooks
// are called in the order given.
func WithHook(f func(context.Context, Attempt)) Option {
	if f == nil {
		return refuse("WithHook: the function is nil; leave the option out")
	}
	return option(func(c *config) { c.hooks = append(slices.Clip(c.hooks), f) })
}

// WithLogger logs every attempt: those that succeed at level Debug, the others at Warn. Attributes are method, path (a
// template), status, attempt, limiter_wait, duration, retry_in, trace_id and error.
func WithLogger(l *slog.Logger) Option {
	if l == nil {
		return refuse("WithLogger: the logger is nil; leave the option out")
	}
	return option(func(c *config) { c.logger = l })
}

// WithMaxBody bounds the body of one successful response, decompressed; default 16 MiB. The largest pages of the service
// have 1 MB. It also bounds what the values in it may take in memory, at twice as much. A response beyond either is an
// [ErrInvalidResponse]. Bodies of errors are cut at 64 KiB in any case.
func WithMaxBody(bytes int64) Option {
	if bytes <= 0 {
		return refuse("WithMaxBody: %d is not positive", bytes)
	}
	return option(func(c *config) { c.maxBody = bytes })
}

// isNil also finds the nil pointer inside an interface.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.Slice:
		return r.IsNil()
	default:
		return false
	}
}
