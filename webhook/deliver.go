package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

const (
	// A slow Seen must not eat up the time of Handle.
	seenShare = 4
	// Timeout and this are less than the 10 seconds that Oura waits.
	markTimeout = time.Second
)

type outcome struct {
	duplicate bool
	err       error
}

// deliver has an event handled and answers. Handle runs in a goroutine of its
// own, so that the answer can leave in time while this call, whatever happens,
// ends only after Handle did: nothing runs on behind the server's back, and a
// late success is still remembered as handled.
//
// The key is what the duplicate filter knows the event by.
func (h *Handler) deliver(w http.ResponseWriter, r *http.Request, ev Event, key string) {
	timeout := h.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()

	out := outcome{err: errExited} // unless process says otherwise
	done := make(chan struct{})
	go func() {
		defer close(done) // also when Handle ends its goroutine
		out = h.process(ctx, ev, key, timeout/seenShare)
	}()

	select {
	case <-done:
	case <-ctx.Done():
	}
	// Asked here rather than in the select, which decides by chance when both are
	// ready. Where it was Oura that hung up, nobody waits for an answer.
	late := errors.Is(ctx.Err(), context.DeadlineExceeded)
	if late {
		h.timedOut(w, r, ev)
	}
	<-done
	if out.err == nil && !out.duplicate {
		h.mark(ctx, ev, key)
	}
	if late {
		if out.err != nil && !errors.Is(out.err, context.DeadlineExceeded) { // that has been logged
			h.logFailure(ctx, ev, http.StatusServiceUnavailable, out.err)
		}
		return
	}
	status := handlingStatus(out.err)
	if out.err != nil {
		h.logFailure(ctx, ev, status, out.err)
	}
	answer(w, status)
}

// process asks the filter, then handles.
func (h *Handler) process(ctx context.Context, ev Event, key string, seenTimeout time.Duration) outcome {
	if h.Handle == nil {
		return outcome{err: errNoHandle}
	}
	if h.seen(ctx, ev, key, seenTimeout) {
		return outcome{duplicate: true}
	}
	return outcome{err: guard(func() error { return h.Handle(ctx, ev) })}
}

// filterKey is [Event.Key]. Of an event without a time it is the key that it
// would have with that of the delivery: without any, a second change of a
// document would look like the first one come again, and be lost.
func filterKey(ev Event, delivered time.Time) string {
	if ev.Time.IsZero() {
		ev.Time = delivered
	}
	return ev.Key()
}

func (h *Handler) seen(ctx context.Context, ev Event, key string, timeout time.Duration) bool {
	if h.Duplicates == nil {
		return false
	}
	seenCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var seen bool
	err := guard(func() (err error) {
		seen, err = h.Duplicates.Seen(seenCtx, key)
		return err
	})
	if err != nil {
		h.logger().WarnContext(ctx, "webhook: duplicate filter failed, the event is handled",
			slog.Any("event", ev), slog.Any("error", err))
		return false
	}
	return seen
}

// mark outlives the request: the event is handled, even if Oura has hung up.
func (h *Handler) mark(ctx context.Context, ev Event, key string) {
	if h.Duplicates == nil {
		return
	}
	markCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markTimeout)
	defer cancel()
	if err := guard(func() error { return h.Duplicates.Mark(markCtx, key) }); err != nil {
		h.logger().WarnContext(ctx, "webhook: duplicate filter failed, a redelivery would be handled again",
			slog.Any("event", ev), slog.Any("error", err))
	}
}

func (h *Handler) timedOut(w http.ResponseWriter, r *http.Request, ev Event) {
	h.logFailure(r.Context(), ev, http.StatusServiceUnavailable, errTimeout)
	answer(w, http.StatusServiceUnavailable)
	_ = http.NewResponseController(w).Flush() // where it cannot, the answer leaves when Handle returns
}

func handlingStatus(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrUnsubscribe):
		return http.StatusGone
	case errors.Is(err, ErrQueueFull), errors.Is(err, ErrQueueClosed),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

func (h *Handler) logFailure(ctx context.Context, ev Event, status int, err error) {
	log := h.logger()
	if panicked, ok := errors.AsType[*PanicError](err); ok {
		log = log.With(slog.String("stack", string(panicked.Stack)))
	}
	log.ErrorContext(ctx, "webhook: event not handled", slog.Any("event", ev), slog.Int("status", status), slog.Any("error", err))
}
