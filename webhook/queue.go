package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// Queue hands events to workers of this process, so that Oura has its response before the work begins:
//
//	queue := webhook.NewQueue(1000, 4, work)
//	handler := &webhook.Handler{Handle: queue.Enqueue, ...}
//
// What it holds is lost in a crash, and Oura, which received 200, will not send it again: use a durable job system
// where that matters. Each event is handed over once. One whose handling fails is not tried again; it goes to OnError.
// A [Duplicates] filter of the Handler marks an event once it is in the queue.
//
// All methods are safe for concurrent use. There are goroutines only while there is work.
type Queue struct {
	// OnError is told of every event whose handling returned an error or panicked, then with a [*PanicError]. It is
	// called by the workers, concurrently. Set it before the first Enqueue; nil logs the error to slog.Default().
	OnError func(Event, error)

	handle   func(context.Context, Event) error
	capacity int
	workers  int

	mu        sync.Mutex
	waiting   []*task
	active    []*task // being handled, in the order of their start
	running   int     // workers
	closed    bool
	idle      chan struct{} // closed when the queue is closed and no worker runs
	unhandled *UnhandledError

	abort  context.Context // ends when Close gives up
	cancel context.CancelFunc
}

type task struct {
	ctx    context.Context
	ev     Event
	listed atomic.Bool // in an UnhandledError
}

// UnhandledError is returned by [Queue.Close] when its context ends before the queue is empty. It wraps the context's
// error.
type UnhandledError struct {
	// Events are those that no worker had begun, and those under way when the context ended: of the latter nobody can
	// say how they will end, so they may turn out to be handled. Oura has received 200 for all of them and does
	// not send them again: store them, or fetch their documents later.
	Events []Event
	// Err is the error of the context.
	Err error
}

// Error says how many events were left, and why.
func (e *UnhandledError) Error() string {
	return fmt.Sprintf("webhook: queue closed with %d events unhandled: %v", len(e.Events), e.Err)
}

// Unwrap returns the error of the context.
func (e *UnhandledError) Unwrap() error { return e.Err }

// NewQueue makes a queue whose workers, at most so many at a time, call handle. Beside the events being handled, size
// events may wait. Less than one of either counts as one.
//
// The context of handle carries the values of the request's context and ends only when [Queue.Close] gives up: bound
// the work in handle itself.
func NewQueue(size, workers int, handle func(context.Context, Event) error) *Queue {
	size, workers = max(size, 1), max(workers, 1)
	q := &Queue{
		handle:   handle,
		capacity: min(size, math.MaxInt-workers) + workers,
		workers:  workers,
		idle:     make(chan struct{}),
	}
	q.abort, q.cancel = context.WithCancel(context.Background())
	return q
}

// Enqueue takes an event for the workers and returns at once; it fits [Handler.Handle]. The end of ctx does not touch
// what was taken. The error is [ErrQueueFull] or [ErrQueueClosed], and the event was not taken then.
func (q *Queue) Enqueue(ctx context.Context, ev Event) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.handle == nil:
		return errNoHandle
	case q.closed:
		return ErrQueueClosed
	case len(q.waiting)+len(q.active) >= q.capacity:
		return ErrQueueFull
	}
	q.waiting = append(q.waiting, &task{ctx: context.WithoutCancel(ctx), ev: ev})
	if q.running < q.workers {
		q.running++
		go q.work()
	}
	return nil
}

// Close takes no more events, waits until all that were taken have been handled, and returns nil. Shut the server down
// first: a later request receives 503.
//
// When ctx ends earlier, the contexts of the work under way end too, and Close returns an [*UnhandledError] with all
// events that are not known to be done. So every event that was taken has been handled, or told to OnError, or is in
// that error. Calling Close again waits for work that is still under way, and returns the same error.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	first := !q.closed
	q.closed = true
	if first && q.running == 0 {
		q.finish()
	}
	q.mu.Unlock()

	if q.idle != nil { // it is nil in a Queue that NewQueue did not make
		select {
		case <-q.idle:
		case <-ctx.Done():
			q.giveUp(ctx.Err()) // of nothing, if the queue was idle by then
		}
	}

	q.mu.Lock()
	defer q.mu.Unlock()
	if q.unhandled == nil {
		return nil // not a nil *UnhandledError in an error
	}
	return q.unhandled
}

// finish ends a queue that is closed and without workers. It needs q.mu.
func (q *Queue) finish() {
	if q.idle != nil {
		close(q.idle)
		q.cancel()
	}
}

// giveUp lists what is not done, and ends the contexts of what is under way.
func (q *Queue) giveUp(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := slices.Concat(q.active, q.waiting)
	if len(left) == 0 || q.unhandled != nil {
		return
	}
	events := make([]Event, len(left))
	for i, t := range left {
		t.listed.Store(true)
		events[i] = t.ev
	}
	q.waiting = nil
	q.unhandled = &UnhandledError{Events: events, Err: err}
	q.cancel()
}

// work handles events until none waits.
func (q *Queue) work() {
	returned := false
	defer func() {
		if !returned {
			go q.work() // handle ended this goroutine; another takes its place
		}
	}()
	for t := q.next(); t != nil; t = q.next() {
		q.run(t)
	}
	returned = true
}

// next begins the next event. Without any it returns nil, and the worker is no longer counted.
func (q *Queue) next() *task {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.running--
		if q.closed && q.running == 0 {
			q.finish()
		}
		return nil
	}
	t := q.waiting[0]
	q.waiting[0] = nil // the array outlives this slice of it
	q.waiting = q.waiting[1:]
	q.active = append(q.active, t)
	return t
}

// run handles one event. It stays active until its error has been told, so that a Close which gives up meanwhile lists
// it rather than lose it.
func (q *Queue) run(t *task) {
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.active = slices.DeleteFunc(q.active, func(other *task) bool { return other == t })
	}()
	err := errExited
	defer func() {
		if err != nil && !t.listed.Load() {
			q.report(t.ev, err)
		}
	}()
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	defer context.AfterFunc(q.abort, cancel)()
	err = guard(func() error { return q.handle(ctx, t.ev) })
}

func (q *Queue) report(ev Event, err error) {
	if q.OnError == nil {
		slog.Default().Error("webhook: queued event failed", slog.Any("event", ev), slog.Any("error", err))
		return
	}
	if failed := guard(func() error { q.OnError(ev, err); return nil }); failed != nil {
		slog.Default().Error("webhook: Queue.OnError panicked", slog.Any("event", ev), slog.Any("error", failed))
	}
}
