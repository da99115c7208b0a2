package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
)

// local runs every part in this process against a fake service, in a schema, a stream and a budget of its own, which it
// drops at the end.
func local(ctx context.Context, cfg *config, log *slog.Logger, out io.Writer) (err error) {
	begin := time.Now()
	name := "fleet_local_" + strings.ToLower(rand.Text()[:8])
	own := *cfg
	own.role, own.schema, own.stream = roleAll, name, name
	// Oura's limit, 50 times as fast.
	own.limit, own.window, own.replicas = 10*cfg.limit, cfg.window/5, 1
	own.verificationToken, own.tokenKey = secret(rand.Text()), secret(rand.Text()+rand.Text()[:6])
	own.reconcilePerMinute, own.streamBytes = 60_000, 64<<20
	own.reconcileEvery = time.Hour // longer than this takes
	// Held from here on: a port that is only known to be free may be somebody's connection by the time it is needed.
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // which the server may have done
	own.admin, own.callbackURL = "127.0.0.1:0", "http://"+listener.Addr().String()+"/oura"

	sim, err := newSimulation(&own, ouratest.WithDeliverySchedule(time.Second, time.Second, 2*time.Second, 4*time.Second))
	if err != nil {
		return err
	}
	defer sim.service.Close()
	own.ouraURL = sim.service.URL
	id, key := sim.service.AppCredentials()
	own.clientID, own.clientSecret = id, secret(key)

	drop, err := makeSchema(ctx, &own)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	// Nobody is there to start an engine later.
	opening, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	f, err := open(opening, &own, log)
	if err != nil {
		return err
	}
	defer f.close()
	f.listener = listener
	defer func() { err = errors.Join(err, f.dropStream()) }()
	if err := sim.grant(ctx, f.grants, true); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d users, %d events, each delivered twice and in disorder; %d requests allowed in %s\n",
		own.users, own.events, own.limit, own.window)

	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- f.run(running) }()
	differ, err := f.simulate(ctx, sim)
	stop()
	if err := errors.Join(err, <-ended); err != nil {
		return err
	}
	f.summarize(out, sim, time.Since(begin))
	fmt.Fprintf(out, "result       %d differences between the copies and the service\n", len(differ))
	if len(differ) > 0 {
		return errors.New("what is stored is not what the service has")
	}
	return nil
}

// simulate waits until everybody is copied, has events happen, waits until they are handled, has some more happen that
// nobody tells of, and has everybody reconciled.
func (f *fleet) simulate(ctx context.Context, sim *simulation) ([]mirror.Difference, error) {
	const batch, interval = 50, 100 * time.Millisecond
	for _, step := range []func() error{
		func() error { return sim.subscribed(ctx) },
		func() error {
			copied := func() bool { return int(f.metrics.total("fleet_reconciled_users_total", "true")) >= len(sim.users) }
			return until(ctx, copied)
		},
		func() error { return sim.emit(ctx, f.cfg.events, batch, interval) },
		func() error { return sim.service.WaitDeliveries(ctx) },
		func() error {
			return until(ctx, func() bool {
				waiting, underWay, err := f.events.depth(ctx)
				return err == nil && waiting+underWay == 0
			})
		},
		func() error { sim.upload(f.lost()); return f.syncAll(ctx, sim) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return sim.compare(ctx, f.mirror)
}

func (f *fleet) syncAll(ctx context.Context, sim *simulation) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(visitsAtOnce)
	for _, user := range sim.users {
		g.Go(func() error { return f.sync(ctx, user.ID, false) })
	}
	return g.Wait()
}

// lost is how many changes no event tells of.
func (f *fleet) lost() int { return max(1, f.cfg.events/50) }

func (f *fleet) summarize(out io.Writer, sim *simulation, took time.Duration) {
	events, attempts, failed := sim.deliveries()
	count := f.metrics.total
	fmt.Fprintf(out, "deliveries   %d of %d events, %d failed and repeated; %.0f stored by JetStream, %.0f known as duplicates\n",
		attempts, events, failed, count("fleet_events_received_total", "false"), count("fleet_events_received_total", "true"))
	fmt.Fprintf(out, "events       %.0f applied, %.0f tried again\n",
		count("fleet_events_handled_total", "applied"), count("fleet_events_handled_total", "again"))
	fmt.Fprintf(out, "requests     %.0f to Oura, %.0f of them refused with 429\n",
		count("fleet_oura_requests_total", ""), count("fleet_oura_requests_total", "429"))
	fmt.Fprintf(out, "tokens       %.0f refreshed ahead of time\n", count("fleet_token_refreshes_total", "ok"))
	fmt.Fprintf(out, "reconciled   %d users; %d changes without an event, %.0f documents differed\n",
		len(sim.users), f.lost(), count("fleet_reconciled_documents_total", ""))
	fmt.Fprintf(out, "took         %s\n", took.Round(100*time.Millisecond))
}

// makeSchema makes an empty schema and returns what drops it.
func makeSchema(ctx context.Context, cfg *config) (drop func() error, err error) {
	db, err := openDB(cfg)
	if err != nil {
		return nil, err
	}
	// The name has letters, digits and underscores alone.
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA "+cfg.schema); err != nil {
		return nil, errors.Join(fmt.Errorf("PostgreSQL at the address of -postgres or $FLEET_POSTGRES: %w", err), db.Close())
	}
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		_, err := db.ExecContext(ctx, "DROP SCHEMA "+cfg.schema+" CASCADE") //nolint:gosec // names take no parameter; it is the one made above
		return errors.Join(err, db.Close())
	}, nil
}

func (f *fleet) dropStream() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return f.events.js.DeleteStream(ctx, f.events.name)
}
