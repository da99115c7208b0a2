package oura

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/internal/text"
	"github.com/oura-go/sdk/internal/transport"
	"github.com/oura-go/sdk/internal/wait"
)

// config is what the options make. It is not changed once a client has it.
type config struct {
	sandbox bool
	origin  string   // scheme and host
	base    *url.URL // origin, parsed

	credentials
	gate       *transport.Pause // holds for the token tier, and for limiters that cannot pause
	httpClient *http.Client     // whose Timeout is taken out
	timeout    time.Duration    // of one attempt
	userAgent  string
	limiter    Waiter
	retry      transport.Policy
	maxBody    int64
	observer
}

// core is what a client's collections share: its configuration, and the path that every request takes, those of API()
// included:
//
//	retry { limiter → authorization → send → classify } → decode
//
// From the outside in:
//
//  1. Refuse what cannot be right, before anything is spent on it: another origin, a missing credential.
//  2. Retry goes around all that follows, so that each attempt waits, is authorized and is timed for itself. Reading
//     the body is part of the attempt, so one that breaks off is retried before anything of it was used.
//  3. The limiter comes first within the attempt: a retry counts like any other request, and a token that was good
//     before a long wait may not be after it.
//  4. Authorization is fresh for each attempt, and as late as possible. After a 401 it is asked once for another token.
//  5. Send with http.Client, which follows no redirect. The timeout starts here and so holds for one attempt, body
//     included.
//  6. Classify turns the response into success or an *Error, and tells the retry what to do. A 429 pauses those whom
//     its tier concerns, whether or not this request is tried again.
//  7. Observe calls logger and hooks, when it is known whether there will be another attempt.
type core struct {
	cfg      *config
	pipeline *transport.Pipeline
	api      *api.Client
}

func newCore(c *config) *core {
	k := &core{cfg: c, pipeline: &transport.Pipeline{
		Client:   c.httpClient,
		Timeout:  c.timeout,
		MaxBody:  c.maxBody,
		Retry:    c.retry,
		Wait:     c.wait,
		Classify: classify,
		GivenUp:  givenUp,
		Pause:    c.pause,
		Observe:  c.observe,
	}}
	k.api = &api.Client{Server: c.server() + "/", Client: k}
	return k
}

// plainHTTP reports whether the service is one for tests, without TLS.
func (c *config) plainHTTP() bool { return c.base.Scheme == "http" }

// root is what the paths under /usercollection begin with.
func (c *config) root() string {
	if c.sandbox {
		return sandboxRoot
	}
	return root
}

// server is the base of the operations under /usercollection.
func (c *config) server() string { return c.origin + c.root() }

// collection is the template of an operation's path, which follows /usercollection/.
func (k *core) collection(path string) string { return k.cfg.root() + collections + path }

// operation marks a request with its operation under /usercollection.
func (k *core) operation(path string) api.RequestEditorFn { return operation(k.collection(path)) }

// Do sends req. A 2xx comes with its body wholly read, as a *transport.Body; anything else is an *Error.
func (k *core) Do(req *http.Request) (*http.Response, error) {
	if req.Pattern == "" { // of API(): all other requests are marked with their operation
		req.Pattern = patternOf(req.URL)
	}
	call, refused := k.cfg.prepare(req)
	if refused != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, refused
	}
	resp, err := k.pipeline.Do(req, call)
	record(req.Context(), resp, err)
	return resp, err
}

// prepare decides which credential the operation calls for. It refuses a request without that credential, and one that
// would carry it elsewhere.
func (c *config) prepare(req *http.Request) (transport.Call, *Error) {
	refuse := func(format string, args ...any) (transport.Call, *Error) {
		return transport.Call{}, invalidRequest(req.Method, req.Pattern, format, args...)
	}
	if !sameOrigin(c.base, req.URL) {
		return refuse("%s is not the base URL %s; credentials are sent nowhere else",
			req.URL.Scheme+"://"+req.URL.Host, c.origin)
	}
	for segment := range strings.SplitSeq(req.URL.Path, "/") {
		if segment == "." || segment == ".." {
			return refuse("the path holds a segment %q, which servers resolve to another path", segment)
		}
	}

	auth := &authorization{req: req, userAgent: c.userAgent, client: c.credentials}
	switch {
	case isSubscription(req.Pattern):
		leaveSandbox(req)
		if auth.app = c.app; auth.app == nil {
			return refuse("no application credentials: add WithAppCredentials to the client")
		}
	case c.bearer != nil:
		auth.bearer = c.bearer
	case c.sandbox && strings.HasPrefix(req.Pattern, sandboxRoot+"/"):
	default:
		return refuse("no access token: add WithTokenSource or WithAccessToken to the client")
	}
	renewal := req.Method == http.MethodPut && strings.HasPrefix(req.Pattern, renewalPath)
	return transport.Call{Auth: auth, Repeatable: req.Method == http.MethodGet || renewal}, nil
}

// sameOrigin compares scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	default:
		return "80"
	}
}

// wait lets one attempt pass. The client's own pause comes before the limiter: otherwise tokens would be taken during
// the pause and all used at its end. If the pause begins meanwhile, the token is lost.
func (c *config) wait(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return wait.ContextError(ctx)
		}
		if left := c.gate.Left(); left > 0 {
			if !wait.Fits(ctx, left) {
				return tooLong(left, nil)
			}
			if err := wait.Sleep(ctx, left); err != nil {
				return err
			}
			continue // it may have been extended meanwhile
		}
		if err := c.limiter.Wait(ctx); err != nil {
			return refusedWait(ctx, c.limiter, err)
		}
		if c.gate.Left() == 0 {
			return nil
		}
	}
}

// pause obeys a 429: for everyone on the limiter, or for this client alone if it is the token that has used up its
// share.
func (c *config) pause(a *transport.Attempt, until time.Time) {
	if p, ok := c.limiter.(Pauser); ok && !tokenTier(a.RateLimit.Tier) {
		p.PauseUntil(until)
		return
	}
	c.gate.Until(until)
}

// tokenTier recognises the limit of one access token. The names of the tiers are not documented; an unknown one counts
// as the application's, which is the careful reading.
func tokenTier(tier string) bool {
	tier = strings.ToLower(tier)
	return strings.Contains(tier, "token") || strings.Contains(tier, "user")
}

// Format keeps the credentials out of every verb: with %s, fmt follows pointers to them.
func (c config) Format(s fmt.State, verb rune) {
	text.Format(s, verb, fmt.Sprintf("oura.Client{%s, sandbox: %t, access token: %t, app credentials: %t}",
		c.origin, c.sandbox, c.bearer != nil, c.app != nil))
}
