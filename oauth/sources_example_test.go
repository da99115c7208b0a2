package oauth_test

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// A web application has one source for each person who is active, and forgets what it holds when they leave.
func ExampleSources() {
	ctx := context.Background()
	sources, err := oauth.NewSources(ctx, app, grants.For, oauth.WithCapacity(5000, 30*time.Minute))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, person := range []string{"ann", "ben", "ann"} {
		ts, err := sources.For(person) // no I/O, and the same one for all who ask
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = ts // client, err := base.With(oura.WithTokenSource(ts))
	}
	disconnect := func(person string) error {
		if err := oauth.Disconnect(ctx, app, grants.For(person)); err != nil {
			return err
		}
		sources.Forget(person)
		return nil
	}
	_ = disconnect
}

// The application's tokens were refreshed at Cloud until now, and its new configuration is of Moi.
func ExampleWithMovedFrom() {
	store := oauth.NewMemoryStore()
	old := (&oauth2.Token{AccessToken: "access", RefreshToken: "refresh", Expiry: time.Now().Add(time.Hour)}).
		WithExtra(map[string]any{"token_url": oauth.Cloud.TokenURL})
	if err := store.Save(context.Background(), old); err != nil {
		fmt.Println(err)
		return
	}
	cfg := oauth.Moi.Config("client-id", "client-secret", "https://app.example/callback", oauth.AllScopes()...)
	for _, opts := range [][]oauth.Option{nil, {oauth.WithMovedFrom(oauth.Cloud.TokenURL)}} {
		ts, err := oauth.NewTokenSource(context.Background(), cfg, store, opts...)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = ts.Token()
		fmt.Println(err)
	}
	// Output:
	// oauth: the stored grant belongs to another token endpoint than the configured one
	// <nil>
}
