// Telemetry reads a week of sleep and shows what OpenTelemetry was told of it: a span for the week, one for each request
// within it, and the metrics.
//
//	go run -C examples/telemetry .
//
// Without settings it reads the fake service that comes with this module. OURA_SANDBOX=1, OURA_ACCESS_TOKEN, or
// OURA_CLIENT_ID and OURA_CLIENT_SECRET after the login example, read the real one.
//
// Spans and the traceparent header come from otelhttp, which [oura.WithHTTPClient] puts around the connection; what
// otelhttp cannot know, waits for the rate limit and retries, comes from [oura.WithHook]. In a service of your own,
// replace the exporter in memory by one of OTLP.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oura"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	src, err := source.Open(ctx)
	if err != nil {
		return err
	}
	defer src.Close()

	spans, reader := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))

	opts, err := options(http.DefaultTransport, traces, metrics)
	if err != nil {
		return err
	}
	client, err := src.Client.With(opts...)
	if err != nil {
		return err
	}
	nights, err := week(ctx, traces.Tracer("example"), client)
	if err != nil {
		return err
	}
	fmt.Printf("%d sleeps from %s\n\n", nights, src.Name)

	for _, s := range spans.GetSpans() { // a span comes when it ends, so the week's comes last
		fmt.Printf("span    %-29s %-8v %v\n", s.Name, s.EndTime.Sub(s.StartTime).Round(time.Millisecond), s.SpanContext.TraceID())
	}
	var got metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &got); err != nil {
		return err
	}
	for _, scope := range got.ScopeMetrics {
		for _, m := range scope.Metrics {
			fmt.Printf("metric  %-32s %s\n", m.Name, m.Description)
		}
	}
	return nil
}

// week reads a week of sleep within a span of its own, and says how many there are.
func week(ctx context.Context, tracer trace.Tracer, client *oura.Client) (int, error) {
	ctx, span := tracer.Start(ctx, "week of sleep")
	defer span.End()
	today := oura.Today(time.Local)
	nights, err := oura.Collect(client.Sleep.List(ctx, oura.Days(today.AddDays(-6), today)))
	if err != nil {
		span.RecordError(err) // an *oura.Error prints nothing secret
	}
	return len(nights), err
}
