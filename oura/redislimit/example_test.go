package redislimit_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

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

// The limits that Oura granted, who is told when Redis is away, and for how long it may be asked.
func ExampleNew() {
	rdb := redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS_ADDR"), ContextTimeoutEnabled: true})
	defer rdb.Close()
	_, err := redislimit.New(rdb, 4,
		redislimit.WithLimit(20_000, 5*time.Minute), redislimit.WithTokenLimit(500),
		redislimit.WithTimeout(100*time.Millisecond), redislimit.WithLogger(slog.Default()),
		redislimit.WithOnChange(func(c redislimit.Change) { fmt.Println("Redis is away:", c.Away) }),
	)
	if err != nil {
		slog.Error("limiter", "error", err)
	}
}

// Requests that no client of this module sends draw on the same limit: wait before each, and hold all replicas after a
// 429. Clients do both by themselves.
func ExampleLimiter_Wait() {
	var limiter *redislimit.Limiter // as in the example of New
	request := func(ctx context.Context, userID string, send func() (retryAfter time.Duration)) error {
		user := limiter.For(userID) // for a request without a user, the limiter itself
		if err := user.Wait(ctx); err != nil {
			return err
		}
		if d := send(); d > 0 {
			user.PauseUntil(time.Now().Add(d))
		}
		return nil
	}
	application := func(ctx context.Context, send func() (retryAfter time.Duration)) error {
		if err := limiter.Wait(ctx); err != nil {
			return err
		}
		if d := send(); d > 0 {
			limiter.PauseUntil(time.Now().Add(d))
		}
		return nil
	}
	_, _ = request, application
}
