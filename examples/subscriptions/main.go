// Subscriptions lists, makes, renews and deletes webhook subscriptions of an application.
//
//	go run ./examples/subscriptions                                     a tour, on the embedded fake service
//	go run ./examples/subscriptions list
//	go run ./examples/subscriptions create update sleep https://example.com/oura
//	go run ./examples/subscriptions renew ID
//	go run ./examples/subscriptions delete ID
//
// For your own application set OURA_CLIENT_ID and OURA_CLIENT_SECRET, and for create OURA_VERIFICATION_TOKEN, which
// your receiver must know, too: it must be serving already, as the webhooks example does.
//
// It prints subscriptions with their id, what they report, where to, and when they end.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oura"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, explain(err))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if !source.HasApp() {
		return tour(ctx, args)
	}
	cfg, _, err := source.Config()
	if err != nil {
		return err
	}
	client, err := oura.NewClient(append(source.Options(), oura.WithAppCredentials(cfg.ClientID, cfg.ClientSecret))...) // needs no person's token
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"list"}
	}
	return (&commands{client.Subscriptions, os.Getenv("OURA_VERIFICATION_TOKEN"), os.Stdout}).do(ctx, args)
}

// explain says what to do about an error of this program's commands.
func explain(err error) string {
	var taken *oura.SubscriptionConflictError
	switch {
	case errors.As(err, &taken):
		return "taken: staging and production share the subscriptions of their application"
	case errors.Is(err, oura.ErrNotFound):
		return "there is no such subscription (any more)"
	case errors.Is(err, oura.ErrUnauthorized):
		return "OURA_CLIENT_ID or OURA_CLIENT_SECRET is wrong"
	case errors.Is(err, oura.ErrServer):
		return "the service did not answer: list before you try again"
	default:
		return strings.TrimSpace(err.Error())
	}
}
