package oura_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/oura-go/sdk/oura"
)

// pulse is a heart-rate service with rows at fixed instants. It refuses more than 30 days, as the real one does.
type pulse struct {
	rows     []time.Time
	pageSize int
	endsIn   bool // whether a row at the end instant is part of the answer
	delay    time.Duration
	failFrom time.Time // requests that begin here or later are answered with 500; zero: none

	inFlight, most atomic.Int32
	mu             sync.Mutex
	longest        time.Duration
}

func (p *pulse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := p.inFlight.Add(1)
	defer p.inFlight.Add(-1)
	for {
		most := p.most.Load()
		if n <= most || p.most.CompareAndSwap(most, n) {
			break
		}
	}
	if p.delay > 0 {
		select {
		case <-time.After(p.delay):
		case <-r.Context().Done():
			return
		}
	}
	q := r.URL.Query()
	start, err1 := time.Parse(time.RFC3339, q.Get("start_datetime"))
	end, err2 := time.Parse(time.RFC3339, q.Get("end_datetime"))
	if err1 != nil || err2 != nil || end.Sub(start) > 30*24*time.Hour {
		answer(w, http.StatusBadRequest, `{"detail":"At most 30 days."}`)
		return
	}
	if !p.failFrom.IsZero() && end.After(p.failFrom) {
		answer(w, http.StatusInternalServerError, `{"detail":"broken"}`)
		return
	}
	p.mu.Lock()
	p.longest = max(p.longest, end.Sub(start))
	p.mu.Unlock()
	var docs []string
	for i, t := range p.rows {
		if t.After(start) && (t.Before(end) || p.endsIn && t.Equal(end)) || t.Equal(start) {
			docs = append(docs, fmt.Sprintf(`{"timestamp":%q,"bpm":%d,"source":"rest"}`, t.Format(time.RFC3339Nano), i))
		}
	}
	from, _ := strconv.Atoi(q.Get("next_token"))
	to := min(from+p.pageSize, len(docs))
	next := ""
	if to < len(docs) {
		next = strconv.Itoa(to)
	}
	answer(w, http.StatusOK, pageJSON(next, docs[from:to]...))
}

func beats(ctx context.Context, c *oura.Client, opts ...oura.SeriesOption) (got []int, err error) {
	for hr, err := range c.HeartRate.List(ctx, opts...) {
		if err != nil {
			return got, err
		}
		got = append(got, hr.BPM)
	}
	return got, nil
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestBetweenIsCompleteAndInOrder(t *testing.T) {
	t.Parallel()
	start := time.Date(2025, 3, 1, 0, 0, 0, 0, time.FixedZone("", 2*3600))
	end := start.AddDate(1, 0, 0)
	var rows []time.Time
	for at := start; at.Before(end); at = at.Add(7 * time.Hour) {
		rows = append(rows, at, at) // twice: equal timestamps are two rows
	}
	for _, tt := range []struct {
		name   string
		endsIn bool
		opts   []oura.SeriesOption
	}{
		{"one after the other", false, nil},
		{"the service includes the end", true, nil},
		{"in parallel", false, []oura.SeriesOption{oura.Parallel(4)}},
		{"in parallel, the service includes the end", true, []oura.SeriesOption{oura.Parallel(4)}},
		{"more in parallel than there are windows", true, []oura.SeriesOption{oura.Parallel(40)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := &pulse{rows: rows, pageSize: 50, endsIn: tt.endsIn}
			c, s := scripted(t, p.ServeHTTP)
			got, err := beats(t.Context(), c, append(tt.opts, oura.Between(start, end))...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(upTo(len(rows)), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if p.longest > 29*24*time.Hour+2*time.Second {
				t.Errorf("a request spans %v, want at most 29 days and the widening", p.longest)
			}
			for _, u := range s.requests() {
				if strings.Contains(u.RawQuery, "+") {
					t.Errorf("a plus sign travels as a space: %s", u.RawQuery)
				}
			}
		})
	}
}

func TestBetweenIsHalfOpenToTheNanosecond(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 10, 0, 0, 500, time.UTC)
	end := start.Add(time.Hour)
	p := &pulse{pageSize: 10, endsIn: true, rows: []time.Time{
		start.Add(-time.Nanosecond), start, end.Add(-time.Nanosecond), end, end.Add(time.Millisecond),
	}}
	c, s := scripted(t, p.ServeHTTP)
	got, err := beats(t.Context(), c, oura.Between(start, end))
	if diff := cmp.Diff([]int{1, 2}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	q := s.requests()[0].Query()
	if q.Get("start_datetime") != "2026-03-01T09:59:59Z" || q.Get("end_datetime") != "2026-03-01T11:00:02Z" {
		t.Errorf("asked from %s to %s", q.Get("start_datetime"), q.Get("end_datetime"))
	}
}

func TestParallelKeepsToItsNumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
		var rows []time.Time
		for at := start; at.Before(start.AddDate(1, 0, 0)); at = at.Add(24 * time.Hour) {
			rows = append(rows, at)
		}
		p := &pulse{rows: rows, pageSize: 10, delay: time.Second}
		c, _ := scripted(t, p.ServeHTTP)
		begin := time.Now()
		got, err := beats(t.Context(), c, oura.Between(start, start.AddDate(1, 0, 0)), oura.Parallel(4))
		if len(got) != len(rows) || err != nil {
			t.Errorf("%d rows, %v", len(got), err)
		}
		if most := p.most.Load(); most != 4 {
			t.Errorf("%d requests in flight at most, want 4", most)
		}
		if took := time.Since(begin); took > 13*time.Second { // 13 windows of 3 pages, 39 s one after the other
			t.Errorf("took %v", took)
		}
	})
}

func TestParallelYieldsErrorAtItsPlace(t *testing.T) {
	t.Parallel()
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	var rows []time.Time
	for at := start; at.Before(start.AddDate(0, 0, 200)); at = at.Add(24 * time.Hour) {
		rows = append(rows, at)
	}
	// The third window fails at once, the two before it are slow.
	p := &pulse{rows: rows, pageSize: 100, failFrom: start.AddDate(0, 0, 60)}
	c, _ := scripted(t, p.ServeHTTP)
	got, err := beats(t.Context(), c, oura.Between(start, start.AddDate(0, 0, 200)), oura.Parallel(5))
	if diff := cmp.Diff(upTo(58), got); diff != "" || !errors.Is(err, oura.ErrServer) {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestParallelLeavesNothingBehind(t *testing.T) { // not parallel: goleak looks at the whole program
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	var rows []time.Time
	for at := start; at.Before(start.AddDate(1, 0, 0)); at = at.Add(24 * time.Hour) {
		rows = append(rows, at)
	}
	ignore := goleak.IgnoreCurrent()
	p := &pulse{rows: rows, pageSize: 100}
	c, s := scripted(t, p.ServeHTTP)
	for _, err := range c.HeartRate.List(t.Context(), oura.Between(start, start.AddDate(1, 0, 0)), oura.Parallel(3)) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	goleak.VerifyNone(t, ignore)
	if n := len(s.requests()); n > 4 {
		t.Errorf("%d requests for a loop that ended at the first row, want at most 4", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rowsSeen := 0
	for _, err := range c.HeartRate.List(ctx, oura.Between(start, start.AddDate(1, 0, 0)), oura.Parallel(3)) {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		rowsSeen++
		cancel()
	}
	if rowsSeen != 2 {
		t.Errorf("%d steps after the end of the context, want a row and the error", rowsSeen)
	}
	// The first page comes when its window of 29 pages is there whole: the context ends all the same.
	p.pageSize = 1
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	pagesSeen, last := 0, error(nil)
	for _, err := range c.HeartRate.Pages(ctx, oura.Between(start, start.AddDate(0, 0, 29)), oura.Parallel(3)) {
		pagesSeen++
		last = err
		cancel()
	}
	if pagesSeen != 2 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d pages after the end of the context, the last with %v; want a page and the error", pagesSeen, last)
	}
	goleak.VerifyNone(t, ignore)
}

// When the loop ends, or an error comes, no request is under way: not even one whose transport is slow to give up.
func TestParallelWaitsForWhatItBegan(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusInternalServerError} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
			var n, inFlight atomic.Int32
			c, _ := scripted(t, nil, oura.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				inFlight.Add(1)
				defer inFlight.Add(-1)
				if strings.HasPrefix(r.URL.Query().Get("start_datetime"), "2024-12-31") {
					time.Sleep(time.Second) // until the others are under way
					w := httptest.NewRecorder()
					answer(w, status, pageJSON("", `{"timestamp":"2025-01-01T00:00:00Z","bpm":60,"source":"rest"}`))
					return w.Result(), nil
				}
				n.Add(1)
				<-r.Context().Done()
				time.Sleep(10 * time.Second)
				return nil, r.Context().Err()
			})}))
			for _, err := range c.HeartRate.List(t.Context(), oura.Between(start, start.AddDate(1, 0, 0)), oura.Parallel(3)) {
				if err != nil && inFlight.Load() != 0 {
					t.Errorf("%d requests under way when the error came", inFlight.Load())
				}
				if (err == nil) != (status == http.StatusOK) {
					t.Errorf("status %d: %v", status, err)
				}
				break
			}
			if inFlight.Load() != 0 || n.Load() < 2 {
				t.Errorf("%d of %d requests under way after the loop", inFlight.Load(), n.Load())
			}
		})
	}
}

func TestLatest(t *testing.T) {
	t.Parallel()
	row := func(day int) string {
		return fmt.Sprintf(`{"timestamp":"2026-03-%02dT00:00:00Z","level":%d}`, day, day)
	}
	for name, tt := range map[string]struct {
		body string
		want int
		is   error
	}{
		"one":          {pageJSON("", row(5)), 5, nil},
		"newest wins":  {pageJSON("", row(5), row(7), row(6)), 7, nil},
		"none":         {pageJSON(""), 0, oura.ErrNotFound},
		"no page":      {`{}`, 0, oura.ErrInvalidResponse},
		"not readable": {pageJSON("", `{"timestamp":"noon"}`), 0, oura.ErrInvalidResponse},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, tt.body) })
			got, err := c.RingBatteryLevel.Latest(t.Context())
			if tt.is != nil && !errors.Is(err, tt.is) || tt.is == nil && tt.want != 0 && err != nil || got.Level != tt.want {
				t.Errorf("got %d, %v", got.Level, err)
			}
			if _, bad := errors.AsType[*oura.DocumentError](err); bad != (name == "not readable") {
				t.Errorf("got %v", err)
			}
			if q := s.requests()[0].RawQuery; q != "latest=true" {
				t.Errorf("asked for %s", q)
			}
		})
	}
	c, _ := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusForbidden, `{}`) })
	if _, err := c.HeartRate.Latest(t.Context()); !errors.Is(err, oura.ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

func TestSeriesInTheSandbox(t *testing.T) {
	t.Parallel()
	p := pages([]string{`{"timestamp":"2021-01-01T00:00:00+00:00","producer_timestamp":null,"bpm":60,"source":"rest"}`})
	c, s := scripted(t, p, oura.WithSandbox())
	got, err := beats(t.Context(), c, oura.Between(time.Unix(0, 0), time.Unix(1e9, 0)))
	if len(got) != 1 || err != nil || len(s.requests()) != 1 {
		t.Errorf("%v, %v by %d requests", got, err, len(s.requests()))
	}
}
