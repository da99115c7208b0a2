package oura

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oura-go/sdk/internal/transport"
)

// doer assembles the path that every request takes, those of API() included:
//
//	retry { limiter → authorization → send → classify } → decode
//
// From the outside in:
//
//  1. Refuse what cannot be right: another origin, a missing credential. Nothing
//     is spent on it.
//  2. Retry goes around all that follows, so that each attempt waits, is
//     authorized and is timed for itself. It must see whole answers: hence
//     reading the body is part of the attempt, and one that breaks off is
//     repeated before anything of it was used.
//  3. The limiter comes first within the attempt: a repeated request counts like
//     any other, and a token that was good before a long wait may not be after it.
//  4. Authorization is fresh for each attempt, and as late as possible. A 401
//     comes back to it once, for another token.
//  5. Send, with http.Client, which follows no redirect. The timeout starts here
//     and so holds for one attempt, body included.
//  6. Classify turns the answer into success or an *Error, and tells the retry
//     what to do. A 429 pauses those whom its tier concerns, whether or not this
//     request is tried again.
//  7. Observe tells logger and hooks, when it is known whether there will be
//     another attempt.
func (c *config) doer() *requester {
	return &requester{
		cfg: c,
		pipeline: &transport.Pipeline{
			Client:   c.httpClient,
			Timeout:  c.timeout,
			MaxBody:  c.maxBody,
			Retry:    c.retry,
			Wait:     c.wait,
			Classify: classify,
			Pause:    c.pause,
			Observe:  c.observer(),
		},
	}
}

// requester is the assembled path. It is what the generated client calls.
type requester struct {
	cfg      *config
	pipeline *transport.Pipeline
}

// Format prints no credentials.
func (r requester) Format(s fmt.State, verb rune) { r.cfg.Format(s, verb) }

// Do sends req. A 2xx comes with its body wholly read, as a *transport.Body;
// anything else is an *Error.
func (r *requester) Do(req *http.Request) (*http.Response, error) {
	call, refused := r.prepare(req)
	if refused != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, refused
	}
	return r.pipeline.Do(req, call)
}

// prepare decides which credential the path calls for. A request whose
// credential is missing, or that would carry it elsewhere, is refused.
func (r *requester) prepare(req *http.Request) (transport.Call, *Error) {
	c, path := r.cfg, transport.Template(req.URL)
	call := transport.Call{Path: path}
	refuse := func(format string, args ...any) (transport.Call, *Error) {
		return call, invalidRequest(req.Method, path, format, args...)
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

	auth := &authorization{userAgent: c.userAgent}
	switch {
	case transport.IsSubscription(req.URL):
		if auth.app = c.app; auth.app == nil {
			return refuse("no application credentials: add WithAppCredentials to the client")
		}
	case c.bearer != nil:
		auth.bearer = c.bearer
	case c.sandbox && strings.HasPrefix(req.URL.Path, "/v2/sandbox/"):
	default:
		return refuse("no access token: add WithTokenSource or WithAccessToken to the client")
	}
	call.Auth = auth
	call.Repeatable = req.Method == http.MethodGet || req.Method == http.MethodPut && transport.IsRenewal(req.URL)
	return call, nil
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

// wait lets one attempt pass. The client's own pause comes before the limiter,
// or else tokens would be taken during the pause and all used at its end; if it
// begins meanwhile, the token is lost.
func (c *config) wait(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return transport.ContextError(ctx)
		}
		if err := c.gate.Wait(ctx); err != nil {
			if long, ok := err.(*transport.TooLongError); ok { //nolint:errorlint // returned as it is
				return tooLong(long.Wait)
			}
			return err
		}
		if err := c.limiter.Wait(ctx); err != nil {
			return refusal(ctx, c.limiter, err)
		}
		if c.gate.Left() == 0 {
			return nil
		}
	}
}

// pause obeys a 429: for everyone on the limiter, or for this client alone if it
// is the token that has used up its share.
func (c *config) pause(a *transport.Attempt, until time.Time) {
	if p, ok := c.limiter.(Pauser); ok && !tokenTier(a.RateLimit.Tier) {
		p.PauseUntil(until)
		return
	}
	c.gate.Until(until)
}

// tokenTier recognises the limit of one access token. The names of the tiers are
// not documented; one that is unknown is taken for the application's, which is
// the careful reading.
func tokenTier(tier string) bool {
	tier = strings.ToLower(tier)
	return strings.Contains(tier, "token") || strings.Contains(tier, "user")
}

// observer is nil if nobody listens.
func (c *config) observer() func(context.Context, *transport.Attempt, error) {
	if c.logger == nil && len(c.hooks) == 0 {
		return nil
	}
	return c.observe
}
