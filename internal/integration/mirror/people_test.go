package mirror

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
)

// The sandbox gives all of its days to each request. A copy of it holds each row once, and is nobody's.
func TestSandbox(t *testing.T) {
	t.Parallel()
	each(t, 5, func(w *world) {
		client, err := oura.NewClient(oura.WithSandbox(), oura.WithBaseURL(w.service.URL), oura.WithLimiter(free{}))
		if err != nil {
			w.Fatal(err)
		}
		if _, err := w.me.Sync(w.Context(), client); !errors.Is(err, mirror.ErrOtherPerson) {
			w.Errorf("the sandbox into a person's copy: %v", err)
		}
		if _, err := w.mirror.Person(mirror.Sandbox).Sync(w.Context(), w.client); !errors.Is(err, mirror.ErrOtherPerson) {
			w.Errorf("a person into the sandbox's copy: %v", err)
		}
		w.me, w.client = w.mirror.Person(mirror.Sandbox), client
		if n := w.sync().Changes(); n < 100 {
			w.Errorf("%d documents and rows are new", n)
		}
		w.same()
		if again := w.sync(); again.Changes() != 0 {
			w.Errorf("the second Sync finds %+v", again)
		}
		listed, err := oura.Collect(client.HeartRate.List(w.Context(), oura.Between(noon.Add(-time.Hour), noon)))
		if err != nil {
			w.Fatal(err)
		}
		rows := collect(w, mirror.Between[oura.HeartRate](w.Context(), w.me, time.Time{}, noon.AddDate(1, 0, 0)))
		if len(rows) != len(listed) || len(rows) == 0 {
			w.Errorf("%d rows of the %d that the sandbox has", len(rows), len(listed))
		}
	})
}

// Collections that are read side by side make the copy that they make one after the other.
func TestParallel(t *testing.T) {
	t.Parallel()
	each(t, 20, func(w *world) {
		var inside, shown, last atomic.Int64
		report := w.sync(mirror.Parallel(4), mirror.Progress(func(s mirror.Status) {
			if inside.Add(1) != 1 {
				w.Error("two calls at a time")
			}
			if n := int64(s.Requests); n < last.Swap(n) {
				w.Errorf("the requests go back to %d", n)
			}
			shown.Add(1)
			inside.Add(-1)
		}))
		w.same()
		if n := len(w.client.Collections()); len(report.Collections) != n || shown.Load() < int64(n) {
			w.Errorf("%d collections in the report and %d pages shown", len(report.Collections), shown.Load())
		}
		sum := 0
		for _, c := range report.Collections {
			sum += c.Requests
		}
		if sum != report.Requests {
			w.Errorf("the collections have %d requests, the report %d", sum, report.Requests)
		}
	})
}

// So many requests are under way at a time: none is answered before the others are there, and none is one too many.
func TestParallelReadsSideBySide(t *testing.T) {
	t.Parallel()
	const n = 3
	w := newWorld(t, sqlite(t), 3)
	var underWay, arrived atomic.Int64
	met := make(chan struct{})
	client := w.user.Client(oura.WithLimiter(free{}), oura.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/personal_info") {
			return w.service.HTTPClient().Transport.RoundTrip(r)
		}
		if now := underWay.Add(1); now > n {
			t.Errorf("%d requests at a time", now)
		}
		defer underWay.Add(-1)
		if arrived.Add(1) == n {
			close(met)
		}
		select {
		case <-met:
			return w.service.HTTPClient().Transport.RoundTrip(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	})}))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := w.me.Sync(ctx, client, w.since(), mirror.Parallel(n)); err != nil {
		t.Error(err)
	}
}

// What goes wrong in one reader ends them all, and reaches the caller as it would without them.
func TestParallelEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqlite(t), 3)
	w.service.Fail("daily_sleep", ouratest.Expired())
	if _, err := w.me.Sync(t.Context(), w.client, w.since(), mirror.Parallel(16)); !errors.Is(err, oura.ErrUnauthorized) {
		t.Errorf("got %v", err)
	}
	w.service.Fail("daily_sleep", ouratest.Fault{})
	for name, end := range map[string]func(){"panic": func() { panic("of the caller") }, "exit": runtime.Goexit} {
		ended := make(chan any)
		go func() {
			defer func() { ended <- recover() }()
			_, err := w.me.Sync(t.Context(), w.client, w.since(), mirror.Parallel(16), mirror.Progress(func(mirror.Status) { end() }))
			t.Errorf("%s: Sync returns %v", name, err)
		}()
		if got := <-ended; name == "panic" && got != "of the caller" || name == "exit" && got != nil {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// ListJSON has what the typed functions have, collection by collection, and what fits no model as well.
func TestListJSON(t *testing.T) {
	t.Parallel()
	each(t, 10, func(w *world) {
		w.service.FailOnce("daily_sleep", ouratest.Malformed(1))
		left, malformed := w.sync().Changes(), 0
		var nights []oura.Sleep
		for _, c := range w.client.Collections() {
			var before time.Time
			for raw, err := range w.me.ListJSON(w.Context(), c.Name) {
				if err != nil {
					w.Fatal(err)
				}
				left--
				doc, err := c.Decode(raw)
				if err != nil {
					malformed++
					continue
				}
				if night, ok := doc.(*oura.Sleep); ok {
					nights = append(nights, *night)
				}
				at := c.At(doc)
				if at.Before(before) {
					w.Errorf("%s: %v after %v", c.Path, at, before)
				}
				before = at
			}
		}
		if left != 0 || malformed != 1 {
			w.Errorf("%d are not listed, %d are malformed", left, malformed)
		}
		if d := cmp.Diff(collect(w, mirror.All[oura.Sleep](w.Context(), w.me)), nights); d != "" {
			w.Error(d)
		}
		for person, name := range map[*mirror.Person]string{w.me: "dreams", w.mirror.Person("nobody"): "sleep"} {
			var got error
			for _, err := range person.ListJSON(w.Context(), name) {
				got = err
			}
			if got == nil || errors.Is(got, mirror.ErrNoCopy) != (name == "sleep") {
				w.Errorf("%s: %v", name, got)
			}
		}
	})
}

// Every spares a Sync that has just been made, and Due tells who is next.
func TestEvery(t *testing.T) {
	t.Parallel()
	each(t, 3, func(w *world) {
		now := noon
		w.mirror = w.opened(mirror.WithClock(func() time.Time { return now }))
		w.me = w.mirror.Person(w.user.ID)
		due := func(want ...string) {
			w.Helper()
			got, err := w.mirror.Due(w.Context(), time.Hour)
			if err != nil {
				w.Fatal(err)
			}
			if !slices.Equal(got, want) {
				w.Errorf("due are %q, not %q", got, want)
			}
		}
		every := mirror.Every(time.Hour)
		if at, err := w.me.Synced(w.Context()); err != nil || !at.IsZero() {
			w.Errorf("before the first Sync: %v, %v", at, err)
		}
		due()
		w.service.FailOnce("daily_sleep", ouratest.ServerError())
		if _, err := w.me.Sync(w.Context(), w.client, w.since(), every); !errors.Is(err, oura.ErrServer) {
			w.Fatalf("got %v", err)
		}
		due(w.user.ID) // as it has failed
		w.sync(every)
		due()
		now = now.Add(59 * time.Minute)
		made := len(w.service.Requests())
		if report := w.sync(every); len(report.Collections) != 0 || len(w.service.Requests()) != made {
			w.Errorf("%d requests, %+v", len(w.service.Requests())-made, report)
		}
		if at, err := w.me.Synced(w.Context()); err != nil || !at.Equal(noon) {
			w.Errorf("synced at %v, %v", at, err)
		}
		due()
		now = now.Add(time.Minute)
		due(w.user.ID)
		if report := w.sync(every); len(report.Collections) == 0 {
			w.Error("nothing is read after an hour")
		}
		due()
	})
}
