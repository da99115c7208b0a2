package oura

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/internal/text"
)

// NewClient returns a client for the credential that the options give: [WithTokenSource], [WithAccessToken],
// [WithAppCredentials] or [WithSandbox]. It sends nothing.
//
// The error is an *[Error] of kind [ErrInvalidRequest] that names the option at fault.
func NewClient(opts ...Option) (*Client, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	return assemble(cfg), nil
}

// With derives a client for another credential, for services with many users. Transport, limiter, retry policy, logger
// and hooks are shared with c, so the application's rate limit holds for all derived clients together; what the options
// name replaces what c has.
//
// Deriving is cheap enough to do it for each job.
func (c *Client) With(opts ...Option) (*Client, error) {
	cfg, err := c.core.cfg.with(opts)
	if err != nil {
		return nil, err
	}
	return assemble(cfg), nil
}

func assemble(cfg *config) *Client {
	k := newCore(cfg)
	c := &Client{core: k, Subscriptions: &Subscriptions{core: k}}
	c.wire(k)
	return c
}

// API returns the generated client, for what this package does not cover. Its requests take the same path: limiter,
// authorization, retries and error classification are those of c. Any response but a 2xx is an *[Error]; the body of a
// 2xx is already read and must be closed.
//
// The generated client and its request builders follow the service's description: unlike the rest of this module they may
// change in a minor version.
func (c *Client) API() *api.Client { return c.core.api }

// PersonalInfo returns the person behind the access token. The id needs no scope, the e-mail address the scope email,
// the rest the scope personal; what the grant does not cover is nil. The sandbox has no person: [ErrNotFound].
func (c *Client) PersonalInfo(ctx context.Context, opts ...CallOption) (PersonalInfo, error) {
	ctx, _, err := called(ctx, http.MethodGet, c.core.collection("personal_info"), opts, CallOption.call)
	if err != nil {
		return PersonalInfo{}, err
	}
	return readOne[PersonalInfo](c.core.api.GetPersonalInfo(ctx, c.core.operation("personal_info")))
}

// NewDocuments reaches a collection that this module does not know yet, with a model of your own: path is the last
// segment of its URL, as in "daily_cycle_phases". The day function tells a document's civil day, by which [Days] is
// kept exact; its second result is false where there is none. With a nil function nothing is left out, so Days may give
// a few documents more than asked.
func NewDocuments[T any](c *Client, path string, day func(T) (Date, bool)) *Documents[T] {
	k := c.core
	d := newDocuments(k, path, "day",
		func(v *T) Date {
			if day != nil {
				if at, ok := day(*v); ok {
					return at
				}
			}
			return Date{}
		},
		func(ctx context.Context, q documentQuery) (*http.Response, error) {
			return k.get(ctx, path, "", map[string]*string{
				"start_date": q.StartDate, "end_date": q.EndDate, "next_token": q.NextToken, "fields": q.Fields,
			})
		},
		func(ctx context.Context, id string) (*http.Response, error) { return k.get(ctx, path, id, nil) })
	const start = "start_day" // of what may last longer than a day
	if slices.Contains(d.properties, start) && !slices.Contains(d.properties, d.key) {
		d.key = start
	}
	return d
}

// NewTimeSeries reaches a time series that this module does not know yet, with a model of your own, as [NewDocuments]
// does: path is the last segment of its URL. The at function tells a row's instant, by which [Between] is kept exact; its
// second result is false where there is none. With a nil function nothing is left out, so Between may give a few rows
// more than asked, and Latest returns the last row of the response.
func NewTimeSeries[T any](c *Client, path string, at func(T) (time.Time, bool)) *TimeSeries[T] {
	k := c.core
	return newTimeSeries(k, path,
		func(v *T) time.Time {
			if at != nil {
				if t, ok := at(*v); ok {
					return t
				}
			}
			return time.Time{}
		},
		func(ctx context.Context, q seriesQuery) (*http.Response, error) {
			query := map[string]*string{
				"start_datetime": q.StartDatetime, "end_datetime": q.EndDatetime, "next_token": q.NextToken, "fields": q.Fields,
			}
			if q.Latest != nil {
				query["latest"] = new(strconv.FormatBool(*q.Latest))
			}
			return k.get(ctx, path, "", query)
		})
}

// get asks for a collection, or a document of it, that the generated client has no operation for. Parameters that are
// nil are left out.
func (k *core) get(ctx context.Context, collection, id string, query map[string]*string) (*http.Response, error) {
	invalid := func(format string) error {
		return invalidRequest(http.MethodGet, root+collections+"{…}", "NewDocuments or NewTimeSeries: %q "+format, collection)
	}
	if collection == "" || strings.ContainsAny(collection, "/?#%\\") || strings.HasPrefix(collection, ".") {
		return nil, invalid("is not the last segment of a path, as in \"daily_cycle_phases\"")
	}
	u := k.cfg.server() + collections + collection
	if id != "" {
		u += "/" + url.PathEscape(id)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, http.NoBody)
	if err != nil {
		return nil, invalid("cannot be part of a URL")
	}
	values := url.Values{}
	for name, v := range query {
		if v != nil {
			values.Set(name, *v)
		}
	}
	req.URL.RawQuery = values.Encode()
	return k.Do(req)
}

// Format prints the kind of client under every verb, never its credentials.
func (c *Client) Format(s fmt.State, verb rune) {
	shown := "<nil>"
	if c != nil {
		shown = "oura.Client(" + c.core.cfg.server() + ")"
	}
	text.Format(s, verb, shown)
}
