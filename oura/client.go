package oura

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/oura-go/sdk/api"
)

// Client reads one person's data, or manages one application's webhook subscriptions, or both. Its fields are the
// index of the API: each is one collection of the service, named as its path.
//
// A Client is safe for concurrent use. It holds no connection of its own: there is nothing to close.
type Client struct {
	DailyActivity          *Documents[DailyActivity]
	DailyCardiovascularAge *Documents[DailyCardiovascularAge]
	DailyReadiness         *Documents[DailyReadiness]
	DailyResilience        *Documents[DailyResilience]
	DailySleep             *Documents[DailySleep]
	DailySpO2              *Documents[DailySpO2]
	DailyStress            *Documents[DailyStress]
	EnhancedTag            *Documents[EnhancedTag]
	RestModePeriod         *Documents[RestModePeriod]
	RingConfiguration      *Documents[RingConfiguration] // has no dates: Days on it is an error
	Session                *Documents[Session]
	Sleep                  *Documents[Sleep]
	SleepTime              *Documents[SleepTime]
	Tag                    *Documents[Tag]
	VO2Max                 *Documents[VO2Max]
	Workout                *Documents[Workout]

	HeartRate        *TimeSeries[HeartRate]
	RingBatteryLevel *TimeSeries[RingBatteryLevel]

	Subscriptions *Subscriptions // uses the application's credentials, never the bearer token

	cfg  *config
	send *requester
	api  *api.Client
}

// NewClient returns a client for the credential that the options give: [WithTokenSource], [WithAccessToken],
// [WithAppCredentials] or [WithSandbox]. It sends nothing.
//
// The error is an *[Error] of kind [ErrInvalidRequest] that names the option at fault.
func NewClient(opts ...Option) (*Client, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	return assemble(cfg)
}

// With derives a client for another credential, for services with many users. Transport, limiter, retry policy,
// logger and hooks are shared with c, so the application's rate limit holds for all derived clients together; what
// the options name replaces what c has.
//
// Deriving is cheap enough to do it for each job.
func (c *Client) With(opts ...Option) (*Client, error) {
	cfg, err := c.cfg.with(opts)
	if err != nil {
		return nil, err
	}
	return assemble(cfg)
}

func assemble(cfg *config) (*Client, error) {
	c := &Client{cfg: cfg, send: cfg.doer()}
	var err error
	if c.api, err = api.NewClient(cfg.server(), api.WithHTTPClient(c.send), api.WithRequestEditorFn(leaveSandbox)); err != nil {
		return nil, err
	}
	c.wire(c.api)
	c.Subscriptions = newSubscriptions(c)
	return c, nil
}

// leaveSandbox sends subscription calls to the live service: the sandbox has none, and an application has only one
// set of them.
func leaveSandbox(_ context.Context, req *http.Request) error {
	const sandbox, live = "/v2/sandbox/webhook/", "/v2/webhook/"
	if rest, ok := strings.CutPrefix(req.URL.Path, sandbox); ok {
		req.URL.Path = live + rest
		req.URL.RawPath = strings.Replace(req.URL.RawPath, sandbox, live, 1)
	}
	return nil
}

// API returns the generated client, for what this package does not cover. Its requests take the same path: limiter,
// authorization, retries and error classification are those of c. Any answer but a 2xx is an *[Error]; the body of a
// 2xx is already read and must be closed.
func (c *Client) API() *api.Client { return c.api }

// PersonalInfo returns the person behind the access token. The id needs no scope, the e-mail address the scope email,
// the rest the scope personal; what the grant does not cover is nil. The sandbox has no person: [ErrNotFound].
func (c *Client) PersonalInfo(ctx context.Context) (PersonalInfo, error) {
	resp, err := c.api.GetPersonalInfo(ctx)
	if err != nil {
		return PersonalInfo{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	return readOne[PersonalInfo](resp)
}

// Format prints the kind of client under every verb, never its credentials.
func (c *Client) Format(s fmt.State, verb rune) {
	if c == nil {
		formatText(s, verb, "<nil>")
		return
	}
	formatText(s, verb, "oura.Client("+c.cfg.server()+")")
}
