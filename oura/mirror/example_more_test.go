package mirror_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/webhook"
)

// Replicas that may stop for long keep their turn for longer; a queue that delivers again itself need not wait for
// documents; a clock is for tests.
func ExampleOpen() {
	var db *sql.DB

	m, err := mirror.Open(context.Background(), db, mirror.PostgreSQL,
		mirror.WithLease(time.Minute), mirror.WithPatience(0), mirror.WithClock(time.Now))
	if errors.Is(err, mirror.ErrNewerSchema) {
		log.Fatal("another replica runs a newer version already: ", err)
	}
	if err != nil {
		log.Fatal(err)
	}
	people, err := m.People(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(people), "people have a copy")
}

// A job that runs each hour, on several replicas, for a person whose grant is known.
func ExamplePerson_Sync() {
	ctx := context.Background()
	var me *mirror.Person
	var client *oura.Client
	var scopes []string // of oauth.GrantedScopes

	report, err := me.Sync(ctx, client,
		mirror.Since(oura.Date{Year: 2026, Month: time.January, Day: 1}),
		mirror.Only("sleep", "daily_sleep", "heartrate"),
		mirror.Granted(scopes...),
		mirror.NoWait())
	switch {
	case errors.Is(err, mirror.ErrBusy):
		return // another replica is at it
	case errors.Is(err, oura.ErrUnauthorized):
		log.Print("send the person to the consent page again: ", err)
	case err != nil:
		log.Print("what has come so far is kept, the next run goes on: ", err)
	}
	fmt.Println(report.Changes())
}

// Once, after the application was down for a month and lost its events.
func ExamplePerson_Sync_afterAnOutage() {
	ctx := context.Background()
	var me *mirror.Person
	var client *oura.Client

	// Sixty days of documents and thirty of series; or everything, by Whole(0).
	_, err := me.Sync(ctx, client, mirror.Trailing(60, 30), mirror.Late(0), mirror.Whole(-1), mirror.AskAgain())
	if err != nil {
		log.Fatal(err)
	}
	differences, err := me.Verify(ctx, client)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range differences { // none, unless the service has changed meanwhile
		fmt.Println(d)
	}
}

// The highest heart rate of a day, and the rings that the person has had.
func ExampleBetween() {
	ctx := context.Background()
	var me *mirror.Person

	to := time.Now()
	highest := 0
	for beat, err := range mirror.Between[oura.HeartRate](ctx, me, to.Add(-24*time.Hour), to) {
		if err != nil {
			log.Fatal(err)
		}
		highest = max(highest, beat.BPM)
	}
	fmt.Println(highest)

	for ring, err := range mirror.All[oura.RingConfiguration](ctx, me) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(ring.ID)
	}
}

// A worker behind a queue of the application's own.
func ExampleMirror_Apply() {
	ctx := context.Background()
	var m *mirror.Mirror
	var clientOf func(userID string) *oura.Client
	var ev webhook.Event // from the queue

	err := m.Apply(ctx, clientOf(ev.UserID), ev)
	switch {
	case errors.Is(err, mirror.ErrNoCopy), errors.Is(err, webhook.ErrMalformed), errors.Is(err, oura.ErrMissingScope):
		// No other try would help: take it off the queue.
	case err != nil:
		log.Print("leave it in the queue: ", err)
	}
}

// The same for every collection, whatever its model: how much there is of each, and the day of the last.
func ExamplePerson_ListJSON() {
	ctx := context.Background()
	var me *mirror.Person
	var client *oura.Client

	for _, c := range client.Collections() {
		n := 0
		var last time.Time
		for raw, err := range me.ListJSON(ctx, c.Path) {
			if err != nil {
				log.Fatal(err)
			}
			doc, err := c.Decode(raw)
			if err != nil {
				log.Print("not like its model: ", err)
				continue
			}
			n, last = n+1, c.At(doc)
		}
		fmt.Println(c.Path, n, last.Format(time.DateOnly))
	}
}

// A job of several replicas that keeps everybody's copy fresh: whom one of them has just seen to, the others pass by.
func ExampleMirror_Due() {
	ctx := context.Background()
	var m *mirror.Mirror
	var clientOf func(userID string) *oura.Client

	due, err := m.Due(ctx, 6*time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	for _, userID := range due {
		_, err := m.Person(userID).Sync(ctx, clientOf(userID), mirror.Every(6*time.Hour), mirror.NoWait())
		if err != nil && !errors.Is(err, mirror.ErrBusy) {
			log.Print("one person's copy: ", err)
		}
	}
}

// The sample data of the sandbox, four collections at a time, without an account.
func ExampleParallel() {
	ctx := context.Background()
	var m *mirror.Mirror

	client, err := oura.NewClient(oura.WithSandbox())
	if err != nil {
		log.Fatal(err)
	}
	sandbox := m.Person(mirror.Sandbox)
	if _, err := sandbox.Sync(ctx, client, mirror.Parallel(4)); err != nil {
		log.Fatal(err)
	}
	at, err := sandbox.Synced(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("as of", at.Format(time.Kitchen))
}
