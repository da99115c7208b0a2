package main

import "github.com/oura-go/sdk/oura"

// mostClients bounds how many clients a process keeps, of some 10 KB each.
const mostClients = 100_000

// client is a person's: with their tokens from PostgreSQL, under the limit that all processes share in Redis. It is kept
// for the next event, so that a token is read from the database once and not for each, a new one that could not be saved
// yet is not forgotten, and the mirror asks a client once whose it is.
func (f *fleet) client(user string) (*oura.Client, error) {
	if client, ok := f.clients.Get(user); ok {
		return client, nil
	}
	source, err := f.sources.For(user)
	if err != nil {
		return nil, err
	}
	client, err := f.app.With(oura.WithTokenSource(source), oura.WithLimiter(f.limiter.For(user)))
	if err != nil {
		return nil, err
	}
	if first, there, _ := f.clients.PeekOrAdd(user, client); there {
		return first, nil // another event of the person was faster
	}
	return client, nil
}
