package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oura-go/sdk/oura"
)

// A year of heart rate as the service has it: 1,100 rows a day, in pages of 1,000, and a wait for each request.
const (
	rowsPerDay  = 1100
	rowsPerPage = 1000
)

// series is a service with heart rates from instant0 on. It makes each page when it is asked for it, so that the
// memory measured is that of the reader.
type series struct {
	days  int
	delay time.Duration // before each answer

	busy, most atomic.Int64 // requests in flight, and the most there were
}

func (s *series) rows() int { return s.days * rowsPerDay }

const rowApart = 24 * time.Hour / rowsPerDay

// at is the instant of a row.
func (s *series) at(i int) time.Time { return instant0.Add(time.Duration(i) * rowApart) }

// first is the first row at or after an instant.
func (s *series) first(t time.Time) int {
	return int(max(0, (t.Sub(instant0)+rowApart-1)/rowApart))
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// ServeHTTP implements [http.Handler].
func (s *series) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for n, most := s.busy.Add(1), s.most.Load(); n > most && !s.most.CompareAndSwap(most, n); most = s.most.Load() {
	}
	defer s.busy.Add(-1)
	time.Sleep(s.delay)
	q := r.URL.Query()
	start, err1 := time.Parse(time.RFC3339, q.Get("start_datetime"))
	end, err2 := time.Parse(time.RFC3339, q.Get("end_datetime"))
	if err1 != nil || err2 != nil {
		http.Error(w, `{"detail":"start_datetime and end_datetime, please"}`, http.StatusBadRequest)
		return
	}
	from, to := s.first(start), min(s.first(end), s.rows())
	if token := q.Get("next_token"); token != "" {
		from, _ = strconv.Atoi(token)
	}
	stop := min(from+rowsPerPage, to)

	buffer := buffers.Get().(*[]byte) //nolint:forcetypeassert // the pool holds nothing else
	b := append((*buffer)[:0], `{"data":[`...)
	for i := from; i < stop; i++ {
		if i > from {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"bpm":%d,"source":"awake","timestamp":"`, 50+i%90)
		b = s.at(i).AppendFormat(b, "2006-01-02T15:04:05.000Z07:00")
		b = append(b, `"}`...)
	}
	b = append(b, `],"next_token":`...)
	if stop < to {
		b = fmt.Appendf(b, `"%d"}`, stop)
	} else {
		b = append(b, `null}`...)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) //nolint:gosec // a number is all that comes from the request
	*buffer = b
	buffers.Put(buffer)
}

// backfill is a whole series read once.
type backfill struct {
	rows     int
	took     time.Duration
	peak     uint64 // bytes of heap at the fullest moment, above what there was before
	inFlight int64  // requests, at the most
}

// readSeries reads all days of a series.
func readSeries(ctx context.Context, days int, delay time.Duration, opts ...oura.SeriesOption) (backfill, error) {
	s := &series{days: days, delay: delay}
	origin, stop, err := listen(s)
	if err != nil {
		return backfill{}, err
	}
	defer stop()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	defer transport.CloseIdleConnections()
	e, err := newEnv(origin, transport)
	if err != nil {
		return backfill{}, err
	}
	peak := watchHeap()
	var b backfill
	begin := time.Now()
	options := append([]oura.SeriesOption{oura.Between(instant0, s.at(s.rows()))}, opts...)
	for _, err := range e.sdk.HeartRate.List(ctx, options...) {
		if err != nil {
			return b, err
		}
		b.rows++
	}
	b.took, b.peak, b.inFlight = time.Since(begin), peak(), s.most.Load()
	return b, nil
}

// watchHeap samples the heap until the function it returns is called.
func watchHeap() (peak func() uint64) {
	heap := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before, most := heap(), uint64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(time.Millisecond); ; {
			most = max(most, heap())
			select {
			case <-tick.C:
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		return most - min(most, before)
	}
}

// liveHeap walks pages and returns what lives after the given ones, above what lived before the walk.
func liveHeap(ctx context.Context, pages ...int) ([]uint64, error) {
	var most int
	for _, n := range pages {
		most = max(most, n)
	}
	j := heartRateJob("live heap", newGenerator(), most, 5000)
	origin, stop, err := listen(newService([]job{j}))
	if err != nil {
		return nil, err
	}
	defer stop()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	e, err := newEnv(origin, transport)
	if err != nil {
		return nil, err
	}
	before := live()
	var found []uint64
	n := 0
	for page, err := range e.sdk.HeartRate.Pages(ctx, oura.Between(instant0, instant0.Add(29*24*time.Hour))) {
		if err != nil {
			return nil, err
		}
		n++
		for _, want := range pages {
			if n == want {
				found = append(found, live()-min(before, live()))
			}
		}
		runtime.KeepAlive(page)
	}
	if len(found) != len(pages) {
		return nil, fmt.Errorf("the walk had %d pages", n)
	}
	return found, nil
}

func live() uint64 {
	runtime.GC()
	runtime.GC() // pools survive one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// reportMemory prints what a year takes, and how much lives during a walk.
func reportMemory(ctx context.Context, w io.Writer, days int, delay time.Duration) error {
	heap, err := liveHeap(ctx, 5, 48)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nLive heap of a walk of pages with 5,000 heart rates: %.2f MB after 5 pages, %.2f MB after 48: %.2f times as much.\n",
		megabytes(heap[0]), megabytes(heap[1]), float64(heap[1])/float64(heap[0]))

	fmt.Fprintf(w, "\n| %d days of heart rate, %d rows a day, %v a request | time | peak heap | requests in flight |\n|---|--:|--:|--:|\n", days, rowsPerDay, delay)
	alone, err := readSeries(ctx, days, delay)
	if err != nil {
		return err
	}
	for _, n := range []int{1, 4, 8} {
		b, name := alone, "page after page"
		if n > 1 {
			name = fmt.Sprintf("`Parallel(%d)`", n)
			if b, err = readSeries(ctx, days, delay, oura.Parallel(n)); err != nil {
				return err
			}
		}
		if b.rows != days*rowsPerDay {
			return fmt.Errorf("%s: %d rows came, want %d", name, b.rows, days*rowsPerDay)
		}
		fmt.Fprintf(w, "| %s | %.1f times as fast | %.1f MB | %d |\n", name, float64(alone.took)/float64(b.took), megabytes(b.peak), b.inFlight)
	}
	return nil
}

func megabytes(n uint64) float64 { return float64(n) / (1 << 20) }
