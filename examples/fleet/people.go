package main

import (
	"sync"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/redislimit"
)

// people gives each person's client: their tokens from PostgreSQL, under the limit that all processes share in Redis. A
// client is kept for the next event, so that a token is read from the database once and not for each, a new one that
// could not be saved yet is not forgotten, and the mirror asks a client once whose it is.
type people struct {
	app     *oura.Client
	sources *oauth.Sources
	limiter *redislimit.Limiter

	mu      sync.Mutex
	clients map[string]*oura.Client
}

const mostClients = 100_000 // in a process, of some 10 KB each

func (p *people) client(user string) (*oura.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if client := p.clients[user]; client != nil {
		return client, nil
	}
	source, err := p.sources.For(user)
	if err != nil {
		return nil, err
	}
	for other := range p.clients { // any
		if len(p.clients) < mostClients {
			break
		}
		delete(p.clients, other)
	}
	client, err := p.app.With(oura.WithTokenSource(source), oura.WithLimiter(p.limiter.For(user)))
	if err == nil {
		p.clients[user] = client
	}
	return client, err
}
