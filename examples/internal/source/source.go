// Package source lets the environment alone decide what the examples read.
//
//	OURA_ACCESS_TOKEN      your data, with a token that you have
//	OURA_CLIENT_ID and
//	OURA_CLIENT_SECRET     your data, with the grant that examples/login keeps; see Config
//	OURA_SANDBOX           the fixed sample data of the service, without an account
//	none of them           the fake service of oura/ouratest, started for the program: a year of made-up data
//
// The first that is set counts. OURA_BASE_URL sends the requests elsewhere: to a gateway, or to a fake service of another
// process, such as oura/ouratest/cmd/fakeoura.
package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// Source is what a program reads.
type Source struct {
	Client  *oura.Client
	Name    string            // for people, as in "your account"
	Sandbox bool              // which has no PersonalInfo, Get, Latest and Fields
	Service *ouratest.Service // the embedded one; nil where another answers
}

// Open returns the source that the environment names. The options are for the embedded service. It sends nothing, and
// the error says which variable to set.
func Open(ctx context.Context, opts ...ouratest.ServiceOption) (*Source, error) {
	switch token := os.Getenv("OURA_ACCESS_TOKEN"); {
	case token != "":
		options := append(Options(), oura.WithAccessToken(token))
		if id, secret := os.Getenv("OURA_CLIENT_ID"), os.Getenv("OURA_CLIENT_SECRET"); id != "" && secret != "" {
			options = append(options, oura.WithAppCredentials(id, secret)) // for subscriptions
		}
		return connect("your account", options...)
	case HasApp():
		return openGrant(ctx)
	case os.Getenv("OURA_SANDBOX") != "":
		s, err := connect("the Oura sandbox, whose days are fixed", append(Options(), oura.WithSandbox())...)
		if err == nil {
			s.Sandbox = true
		}
		return s, err
	case len(Options()) > 0:
		return nil, errors.New("OURA_BASE_URL needs OURA_ACCESS_TOKEN, OURA_CLIENT_ID or OURA_SANDBOX beside it")
	default:
		return Embedded(opts...)
	}
}

// Options are what the environment has for every client that is not of the embedded service: OURA_BASE_URL.
func Options() []oura.Option {
	if origin := os.Getenv("OURA_BASE_URL"); origin != "" {
		return []oura.Option{oura.WithBaseURL(origin)}
	}
	return nil
}

// Embedded starts the fake service. The person lives where this machine is, so that their days are today's.
func Embedded(opts ...ouratest.ServiceOption) (*Source, error) {
	service, err := ouratest.StartService(append([]ouratest.ServiceOption{ouratest.WithLocation(time.Local)}, opts...)...)
	if err != nil {
		return nil, err
	}
	return &Source{Client: service.Client(), Name: "the embedded fake service", Service: service}, nil
}

// Close ends the embedded service.
func (s *Source) Close() {
	if s.Service != nil {
		s.Service.Close()
	}
}

func connect(name string, opts ...oura.Option) (*Source, error) {
	client, err := oura.NewClient(opts...)
	if err != nil {
		return nil, err
	}
	return &Source{Client: client, Name: name}, nil
}

// openGrant reads with the grant that the login example has stored. The token source renews it.
func openGrant(ctx context.Context) (*Source, error) {
	cfg, _, err := Config()
	if err != nil {
		return nil, err
	}
	file, err := TokenFile()
	if err != nil {
		return nil, err
	}
	store := oauth.NewFileStore(file)
	if _, err := store.Load(ctx); err != nil {
		return nil, fmt.Errorf("no grant in %s, run the login example first (go run ./examples/login): %w", file, err)
	}
	tokens, err := oauth.NewTokenSource(ctx, cfg, store)
	if err != nil {
		return nil, err
	}
	return connect("your account", append(Options(), oura.WithTokenSource(tokens), oura.WithAppCredentials(cfg.ClientID, cfg.ClientSecret))...)
}
