package main

import (
	"context"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/redislimit"
)

// people gives each person's client: their tokens from PostgreSQL, under the limit that all processes share in Redis.
// It keeps clients, so that a person's token is read from the database once and not for each event, and so that a new
// token that could not be saved yet is not forgotten.
type people struct {
	app     *oura.Client
	cfg     *oauth2.Config
	grants  *sqlstore.Store
	limiter *redislimit.Limiter

	mu   sync.Mutex
	has  map[string]*person
	tidy time.Time // when to drop those who have not been used
}

type person struct {
	client *oura.Client
	used   time.Time
}

// idle is how long an unused client is kept: a few kilobytes for everybody with an event in that time.
const idle = time.Hour

func (p *people) client(user string) (*oura.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.drop(now)
	if known := p.has[user]; known != nil {
		known.used = now
		return known.client, nil
	}
	source, err := oauth.NewTokenSource(context.Background(), p.cfg, p.grants.For(user))
	if err != nil {
		return nil, err
	}
	client, err := p.app.With(oura.WithTokenSource(source), oura.WithLimiter(p.limiter.For(user)))
	if err != nil {
		return nil, err
	}
	if p.has == nil {
		p.has = map[string]*person{}
	}
	p.has[user] = &person{client: client, used: now}
	return client, nil
}

func (p *people) drop(now time.Time) {
	if now.Before(p.tidy) {
		return
	}
	p.tidy = now.Add(idle / 4)
	for user, known := range p.has {
		if now.Sub(known.used) > idle {
			delete(p.has, user)
		}
	}
}
