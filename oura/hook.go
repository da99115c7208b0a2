package oura

import (
	"context"
	"log/slog"
	"time"

	"github.com/oura-go/sdk/internal/transport"
)

// Attempt is one request that was sent. The hook gets it when the attempt is over: of a request that needed three
// attempts it gets three, of a request refused before sending none.
//
// It holds nothing secret and no data, and Path has few distinct values: all fields but TraceID and Err are fit for
// metric labels.
type Attempt struct {
	Method, Path string // Path is a template: /v2/usercollection/sleep/{document_id}
	TraceID      string // of the response
	Number       int    // 1 for the first attempt of a request
	StatusCode   int    // 0 without a response

	LimiterWait time.Duration // waited for the rate limit before sending
	Duration    time.Duration // from sending to the last byte of the response
	RetryIn     time.Duration // wait before the next attempt; 0 if there is none, or it follows at once

	RateLimit RateLimit // what the response said about it; zero for nearly all but a 429
	Err       error     // an *Error; nil if the attempt succeeded
}

// observer is who hears of attempts.
type observer struct {
	logger *slog.Logger
	hooks  []func(context.Context, Attempt)
}

// observe calls the logger and the hooks.
func (o observer) observe(ctx context.Context, t *transport.Attempt, err error) {
	if o.logger == nil && len(o.hooks) == 0 {
		return
	}
	a := Attempt{
		Method: t.Request.Method, Path: t.Request.Pattern,
		Number: t.Number, StatusCode: t.StatusCode(),
		LimiterWait: t.LimiterWait, Duration: t.Duration, RetryIn: t.RetryIn,
		RateLimit: RateLimit(t.RateLimit), Err: err,
	}
	if t.Response != nil {
		a.TraceID = traceID(t.Response)
	}
	if o.logger != nil {
		a.log(ctx, o.logger)
	}
	for _, hook := range o.hooks {
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
