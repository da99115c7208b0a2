package integration

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/oura-go/sdk/oura/redislimit"
)

// TestRedisClockStepsBack: what Redis holds after its clock has stepped back by an hour. The clock of a server cannot be
// set in a test, but what it wrote before can.
func TestRedisClockStepsBack(t *testing.T) {
	t.Parallel()
	addr := address(t, "OURA_TEST_REDIS")
	name := "integration-" + rand.Text()
	t.Cleanup(func() { forget(t, addr, name) })
	rdb := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
	defer rdb.Close()
	l, err := redislimit.New(rdb, 1, redislimit.WithName(name), redislimit.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := l.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	key := "oura:" + name + ":application"
	ahead, err := rdb.Get(ctx, key).Float64()
	if err != nil {
		t.Fatal(err)
	}
	if err := rdb.Set(ctx, key, ahead+3600, time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	l.PauseUntil(time.Now().Add(time.Second))
	if err := rdb.PExpire(ctx, "oura:"+name+":pause", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	for range 10 {
		if err := l.Wait(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if d := time.Since(begin); d > 15*time.Second || d < 500*time.Millisecond {
		t.Errorf("10 requests took %v, want the pause and a second", d)
	}
}

// TestRedisEvicts: a small Redis that evicts what ends soonest, beside others that fill it.
func TestRedisEvicts(t *testing.T) {
	t.Parallel()
	address(t, "OURA_TEST_REDIS")
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("there is no redis-server to start and fill")
	}
	addr := freeAddress(t)
	runRedis(t, binary, addr)
	rdb := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
	defer rdb.Close()
	for name, value := range map[string]string{"maxmemory": "3mb", "maxmemory-policy": "volatile-ttl"} {
		if err := rdb.ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	var told []redislimit.Change
	l, err := redislimit.New(rdb, 1, redislimit.WithName("evicted"), redislimit.WithLimit(scaledLimit, scaledWindow),
		redislimit.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), redislimit.WithOnChange(func(c redislimit.Change) { told = append(told, c) }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), scaledWindow/2)
	defer cancel()
	filled := make(chan struct{})
	go func() {
		defer close(filled)
		for ctx.Err() == nil {
			_ = rdb.Set(ctx, "other-"+rand.Text(), strings.Repeat("x", 4<<10), time.Hour).Err()
		}
	}()
	n := 0
	for l.Wait(ctx) == nil {
		n++
	}
	<-filled
	t.Logf("%d requests in half a window of %d, %d buckets lost", n, scaledLimit, l.Stats().Lost)
	if n > scaledLimit/2+scaledLimit/20 || n < scaledLimit/10 {
		t.Errorf("%d requests in half a window of %d", n, scaledLimit)
	}
	if l.Stats().Lost == 0 || len(told) == 0 || !told[0].Lost || !strings.Contains(log.String(), "maxmemory_policy=volatile-ttl") {
		t.Errorf("not noticed: %+v, %v, %s", l.Stats(), told, log.String())
	}
}
