package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/webhook"
)

// tour gives the arguments, or one command after the other, to a fake service that has a receiver and a subscription.
func tour(ctx context.Context, args []string) error {
	src, err := source.Embedded()
	if err != nil {
		return err
	}
	defer src.Close()
	const token = "a long random text"
	_, secret := src.Service.AppCredentials()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	receiver := &http.Server{
		ReadTimeout: 10 * time.Second,
		Handler: &webhook.Handler{
			ClientSecret: secret, VerificationToken: token,
			Handle: func(context.Context, webhook.Event) error { return nil },
		},
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = receiver.Serve(listener) // ends with Close
	}()
	defer func() { _ = receiver.Close(); <-served }()

	here := "http://" + listener.Addr().String() + "/oura"
	first, err := src.Client.Subscriptions.Create(ctx, oura.SubscriptionRequest{
		CallbackURL: here, VerificationToken: token, EventType: oura.EventTypeCreate, DataType: oura.DataTypeSleep,
	})
	if err != nil {
		return err
	}

	c := &commands{src.Client.Subscriptions, token, os.Stdout}
	if len(args) > 0 {
		return c.do(ctx, args)
	}
	fmt.Printf("On %s.\nSet OURA_CLIENT_ID and OURA_CLIENT_SECRET for your own application.\n", src.Name)
	for _, command := range []string{
		"list",
		"create update sleep " + here,
		"create update sleep " + here, // is there already, as it should be: no error
		"create update sleep " + here + "/staging",
		"renew " + first.ID,
		"delete " + first.ID,
		"renew " + first.ID,
		"list",
	} {
		fmt.Printf("\n$ subscriptions %s\n", command)
		if err := c.do(ctx, strings.Fields(command)); err != nil {
			fmt.Println(explain(err))
		}
	}
	return ctx.Err()
}
