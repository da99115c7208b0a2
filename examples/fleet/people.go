package main

import (
	"context"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/redislimit"
)

// people gives each person's client: their tokens from PostgreSQL, under the limit that all processes share in Redis. A
// person's token source is the same for all events, so that a token is read from the database once and not for each, and
// a new one that could not be saved yet is not forgotten.
type people struct {
	app     *oura.Client
	sources *oauth.Sources
	limiter *redislimit.Limiter
}

func newPeople(app *oura.Client, cfg *oauth2.Config, grants *sqlstore.Store, limiter *redislimit.Limiter) (*people, error) {
	sources, err := oauth.NewSources(context.Background(), cfg, grants.For)
	if err != nil {
		return nil, err
	}
	return &people{app: app, sources: sources, limiter: limiter}, nil
}

func (p *people) client(user string) (*oura.Client, error) {
	source, err := p.sources.For(user)
	if err != nil {
		return nil, err
	}
	return p.app.With(oura.WithTokenSource(source), oura.WithLimiter(p.limiter.For(user)))
}
