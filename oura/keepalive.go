package oura

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

const (
	keepAliveEvery = 6 * time.Hour
	keepAliveSpare = keepAliveEvery / 10 // earlier or later, so that replicas drift apart

	minKeepAliveRetry = time.Minute
	maxKeepAliveRetry = 15 * time.Minute
)

// KeepAlive runs [Subscriptions.Ensure] now and every 6 hours, give or take 10%, until ctx ends. Run it in a goroutine
// beside the server that receives the events, in every replica if there are several.
//
// A failed run is retried after 1 to 15 minutes, and later the more runs in a row fail. Every run begins anew. So nothing
// is lost if the first handshake comes before the server does. The client's logger ([WithLogger]) is told of failed
// runs at level Warn and of runs that changed something at level Info. Without one, failures go to slog.Default(), as
// nobody else would hear of them.
//
// It returns when ctx ends, with its error, or when trying again cannot help: with [ErrUnauthorized] or [ErrForbidden]
// if the service refuses the application, with [ErrInvalidRequest], before anything is sent, if a wanted subscription
// is incomplete, a pair is wanted twice, or the client has no application credentials. A subscription with another
// callback is a failed run like any other: its owner may give it up.
func (s *Subscriptions) KeepAlive(ctx context.Context, wanted ...SubscriptionRequest) error {
	if err := s.checkWanted(wanted); err != nil {
		return err
	}
	if s.core.cfg.app == nil {
		_, err := s.List(ctx) // refused without sending anything
		return err
	}
	for failures := 0; ; {
		report, err := s.Ensure(ctx, wanted...)
		if ctx.Err() != nil {
			return wait.ContextError(ctx)
		}
		if errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrMissingScope) || errors.Is(err, ErrForbidden) {
			s.logRun(ctx, report, err, 0)
			return err
		}
		pause := wait.Between(keepAliveEvery-keepAliveSpare, keepAliveEvery+keepAliveSpare)
		if err == nil {
			failures = 0
		} else {
			failures++
			pause = retryKeepAlive(failures, err)
		}
		s.logRun(ctx, report, err, pause)
		if err := wait.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// retryKeepAlive is the wait after so many failed runs in a row: at random, up to a limit that doubles, or what the
// service asks for.
func retryKeepAlive(failures int, err error) time.Duration {
	pause := wait.Between(minKeepAliveRetry, wait.Backoff(failures, minKeepAliveRetry, maxKeepAliveRetry))
	if e, ok := errors.AsType[*Error](err); ok {
		pause = min(max(pause, e.RetryAfter), maxKeepAliveRetry)
	}
	return pause
}

// logRun tells the logger of a run that failed or changed something. Next 0 means that there will be no other.
func (s *Subscriptions) logRun(ctx context.Context, r EnsureReport, err error, next time.Duration) {
	logger := s.core.cfg.logger
	if logger == nil && err != nil {
		logger = slog.Default()
	}
	changed := len(r.Created) + len(r.Updated) + len(r.Renewed)
	if logger == nil || err == nil && changed == 0 {
		return
	}
	attrs := []slog.Attr{
		slog.Int("created", len(r.Created)),
		slog.Int("updated", len(r.Updated)),
		slog.Int("renewed", len(r.Renewed)),
		slog.Int("unchanged", len(r.Unchanged)),
		slog.Int("foreign", len(r.Foreign)),
		slog.Duration("next_in", next),
	}
	if err == nil {
		logger.LogAttrs(ctx, slog.LevelInfo, "oura: subscriptions kept alive", attrs...)
		return
	}
	attrs = append(attrs, slog.String("error", err.Error()))
	logger.LogAttrs(ctx, slog.LevelWarn, "oura: subscriptions not kept alive", attrs...)
}
