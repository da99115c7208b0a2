package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/redislimit"
)

// greedySettings are of a process that sends as fast as the limiter lets it.
type greedySettings struct {
	Redis, Name string
	Replicas    int
	Limit       int
	Window      time.Duration
	For         time.Duration
	Timeout     time.Duration
}

// permits is what it got: instants in nanoseconds since 1970.
type permits struct {
	At            []int64
	Shared, Local uint64
	Changes       int
}

func greedyRole(data []byte) error {
	var s greedySettings
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	redis.SetLogger(quiet{})
	rdb := redis.NewClient(&redis.Options{Addr: s.Redis, ContextTimeoutEnabled: true})
	defer rdb.Close()
	var got permits
	limiter, err := redislimit.New(rdb, s.Replicas, redislimit.WithName(s.Name), redislimit.WithLimit(s.Limit, s.Window),
		redislimit.WithTimeout(s.Timeout), redislimit.WithLogger(slog.New(slog.DiscardHandler)),
		redislimit.WithOnChange(func(redislimit.Change) { got.Changes++ }))
	if err != nil {
		return err
	}
	ready()
	ctx, cancel := context.WithTimeout(context.Background(), s.For)
	defer cancel()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, w := range []oura.Waiter{limiter, limiter, limiter.For("ann"), limiter.For("ben")} {
		wg.Go(func() {
			for w.Wait(ctx) == nil {
				now := time.Now().UnixNano()
				mu.Lock()
				got.At = append(got.At, now)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	stats := limiter.Stats()
	got.Shared, got.Local = stats.Shared, stats.Local
	line, err := json.Marshal(got)
	fmt.Println(string(line))
	return err
}

// quiet drops what the Redis client logs of its own while the server is away.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}
