package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/redislimit"
)

// fleet is one process: its engines and what is made of them.
type fleet struct {
	cfg     *config
	log     *slog.Logger
	metrics *metrics

	db      *sql.DB
	redis   redis.UniversalClient
	nats    *nats.Conn
	grants  *sqlstore.Store
	mirror  *mirror.Mirror
	events  *stream
	limiter *redislimit.Limiter
	app     *oura.Client // of the application: it has no person's token
	sources *oauth.Sources
	clients *lru.Cache[string, *oura.Client] // of persons

	listener net.Listener // of the webhook receiver; nil: it opens its own
}

// serve runs the parts of a role until ctx ends or one fails, and ends them in order.
func serve(ctx context.Context, cfg *config, log *slog.Logger) error {
	f, err := open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer f.close()
	return f.run(ctx)
}

func (f *fleet) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return f.admin(ctx) })
	for role, part := range map[string]func(context.Context) error{
		roleWeb: f.web, roleWorker: f.work, roleReconciler: f.reconciler,
	} {
		if f.cfg.is(role) {
			g.Go(func() error { return part(ctx) })
		}
	}
	err := g.Wait()
	f.log.InfoContext(ctx, "stopped") // what was begun is done
	return err
}

// open connects to the engines. Those that are away are waited for: a process that starts during an outage should be
// there when it ends.
func open(ctx context.Context, cfg *config, log *slog.Logger) (_ *fleet, err error) {
	f := &fleet{cfg: cfg, log: log, metrics: newMetrics()}
	defer func() {
		if err != nil {
			f.close()
		}
	}()
	if cfg.role != roleWeb { // which has no business there, and goes on receiving without it
		if err := f.openPostgres(ctx); err != nil {
			return nil, err
		}
	}
	if err := f.openNATS(ctx); err != nil {
		return nil, err
	}
	if err := f.openRedis(); err != nil {
		return nil, err
	}
	opts := []oura.Option{
		oura.WithAppCredentials(cfg.clientID, string(cfg.clientSecret)),
		oura.WithLimiter(f.limiter), oura.WithHook(f.metrics.attempt),
	}
	if cfg.ouraURL != "" {
		opts = append(opts, oura.WithBaseURL(cfg.ouraURL))
	}
	if f.app, err = oura.NewClient(opts...); err != nil {
		return nil, err
	}
	if f.clients, err = lru.New[string, *oura.Client](mostClients); err != nil {
		return nil, err
	}
	f.sources, err = oauth.NewSources(context.WithoutCancel(ctx), cfg.oauth(), f.grants.For)
	return f, err
}

func (f *fleet) openPostgres(ctx context.Context) (err error) {
	if f.db, err = openDB(f.cfg); err != nil {
		return err
	}
	// A refresh under way has a connection of its own, and so has a write.
	f.db.SetMaxOpenConns(f.cfg.workers + 8)
	f.db.SetMaxIdleConns(f.cfg.workers)
	f.db.SetConnMaxIdleTime(5 * time.Minute)
	var opts []sqlstore.Option
	if f.cfg.tokenKey != "" {
		opts = append(opts, sqlstore.WithSealing([]byte(f.cfg.tokenKey)))
	} else {
		f.log.WarnContext(ctx, "tokens are kept in plain: set FLEET_TOKEN_KEY")
	}
	if f.grants, err = sqlstore.New(f.db, sqlstore.PostgreSQL, opts...); err != nil {
		return err
	}
	return f.eventually(ctx, "PostgreSQL", func(ctx context.Context) (err error) {
		if err := sqlstore.Migrate(ctx, f.db, sqlstore.PostgreSQL); err != nil {
			return err
		}
		f.mirror, err = mirror.Open(ctx, f.db, mirror.PostgreSQL)
		return err
	})
}

// openDB does no I/O.
func openDB(cfg *config) (*sql.DB, error) {
	c, err := pgx.ParseConfig(cfg.postgres)
	if err != nil {
		return nil, errors.New("the URL of PostgreSQL cannot be read: give postgres://user@host:5432/database") // err quotes it
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	if cfg.schema != "" {
		c.RuntimeParams["search_path"] = cfg.schema
	}
	c.RuntimeParams["application_name"] = "fleet-" + cfg.role
	return stdlib.OpenDB(*c), nil
}

func (f *fleet) openNATS(ctx context.Context) (err error) {
	f.nats, err = nats.Connect(f.cfg.nats, nats.Name("fleet-"+f.cfg.role), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(500*time.Millisecond),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // not Close
				f.log.WarnContext(ctx, "NATS is away", slog.Any("error", err))
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { f.log.InfoContext(ctx, "NATS is back") }))
	if err != nil {
		return errors.New("NATS cannot be used: check its URL and credentials") // err may quote them
	}
	js, err := jetstream.New(f.nats)
	if err != nil {
		return err
	}
	return f.eventually(ctx, "NATS JetStream", func(ctx context.Context) (err error) {
		if !f.nats.IsConnected() {
			return errors.New("no server answers at the address of -nats or $FLEET_NATS")
		}
		f.events, err = ensureStream(ctx, js, f.cfg)
		return err
	})
}

// openRedis does not wait for Redis: the limiter does without, as well as it can.
func (f *fleet) openRedis() (err error) {
	opts := &redis.Options{Addr: f.cfg.redis}
	if strings.Contains(f.cfg.redis, "://") {
		if opts, err = redis.ParseURL(f.cfg.redis); err != nil {
			return errors.New("the URL of Redis cannot be read: give redis://host:6379/0") // err may quote it
		}
	}
	opts.ContextTimeoutEnabled = true
	f.redis = redis.NewClient(opts)
	f.limiter, err = redislimit.New(f.redis, f.cfg.replicas, redislimit.WithName(f.cfg.stream),
		redislimit.WithLimit(f.cfg.limit, f.cfg.window), redislimit.WithLogger(f.log))
	if err == nil {
		f.metrics.watch(f.limiter)
	}
	return err
}

// eventually tries until it works or ctx ends.
func (f *fleet) eventually(ctx context.Context, engine string, do func(context.Context) error) error {
	for {
		try, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := do(try)
		cancel()
		if err == nil {
			return nil
		}
		f.log.WarnContext(ctx, "waiting for an engine", slog.String("engine", engine), slog.Any("error", err))
		if !pause(ctx, time.Second) {
			return fmt.Errorf("%s: %w", engine, errors.Join(ctx.Err(), err))
		}
	}
}

func (f *fleet) close() {
	if f.nats != nil {
		f.nats.Close()
	}
	if f.redis != nil {
		_ = f.redis.Close()
	}
	if f.db != nil {
		_ = f.db.Close()
	}
}
