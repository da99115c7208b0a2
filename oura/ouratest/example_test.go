package ouratest_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// The whole fake Oura: a year of data, ready to read.
func ExampleNewService() {
	service := ouratest.NewService()
	defer service.Close()

	yesterday := oura.DateOf(service.Now()).AddDays(-1)
	nights, err := oura.Collect(service.Client().DailySleep.List(context.Background(), oura.Days(yesterday.AddDays(-6), yesterday)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(nights), "nights")
	// Output: 7 nights
}

// A person logs in to an application: consent, code, token, data.
func ExampleService_Consent() {
	service := ouratest.NewService()
	defer service.Close()
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, service.HTTPClient())

	// The application's own code; only the host is that of the fake.
	id, secret := service.AppCredentials()
	cfg := oauth.Moi.At(service.URL).Config(id, secret, "", oauth.ScopeDaily, oauth.ScopeEmail)
	mux := http.NewServeMux()
	mux.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		code, err := oauth.CallbackCode(r, "the state of the session")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		token, err := oauth.Exchange(ctx, cfg, code)
		if err != nil {
			http.Error(w, "the exchange failed", http.StatusBadGateway)
			return
		}
		client, err := service.Client().With(oura.WithTokenSource(oauth2.StaticTokenSource(token)))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		me, err := client.PersonalInfo(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		fmt.Fprintf(w, "Hello, %s.", oura.Or(me.Email, "stranger"))
	})
	app := httptest.NewServer(mux)
	defer app.Close()
	cfg.RedirectURL = strings.Replace(app.URL, "127.0.0.1", "localhost", 1) + "/callback"

	// The person: opens the consent page, allows, and is sent back to the application.
	callback, err := service.Consent(cfg.AuthCodeURL("the state of the session"))
	if err != nil {
		log.Fatal(err)
	}
	resp, err := app.Client().Get(callback)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(page))
	// Output: Hello, person@example.com.
}

// A webhook receiver is tested from the subscription to the document behind an event.
func ExampleService_Emit() {
	service := ouratest.NewService(ouratest.WithDeliverySchedule(0, 0), ouratest.WithDuplicateDeliveries())
	defer service.Close()
	ctx, client := context.Background(), service.Client()

	// The receiver under test.
	_, secret := service.AppCredentials()
	receiver := httptest.NewServer(&webhook.Handler{
		ClientSecret: secret, VerificationToken: "my-token", Duplicates: webhook.NewDuplicates(1000, time.Hour),
		Handle: func(ctx context.Context, ev webhook.Event) error {
			doc, err := client.Object(ctx, ev.DataType, ev.ObjectID)
			if err != nil {
				return err
			}
			fmt.Println(ev.Type, ev.DataType, doc.(*oura.DailySleep).ID == ev.ObjectID)
			return nil
		},
	})
	defer receiver.Close()
	_, err := client.Subscriptions.Create(ctx, oura.SubscriptionRequest{
		CallbackURL: receiver.URL, VerificationToken: "my-token",
		EventType: oura.EventTypeUpdate, DataType: oura.DataTypeDailySleep,
	})
	if err != nil {
		log.Fatal(err)
	}

	// Something happens; the fake delivers it, signed, twice.
	score := ouratest.DailySleep(oura.DateOf(service.Now()).AddDays(-1))
	service.Emit(webhook.Event{Type: "update", DataType: "daily_sleep", ObjectID: score.ID})
	if err := service.WaitDeliveries(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(service.Deliveries()), "deliveries")
	// Output:
	// update daily_sleep true
	// 2 deliveries
}

// Documents that agree with each other, with the oddities that a program should survive.
func ExampleSleep() {
	day := oura.Date{Year: 2026, Month: time.May, Day: 4}
	night := ouratest.Sleep(day, ouratest.WithGaps(0.11), ouratest.WithPerson("ada"))
	fmt.Println(night.Day, *night.DeepSleepDuration+*night.LightSleepDuration+*night.REMSleepDuration == *night.TotalSleepDuration)

	empty := ouratest.Sleep(day, ouratest.WithoutReadings())
	fmt.Println(empty.HeartRate == nil, *empty.LowestHeartRate)
	// Output:
	// 2026-05-04 true
	// true 255
}
