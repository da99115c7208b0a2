package redislimit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/oura-go/sdk/oura/redislimit"
)

var errRefused = errors.New("dial tcp: connection refused")

// fakeRedis answers the commands of the package without a network, so that tests
// run under fake time. Its buckets are those of redis_rate's scripts, which are
// tested against a real Redis elsewhere.
type fakeRedis struct {
	mu       sync.Mutex
	tat      map[string]time.Time // of a bucket: when it will be full again
	pauses   map[string]time.Time
	keys     map[string]bool // all that were ever named
	commands int
	clock    time.Duration // ahead of the processes'
	down     error         // every command fails with it
	hang     bool          // no command gets an answer
}

func newFakeRedis() *fakeRedis {
	return &fakeRedis{tat: map[string]time.Time{}, pauses: map[string]time.Time{}, keys: map[string]bool{}}
}

// client is one process's client of it.
func (f *fakeRedis) client(t testing.TB) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{
		Addr:                  "127.0.0.1:1", // no name: a lookup would leave the bubble
		ContextTimeoutEnabled: true,
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			panic("a command reached the network")
		},
	})
	rdb.AddHook(f)
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

func (f *fakeRedis) limiter(t testing.TB, replicas int, opts ...redislimit.Option) *redislimit.Limiter {
	t.Helper()
	l, err := redislimit.New(f.client(t), replicas, append([]redislimit.Option{redislimit.WithLogger(silent)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (f *fakeRedis) set(change func(f *fakeRedis)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// restart loses all data, and answers again.
func (f *fakeRedis) restart() {
	f.set(func(f *fakeRedis) {
		f.down, f.hang, f.tat, f.pauses = nil, false, map[string]time.Time{}, map[string]time.Time{}
	})
}

func (f *fakeRedis) DialHook(next redis.DialHook) redis.DialHook { return next }
func (f *fakeRedis) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (f *fakeRedis) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		f.mu.Lock()
		hang := f.hang
		f.mu.Unlock()
		if hang {
			<-ctx.Done()
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.commands++
		err := ctx.Err()
		if err == nil {
			err = f.down
		}
		if err == nil {
			err = f.answer(cmd)
		}
		cmd.SetErr(err)
		return err
	}
}

func (f *fakeRedis) answer(cmd redis.Cmder) error {
	args := cmd.Args()
	now := time.Now().Add(f.clock)
	switch cmd := cmd.(type) {
	case *redis.DurationCmd: // pttl
		key, _ := args[1].(string)
		f.keys[key] = true
		left := f.pauses[key].Sub(now)
		if left <= 0 {
			left = -2
		}
		cmd.SetVal(left)
		return nil
	case *redis.Cmd: // evalsha SHA 1 KEY ARGUMENT...
		key, _ := args[3].(string)
		f.keys[key] = true
		if len(args) == 5 {
			if asked := now.Add(time.Duration(args[4].(int64)) * time.Millisecond); asked.After(f.pauses[key]) {
				f.pauses[key] = asked
			}
			cmd.SetVal(f.pauses[key].Sub(now).Milliseconds())
			return nil
		}
		cmd.SetVal(f.take(now, key, args[4].(int), args[5].(int), args[6].(float64), args[7].(int), args[8].(string)))
		return nil
	}
	return fmt.Errorf("fake: unknown command %v", args[0])
}

// take is the script.
func (f *fakeRedis) take(now time.Time, key string, burst, rate int, period float64, n int, known string) []any {
	interval := time.Duration(period / float64(rate) * float64(time.Second))
	depth := time.Duration(burst) * interval
	tat, lost := f.tat[key], int64(0)
	if !tat.After(now) { // as it would have expired
		switch tat = now; known {
		case "known":
			tat, lost = now.Add(depth), 1
		case "lost":
			tat = now.Add(depth - interval)
		}
	}
	if tat.After(now.Add(depth)) {
		tat = now.Add(depth)
	}
	room := float64(now.Sub(tat.Add(-depth)))/float64(interval) + 1e-6
	took, wait := 0.0, 0.0
	if room < 1 {
		wait = (1 - room) * interval.Seconds()
	} else {
		took = math.Min(math.Floor(room), float64(n))
	}
	tat = tat.Add(time.Duration(took * float64(interval)))
	if tat.After(now) {
		f.tat[key] = tat
	}
	return []any{int64(took), fmt.Sprint(wait), fmt.Sprint(tat.Sub(now).Seconds()), lost}
}

// sent is when requests were let through.
type sent struct {
	mu sync.Mutex
	at []time.Time
}

func (s *sent) note() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, time.Now())
}

func (s *sent) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at)
}

// most is the highest number within any window. What was noted is in order.
func (s *sent) most(window time.Duration) int {
	most, first := 0, 0
	for i, at := range s.at {
		for at.Sub(s.at[first]) >= window {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// between counts from start to end.
func (s *sent) between(start, end time.Time) int {
	n := 0
	for _, at := range s.at {
		if !at.Before(start) && at.Before(end) {
			n++
		}
	}
	return n
}

func (f *fakeRedis) keyWith(part string) bool {
	for key := range f.keys {
		if strings.Contains(key, part) {
			return true
		}
	}
	return false
}
