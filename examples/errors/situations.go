package main

import (
	"context"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// situation is something that goes wrong.
type situation struct {
	name string
	try  func(context.Context) error
}

// harmless situations can be tried with any service.
func harmless(c *oura.Client) []situation {
	today := oura.Today(time.Local)
	return []situation{
		{"a document that does not exist", func(ctx context.Context) error {
			_, err := c.Sleep.Get(ctx, "no-such-id")
			return err
		}},
		{"days in the wrong order", func(ctx context.Context) error {
			return read(ctx, c.Sleep, oura.Days(today, today.AddDays(-1)))
		}},
		{"an access token that is not valid", func(ctx context.Context) error {
			stranger, err := c.With(oura.WithAccessToken("not-a-token"))
			if err != nil {
				return err
			}
			return read(ctx, stranger.Sleep)
		}},
		{"a deadline that has passed", func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 0)
			defer cancel()
			return read(ctx, c.Sleep)
		}},
	}
}

// provoked situations need a service that fails on demand.
func provoked(service *ouratest.Service) []situation {
	// Each situation has a client, and so a rate limiter, of its own: after a 429 all that share a limiter pause. The
	// waits are such that a person at the terminal does not notice; leave the default for everything else.
	client := func(options ...oura.Option) *oura.Client {
		quick := oura.RetryPolicy{MinDelay: 20 * time.Millisecond, MaxDelay: 100 * time.Millisecond}
		return service.Client(append(options, oura.WithRetry(quick))...)
	}
	week := oura.Days(oura.Today(time.Local).AddDays(-6), oura.Today(time.Local))

	// with gives every answer of the sleep collection the fault.
	with := func(f ouratest.CollectionFault) func(context.Context) error {
		return func(ctx context.Context) error {
			service.Fail("sleep", f)
			defer service.Fail("sleep", ouratest.Fault{})
			return read(ctx, client().Sleep, week)
		}
	}
	return []situation{
		{"an outage that passes", func(ctx context.Context) error {
			service.FailOnce("sleep", ouratest.ServerError(503))
			service.FailOnce("sleep", ouratest.Truncated())
			return read(ctx, client().Sleep, week)
		}},
		{"an outage that lasts", with(ouratest.ServerError(503))},
		{"the connection breaks off, again and again", with(ouratest.Reset())},
		{"answers that take too long", func(ctx context.Context) error {
			service.Fail("sleep", ouratest.Slow(time.Minute))
			defer service.Fail("sleep", ouratest.Fault{})
			impatient := service.HTTPClient()
			impatient.Timeout = 50 * time.Millisecond // of each attempt; the default is a minute
			return read(ctx, client(oura.WithHTTPClient(impatient)).Sleep, week)
		}},
		{"too many requests", with(ouratest.RateLimited(20 * time.Minute))},
		{"a page of a proxy in place of data", with(ouratest.HTML(200))},
		{"a membership that has lapsed", with(ouratest.Forbidden())},
		{"one malformed document among seven", with(ouratest.Malformed(2))},
		{"a scope that the person has not granted", func(ctx context.Context) error {
			return read(ctx, client(oura.WithAccessToken(service.Token("daily").AccessToken)).Workout, week)
		}},
		{"a grant that cannot be renewed for now", func(ctx context.Context) error { return unrenewed(ctx, service) }},
		{"a grant that was revoked", func(ctx context.Context) error { return revoked(ctx, service) }},
	}
}

// unrenewed reads with an access token that is not accepted any more, while no other can be had.
func unrenewed(ctx context.Context, service *ouratest.Service) error {
	service.Fail("token", ouratest.ServerError(503))
	defer service.Fail("token", ouratest.Fault{})
	return readGranted(ctx, service, &oauth2.Token{AccessToken: "too-old", RefreshToken: service.Token().RefreshToken})
}

// revoked reads with a grant that the person has ended in the meantime.
func revoked(ctx context.Context, service *ouratest.Service) error {
	cfg, token := service.OAuthConfig(), service.Token()
	if err := oauth.Revoke(context.WithValue(ctx, oauth2.HTTPClient, service.HTTPClient()), cfg, token); err != nil {
		return err
	}
	return readGranted(ctx, service, token)
}

// readGranted reads as a service with many people does: with what its store has of one.
func readGranted(ctx context.Context, service *ouratest.Service, token *oauth2.Token) error {
	store := oauth.NewMemoryStore()
	if err := store.Save(ctx, token); err != nil {
		return err
	}
	tokens, err := oauth.NewTokenSource(context.WithValue(ctx, oauth2.HTTPClient, service.HTTPClient()), service.OAuthConfig(), store)
	if err != nil {
		return err
	}
	return read(ctx, service.Client(oura.WithTokenSource(tokens)).Sleep)
}

// read lists a collection to its end.
func read[T any](ctx context.Context, d *oura.Documents[T], options ...oura.DocumentOption) error {
	_, err := oura.Collect(d.List(ctx, options...))
	return err
}
