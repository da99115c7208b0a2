// Fleet is a small, complete service for many users on many machines: it keeps a copy of every document of theirs in
// PostgreSQL, as new as Oura's webhooks.
//
//	go run -C examples/fleet .
//
// That runs all of it in one process against an embedded fake Oura with 1,000 simulated users, with the PostgreSQL,
// Redis and NATS of this machine, and ends with a summary. README.md says how the parts, web, worker and reconciler, fit
// together; fleet -h, which flags and environment variables there are.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/redis/go-redis/v9/logging"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cfg, err := parse(args, os.Getenv, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "fleet:", err)
		return 2
	}
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: cfg.logLevel})).With(slog.String("role", cfg.role))
	logging.Disable() // of the Redis client: the limiter tells the same once, and in JSON
	if cfg.role == roleLocal {
		err = local(ctx, cfg, log, stdout)
	} else {
		err = serve(ctx, cfg, log)
	}
	if err != nil {
		log.ErrorContext(ctx, "fleet ended", slog.Any("error", err))
		return 1
	}
	return 0
}
