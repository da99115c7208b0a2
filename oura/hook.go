package oura

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/oura-go/sdk/internal/transport"
)

// Attempt is one request that was sent, told to the hook when it is over: a
// request that needed three attempts tells three. A request refused before
// sending tells none.
//
// It holds nothing secret and no data, and a bounded number of different Path
// values: all fields but TraceID and Err are fit for metric labels.
type Attempt struct {
	Method, Path string // Path is a template: /v2/usercollection/sleep/{document_id}
	TraceID      string // of the answer
	Number       int    // 1 for the first attempt of a request
	StatusCode   int    // 0 if no answer came

	LimiterWait time.Duration // waited for the rate limit before sending
	Duration    time.Duration // from sending to the last byte of the answer
	RetryIn     time.Duration // wait before the next attempt; 0 if there is none, or it follows at once

	RateLimit RateLimit // what the answer said of it; zero for nearly all but a 429
	Err       error     // an *Error; nil if the attempt succeeded
}

// WithHook tells f of every attempt, for metrics and traces. f runs in the
// goroutine of the request, before the wait for the next attempt, with the
// context of the request: it must be quick and safe for concurrent use. Several
// hooks are called in the order given.
func WithHook(f func(context.Context, Attempt)) Option {
	return option(func(c *config) error {
		if f == nil {
			return badOption("WithHook: the function is nil; leave the option out")
		}
		c.hooks = append(slices.Clip(c.hooks), f)
		return nil
	})
}

// WithLogger logs every attempt: those that succeed at level Debug, the others
// at Warn. Attributes are method, path (a template), status, attempt,
// limiter_wait, duration, retry_in, trace_id and error.
func WithLogger(l *slog.Logger) Option {
	return option(func(c *config) error {
		if l == nil {
			return badOption("WithLogger: the logger is nil; leave the option out")
		}
		c.logger = l
		return nil
	})
}

// observe tells logger and hooks.
func (c *config) observe(ctx context.Context, t *transport.Attempt, err error) {
	a := Attempt{
		Method: t.Request.Method, Path: t.Path,
		Number: t.Number, StatusCode: t.StatusCode(),
		LimiterWait: t.LimiterWait, Duration: t.Duration, RetryIn: t.RetryIn,
		RateLimit: RateLimit(t.RateLimit), Err: err,
	}
	if t.Response != nil {
		a.TraceID = traceID(t.Response)
	}
	if c.logger != nil {
		a.log(ctx, c.logger)
	}
	for _, hook := range c.hooks {
		hook(ctx, a)
	}
}

func (a *Attempt) log(ctx context.Context, l *slog.Logger) {
	level := slog.LevelDebug
	if a.Err != nil {
		level = slog.LevelWarn
	}
	if !l.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", a.Method),
		slog.String("path", a.Path),
		slog.Int("status", a.StatusCode),
		slog.Int("attempt", a.Number),
		slog.Duration("limiter_wait", a.LimiterWait),
		slog.Duration("duration", a.Duration),
		slog.Duration("retry_in", a.RetryIn),
		slog.String("trace_id", a.TraceID),
	}
	if a.Err != nil {
		attrs = append(attrs, slog.String("error", a.Err.Error()))
	}
	l.LogAttrs(ctx, level, "oura: attempt", attrs...)
}
