package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/webhook"
)

func seen(t *testing.T, d webhook.Duplicates, keys ...string) (found []string) {
	t.Helper()
	for _, key := range keys {
		ok, err := d.Seen(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			found = append(found, key)
		}
	}
	return found
}

func mark(t *testing.T, d webhook.Duplicates, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if err := d.Mark(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDuplicatesForgetTheOldest(t *testing.T) {
	t.Parallel()
	d := webhook.NewDuplicates(3, time.Hour)
	mark(t, d, "a", "b", "c", "a", "d") // a again, so b is the oldest
	if diff := cmp.Diff([]string{"a", "c", "d"}, seen(t, d, "a", "b", "c", "d")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDuplicatesExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := webhook.NewDuplicates(10, time.Hour)
		mark(t, d, "a", "b")
		time.Sleep(30 * time.Minute)
		mark(t, d, "a", "c")
		time.Sleep(30*time.Minute - 1)
		if diff := cmp.Diff([]string{"a", "b", "c"}, seen(t, d, "a", "b", "c")); diff != "" {
			t.Errorf("just before the hour, -want +got:\n%s", diff)
		}
		time.Sleep(time.Nanosecond)
		if diff := cmp.Diff([]string{"a", "c"}, seen(t, d, "a", "b", "c")); diff != "" {
			t.Errorf("after an hour, -want +got:\n%s", diff)
		}
	})
}

func TestDuplicatesDefaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := webhook.NewDuplicates(0, 0)
		for i := range 10_001 {
			mark(t, d, strconv.Itoa(i))
		}
		time.Sleep(3*time.Hour - 1)
		if diff := cmp.Diff([]string{"1", "10000"}, seen(t, d, "0", "1", "10000")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		time.Sleep(time.Nanosecond)
		if found := seen(t, d, "1", "10000"); found != nil {
			t.Errorf("%v outlived 3 hours", found)
		}
	})
}

func TestDuplicatesConcurrently(t *testing.T) {
	t.Parallel()
	d := webhook.NewDuplicates(50, time.Hour)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 500 {
				key := strconv.Itoa((i*j)%100) + "k"
				if err := d.Mark(t.Context(), key); err != nil {
					t.Error(err)
				}
				if _, err := d.Seen(t.Context(), key); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var keys []string
	for i := range 100 {
		keys = append(keys, strconv.Itoa(i)+"k")
	}
	if n := len(seen(t, d, keys...)); n != 50 {
		t.Errorf("remembers %d keys, want 50", n)
	}
}

// An event that fails is handled again, one that succeeded is not: whatever
// the redelivery is signed with.
func TestRedelivery(t *testing.T) {
	t.Parallel()
	calls := 0
	h := &webhook.Handler{
		ClientSecret: secret, Now: now, Duplicates: webhook.NewDuplicates(10, time.Hour), Logger: silent,
		Handle: func(context.Context, webhook.Event) error {
			if calls++; calls <= 2 {
				return errors.New("not yet")
			}
			return nil
		},
	}
	respelled := strings.Replace(body, `"user_id":"6b1f3f2e1c"`, ` "user_id" : "6b1f3f2e1c"`, 1)
	var got []int
	for _, r := range []*http.Request{
		post(headers(timestamp, signature), body),
		post(headers(timestamp, signature), body),
		post(signed("1710047566", body), body),
		post(headers(timestamp, signature), body),
		post(signed("1710047567", respelled), respelled),
	} {
		got = append(got, serve(h, r).Code)
	}
	if diff := cmp.Diff([]int{500, 500, 200, 200, 200}, got); diff != "" || calls != 3 {
		t.Errorf("handled %d times, want 3; answers -want +got:\n%s", calls, diff)
	}
}

// filter is a Duplicates made of two functions.
type filter struct {
	seen func(context.Context) (bool, error)
	mark func(context.Context) error
}

func (f filter) Seen(ctx context.Context, _ string) (bool, error) { return f.seen(ctx) }
func (f filter) Mark(ctx context.Context, _ string) error         { return f.mark(ctx) }

func TestFailingDuplicates(t *testing.T) {
	t.Parallel()
	no := func(context.Context) (bool, error) { return false, nil }
	fine := func(context.Context) error { return nil }
	tests := map[string]struct {
		filter filter
		takes  time.Duration
		logs   string
	}{
		"Seen fails":        {filter{func(context.Context) (bool, error) { return true, errors.New("redis is down") }, fine}, 0, "redis is down"},
		"Seen panics":       {filter{func(context.Context) (bool, error) { panic("x") }, fine}, 0, "panicked"},
		"Seen takes long":   {filter{func(ctx context.Context) (bool, error) { <-ctx.Done(); return false, ctx.Err() }, fine}, 2 * time.Second, "deadline"},
		"Mark fails":        {filter{no, func(context.Context) error { return errors.New("redis is down") }}, 0, "redis is down"},
		"Mark panics":       {filter{no, func(context.Context) error { panic("x") }}, 0, "panicked"},
		"Mark takes long":   {filter{no, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}, time.Second, "deadline"},
		"nothing is amiss":  {filter{no, fine}, 0, ""},
		"Mark unsubscribes": {filter{no, func(context.Context) error { return webhook.ErrUnsubscribe }}, 0, "unsubscribe"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log logs
				calls := 0
				h := &webhook.Handler{
					ClientSecret: secret, Duplicates: tt.filter, Logger: log.logger(),
					Handle: func(context.Context, webhook.Event) error { calls++; return nil },
				}
				start := time.Now()
				w := serve(h, fresh(body))
				if took := time.Since(start); w.Code != http.StatusOK || calls != 1 || took != tt.takes {
					t.Errorf("status %d, handled %d times, %v; want 200, once, %v", w.Code, calls, took, tt.takes)
				}
				if out := log.String(); (tt.logs == "") != (out == "") || !strings.Contains(out, tt.logs) {
					t.Errorf("logged %q, want %q", out, tt.logs)
				}
			})
		})
	}
}

// Without a time, a change cannot be told from the one before it but by when
// they were delivered. None may be lost.
func TestEventsWithoutTime(t *testing.T) {
	t.Parallel()
	const timeless = `{"event_type":"update","data_type":"tag","object_id":"a","event_time":"soon"}`
	calls := 0
	h := &webhook.Handler{
		ClientSecret: secret, Now: now, Duplicates: webhook.NewDuplicates(10, time.Hour), Logger: silent,
		Handle: func(_ context.Context, ev webhook.Event) error {
			calls++
			if !ev.Time.IsZero() {
				t.Errorf("Time = %v, which nobody has sent", ev.Time)
			}
			return nil
		},
	}
	for i, sentAt := range []string{timestamp, timestamp, "1710047565124", "1710047566"} {
		if w := serve(h, post(signed(sentAt, timeless), timeless)); w.Code != http.StatusOK {
			t.Errorf("status %d", w.Code)
		}
		if want := max(1, i); calls != want {
			t.Errorf("handled %d times after delivery %d, want %d", calls, i+1, want)
		}
	}
}

// The filter is given the event's own key, in both questions.
func TestDuplicatesAreAskedByKey(t *testing.T) {
	t.Parallel()
	asked := &keys{}
	h := &webhook.Handler{
		ClientSecret: secret, Now: now, Duplicates: asked, Logger: silent,
		Handle: func(context.Context, webhook.Event) error { asked.list = append(asked.list, "handled"); return nil },
	}
	serve(h, post(headers(timestamp, signature), body))
	if diff := cmp.Diff([]string{"Seen " + event.Key(), "handled", "Mark " + event.Key()}, asked.list); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// keys notes what it is asked and told.
type keys struct{ list []string }

func (k *keys) Seen(_ context.Context, key string) (bool, error) {
	k.list = append(k.list, "Seen "+key)
	return false, nil
}

func (k *keys) Mark(_ context.Context, key string) error {
	k.list = append(k.list, "Mark "+key)
	return nil
}

// A success that came too late for Oura is remembered for the redelivery.
func TestLateSuccessIsMarked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		h := &webhook.Handler{
			ClientSecret: secret, Duplicates: webhook.NewDuplicates(10, time.Hour), Logger: silent,
			Handle: func(context.Context, webhook.Event) error { calls++; time.Sleep(20 * time.Second); return nil },
		}
		first, second := serve(h, fresh(body)), serve(h, fresh(body))
		if first.Code != http.StatusServiceUnavailable || second.Code != http.StatusOK || calls != 1 {
			t.Errorf("answers %d and %d, handled %d times; want 503, 200, once", first.Code, second.Code, calls)
		}
	})
}
