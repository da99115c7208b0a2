package oura_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// One collection whatever its model: the last of two nights by its id, as a model and as JSON.
func ExampleCollection() {
	service := ouratest.NewService(ouratest.WithHistory(3))
	defer service.Close()
	ctx := context.Background()
	yesterday := oura.Today(time.UTC).AddDays(-1) // today's score comes with the end of the night

	for _, c := range service.Client().Collections() {
		if c.Path != "daily_sleep" {
			continue
		}
		var id string
		for document, err := range c.List(ctx, oura.Days(yesterday.AddDays(-1), yesterday)) {
			if err != nil {
				log.Fatal(err)
			}
			score := document.(*oura.DailySleep)
			fmt.Println(c.At(document).Equal(score.Day.In(time.UTC)))
			id = score.ID
		}
		document, err := c.Get(ctx, id)
		_, typed := document.(*oura.DailySleep)
		fmt.Println(typed, err)
		raw, err := c.GetJSON(ctx, id)
		fmt.Println(json.Valid(raw), err)
	}
	// Output:
	// true
	// true
	// true <nil>
	// true <nil>
}

// Copy pages of every collection, each with the cursor to go on from after an interruption.
func ExampleCollection_Pages() {
	var client *oura.Client // as in the example of NewClient
	ctx := context.Background()
	for _, c := range client.Collections() {
		if !c.Dated {
			continue
		}
		for page, err := range c.Pages(ctx, oura.LastDays(30, time.Local)) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(c.Name, len(page.Data), page.Next)
		}
		for page, err := range c.PagesJSON(ctx, oura.LastDays(30, time.Local)) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(c.Name, len(page.Data), page.Next)
		}
	}
}

// Find what events have missed, for every collection that has ids.
func ExampleCollection_Reconcile() {
	var client *oura.Client // as in the example of NewClient
	known := map[string]oura.Known{}
	for _, c := range client.Collections() {
		if c.Series {
			continue
		}
		if known[c.Path] == nil {
			known[c.Path] = oura.Known{}
		}
		for change, err := range c.Reconcile(context.Background(), 14, known[c.Path]) {
			if err != nil {
				log.Fatal(err)
			}
			if change.Type == oura.EventTypeDelete {
				delete(known[c.Path], change.Key)
				continue
			}
			// Store change.Document, and then:
			if _, err := c.Note(known[c.Path], change.Document); err != nil {
				log.Fatal(err)
			}
		}
	}
}

// Checkpoints in a time series: the cursor of the last page that was stored.
func ExampleTimeSeries_Pages() {
	var client *oura.Client // as in the example of NewClient
	to := time.Now()
	for page, err := range client.HeartRate.Pages(context.Background(), oura.Between(to.AddDate(0, -3, 0), to)) {
		if err != nil {
			log.Fatal(err) // go on later with oura.Resume
		}
		fmt.Println(len(page.Data), page.Next)
	}
}

// Days and times as the service writes them. A LocalDateTime may lack the zone; then it is the person's.
func ExampleParseDate() {
	day, err := oura.ParseDate("2026-05-04")
	fmt.Println(day.AddDays(1), err)
	at, err := oura.ParseLocalDateTime("2026-05-04T07:30:00")
	fmt.Println(at.HasOffset, at.In(time.UTC).Format(time.Kitchen), err)
	fmt.Println(oura.LocalDateTimeOf(time.Date(2026, time.May, 4, 7, 30, 0, 0, time.UTC)).HasOffset)
	// Output:
	// 2026-05-05 <nil>
	// false 7:30AM <nil>
	// true
}

// A connection of the program's own, such as through a proxy; a name that the service sees; and a bound for a body.
func ExampleWithHTTPClient() {
	service := ouratest.NewService()
	defer service.Close()

	client, err := oura.NewClient(
		oura.WithAccessToken("a-token"),
		oura.WithHTTPClient(service.HTTPClient()), // its Transport, Jar and Timeout
		oura.WithUserAgent("my-program/1.0"),      // in place of the module's
		oura.WithMaxBody(16<<20),
	)
	fmt.Println(client != nil, err)
	// Output: true <nil>
}

// Subscriptions by hand. Ensure and KeepAlive do all of this.
func ExampleSubscriptions() {
	var app *oura.Client // with WithAppCredentials
	ctx := context.Background()

	all, err := app.Subscriptions.List(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, sub := range all {
		switch {
		case sub.CallbackURL == "https://old.example.com/oura":
			err = app.Subscriptions.Delete(ctx, sub.ID)
		case time.Until(sub.ExpirationTime) < 7*24*time.Hour:
			sub, err = app.Subscriptions.Renew(ctx, sub.ID)
		case sub.EventType == oura.EventTypeCreate:
			sub, err = app.Subscriptions.Update(ctx, sub.ID, oura.SubscriptionRequest{
				CallbackURL: sub.CallbackURL, VerificationToken: "a-token", EventType: oura.EventTypeUpdate, DataType: sub.DataType,
			})
		default:
			sub, err = app.Subscriptions.Get(ctx, sub.ID)
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sub.EventType, sub.DataType, sub.ExpirationTime)
	}
}
