package oura_test

import (
	"context"
	"log"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
	"github.com/oura-go/sdk/oura/mirror"
)

// A person leaves an application: their grant goes, what is in memory of it, and their data.
func Example_personLeaves() {
	var (
		cfg     *oauth2.Config
		grants  *sqlstore.Store
		sources *oauth.Sources
		m       *mirror.Mirror
	)
	// snippet
	leave := func(ctx context.Context, user string) error { // the id that PersonalInfo gives
		if err := oauth.Disconnect(ctx, cfg, grants.For(user)); err != nil {
			return err // the grant may live: call again
		}
		sources.Forget(user)
		rows, err := m.Person(user).Forget(ctx)
		if err != nil {
			return err
		}
		log.Print(rows, " rows are gone")
		return nil
	}
	// end snippet
	_ = leave
}
