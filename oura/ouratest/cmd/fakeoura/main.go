// Command fakeoura runs a fake Oura service on this machine, so that programs in any language and CI jobs can be tested
// without an account. All data is made up; nothing is kept.
//
//	go run github.com/oura-go/sdk/oura/ouratest/cmd/fakeoura
//
// It prints its URLs, an access token and the application's credentials as variables for a shell, and serves until it
// is interrupted. Everything that package ouratest says of its Service holds here.
//
// # Driving it
//
// A test in any language drives it over HTTP. These paths take and give JSON; a call that does not fit is answered 400
// with a detail that says why. Where a user may be named, it is by name or id, and the first one if it is left out.
//
// Deliver webhook events, one or an array, to whom they are subscribed, signed; then wait until all were taken or
// given up, and see every attempt:
//
//	curl localhost:8080/fake/events -d '{"event_type":"update","data_type":"daily_sleep","object_id":"ID"}'
//	curl 'localhost:8080/fake/deliveries?wait=30s'
//
// Put the clock forward, so that tokens expire and days of data appear; GET only tells the time:
//
//	curl localhost:8080/fake/clock -d '{"advance":"721h"}'
//
// Add a person, and have a token with the named scopes, or all:
//
//	curl localhost:8080/fake/users -d '{"name":"ada"}'
//	curl localhost:8080/fake/tokens -d '{"user":"ada","scopes":["daily"]}'
//
// Consent, or deny, as a person at the authorization URL; the answer has the URL that the browser is sent back to:
//
//	curl localhost:8080/fake/consent -d '{"url":"AUTHORIZATION URL","user":"ada","scopes":["daily"],"deny":false}'
//
// Have the next request of an endpoint fail, or, with "always", every one until a call without a fault. The faults have
// the names of package ouratest's functions, the endpoints those of the last word of their path:
//
//	curl localhost:8080/fake/faults -d '{"endpoint":"sleep","fault":"RateLimited","retry_after":"2s"}'
//	curl localhost:8080/fake/faults -d '{"endpoint":"subscription","fault":"ServerError","status":503,"always":true}'
//
// Put documents or rows into a collection, one or an array, and take one away:
//
//	curl 'localhost:8080/fake/collections/daily_sleep?user=ada' -d '{"id":"a","day":"2026-05-01","score":81}'
//	curl -X DELETE 'localhost:8080/fake/documents/a?user=ada'
//
// # Oddities
//
// The data has what live data is known to have: nulls and missing keys, bare end dates that are exclusive on some
// collections, several sleeps on one day, and documents of today that go on changing until it is over. Flags ask for more:
//
//	fakeoura -shared-timestamps -late-rows 2h -unknown-properties -unknown-enums
//
// Then some rows share a timestamp, the rows of every third hour come two hours late, and some documents have a property
// "made_up", and all enums a value of that name, that no documentation has.
//
// Whoever reaches its address is given tokens, and consent is a click: keep it on loopback.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/oura-go/sdk/oura/ouratest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fakeoura:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	opts, err := readFlags(args, stderr)
	if err != nil {
		return err
	}
	s, err := ouratest.StartService(opts...)
	if err != nil {
		return err
	}
	defer s.Close()
	report(stdout, s)
	<-ctx.Done()
	fmt.Fprintln(stderr, "fakeoura: closing")
	return nil
}

func readFlags(args []string, stderr io.Writer) ([]ouratest.ServiceOption, error) {
	flags := flag.NewFlagSet("fakeoura", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:8080", "where to listen; port 0 is any free one")
	users := flags.String("users", "", "names of the persons, separated by commas; none is one person without a name")
	history := flags.Int("history", 365, "days of data, today included")
	zone := flags.String("zone", "UTC", "where the persons live, as in Europe/Helsinki")
	clientID := flags.String("client-id", "fake-client-id", "client id of the application")
	secret := flags.String("secret", "fake-client-secret", "client secret of the application; webhooks are signed with it")
	redirect := flags.String("redirect", "", "redirect URLs, separated by commas, compared to the letter; none is any on localhost, but not on 127.0.0.1")
	expires := flags.Duration("expires-in", 30*24*time.Hour, "how long access tokens live")
	lateRows := flags.Duration("late-rows", 0, "every third hour of heart rate and battery appears this long after its time; 0 is at once")
	limit := flags.Int("rate-limit", 0, "requests of the application in five minutes, then 429; 0 is no limit")
	moi := flags.Bool("moi", false, "the application is of today's portal, with endpoints of the Moi family, which is the default")
	cloud := flags.Bool("cloud", false, "the application is of the old portal, with endpoints of the Cloud family")
	var opts []ouratest.ServiceOption
	option := func(name, usage string, o ouratest.ServiceOption) {
		flags.BoolFunc(name, usage, func(text string) error {
			on, err := strconv.ParseBool(text)
			if on {
				opts = append(opts, o)
			}
			return err
		})
	}
	option("scope-in-callback", "what was granted is named in the callback, and not by the token endpoint", ouratest.WithScopeInCallback())
	option("shared-timestamps", "some rows of heart rate and battery have the timestamp of another", ouratest.WithData(ouratest.WithSharedTimestamps()))
	option("unknown-properties", "some documents and rows have a property that is not documented", ouratest.WithUnknownProperties())
	option("unknown-enums", "every enum has a value that is not documented", ouratest.WithData(ouratest.WithUnknownEnums()))
	option("duplicates", "deliver every webhook event twice", ouratest.WithDuplicateDeliveries())
	option("disorder", "deliver webhook events that are emitted together last first", ouratest.WithDisorder())
	option("quick-retries", "repeat failed webhook deliveries every second, ten times, not over an hour",
		ouratest.WithDeliverySchedule(slices.Repeat([]time.Duration{time.Second}, 10)...))
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	loc, err := time.LoadLocation(*zone)
	if err != nil {
		return nil, fmt.Errorf("-zone: %w", err)
	}
	switch {
	case *moi && *cloud:
		return nil, errors.New("an application is of one portal: -moi or -cloud")
	case *clientID == "" || *secret == "":
		return nil, errors.New("-client-id and -secret must not be empty")
	case *history < 0 || *limit < 0:
		return nil, errors.New("-history and -rate-limit must not be negative")
	case *expires <= 0:
		return nil, errors.New("-expires-in must be positive")
	}
	if *limit > 0 {
		opts = append(opts, ouratest.WithRateLimit(*limit, 5*time.Minute))
	}
	if *cloud {
		opts = append(opts, ouratest.WithCloud())
	}
	return append(opts, ouratest.WithAddr(*addr), ouratest.WithHistory(*history), ouratest.WithLocation(loc),
		ouratest.WithAppCredentials(*clientID, *secret), ouratest.WithExpiresIn(*expires), ouratest.WithLateRows(*lateRows),
		ouratest.WithUsers(list(*users)...), ouratest.WithRedirectURLs(list(*redirect)...),
		ouratest.WithHandler(controlPrefix, control)), nil
}

// list splits at commas and leaves out what is empty.
func list(s string) []string {
	var parts []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// report prints what a client needs, as lines that a shell can read.
func report(w io.Writer, s *ouratest.Service) {
	id, secret := s.AppCredentials()
	cfg := s.OAuthConfig()
	fmt.Fprintf(w, "# A fake Oura, ready. Stop it with Ctrl+C.\n")
	for _, v := range [][2]string{
		{"OURA_BASE_URL", s.URL},
		{"OURA_CLIENT_ID", id},
		{"OURA_CLIENT_SECRET", secret},
		{"OURA_AUTHORIZE_URL", cfg.Endpoint.AuthURL},
		{"OURA_TOKEN_URL", cfg.Endpoint.TokenURL},
		{"OURA_REVOKE_URL", s.RevokeURL()},
	} {
		fmt.Fprintf(w, "export %s=%s\n", v[0], quote(v[1]))
	}
	for i, u := range s.Users() {
		number := ""
		if i > 0 {
			number = fmt.Sprint("_", i+1)
		}
		if u.Name != "" {
			fmt.Fprintf(w, "# %s\n", u.Name)
		}
		fmt.Fprintf(w, "export OURA_USER_ID%s=%s\n", number, quote(u.ID))
		fmt.Fprintf(w, "export OURA_ACCESS_TOKEN%s=%s\n", number, quote(u.Token().AccessToken))
	}
}

// quote makes one word of s for a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
