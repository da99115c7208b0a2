package oura_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// One person on the command line: log in once, keep the tokens, let them renew themselves.
func Example_login() {
	cfg := oauth.Moi.Config(os.Getenv("OURA_CLIENT_ID"), os.Getenv("OURA_CLIENT_SECRET"),
		"http://localhost:8910/callback", // as registered, character by character
		oauth.AllScopes()...)
	store := oauth.NewFileStore("token.json")
	if _, err := oauth.Login(ctx, cfg, store); err != nil { // opens the browser; needed once
		log.Fatal(err)
	}

	ts, err := oauth.NewTokenSource(ctx, cfg, store)
	if err != nil {
		log.Fatal(err)
	}
	client, err := oura.NewClient(oura.WithTokenSource(ts))
	if err != nil {
		log.Fatal(err)
	}
	me, err := client.PersonalInfo(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(me.ID)
}

// A web application with a grant for each of its users.
func Example_webApplication() {
	userOf := func(*http.Request) string { return "ada" }

	// snippet
	id, secret := os.Getenv("OURA_CLIENT_ID"), os.Getenv("OURA_CLIENT_SECRET")
	cfg := oauth.Moi.Config(id, secret, "https://app.example.com/callback", oauth.ScopeDaily, oauth.ScopeHeartRate)
	grants := func(user string) *oauth.FileStore { return oauth.NewFileStore("tokens/" + user + ".json") }
	sources, err := oauth.NewSources(ctx, cfg, grants)
	if err != nil {
		log.Fatal(err)
	}
	app, err := oura.NewClient(oura.WithAppCredentials(id, secret)) // the clients of all users come from it
	if err != nil {
		log.Fatal(err)
	}

	callback := &oauth.Callback{Config: cfg, Success: func(w http.ResponseWriter, r *http.Request, token *oauth2.Token) {
		user := userOf(r) // who is logged in to your application
		if err := grants(user).Save(r.Context(), token); err != nil {
			http.Error(w, "Please try again.", http.StatusInternalServerError)
			return
		}
		sources.Forget(user) // what it read from the store before
		http.Redirect(w, r, "/me", http.StatusSeeOther)
	}}
	http.HandleFunc("GET /connect", callback.Begin)
	http.Handle("GET /callback", callback)

	http.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		me, err := func() (oura.PersonalInfo, error) {
			tokens, err := sources.For(userOf(r))
			if err != nil {
				return oura.PersonalInfo{}, err
			}
			client, err := app.With(oura.WithTokenSource(tokens)) // shares the rate limit
			if err != nil {
				return oura.PersonalInfo{}, err
			}
			return client.PersonalInfo(r.Context())
		}()
		switch {
		case errors.Is(err, oauth.ErrNoToken), errors.Is(err, oauth.ErrReauthorize):
			http.Redirect(w, r, "/connect", http.StatusSeeOther)
		case err != nil:
			http.Error(w, "Please try again.", http.StatusBadGateway)
		default:
			fmt.Fprintln(w, me.ID)
		}
	})
	// end snippet
}

// An application that is told about new data and fetches it.
func Example_webhooks() {
	secret, token := os.Getenv("OURA_CLIENT_SECRET"), os.Getenv("OURA_VERIFICATION_TOKEN")
	queue := webhook.NewQueue(1000, 4, func(ctx context.Context, ev webhook.Event) error {
		doc, err := client.Object(ctx, ev.DataType, ev.ObjectID) // *oura.Sleep, *oura.DailySleep, …
		if err != nil {
			return err
		}
		return save(doc)
	})
	http.Handle("/oura", &webhook.Handler{
		ClientSecret: secret, VerificationToken: token,
		Handle: queue.Enqueue, Duplicates: webhook.NewDuplicates(0, 0),
	})
	server := &http.Server{Addr: ":8080", ReadTimeout: 10 * time.Second}
	go func() { log.Fatal(server.ListenAndServe()) }() // must be serving before subscriptions are made

	app, err := oura.NewClient(oura.WithAppCredentials(os.Getenv("OURA_CLIENT_ID"), secret))
	if err != nil {
		log.Fatal(err)
	}
	err = app.Subscriptions.KeepAlive(ctx, oura.SubscriptionRequest{
		CallbackURL: "https://example.com/oura", VerificationToken: token,
		EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
	})
	log.Print(err) // when ctx has ended, or the credentials are refused
}

// A test of code that reads Oura data: no account, no network, no waiting.
func Example_testing() {
	var t *testing.T // in a test, its argument

	mock := ouratest.New(t)
	day1, day2 := oura.Date{Year: 2026, Month: time.March, Day: 1}, oura.Date{Year: 2026, Month: time.March, Day: 2}
	mock.DailySleep.Add(oura.DailySleep{ID: "a", Day: day1}, oura.DailySleep{ID: "b", Day: day2})
	mock.DailySleep.PageSize(1).FailOnce(ouratest.RateLimited(time.Second))

	got, err := oura.Collect(mock.Client().DailySleep.List(t.Context(), oura.Days(day1, day2)))
	if err != nil || len(got) != 2 {
		t.Errorf("%d documents, %v", len(got), err)
	}
}
