package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// recorded keeps what is sent.
type recorded struct {
	mu       sync.Mutex
	requests []*http.Request
}

func (r *recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.requests = append(r.requests, req)
	r.mu.Unlock()
	return http.DefaultTransport.RoundTrip(req)
}

// A call that needs two attempts is one trace: the caller's span with an event for the retry, and a span for each
// attempt, whose context travels to the service.
func TestTelemetry(t *testing.T) {
	t.Parallel()
	service := ouratest.NewService()
	t.Cleanup(service.Close)
	service.FailOnce("sleep", ouratest.ServerError(503))

	exporter, reader := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	sent := new(recorded)
	opts, err := options(sent, traces, sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	if err != nil {
		t.Fatal(err)
	}
	client := service.Client(append(opts, oura.WithRetry(oura.RetryPolicy{MinDelay: time.Millisecond, MaxDelay: time.Millisecond}))...)
	if n, err := week(t.Context(), traces.Tracer("test"), client); err != nil || n < 5 { // last night's may not be there yet
		t.Fatalf("%d sleeps, %v", n, err)
	}

	var names []string
	spans := exporter.GetSpans()
	for _, s := range spans {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff([]string{"GET /v2/usercollection/sleep", "GET /v2/usercollection/sleep", "week of sleep"}, names); diff != "" {
		t.Fatalf("spans (-want +got):\n%s", diff)
	}
	parent := spans[2]
	for i, s := range spans[:2] {
		if s.Parent.SpanID() != parent.SpanContext.SpanID() || s.SpanContext.TraceID() != parent.SpanContext.TraceID() {
			t.Errorf("attempt %d is not within the caller's span", i+1)
		}
		want := fmt.Sprintf("00-%s-%s-01", s.SpanContext.TraceID(), s.SpanContext.SpanID())
		if got := sent.requests[i].Header.Get("Traceparent"); got != want {
			t.Errorf("attempt %d: traceparent %q, want %q", i+1, got, want)
		}
		if query := sent.requests[i].URL.Query(); query.Get("start_date") == "" {
			t.Errorf("attempt %d: sent to %s without its query", i+1, sent.requests[i].URL.Path)
		}
	}
	if len(parent.Events) != 1 || parent.Events[0].Name != "retry" {
		t.Errorf("events %v, want one retry", parent.Events)
	}
	for _, secret := range []string{"start_date", "Bearer", sent.requests[0].Header.Get("Authorization")[len("Bearer "):]} {
		if strings.Contains(fmt.Sprintf("%+v", spans), secret) {
			t.Errorf("the spans show %q", secret)
		}
	}
	if diff := cmp.Diff(map[string]int64{"503": 1, "200": 1}, attempts(t, reader)); diff != "" {
		t.Errorf("oura.attempts (-want +got):\n%s", diff)
	}
}

// attempts is the counter of that name by status.
func attempts(t *testing.T, reader *sdkmetric.ManualReader) map[string]int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if m.Name != "oura.attempts" || !ok {
				continue
			}
			for _, point := range sum.DataPoints {
				status, _ := point.Attributes.Value("http.response.status_code")
				got[status.String()] += point.Value
			}
		}
	}
	return got
}
