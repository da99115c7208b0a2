package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/webhook"
)

// work handles events until ctx ends, and finishes those it has begun.
func (f *fleet) work(ctx context.Context) error {
	var wg sync.WaitGroup
	for range f.cfg.workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := f.workOne(ctx); err != nil && ctx.Err() == nil {
					f.log.WarnContext(ctx, "no event could be had", slog.Any("error", err))
					pause(ctx, time.Second)
				}
			}
		})
	}
	f.log.InfoContext(ctx, "events are handled", slog.Int("at_once", f.cfg.workers))
	wg.Wait()
	return nil
}

// workOne takes one event from JetStream, handles it, and says what is to become of it. Taking one at a time costs a
// round trip and leaves nothing in a dead worker's hands but what it was doing.
func (f *fleet) workOne(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	msg, err := f.events.consumer.Next(jetstream.FetchContext(wait))
	if errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, jetstream.ErrNoMessages) {
		return nil // there is none now
	}
	if err != nil {
		return err
	}

	// Half of the time, so that nobody else is given the event while it is handled here.
	job, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.cfg.ackWait/2)
	defer cancel()
	meta, err := msg.Metadata()
	if err != nil {
		return err
	}
	var ev webhook.Event
	result := outcome{name: "malformed", err: json.Unmarshal(msg.Data(), &ev)}
	if result.err == nil {
		result = f.handle(job, ev, time.Since(meta.Timestamp)).after(meta.NumDelivered)
	}
	f.metrics.handled(result.name, time.Since(meta.Timestamp))
	switch {
	case result.again:
		delay := max(result.delay, backoff(meta.NumDelivered))
		level := slog.LevelWarn
		if errors.Is(result.err, oura.ErrNotFound) {
			level = slog.LevelInfo // an object can be a moment behind its event: that is every day
		}
		f.log.Log(ctx, level, "event not handled yet", slog.Any("event", ev), slog.Duration("next_in", delay), slog.Any("error", result.err))
		return msg.NakWithDelay(delay)
	case result.err != nil:
		f.log.ErrorContext(ctx, "event given up", slog.Any("event", ev), slog.String("outcome", result.name), slog.Any("error", result.err))
		return msg.TermWithReason(result.name)
	}
	return msg.Ack() // should it be lost, the event is handled once more, which changes nothing
}

// outcome is what became of an event.
type outcome struct {
	name  string // for metrics
	again bool
	delay time.Duration // at least
	err   error
}

// after says what is to become of an event that was delivered so many times. A grant can look dead for a moment: while a
// process that has refreshed it, and lost its connection over that, is about to save it.
func (o outcome) after(delivered uint64) outcome {
	const enough = 5 // some 8 s
	if errors.Is(o.err, oauth.ErrReauthorize) && delivered < enough {
		return retry(o.err)
	}
	return o
}

// handle brings the stored document to the state that the service has now, whatever the event says and however old it
// is. So order does not matter, nor does handling an event twice.
func (f *fleet) handle(ctx context.Context, ev webhook.Event, age time.Duration) outcome {
	client, err := f.people.client(ev.UserID)
	if err != nil {
		return outcome{name: "client", err: err}
	}
	collection, ok := keeps(client, ev.DataType)
	if !ok {
		return outcome{name: "not_stored", err: errNotStored}
	}
	ticket, err := f.objects.ticket(ctx) // before the fetch: that is what makes it worth something
	if err != nil {
		return retry(err)
	}
	v := version{id: ev.ObjectID}
	v.doc, err = client.Object(ctx, ev.DataType, ev.ObjectID)
	switch {
	case err == nil:
		if v.mark, err = fingerprint(collection, v.doc); err != nil {
			return outcome{name: "unusable", err: err}
		}
	case errors.Is(err, oura.ErrNotFound) && (ev.Type == oura.EventTypeDelete || age >= f.cfg.settle):
		v.doc = nil
	default:
		return failed(err)
	}
	put, err := f.objects.put(ctx, ev.UserID, ev.DataType, ticket, v)
	switch {
	case errors.Is(err, errUnstorable):
		return outcome{name: "unusable", err: err}
	case err != nil:
		return retry(err)
	case !put:
		return outcome{name: "overtaken"}
	case v.doc == nil:
		return outcome{name: "deleted"}
	default:
		return outcome{name: "stored"}
	}
}

var errNotStored = errors.New("documents of this type are not stored")

// failed sorts a failed fetch: what time or an operator can mend is tried again, and only what needs the person, or
// cannot be, is given up. The reconciler reads the days again once the person has consented anew.
func failed(err error) outcome {
	for name, final := range map[string]error{
		"no_consent": oauth.ErrReauthorize, "no_grant": oauth.ErrNoToken, "no_scope": oura.ErrMissingScope,
		"forbidden": oura.ErrForbidden, "invalid": oura.ErrInvalidRequest,
	} {
		if errors.Is(err, final) {
			return outcome{name: name, err: err}
		}
	}
	result := retry(err)
	var e *oura.Error
	if errors.As(err, &e) {
		result.delay = min(e.RetryAfter, 5*time.Minute)
	}
	return result
}

func retry(err error) outcome { return outcome{name: "again", again: true, err: err} }

// backoff is the wait before an event is tried again: half a second, then twice as long each time, 5 minutes at most.
func backoff(delivered uint64) time.Duration {
	const first, longest = 500 * time.Millisecond, 5 * time.Minute
	return min(first<<min(delivered-1, 10), longest)
}

// pause waits and reports whether ctx still lives.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
