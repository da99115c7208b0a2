package webhook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

const (
	defaultTimeout = 8 * time.Second
	// A slow Seen must not eat up the time of Handle.
	seenShare = 4
	// Timeout and this are less than the 10 seconds that Oura waits.
	markTimeout = time.Second
)

// delivery is one event that is proven to come from Oura, and what a Handler does with it.
type delivery struct {
	handle     func(context.Context, Event) error
	duplicates Duplicates
	timeout    time.Duration
	log        *slog.Logger

	ev  Event
	key string // by which the duplicate filter knows the event
}

// run has the event handled and responds. Handle runs in a goroutine of its own, so that the response leaves in time,
// but run returns only after Handle did: nothing runs on behind the server's back, and a late success is still
// remembered as handled.
func (d *delivery) run(w http.ResponseWriter, r *http.Request) {
	if d.timeout <= 0 {
		d.timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(r.Context(), d.timeout)
	defer cancel()

	err := errExited // unless process says otherwise
	done := make(chan struct{})
	go func() {
		defer close(done) // also when Handle ends its goroutine
		err = d.process(ctx)
	}()

	select {
	case <-done:
	case <-ctx.Done():
	}
	// Not decided in the select, which picks by chance when both are ready. Where Oura hung up, nobody waits for a
	// response.
	late := errors.Is(ctx.Err(), context.DeadlineExceeded)
	if late {
		d.logFailure(ctx, http.StatusServiceUnavailable, errTimeout)
		respond(w, http.StatusServiceUnavailable)
		_ = http.NewResponseController(w).Flush() // without Flush, the response leaves when Handle returns
	}
	<-done
	switch {
	case err == nil:
		d.mark(ctx)
	case errors.Is(err, errDuplicate):
		err = nil
	}
	status := handlingStatus(err)
	if late {
		status = http.StatusServiceUnavailable
	}
	if err != nil && (!late || !errors.Is(err, context.DeadlineExceeded)) { // a late deadline is logged already
		d.logFailure(ctx, status, err)
	}
	if !late {
		respond(w, status)
	}
}

// process asks the filter, then handles.
func (d *delivery) process(ctx context.Context) error {
	switch {
	case d.handle == nil:
		return errNoHandle
	case d.seen(ctx):
		return errDuplicate
	default:
		return guard(func() error { return d.handle(ctx, d.ev) })
	}
}

// filterKey is [Event.Key]. Of an event without a time it is the key that it would have with that of the delivery:
// without any, a second change of a document would look like the first one come again, and be lost.
func filterKey(ev Event, delivered time.Time) string {
	if ev.Time.IsZero() {
		ev.Time = delivered
	}
	return ev.Key()
}

func (d *delivery) seen(ctx context.Context) bool {
	var seen bool
	asked := d.filter(ctx, d.timeout/seenShare, "the event is handled", func(ctx context.Context) (err error) {
		seen, err = d.duplicates.Seen(ctx, d.key)
		return err
	})
	return asked && seen
}

// mark outlives the request: the event is handled, even if Oura has hung up.
func (d *delivery) mark(ctx context.Context) {
	d.filter(context.WithoutCancel(ctx), markTimeout, "a redelivery would be handled again", func(ctx context.Context) error {
		return d.duplicates.Mark(ctx, d.key)
	})
}

// filter calls the duplicate filter, if there is one, and reports whether it did its work. A failure is logged with what
// follows from it.
func (d *delivery) filter(ctx context.Context, limit time.Duration, consequence string, call func(context.Context) error) bool {
	if d.duplicates == nil {
		return false
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := guard(func() error { return call(limited) })
	if err != nil {
		d.log.WarnContext(ctx, "webhook: duplicate filter failed, "+consequence, slog.Any("event", d.ev), slog.Any("error", err))
	}
	return err == nil
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

func (d *delivery) logFailure(ctx context.Context, status int, err error) {
	log := d.log
	if panicked, ok := errors.AsType[*PanicError](err); ok {
		log = log.With(slog.String("stack", string(panicked.Stack)))
	}
	log.ErrorContext(ctx, "webhook: event not handled", slog.Any("event", d.ev), slog.Int("status", status), slog.Any("error", err))
}

// respond sends a status and its name: a reason would help nobody but a forger. The length is explicit, so that the
// response is whole as soon as it is flushed.
func respond(w http.ResponseWriter, status int) {
	text := ""
	if status != http.StatusOK {
		text = http.StatusText(status) + "\n"
	}
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) //nolint:gosec // G705: the text is net/http's own; a client that hung up needs no response
}
