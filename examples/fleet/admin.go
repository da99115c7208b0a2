package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// admin serves health and metrics, apart from what the public can reach.
//
//	/healthz   200 while the process is not stuck: restart it otherwise
//	/readyz    200 while it can do its work: send it no traffic otherwise
//	/metrics   for Prometheus
func (f *fleet) admin(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.cfg.admin)
	if err != nil {
		return err
	}
	f.log.InfoContext(ctx, "health and metrics are served", slog.String("address", listener.Addr().String()))
	server := &http.Server{Handler: f.adminHandler(ctx), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second}
	return serveHTTP(ctx, server, listener)
}

// adminHandler is not ready any more when ctx has ended.
func (f *fleet) adminHandler(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := f.ready(r.Context()); err != nil || ctx.Err() != nil {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			f.log.WarnContext(r.Context(), "not ready", slog.Any("error", err))
		}
	})
	metrics := promhttp.HandlerFor(f.metrics.registry, promhttp.HandlerOpts{})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		f.measure(r.Context())
		metrics.ServeHTTP(w, r)
	})
	return mux
}

// ready asks the engines without which the role's work stands still. Redis is none of them: without it, each process
// has a share of the limit.
func (f *fleet) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if f.cfg.role != roleReconciler {
		if _, _, err := f.events.depth(ctx); err != nil {
			return err
		}
	}
	if f.cfg.role != roleWeb {
		return f.db.PingContext(ctx)
	}
	return nil
}

// measure looks at JetStream when Prometheus asks.
func (f *fleet) measure(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if waiting, underWay, err := f.events.depth(ctx); err == nil {
		f.metrics.waiting.Set(float64(waiting))
		f.metrics.underWay.Set(float64(underWay))
	}
}
