package integration

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/oura-go/sdk/internal/loopback"
)

// The service's 5,000 in 300 s, scaled to a window of a fifteenth and a fifth of
// the requests.
const (
	scaledLimit  = 1000
	scaledWindow = 20 * time.Second
	replicas     = 4

	twoWindows = 2*scaledWindow + time.Second
)

// Four processes on one Redis take all that they can get for two windows.
func TestFourGreedyProcesses(t *testing.T) {
	t.Parallel()
	addr := address(t, "OURA_TEST_REDIS")
	name := "integration-" + rand.Text()
	t.Cleanup(func() { forget(t, addr, name) })
	// Redis is there all the time: its silence on a busy machine is no outage.
	all := greedy(t, addr, name, twoWindows, scaledWindow, nil)
	inWindow := []int{all.between(0, scaledWindow), all.between(scaledWindow, 2*scaledWindow)}
	t.Logf("scale: %d requests in %v; %d processes: at most %d in any window, %d and %d in the two (%.1f%% and %.1f%%)",
		scaledLimit, scaledWindow, replicas, all.most(), inWindow[0], inWindow[1],
		percent(inWindow[0]), percent(inWindow[1]))
	if all.most() > scaledLimit {
		t.Errorf("%d requests in a window, the limit is %d", all.most(), scaledLimit)
	}
	for i, n := range inWindow {
		if percent(n) < 95 {
			t.Errorf("window %d: %.1f%% of the limit were used, want 95%%", i+1, percent(n))
		}
	}
}

// Redis is stopped and started again, without its data, in the middle.
func TestRedisRestartedInTheMiddle(t *testing.T) {
	t.Parallel()
	address(t, "OURA_TEST_REDIS")
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("there is no redis-server to start and stop")
	}
	addr := freeAddress(t)
	server := runRedis(t, binary, addr)
	const down, up = 12 * time.Second, 18 * time.Second
	all := greedy(t, addr, "restarted", twoWindows, time.Second, func(began time.Time) {
		sleepUntil(began.Add(down))
		stop(server)
		sleepUntil(began.Add(up))
		runRedis(t, binary, addr)
	})
	without := all.between(down+time.Second, up)
	after := all.between(up+2*time.Second, 2*scaledWindow)
	t.Logf("scale: %d requests in %v; Redis away for %v: at most %d in any window; %d a second without Redis, "+
		"%d a second after; %d local, %d changes", scaledLimit, scaledWindow, up-down, all.most(),
		without/5, after/20, all.local, all.changes)
	if all.most() > scaledLimit {
		t.Errorf("%d requests in a window, the limit is %d", all.most(), scaledLimit)
	}
	if without < 5*30 || after < 20*40 || all.local == 0 || all.changes < 2*replicas {
		t.Error("work did not go on, or not in the way that it should")
	}
}

// The network to Redis breaks every few seconds, for all processes at once. What Redis counted before, it still has.
func TestRedisFlaps(t *testing.T) {
	t.Parallel()
	addr := address(t, "OURA_TEST_REDIS")
	name := "integration-" + rand.Text()
	t.Cleanup(func() { forget(t, addr, name) })
	wire := newWire(t, addr, nil)
	cuts := 0
	all := greedy(t, wire.Addr().String(), name, scaledWindow+2*time.Second, time.Second, func(began time.Time) {
		for at := 2 * time.Second; at < scaledWindow; at += 3 * time.Second {
			sleepUntil(began.Add(at))
			wire.cut()
			cuts++
			sleepUntil(began.Add(at + 800*time.Millisecond))
			wire.mend()
		}
	})
	t.Logf("scale: %d requests in %v; Redis away %d times: at most %d in any window; %d local, %d changes",
		scaledLimit, scaledWindow, cuts, all.most(), all.local, all.changes)
	if all.most() > scaledLimit {
		t.Errorf("%d requests in a window, the limit is %d", all.most(), scaledLimit)
	}
	if all.between(0, scaledWindow) < scaledLimit*6/10 || all.local == 0 || all.changes < cuts*replicas {
		t.Error("work did not go on, or not in the way that it should")
	}
}

// taken is what all processes got, in order, from the beginning.
type taken struct {
	at      []time.Duration
	local   uint64
	changes int
}

func greedy(t *testing.T, addr, name string, duration, timeout time.Duration, meanwhile func(began time.Time)) taken {
	t.Helper()
	settings := greedySettings{
		Redis: addr, Name: name, Replicas: replicas, Limit: scaledLimit, Window: scaledWindow,
		For: duration, Timeout: timeout,
	}
	var processes []*process
	for range replicas {
		processes = append(processes, start(t, "greedy", settings))
	}
	began := time.Now()
	for _, p := range processes {
		p.begin()
	}
	if meanwhile != nil {
		meanwhile(began)
	}
	var all taken
	for _, p := range processes {
		got, err := readAll[permits](p)
		if err := errors.Join(err, p.wait()); err != nil || len(got) != 1 {
			t.Fatalf("%d answers, %v", len(got), err)
		}
		for _, at := range got[0].At {
			all.at = append(all.at, time.Unix(0, at).Sub(began))
		}
		all.local += got[0].Local
		all.changes += got[0].Changes
	}
	slices.Sort(all.at)
	return all
}

// most is the highest number within any window.
func (a taken) most() int {
	most, first := 0, 0
	for i, at := range a.at {
		for at-a.at[first] >= scaledWindow {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func (a taken) between(from, to time.Duration) (n int) {
	for _, at := range a.at {
		if from <= at && at < to {
			n++
		}
	}
	return n
}

func percent(n int) float64 { return 100 * float64(n) / scaledLimit }

// forget removes an application's keys.
func forget(t testing.TB, addr, name string) {
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	defer rdb.Close()
	ctx := context.Background()
	for keys := rdb.Scan(ctx, 0, "*oura:"+name+":*", 1000).Iterator(); keys.Next(ctx); {
		if err := rdb.Del(ctx, keys.Val()).Err(); err != nil {
			t.Error(err)
		}
	}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	addr, err := loopback.Addr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// runRedis starts a server that keeps nothing, and waits until it answers.
func runRedis(t testing.TB, binary, addr string) *exec.Cmd {
	t.Helper()
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(binary, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	cmd.Dir = t.TempDir()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(cmd) })
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	defer rdb.Close()
	for deadline := time.Now().Add(10 * time.Second); rdb.Ping(t.Context()).Err() != nil; {
		if time.Now().After(deadline) {
			t.Fatal("the server does not answer")
		}
		sleepUntil(time.Now().Add(20 * time.Millisecond))
	}
	return cmd
}

func stop(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func sleepUntil(at time.Time) { <-time.After(time.Until(at)) }
