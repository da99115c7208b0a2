package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/oura-go/sdk/oura"
)

// commands are those of the command line.
type commands struct {
	subscriptions     *oura.Subscriptions
	verificationToken string
	out               io.Writer
}

var errUsage = errors.New("usage: subscriptions list | create EVENT DATA URL | renew ID | delete ID")

func (c *commands) do(ctx context.Context, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "list":
		return c.list(ctx)
	case len(args) == 4 && args[0] == "create":
		return c.create(ctx, oura.EventType(args[1]), oura.DataType(args[2]), args[3])
	case len(args) == 2 && args[0] == "renew":
		sub, err := c.subscriptions.Renew(ctx, args[1])
		if err != nil {
			return err
		}
		return c.print(sub)
	case len(args) == 2 && args[0] == "delete":
		if err := c.subscriptions.Delete(ctx, args[1]); err != nil {
			return err
		}
		_, err := fmt.Fprintln(c.out, "deleted", args[1])
		return err
	default:
		return errUsage
	}
}

func (c *commands) list(ctx context.Context) error {
	all, err := c.subscriptions.List(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(c.out, "there are no subscriptions")
		return err
	}
	return c.print(all...)
}

func (c *commands) create(ctx context.Context, event oura.EventType, data oura.DataType, callbackURL string) error {
	if !event.Valid() || !data.Valid() {
		fmt.Fprintf(c.out, "note: this version of the module does not know %q of %q; the service may\n", event, data)
	}
	sub, err := c.subscriptions.Create(ctx, oura.SubscriptionRequest{
		CallbackURL: callbackURL, VerificationToken: c.verificationToken, EventType: event, DataType: data,
	})
	if err != nil {
		return err
	}
	return c.print(sub)
}

func (c *commands) print(subs ...oura.Subscription) error {
	for _, s := range subs {
		left := time.Until(s.ExpirationTime).Hours() / 24
		_, err := fmt.Fprintf(c.out, "%s  %s of %s, ends %s, in %.0f days\n  to %s\n", s.ID, s.EventType, s.DataType,
			s.ExpirationTime.Format(time.DateOnly), left, s.CallbackURL)
		if err != nil {
			return err
		}
	}
	return nil
}
