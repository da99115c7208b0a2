package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/webhook"
)

// web receives events. It holds nothing: an event that it answers 200 is in JetStream, and any other comes again, to
// this replica or another.
func (f *fleet) web(ctx context.Context) error {
	server := &http.Server{
		Handler: f.webHandler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(f.log.Handler(), slog.LevelWarn),
	}
	listener := f.listener
	if listener == nil {
		var err error
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", f.cfg.listen); err != nil {
			return err
		}
	}
	f.log.InfoContext(ctx, "webhooks are received", slog.String("address", listener.Addr().String()))

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return f.keepSubscribed(ctx) })
	g.Go(func() error { return serveHTTP(ctx, server, listener) })
	return g.Wait()
}

func (f *fleet) webHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/oura", &webhook.Handler{
		ClientSecret:      string(f.cfg.clientSecret),
		VerificationToken: string(f.cfg.verificationToken),
		Handle:            f.receive,
		Logger:            f.log,
	})
	return promhttp.InstrumentHandlerDuration(f.metrics.webhookTime, mux)
}

// serveHTTP serves until ctx ends, and then answers what has begun.
func serveHTTP(ctx context.Context, server *http.Server, listener net.Listener) error {
	const patience = 15 * time.Second // longer than Handle may take
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		stopped <- server.Shutdown(ctx)
	})
	err := server.Serve(listener)
	if !stop() {
		return <-stopped
	}
	return err
}

// receive is called with an event that is proven to come from Oura. An error is a 5xx, and the event comes again.
func (f *fleet) receive(ctx context.Context, ev webhook.Event) error {
	duplicate, err := f.events.publish(ctx, ev)
	if err == nil {
		f.metrics.events.WithLabelValues(label(ev.DataType), strconv.FormatBool(duplicate)).Inc()
	}
	return err
}

// keepSubscribed holds a subscription for each type of event and data. Replicas may do so at once.
func (f *fleet) keepSubscribed(ctx context.Context) error {
	if f.cfg.callbackURL == "" {
		return nil
	}
	client, err := f.app.With(oura.WithLogger(f.log)) // the others' requests are in the metrics: "not found" is no news there
	if err != nil {
		return err
	}
	var types []oura.DataType
	for _, t := range f.cfg.dataTypes {
		types = append(types, oura.DataType(t))
	}
	err = client.Subscriptions.KeepAlive(ctx, oura.AllEvents(f.cfg.callbackURL, string(f.cfg.verificationToken), types...)...)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	// What is subscribed already is still received.
	f.log.ErrorContext(ctx, "subscriptions are not kept alive any more", slog.Any("error", err))
	return nil
}
