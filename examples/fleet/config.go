package main

import (
	"cmp"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
)

// The roles of a process.
const (
	roleWeb        = "web"
	roleWorker     = "worker"
	roleReconciler = "reconciler"
	roleAll        = "all"
	roleLocal      = "local"
)

// config is what a process is told. Secrets come from the environment alone, since flags show in a list of processes.
type config struct {
	role     string
	logLevel slog.Level

	postgres, redis, nats string // where the engines are
	schema                string // of PostgreSQL; "": the connection's own
	stream                string // of JetStream, and the name under which Redis counts
	streamReplicas        int
	streamBytes           int64 // which JetStream sets aside for the stream

	ouraURL            string // "": the live service
	family             string // of the OAuth endpoints: moi or cloud
	clientID           string
	clientSecret       secret
	verificationToken  secret
	tokenKey           secret // 32 bytes; "": tokens are kept in plain
	callbackURL        string // "": subscriptions are somebody else's business
	dataTypes          []string
	listen, admin      string
	replicas           int // processes that ask Oura, at most
	limit              int // requests in a window
	window             time.Duration
	workers            int           // events that a worker process handles at once
	ackWait            time.Duration // after which NATS gives an event to another worker
	dedupe             time.Duration
	reconcileEvery     time.Duration // of each person
	reconcilePerMinute int           // persons, in each reconciler

	users, events int // of the simulation
}

// simulated are the types that the simulation has, which are the default elsewhere too.
const simulated = "daily_activity,daily_readiness,daily_sleep,sleep,workout"

const usage = `fleet [web | worker | reconciler | all | local] [flags]

Without a role, or as local, it runs all parts against an embedded fake service and ends with a summary. The others are
for a real application, in as many replicas as needed: web verifies webhooks and queues events, worker applies them to
the copies, reconciler copies who joins, finds what no event told, forgets who leaves and keeps tokens fresh. They read
from the environment, besides what the flags name:

  OURA_CLIENT_ID, OURA_CLIENT_SECRET   of the application
  OURA_VERIFICATION_TOKEN              of its subscriptions: any secret of yours, for web
  FLEET_TOKEN_KEY                      seals tokens in PostgreSQL: openssl rand -base64 32

`

// parse reads flags and environment. What is wrong is named, and no secret is in it.
func parse(args []string, getenv func(string) string, stderr io.Writer) (*config, error) {
	c := &config{
		role: roleLocal, clientID: getenv("OURA_CLIENT_ID"), clientSecret: secret(getenv("OURA_CLIENT_SECRET")),
		verificationToken: secret(getenv("OURA_VERIFICATION_TOKEN")),
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		c.role, args = args[0], args[1:]
	}
	if !slices.Contains([]string{roleWeb, roleWorker, roleReconciler, roleAll, roleLocal}, c.role) {
		return nil, fmt.Errorf("there is no role %q: give web, worker, reconciler, all or local", c.role)
	}
	fs := flag.NewFlagSet("fleet "+c.role, flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, usage)
		fs.PrintDefaults()
	}
	fs.TextVar(&c.logLevel, "log-level", slog.LevelInfo, "least `level` that is logged")
	fs.StringVar(&c.postgres, "postgres", cmp.Or(getenv("FLEET_POSTGRES"), "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"), "`URL` of PostgreSQL; $FLEET_POSTGRES")
	fs.StringVar(&c.redis, "redis", cmp.Or(getenv("FLEET_REDIS"), "127.0.0.1:6379"), "`address` or redis:// URL; $FLEET_REDIS")
	fs.StringVar(&c.nats, "nats", cmp.Or(getenv("FLEET_NATS"), "nats://127.0.0.1:4222"), "`URLs` of NATS, separated by commas; $FLEET_NATS")
	fs.StringVar(&c.schema, "schema", "", "`schema` of PostgreSQL in place of the connection's own")
	fs.StringVar(&c.stream, "stream", "OURA", "`name` of the JetStream stream and of the budget in Redis")
	fs.IntVar(&c.streamReplicas, "stream-replicas", 1, "servers of the NATS cluster that keep each event; 3 where there are 3")
	fs.Int64Var(&c.streamBytes, "stream-bytes", 1<<30, "most that the stream may hold, which NATS sets aside on its disk; an event takes some 0.4 KB")
	fs.StringVar(&c.ouraURL, "oura-url", getenv("FLEET_OURA_URL"), "`origin` in place of the live service; $FLEET_OURA_URL")
	fs.StringVar(&c.family, "oauth-family", "moi", "OAuth endpoints of the application: moi, or cloud for one of the old portal that signs in there")
	fs.StringVar(&c.callbackURL, "callback-url", getenv("FLEET_CALLBACK_URL"), "public `URL` of /oura: web keeps subscriptions to it alive; $FLEET_CALLBACK_URL")
	types := fs.String("data-types", simulated, "`types` to subscribe to and to copy")
	fs.StringVar(&c.listen, "listen", "127.0.0.1:8080", "`address` of the webhook receiver")
	fs.StringVar(&c.admin, "admin", "127.0.0.1:9090", "`address` of /healthz, /readyz and /metrics: not for the public")
	fs.IntVar(&c.replicas, "replicas", 5, "highest number of processes of all roles at once; the same for all")
	fs.IntVar(&c.limit, "limit", 5000, "requests that Oura allows the application in a window")
	fs.DurationVar(&c.window, "window", 5*time.Minute, "length of that window")
	fs.IntVar(&c.workers, "workers", 16, "events that a worker handles at once")
	fs.DurationVar(&c.ackWait, "ack-wait", time.Minute, "after which an event goes to another worker")
	fs.DurationVar(&c.dedupe, "dedupe", 20*time.Minute, "for how long JetStream knows the keys of events")
	fs.DurationVar(&c.reconcileEvery, "reconcile-every", 7*24*time.Hour, "after which a person's last days are read again")
	fs.IntVar(&c.reconcilePerMinute, "reconcile-per-minute", 60, "persons whom a reconciler visits in a minute, at most")
	fs.IntVar(&c.users, "users", 1000, "local: simulated users")
	fs.IntVar(&c.events, "events", 2000, "local: events before it ends")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	c.dataTypes = strings.Split(strings.ReplaceAll(*types, " ", ""), ",")
	key, err := base64.StdEncoding.DecodeString(getenv("FLEET_TOKEN_KEY"))
	if err != nil {
		return nil, errors.New("FLEET_TOKEN_KEY is not base64: make one with: openssl rand -base64 32")
	}
	c.tokenKey = secret(key)
	return c, c.check()
}

func (c *config) check() error {
	var errs []error
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	client, err := oura.NewClient(oura.WithSandbox()) // of any client: they all have the same collections
	if err != nil {
		return err
	}
	for _, t := range c.dataTypes {
		named := func(known oura.Collection) bool { return string(known.DataType) == t }
		wrong(!slices.ContainsFunc(client.Collections(), named), "-data-types: there are no documents of a type %q", t)
		wrong(c.role == roleLocal && !slices.Contains(strings.Split(simulated, ","), t), "-data-types: the simulation has no %s", t)
	}
	wrong(c.family != "cloud" && c.family != "moi", "-oauth-family: %q is neither moi nor cloud", c.family)
	wrong(len(c.tokenKey) != 0 && len(c.tokenKey) != 32, "FLEET_TOKEN_KEY has %d bytes: it must have 32", len(c.tokenKey))
	wrong(min(c.replicas, c.streamReplicas, c.limit, c.workers, c.reconcilePerMinute, c.users, c.events) < 1, "numbers must be positive")
	wrong(c.streamBytes < 1<<20, "-stream-bytes must be a megabyte at least")
	wrong(min(c.window, c.ackWait, c.dedupe, c.reconcileEvery) < time.Second, "durations must be a second at least")
	if c.role != roleLocal {
		wrong(c.clientID == "" || c.clientSecret == "", "set OURA_CLIENT_ID and OURA_CLIENT_SECRET, or run the simulation: fleet local")
		wrong(c.verificationToken == "" && (c.role == roleWeb || c.role == roleAll), "set OURA_VERIFICATION_TOKEN")
	}
	return errors.Join(errs...)
}

// is reports whether the process has the role.
func (c *config) is(role string) bool { return c.role == role || c.role == roleAll }

// oauth is the application as the token endpoint knows it.
func (c *config) oauth() *oauth2.Config {
	family := oauth.Moi
	if c.family == "cloud" {
		family = oauth.Cloud
	}
	if c.ouraURL != "" {
		family = family.At(c.ouraURL)
	}
	return family.Config(c.clientID, string(c.clientSecret), "", oauth.AllScopes()...)
}

// Format keeps the secrets out of every verb, which would not ask unexported fields.
func (c config) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "fleet "+c.role) }

// secret prints as nothing.
type secret string

func (secret) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[secret]") }
func (secret) LogValue() slog.Value       { return slog.StringValue("[secret]") }
