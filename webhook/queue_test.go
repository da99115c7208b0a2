package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/webhook"
)

func numbered(i int) webhook.Event {
	return webhook.Event{Type: "update", DataType: "tag", ObjectID: strconv.Itoa(i)}
}

// journal collects events from many goroutines.
type journal struct {
	mu     sync.Mutex
	events []webhook.Event
	errs   []error
}

func (j *journal) add(ev webhook.Event, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events, j.errs = append(j.events, ev), append(j.errs, err)
}

// count counts how often each numbered event is in the journals.
func count(t *testing.T, all ...[]webhook.Event) map[int]int {
	t.Helper()
	counts := map[int]int{}
	for _, events := range all {
		for _, ev := range events {
			i, err := strconv.Atoi(ev.ObjectID)
			if err != nil {
				t.Fatal(err)
			}
			counts[i]++
		}
	}
	return counts
}

// Ten thousand deliveries over the Handler, from many goroutines, some of which
// fail or panic: each is handled once, each failure told once.
func TestQueueTenThousandEvents(t *testing.T) {
	t.Parallel()
	const events, producers = 10_000, 8
	var handled, failed journal
	q := webhook.NewQueue(events, 16, func(_ context.Context, ev webhook.Event) error {
		handled.add(ev, nil)
		switch {
		case strings.HasSuffix(ev.ObjectID, "3"):
			panic(ev.ObjectID)
		case strings.HasSuffix(ev.ObjectID, "7"):
			return errors.New("failed")
		}
		return nil
	})
	q.OnError = failed.add // after NewQueue, which must not race with the workers
	h := &webhook.Handler{ClientSecret: secret, Now: now, Handle: q.Enqueue, Logger: silent}

	var wg sync.WaitGroup
	for p := range producers {
		wg.Go(func() {
			for i := p; i < events; i += producers {
				text := fmt.Sprintf(`{"event_type":"update","data_type":"tag","object_id":"%d"}`, i)
				if w := serve(h, post(signed(timestamp, text), text)); w.Code != http.StatusOK {
					t.Errorf("event %d: status %d", i, w.Code)
				}
			}
		})
	}
	wg.Wait()
	if err := q.Close(t.Context()); err != nil {
		t.Fatalf("Close: %v", err)
	}
	for i, n := range count(t, handled.events) {
		if n != 1 {
			t.Errorf("event %d was handled %d times", i, n)
		}
	}
	if len(handled.events) != events || len(failed.events) != events/5 || len(count(t, failed.events)) != events/5 {
		t.Errorf("%d handled, %d failed; want %d and %d", len(handled.events), len(failed.events), events, events/5)
	}
}

func TestQueueFullAndClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		q := webhook.NewQueue(2, 3, func(context.Context, webhook.Event) error { <-release; return nil })
		h := &webhook.Handler{ClientSecret: secret, Now: now, Handle: q.Enqueue, Logger: silent}
		status := func() int { return serve(h, post(headers(timestamp, signature), body)).Code }

		for range 5 { // three under way, two waiting
			if got := status(); got != http.StatusOK {
				t.Fatalf("status %d while there was room", got)
			}
		}
		for range 2 { // whether or not the workers have begun
			if got, err := status(), q.Enqueue(t.Context(), event); got != http.StatusServiceUnavailable || !errors.Is(err, webhook.ErrQueueFull) {
				t.Errorf("full: status %d, Enqueue %v", got, err)
			}
			synctest.Wait()
		}
		close(release)
		synctest.Wait()
		if got := status(); got != http.StatusOK {
			t.Errorf("status %d when there was room again", got)
		}
		if err := q.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := status(), q.Enqueue(t.Context(), event); got != http.StatusServiceUnavailable || !errors.Is(err, webhook.ErrQueueClosed) {
			t.Errorf("closed: status %d, Enqueue %v", got, err)
		}
	})
}

func TestQueueLimits(t *testing.T) {
	t.Parallel()
	for _, limits := range [][2]int{{0, 0}, {-1, -1}, {math.MinInt, math.MinInt}, {1, 1}} {
		release := make(chan struct{})
		q := webhook.NewQueue(limits[0], limits[1], func(context.Context, webhook.Event) error { <-release; return nil })
		var got []error
		for range 3 {
			got = append(got, q.Enqueue(t.Context(), event))
		}
		close(release)
		if got[0] != nil || got[1] != nil || !errors.Is(got[2], webhook.ErrQueueFull) {
			t.Errorf("NewQueue%v: %v, want room for one waiting and one under way", limits, got)
		}
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	q := webhook.NewQueue(math.MaxInt, math.MaxInt, func(context.Context, webhook.Event) error { return nil })
	if err := errors.Join(q.Enqueue(t.Context(), event), q.Close(t.Context())); err != nil {
		t.Errorf("a queue without end: %v", err)
	}
}

type ctxKey struct{}

func TestQueueOutlivesTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ended error
		var value any
		q := webhook.NewQueue(1, 1, func(ctx context.Context, _ webhook.Event) error {
			time.Sleep(time.Hour)
			ended, value = ctx.Err(), ctx.Value(ctxKey{})
			return nil
		})
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), ctxKey{}, "trace"))
		if err := q.Enqueue(ctx, event); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel()
		if err := q.Enqueue(ctx, event); err != nil {
			t.Errorf("Enqueue of a request that has ended: %v", err)
		}
		if err := q.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ended != nil || value != "trace" {
			t.Errorf("the context of handle: %v, value %v", ended, value)
		}
	})
}

// One worker, which must survive all of them.
func TestQueueSurvives(t *testing.T) {
	t.Parallel()
	var failed journal
	ways := []func() error{
		func() error { panic("x") },
		func() error { panic(webhook.ErrUnsubscribe) },
		func() error { runtime.Goexit(); return nil },
		func() error { return errors.New("x") },
		func() error { return nil },
	}
	var calls atomic.Int32
	q := webhook.NewQueue(100, 1, func(_ context.Context, ev webhook.Event) error {
		calls.Add(1)
		return ways[len(ev.ObjectID)]()
	})
	q.OnError = func(ev webhook.Event, err error) {
		failed.add(ev, err)
		switch calls.Load() {
		case 1:
			panic("OnError")
		case 2:
			runtime.Goexit()
		}
	}
	var want []webhook.Event
	for i := range ways {
		ev := webhook.Event{ObjectID: strings.Repeat("i", i)}
		if err := q.Enqueue(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
		if i < 4 {
			want = append(want, ev)
		}
	}
	if err := q.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, failed.events); diff != "" || calls.Load() != 5 {
		t.Fatalf("%d calls; failed, -want +got:\n%s", calls.Load(), diff)
	}
	if p, ok := errors.AsType[*webhook.PanicError](failed.errs[0]); !ok || p.Value != "x" || !bytes.Contains(p.Stack, []byte("queue_test.go")) {
		t.Errorf("OnError got %#v, want a PanicError with value and stack", failed.errs[0])
	}
	if errors.Is(failed.errs[1], webhook.ErrUnsubscribe) || !strings.Contains(failed.errs[2].Error(), "ended its goroutine") {
		t.Errorf("OnError got %v", failed.errs)
	}
}

// Without OnError a failure is still not silent. Not parallel: the logger is
// global.
func TestQueueWithoutOnError(t *testing.T) {
	var log logs
	old := slog.Default()
	slog.SetDefault(log.logger())
	defer slog.SetDefault(old)

	q := webhook.NewQueue(1, 1, func(context.Context, webhook.Event) error { return errors.New("database is down") })
	if err := errors.Join(q.Enqueue(t.Context(), event), q.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	if out := log.String(); !strings.Contains(out, "database is down") || !strings.Contains(out, event.ObjectID) || strings.Contains(out, event.UserID) {
		t.Errorf("logged %q", out)
	}
}

func TestQueueWithoutHandle(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]*webhook.Queue{"nil": webhook.NewQueue(1, 1, nil), "zero": {}} {
		err := q.Enqueue(t.Context(), event)
		if err == nil || !strings.Contains(err.Error(), "no handle function") {
			t.Errorf("%s: Enqueue = %v, which must not take the event", name, err)
		}
		for range 2 {
			if err := q.Close(t.Context()); err != nil {
				t.Errorf("%s: Close = %v", name, err)
			}
		}
	}
}
