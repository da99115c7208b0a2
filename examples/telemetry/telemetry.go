package main

import (
	"context"
	"net/http"
	"net/url"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/oura-go/sdk/oura"
)

// options returns those that make a client tell traces and metrics what it does. Requests go through base.
func options(base http.RoundTripper, traces trace.TracerProvider, metrics metric.MeterProvider) ([]oura.Option, error) {
	m, err := newInstruments(metrics)
	if err != nil {
		return nil, err
	}
	traced := otelhttp.NewTransport(original{base},
		otelhttp.WithTracerProvider(traces),
		otelhttp.WithMeterProvider(metrics),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + r.Pattern }))
	return []oura.Option{
		oura.WithHTTPClient(&http.Client{Transport: template{traced}}),
		oura.WithHook(m.attempt),
	}, nil
}

// template shows the tracer the path with names in place of ids, and no query: a span goes to places where ids, days
// and page tokens of a person have no business.
type template struct{ next http.RoundTripper }

func (t template) RoundTrip(r *http.Request) (*http.Response, error) {
	shown := r.WithContext(context.WithValue(r.Context(), originalKey{}, r.URL))
	shown.URL = &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: r.Pattern}
	return t.next.RoundTrip(shown)
}

// original sends what template hid.
type original struct{ next http.RoundTripper }

type originalKey struct{}

func (o original) RoundTrip(r *http.Request) (*http.Response, error) {
	if u, ok := r.Context().Value(originalKey{}).(*url.URL); ok {
		r = r.WithContext(r.Context()) // a copy: the tracer still has the other
		r.URL = u
	}
	return o.next.RoundTrip(r)
}

// instruments are what the hook counts. otelhttp measures requests too, but knows nothing of the rate limit and retries.
type instruments struct {
	attempts    metric.Int64Counter
	limiterWait metric.Float64Histogram
	retryWait   metric.Float64Histogram
}

func newInstruments(provider metric.MeterProvider) (m instruments, err error) {
	meter := provider.Meter("github.com/oura-go/sdk/examples/telemetry")
	if m.attempts, err = meter.Int64Counter("oura.attempts", metric.WithDescription("Requests sent.")); err != nil {
		return m, err
	}
	if m.limiterWait, err = meter.Float64Histogram("oura.limiter.wait", metric.WithUnit("s"), metric.WithDescription("Wait for the rate limit.")); err != nil {
		return m, err
	}
	m.retryWait, err = meter.Float64Histogram("oura.retry.wait", metric.WithUnit("s"), metric.WithDescription("Wait before another attempt."))
	return m, err
}

// attempt is a hook of the client. ctx is that of the call, so the event goes to the caller's span, around those of the
// attempts.
func (m instruments) attempt(ctx context.Context, a oura.Attempt) {
	path := attribute.String("url.template", a.Path)
	m.attempts.Add(ctx, 1, metric.WithAttributes(path,
		attribute.String("http.request.method", a.Method), attribute.Int("http.response.status_code", a.StatusCode)))
	m.limiterWait.Record(ctx, a.LimiterWait.Seconds())
	if a.RetryIn > 0 {
		m.retryWait.Record(ctx, a.RetryIn.Seconds(), metric.WithAttributes(path))
		trace.SpanFromContext(ctx).AddEvent("retry", trace.WithAttributes(
			attribute.Int("http.request.resend_count", a.Number), attribute.Float64("wait_seconds", a.RetryIn.Seconds()),
			attribute.Int("http.response.status_code", a.StatusCode)))
	}
}
