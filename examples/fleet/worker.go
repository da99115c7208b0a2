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
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/webhook"
)

// work handles events until ctx ends, and finishes those it has begun.
func (f *fleet) work(ctx context.Context) error {
	var wg sync.WaitGroup
	for range f.cfg.workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := f.workOne(ctx); err != nil {
					f.warn(ctx, "no event could be had", err)
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
	if result.err == nil && ev.ObjectID == "" {
		result.err = errors.New("the event names no object")
	} else if result.err == nil {
		result = outcomeOf(f.mirror.Handler(f.client)(job, ev), meta.NumDelivered)
	}
	f.metrics.outcomes.WithLabelValues(result.name).Inc()
	f.metrics.age.Observe(time.Since(meta.Timestamp).Seconds())
	switch {
	case result.again:
		delay := max(result.delay, backoff(meta.NumDelivered))
		f.log.WarnContext(ctx, "event not handled yet", slog.Any("event", ev), slog.Duration("next_in", delay), slog.Any("error", result.err))
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

// outcomeOf sorts what came of applying an event: what time or an operator can mend is tried again, and only what needs
// the person, or cannot be, is given up. The reconciler reads the days again once the person has consented anew. That
// somebody has left, or has no copy yet, is no error: the first Sync reads what the event is about. A grant can look dead
// for a moment: while a process that has refreshed it, and lost its connection over that, is about to save it.
func outcomeOf(err error, delivered uint64) outcome {
	const enough = 5 // deliveries, some 8 s
	if err == nil {
		return outcome{name: "applied"}
	}
	for name, final := range map[string]error{
		"no_consent": oauth.ErrReauthorize, "no_grant": oauth.ErrNoToken, "other_person": mirror.ErrOtherPerson,
		"forbidden": oura.ErrForbidden, "invalid": oura.ErrInvalidRequest,
	} {
		if errors.Is(err, final) && (name != "no_consent" || delivered >= enough) {
			return outcome{name: name, err: err}
		}
	}
	result := outcome{name: "again", again: true, err: err}
	if e, ok := errors.AsType[*oura.Error](err); ok {
		result.delay = min(e.RetryAfter, 5*time.Minute)
	}
	return result
}

// backoff is the wait before an event is tried again: half a second, then twice as long each time, 5 minutes at most.
func backoff(delivered uint64) time.Duration {
	const first, longest = 500 * time.Millisecond, 5 * time.Minute
	return min(first<<min(delivered-1, 10), longest)
}

// pause waits and reports whether ctx still lives.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// until waits until it is done, or ctx ends.
func until(ctx context.Context, done func() bool) error {
	for !done() {
		if !pause(ctx, 200*time.Millisecond) {
			return ctx.Err()
		}
	}
	return nil
}
