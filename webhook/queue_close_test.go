package webhook_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/webhook"
)

func enqueue(t *testing.T, q *webhook.Queue, n int) (events []webhook.Event) {
	t.Helper()
	for i := range n {
		events = append(events, numbered(i))
		if err := q.Enqueue(t.Context(), numbered(i)); err != nil {
			t.Fatal(err)
		}
	}
	return events
}

func TestQueueCloseDrains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var handled journal
		q := webhook.NewQueue(100, 2, func(_ context.Context, ev webhook.Event) error {
			time.Sleep(time.Second)
			handled.add(ev, nil)
			return nil
		})
		enqueue(t, q, 100)
		start := time.Now()
		var wg sync.WaitGroup
		for range 3 { // several may close, and all wait
			wg.Go(func() {
				if err := q.Close(t.Context()); err != nil {
					t.Errorf("Close: %v", err)
				}
				if took := time.Since(start); took != 50*time.Second {
					t.Errorf("Close took %v, want 50 s", took)
				}
			})
		}
		wg.Wait()
		if n := len(count(t, handled.events)); n != 100 {
			t.Errorf("%d events handled, want 100", n)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := q.Close(ended); err != nil {
			t.Errorf("Close again, where nothing is left to wait for: %v", err)
		}
	})
}

func TestQueueCloseUnused(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	q := webhook.NewQueue(1, 1, func(context.Context, webhook.Event) error { return nil })
	if err := q.Close(ended); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := q.Enqueue(t.Context(), event); !errors.Is(err, webhook.ErrQueueClosed) {
		t.Errorf("Enqueue after it: %v", err)
	}
}

func TestQueueCloseGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var failed journal
		var ends []time.Duration
		start := time.Now()
		q := webhook.NewQueue(10, 1, func(ctx context.Context, _ webhook.Event) error {
			select {
			case <-time.After(time.Minute):
			case <-ctx.Done():
				time.Sleep(time.Second) // to clean up
			}
			ends = append(ends, time.Since(start))
			return ctx.Err()
		})
		q.OnError = failed.add
		events := enqueue(t, q, 5)

		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Second) // the third is under way
		defer cancel()
		err := q.Close(ctx)
		if took := time.Since(start); took != 150*time.Second {
			t.Errorf("Close took %v", took)
		}
		unhandled, ok := errors.AsType[*webhook.UnhandledError](err)
		if !ok || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "3 events unhandled") {
			t.Fatalf("Close = %v, want an UnhandledError about 3 events", err)
		}
		if diff := cmp.Diff(events[2:], unhandled.Events); diff != "" {
			t.Errorf("unhandled, -want +got:\n%s", diff)
		}

		for _, ctx := range []context.Context{ctx, t.Context()} { // in haste, then until the worker is gone
			if again := q.Close(ctx); !errors.Is(again, err) {
				t.Errorf("Close again: %v, want the same error", again)
			}
		}
		want := []time.Duration{time.Minute, 2 * time.Minute, 151 * time.Second}
		if diff := cmp.Diff(want, ends); diff != "" {
			t.Errorf("handling ended, -want +got:\n%s", diff)
		}
		if failed.events != nil {
			t.Errorf("OnError got %v, which Close has returned", failed.events)
		}
	})
}

func TestQueueCloseWithoutTime(t *testing.T) {
	t.Parallel()
	q := webhook.NewQueue(10, 1, func(ctx context.Context, _ webhook.Event) error { <-ctx.Done(); return nil })
	events := enqueue(t, q, 3)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	err := q.Close(ended)
	unhandled, ok := errors.AsType[*webhook.UnhandledError](err)
	if !ok || !errors.Is(err, context.Canceled) || cmp.Diff(events, unhandled.Events) != "" {
		t.Errorf("Close = %v, want all events", err)
	}
	if again := q.Close(t.Context()); !errors.Is(again, err) { // and the worker is gone
		t.Errorf("Close again: %v", again)
	}
}

// A Close that waits longer learns what a hastier one gave up.
func TestQueueClosedByTwo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := webhook.NewQueue(10, 1, func(ctx context.Context, _ webhook.Event) error { <-ctx.Done(); return ctx.Err() })
		enqueue(t, q, 3)
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		errs := make([]error, 3)
		var wg sync.WaitGroup
		wg.Go(func() { errs[0] = q.Close(hasty) })
		wg.Go(func() { errs[1] = q.Close(hasty) })
		wg.Go(func() { errs[2] = q.Close(t.Context()) })
		wg.Wait()
		for _, err := range errs {
			unhandled, ok := errors.AsType[*webhook.UnhandledError](err)
			if !ok || len(unhandled.Events) != 3 {
				t.Errorf("Close = %v, want 3 events unhandled", err)
			}
		}
	})
}

// The process may end when Close returns: what OnError has not been told to the
// end is listed.
func TestQueueCloseDuringOnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := webhook.NewQueue(1, 1, func(context.Context, webhook.Event) error { return errors.New("x") })
		q.OnError = func(webhook.Event, error) { time.Sleep(time.Minute) }
		events := enqueue(t, q, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		unhandled, ok := errors.AsType[*webhook.UnhandledError](q.Close(ctx))
		if !ok || cmp.Diff(events, unhandled.Events) != "" {
			t.Errorf("Close = %v, want the event", unhandled)
		}
		if err := q.Close(t.Context()); err == nil {
			t.Error("Close again: nil")
		}
	})
}

// Whatever the moment of the end, every event that was taken is accounted for.
func TestQueueLosesNothing(t *testing.T) {
	t.Parallel()
	for round := range 50 {
		var handled, failed, taken journal
		q := webhook.NewQueue(20, 3, func(ctx context.Context, ev webhook.Event) error {
			if strings.HasSuffix(ev.ObjectID, "5") {
				panic("x")
			}
			if ctx.Err() != nil || strings.HasSuffix(ev.ObjectID, "6") {
				return errors.New("x")
			}
			handled.add(ev, nil)
			return nil
		})
		q.OnError = failed.add
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for p := range 4 {
			wg.Go(func() {
				for i := range 100 {
					if err := q.Enqueue(ctx, numbered(1000*p+i)); err == nil {
						taken.add(numbered(1000*p+i), nil)
					}
					if p == 0 && i == 2*round {
						cancel()
					}
				}
			})
		}
		var unhandled []webhook.Event
		wg.Go(func() {
			<-ctx.Done()
			if e, ok := errors.AsType[*webhook.UnhandledError](q.Close(ctx)); ok {
				unhandled = e.Events
			}
		})
		wg.Wait()
		cancel()
		_ = q.Close(t.Context()) // until the workers are gone
		accounted := count(t, handled.events, failed.events, unhandled)
		for i := range count(t, taken.events) {
			if accounted[i] == 0 {
				t.Errorf("round %d: event %d is lost", round, i)
			}
		}
		if len(count(t, handled.events, failed.events)) < len(handled.events)+len(failed.events) {
			t.Errorf("round %d: an event was handled twice", round)
		}
	}
}
