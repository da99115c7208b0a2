package main

import (
	"context"
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	dto "github.com/prometheus/client_model/go"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/redislimit"
)

// metrics counts. No label names a person or a document, and each has a bounded number of values.
type metrics struct {
	registry *prometheus.Registry

	requests, events, outcomes, differences, visits, refreshes, disallowed *prometheus.CounterVec
	requestTime, webhookTime                                               *prometheus.HistogramVec
	limiterWait, age                                                       prometheus.Observer
	waiting, underWay                                                      prometheus.Gauge
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	with := promauto.With(m.registry)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return with.NewCounterVec(prometheus.CounterOpts{Namespace: "fleet", Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return with.NewHistogramVec(prometheus.HistogramOpts{Namespace: "fleet", Name: name, Help: help, Buckets: buckets}, labels)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return with.NewGauge(prometheus.GaugeOpts{Namespace: "fleet", Name: name, Help: help})
	}
	waits := []float64{.01, .1, 1, 10, 30, 60, 300}
	m.requests = counter("oura_requests_total", "Attempts that were sent to Oura.", "method", "path", "status")
	m.requestTime = histogram("oura_request_seconds", "From sending to the last byte.", prometheus.DefBuckets, "path")
	m.limiterWait = histogram("oura_limiter_wait_seconds", "Waits for the shared rate limit.", waits).WithLabelValues()
	m.webhookTime = histogram("webhook_seconds", "Answers to Oura: it waits for 10 s.", prometheus.DefBuckets, "code")
	m.events = counter("events_received_total", "Events that JetStream has stored.", "data_type", "duplicate")
	m.outcomes = counter("events_handled_total", "What became of events.", "outcome")
	m.age = histogram("event_age_seconds", "From JetStream to the outcome.", waits).WithLabelValues()
	m.differences = counter("reconciled_documents_total", "Differences that no event told.", "collection")
	m.visits = counter("reconciled_users_total", "Persons who were copied, or whose last days were read again.", "complete")
	m.refreshes = counter("token_refreshes_total", "Tokens refreshed ahead of time.", "result")
	m.disallowed = counter("reconcile_disallowed_total", "Collections that a person has not granted.", "collection")
	m.waiting = gauge("events_waiting", "Events that no worker has taken.")
	m.underWay = gauge("events_under_way", "Events that a worker has, or that wait for another try.")
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// watch adds what the limiter says of itself.
func (m *metrics) watch(l *redislimit.Limiter) {
	with := promauto.With(m.registry)
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "fleet", Subsystem: "limiter", Name: name, Help: help}
	}
	with.NewGaugeFunc(prometheus.GaugeOpts(opts("redis_away", "1 while the local share holds.")), func() float64 {
		if l.Stats().Away {
			return 1
		}
		return 0
	})
	with.NewGaugeFunc(prometheus.GaugeOpts(opts("waiting", "Requests that wait.")), func() float64 { return float64(l.Stats().Waiting) })
	with.NewCounterFunc(prometheus.CounterOpts(opts("shared_total", "Requests that Redis let through.")), func() float64 { return float64(l.Stats().Shared) })
	with.NewCounterFunc(prometheus.CounterOpts(opts("local_total", "Requests of the local share.")), func() float64 { return float64(l.Stats().Local) })
}

// attempt is a hook of the client.
func (m *metrics) attempt(_ context.Context, a oura.Attempt) {
	m.requests.WithLabelValues(a.Method, a.Path, strconv.Itoa(a.StatusCode)).Inc()
	m.requestTime.WithLabelValues(a.Path).Observe(a.Duration.Seconds())
	m.limiterWait.Observe(a.LimiterWait.Seconds())
}

// synced counts a visit, and what it found that no event told.
func (m *metrics) synced(report mirror.Report, first, complete bool) {
	if complete && len(report.Collections) == 0 {
		return // another reconciler has done it
	}
	m.visits.WithLabelValues(strconv.FormatBool(complete)).Inc()
	for _, c := range report.Collections {
		if !first {
			m.differences.WithLabelValues(c.Collection).Add(float64(c.New + c.Changed + c.Gone))
		}
		if c.MissingScope != "" {
			m.disallowed.WithLabelValues(c.Collection).Inc()
		}
	}
}

// label bounds what Oura may name.
func label(t oura.DataType) string {
	if t.Valid() {
		return string(t)
	}
	return "other"
}

// total sums a counter up, over those with the value of a label where one is named.
func (m *metrics) total(name, value string) (sum float64) {
	families, err := m.registry.Gather()
	if err != nil {
		return 0
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			has := func(l *dto.LabelPair) bool { return value == "" || l.GetValue() == value }
			if family.GetName() == name && slices.ContainsFunc(metric.GetLabel(), has) {
				sum += metric.GetCounter().GetValue()
			}
		}
	}
	return sum
}
