package main

import (
	"context"
	"database/sql"
	"log"
	"os"

	"github.com/redis/go-redis/v9"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/redislimit"
)

// What every process of an application on many machines has: tokens from PostgreSQL, the limit from Redis. The driver
// is github.com/jackc/pgx/v5/stdlib here, and any other will do.
func Example_manyMachines() {
	var ctx context.Context
	var cfg *oauth2.Config
	var key []byte

	// snippet
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	if err := sqlstore.Migrate(ctx, db, sqlstore.PostgreSQL); err != nil {
		log.Fatal(err)
	}
	grants, err := sqlstore.New(db, sqlstore.PostgreSQL, sqlstore.WithSealing(key)) // 32 bytes, kept elsewhere
	if err != nil {
		log.Fatal(err)
	}

	rdb := redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS_ADDR"), ContextTimeoutEnabled: true})
	limiter, err := redislimit.New(rdb, 4) // processes that ask Oura, at the most
	if err != nil {
		log.Fatal(err)
	}

	sources, err := oauth.NewSources(ctx, cfg, grants.For) // one for each user, shared by all who ask
	if err != nil {
		log.Fatal(err)
	}
	clientOf := func(userID string) (*oura.Client, error) {
		tokens, err := sources.For(userID)
		if err != nil {
			return nil, err
		}
		return oura.NewClient(oura.WithTokenSource(tokens), oura.WithLimiter(limiter.For(userID)))
	}
	// end snippet

	_ = clientOf
}
