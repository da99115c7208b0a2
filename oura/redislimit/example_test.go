package redislimit_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/redis/go-redis/v9"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/redislimit"
)

// One limiter in each of four processes, for the clients of all users.
func Example() {
	ctx := context.Background()
	rdb := redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS_ADDR"), ContextTimeoutEnabled: true})
	defer rdb.Close()
	limiter, err := redislimit.New(rdb, 4)
	if err != nil {
		slog.Error("limiter", "error", err)
		return
	}
	clientOf := func(userID string, tokens oauth2.TokenSource) (*oura.Client, error) {
		return oura.NewClient(oura.WithTokenSource(tokens), oura.WithLimiter(limiter.For(userID)))
	}
	_, _ = ctx, clientOf
}

// Count what a dashboard should show, and alert on Away.
func ExampleLimiter_Stats() {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379", ContextTimeoutEnabled: true})
	defer rdb.Close()
	limiter, err := redislimit.New(rdb, 4, redislimit.WithName("staging"))
	if err != nil {
		fmt.Println(err)
		return
	}
	s := limiter.Stats()
	fmt.Println(s.Shared, s.Local, s.Waiting, s.Away)
	// Output: 0 0 0 false
}
