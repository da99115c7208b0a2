package main

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
)

// loopback is an environment behind a listener, memory one without a network.
func loopback(tb testing.TB, s *service) env {
	tb.Helper()
	origin, stop, err := listen(s)
	if err != nil {
		tb.Fatal(err)
	}
	transport := usual()
	tb.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
	})
	return mustEnv(tb, origin, transport)
}

func memory(tb testing.TB, s *service) env {
	tb.Helper()
	return mustEnv(tb, "http://localhost", s)
}

func mustEnv(tb testing.TB, origin string, transport http.RoundTripper) env {
	tb.Helper()
	e, err := newEnv(origin, transport)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// All contenders come to the same rows and sums; otherwise their times could not be compared.
func TestContendersAgree(t *testing.T) {
	t.Parallel()
	jobs := newJobs()
	s := newService(jobs)
	for network, e := range map[string]env{"loopback": loopback(t, s), "memory": memory(t, s)} {
		for _, j := range jobs {
			_, want, _ := j.contenders[0].run(t.Context(), e)
			for _, c := range j.contenders {
				rows, total, err := c.run(t.Context(), e)
				if err != nil {
					t.Errorf("%s, %s, %s: %v", network, j.name, c.name, err)
				}
				if c.name != floorName && (rows != j.rows || total != want || total == 0) {
					t.Errorf("%s, %s, %s: %d rows, sum %d; want %d and %d", network, j.name, c.name, rows, total, j.rows, want)
				}
			}
		}
	}
}

// BenchmarkDecode has no network: what is left is decoding, and the code around a request.
func BenchmarkDecode(b *testing.B) { benchmark(b, memory) }

// BenchmarkLoopback has one.
func BenchmarkLoopback(b *testing.B) { benchmark(b, loopback) }

func benchmark(b *testing.B, environment func(testing.TB, *service) env) {
	jobs := newJobs()
	e := environment(b, newService(jobs))
	for _, j := range jobs {
		for _, c := range j.contenders {
			b.Run(j.name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := c.run(context.Background(), e); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// Windows come in order, all of them, and never more at a time than asked for.
func TestReadSeries(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts     []oura.SeriesOption
		inFlight int64
	}{
		"page after page": {nil, 1},
		"Parallel(3)":     {[]oura.SeriesOption{oura.Parallel(3)}, 3},
	} {
		b, err := readSeries(t.Context(), 120, time.Millisecond, tt.opts...)
		if err != nil || b.rows != 120*rowsPerDay || b.inFlight > tt.inFlight || b.inFlight < min(2, tt.inFlight) || b.peak == 0 {
			t.Errorf("%s: %+v, %v; want %d rows and at most %d requests in flight", name, b, err, 120*rowsPerDay, tt.inFlight)
		}
	}
}

// What lives during a walk does not depend on how far it has come.
func TestLiveHeapIsFlat(t *testing.T) {
	heap, err := liveHeap(t.Context(), 5, 48)
	if err != nil {
		t.Fatal(err)
	}
	if heap[0] == 0 || float64(heap[1]) > 1.5*float64(heap[0]) {
		t.Errorf("%d bytes live after 5 pages, %d after 48", heap[0], heap[1])
	}
}

// Allocations do not depend on what else the machine does, so they are held here; times are for the table.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	jobs := newJobs()
	e := loopback(t, newService(jobs))
	for _, l := range limits() {
		if _, allocs, err := measureLimit(l, 1); err != nil || allocs > l.allocs {
			t.Errorf("%s: %v allocations, %v; want at most %v", l.name, allocs, err, l.allocs)
		}
	}
	for _, j := range jobs {
		results, err := measure(t.Context(), j, e, 1, wallTime)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range j.contenders {
			switch extra := results[i].allocs - results[0].allocs; {
			case c.name != thisModule:
			case j.path == "heartrate" && results[i].allocs > 0.2*float64(j.rows):
				t.Errorf("%s: %.2f allocations a row, want at most 0.2", j.name, results[i].allocs/float64(j.rows))
			case j.rows == 1 && extra > 25 && !strings.HasPrefix(runtime.Version(), "go1.26"):
				// The bound is for Go 1.26: since then encoding/json, and so the baseline, is v2 underneath and
				// allocates less itself.
				t.Logf("%s: %.0f allocations more than the baseline of %s", j.name, extra, runtime.Version())
			case j.rows == 1 && extra > 25:
				t.Errorf("%s: %.0f allocations more than the baseline, want at most 25", j.name, extra)
			}
		}
	}
}
