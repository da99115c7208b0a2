// Login asks for consent in the browser, keeps the grant in a file, and reads with it.
//
//	go run ./examples/login            with the consent page of the embedded fake service
//	go run ./examples/login -yes       the same, and the page is answered by the program
//	go run ./examples/login -paste     open the page in any browser, on any machine, and paste the address that it ends at
//	go run ./examples/login -logout    end the grant, at the service and in the file
//
// For your own account, register an application at https://developer.ouraring.com/applications, with
// http://localhost:8910/callback as redirect URL, and set OURA_CLIENT_ID and OURA_CLIENT_SECRET (OURA_REDIRECT_URL for
// another URL on localhost, OURA_TOKEN_FILE for another file). The other examples then read your data with this grant.
//
// It prints what was granted, whose data it is, and the days that the access token is good for. On the embedded service
// it then lets a month pass, so that you can see an expired token being replaced and the new one being kept. Tokens are
// never printed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
)

func main() {
	yes := flag.Bool("yes", false, "answer the consent page of the embedded service by itself")
	paste := flag.Bool("paste", false, "open no browser, and read the address that the consent page ends at from the terminal")
	logout := flag.Bool("logout", false, "end the grant")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var options []oauth.LoginOption
	if *paste { // on a server, in a container: the person's browser is elsewhere
		options = append(options, oauth.WithPaste(os.Stdin))
	}
	run := live
	if !source.HasApp() {
		run = func(ctx context.Context, logout bool, options ...oauth.LoginOption) error {
			return embedded(ctx, *yes, logout, options...)
		}
	}
	if err := run(ctx, *logout, options...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// live logs in to the real service.
func live(ctx context.Context, logout bool, options ...oauth.LoginOption) error {
	cfg, _, err := source.Config()
	if err != nil {
		return err
	}
	file, err := source.TokenFile()
	if err != nil {
		return err
	}
	store := oauth.NewFileStore(file)
	if logout {
		return disconnect(ctx, cfg, store)
	}
	if err := ensureGrant(ctx, cfg, store, options...); err != nil {
		return err
	}
	client, err := newClient(ctx, cfg, store, source.Options()...)
	if err != nil {
		return err
	}
	err = whoAmI(ctx, client, store)
	if errors.Is(err, oauth.ErrReauthorize) { // revoked since, or used up elsewhere
		fmt.Println("The grant has ended: please consent again.")
		if _, err := oauth.Login(ctx, cfg, store, options...); err != nil {
			return err
		}
		err = whoAmI(ctx, client, store)
	}
	return err
}

// embedded logs in to the fake service, and goes through the life of a grant.
func embedded(ctx context.Context, yes, logout bool, options ...oauth.LoginOption) error {
	src, err := source.Embedded()
	if err != nil {
		return err
	}
	defer src.Close()
	folder, err := os.MkdirTemp("", "oura-login-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()

	cfg := src.Service.OAuthConfig()
	cfg.RedirectURL = source.RedirectURL()
	store := oauth.NewFileStore(filepath.Join(folder, "token.json"))
	if yes || logout {
		options = append(options, oauth.WithBrowser(consenting(src.Service)))
	}
	if err := ensureGrant(ctx, cfg, store, options...); err != nil {
		return err
	}
	client, err := newClient(ctx, cfg, store, oura.WithBaseURL(src.Service.URL), oura.WithHTTPClient(src.Service.HTTPClient()))
	if err != nil {
		return err
	}
	if err := whoAmI(ctx, client, store); err != nil {
		return err
	}

	before, err := store.Load(ctx)
	if err != nil {
		return err
	}
	src.Service.Advance(31 * 24 * time.Hour)
	fmt.Println("\nA month later the access token has expired. The next call renews it on its way:")
	if err := whoAmI(ctx, client, store); err != nil {
		return err
	}
	after, err := store.Load(ctx)
	if err != nil {
		return err
	}
	fmt.Println("\nThe refresh token was replaced:", before.RefreshToken != after.RefreshToken)
	if logout {
		return disconnect(ctx, cfg, store)
	}
	return nil
}

// ensureGrant asks for consent unless the store has a grant. A grant can come back smaller than what was asked for.
func ensureGrant(ctx context.Context, cfg *oauth2.Config, store oauth.Store, options ...oauth.LoginOption) error {
	token, err := store.Load(ctx)
	if errors.Is(err, oauth.ErrNoToken) {
		token, err = oauth.Login(ctx, cfg, store, options...)
	}
	if err != nil {
		return err
	}
	fmt.Println("Granted:")
	for some := range slices.Chunk(oauth.GrantedScopes(token), 6) {
		fmt.Println(" ", strings.Join(some, " "))
	}
	if missing := oauth.MissingScopes(token, cfg.Scopes...); len(missing) > 0 {
		fmt.Println("Not granted:", strings.Join(missing, " "))
	}
	return nil
}

// newClient is what a program of your own needs: a source of tokens that renews and keeps them, and a client.
func newClient(ctx context.Context, cfg *oauth2.Config, store oauth.Store, options ...oura.Option) (*oura.Client, error) {
	tokens, err := oauth.NewTokenSource(ctx, cfg, store)
	if err != nil {
		return nil, err
	}
	return oura.NewClient(append(options, oura.WithTokenSource(tokens))...)
}

func whoAmI(ctx context.Context, client *oura.Client, store *oauth.FileStore) error {
	me, err := client.PersonalInfo(ctx)
	if err != nil {
		return err
	}
	token, err := store.Load(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("Logged in as %s.\nThe access token is good until %s and renewed by itself.\nIt is kept in %v\n",
		me.ID, token.Expiry.Format("2 January 2006"), store)
	return nil
}

func disconnect(ctx context.Context, cfg *oauth2.Config, store oauth.Store) error {
	if err := oauth.Disconnect(ctx, cfg, store); err != nil {
		return err
	}
	fmt.Println("The grant has ended, at the service and here.")
	return nil
}
