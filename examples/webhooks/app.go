package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// app is what differs between the real service and the embedded one.
type app struct {
	client                          *oura.Client // of the person and of the application
	userID                          string
	clientSecret, verificationToken string
	wanted                          []oura.SubscriptionRequest
	listener                        net.Listener
	path                            string                // of the callback
	deliver                         func(context.Context) // returns when ctx ends
	close                           func()
}

func openApp(ctx context.Context, addr string) (*app, error) {
	if !source.HasApp() {
		return embeddedApp(ctx)
	}
	callback, token := os.Getenv("OURA_WEBHOOK_URL"), os.Getenv("OURA_VERIFICATION_TOKEN")
	if callback == "" || token == "" {
		return nil, errors.New("set OURA_WEBHOOK_URL and OURA_VERIFICATION_TOKEN, too: where Oura reaches this program, and a secret of your choice")
	}
	u, err := url.Parse(callback)
	if err != nil {
		return nil, fmt.Errorf("OURA_WEBHOOK_URL: %w", err)
	}
	src, err := source.Open(ctx)
	if err != nil {
		return nil, err
	}
	cfg, _, err := source.Config()
	if err != nil {
		return nil, err
	}
	me, err := src.Client.PersonalInfo(ctx)
	if err != nil {
		return nil, err
	}
	listener, err := listen(ctx, addr)
	if err != nil {
		return nil, err
	}
	fmt.Printf("Receiving at %s for %s\n", listener.Addr(), callback)
	return &app{
		client: src.Client, userID: me.ID, clientSecret: cfg.ClientSecret, verificationToken: token,
		wanted: oura.AllEvents(callback, token, dataTypes...), listener: listener, path: max(u.Path, "/"),
		deliver: func(context.Context) {}, close: src.Close,
	}, nil
}

// embeddedApp has the fake service deliver to this program.
func embeddedApp(ctx context.Context) (*app, error) {
	src, err := source.Embedded(ouratest.WithDuplicateDeliveries(), ouratest.WithHistory(30))
	if err != nil {
		return nil, err
	}
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		src.Close()
		return nil, err
	}
	const path, token = "/oura", "a long random text"
	_, secret := src.Service.AppCredentials()
	callback := "http://" + listener.Addr().String() + path
	fmt.Printf("Receiving at %s, from %s\n", callback, src.Name)
	return &app{
		client: src.Client, userID: src.Service.User().ID, clientSecret: secret, verificationToken: token,
		wanted: oura.AllEvents(callback, token, dataTypes...), listener: listener, path: path,
		deliver: func(ctx context.Context) { makeEvents(ctx, src) }, close: src.Close,
	}, nil
}

// makeEvents is the life of a person with a ring, in quick motion.
func makeEvents(ctx context.Context, src *source.Source) {
	last := oura.Today(time.Local).AddDays(-1)
	nights, err := oura.Collect(src.Client.Sleep.List(ctx, oura.Days(last.AddDays(-6), last)))
	if err != nil {
		return // interrupted
	}
	days, err := oura.Collect(src.Client.DailyActivity.List(ctx, oura.Days(last.AddDays(-6), last)))
	if err != nil {
		return
	}
	for i := 0; ; i++ {
		night, day := nights[i%len(nights)], days[i%len(days)]
		events := []webhook.Event{
			{Type: oura.EventTypeCreate, DataType: oura.DataTypeSleep, ObjectID: night.ID},
			{Type: oura.EventTypeUpdate, DataType: oura.DataTypeDailyActivity, ObjectID: day.ID},
			{Type: oura.EventTypeDelete, DataType: oura.DataTypeWorkout, ObjectID: fmt.Sprintf("workout-%d", i)},
		}
		for _, ev := range events {
			src.Service.Emit(ev)
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
		}
	}
}
