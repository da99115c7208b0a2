package mirror_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/webhook"
)

// The driver is the program's choice: here it has imported modernc.org/sqlite.
func Example() {
	ctx := context.Background()
	client, err := oura.NewClient(oura.WithAccessToken(os.Getenv("OURA_ACCESS_TOKEN")))
	if err != nil {
		log.Fatal(err)
	}

	// snippet
	db, err := sql.Open("sqlite", "file:oura.db?_pragma=journal_mode(WAL)")
	if err != nil {
		log.Fatal(err)
	}
	m, err := mirror.Open(ctx, db, mirror.SQLite) // makes its tables and views
	if err != nil {
		log.Fatal(err)
	}
	info, err := client.PersonalInfo(ctx)
	if err != nil {
		log.Fatal(err)
	}
	me := m.Person(info.ID)

	// All there is, the first time; then what is new, late, changed or gone. Killed anywhere, the next one goes on.
	report, err := me.Sync(ctx, client, mirror.Progress(func(s mirror.Status) {
		fmt.Printf("\r%3.0f%% %s %v", 100*s.Share, s.Collection, s.Day)
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("\nnew, changed or gone:", report.Changes(), "not granted:", report.Missing())

	// Offline, typed; or in SQL: SELECT day, score FROM oura_daily_sleep
	today := oura.Today(nil)
	for night, err := range mirror.Days[oura.Sleep](ctx, me, today.AddDays(-30), today) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(night.Day, oura.Or(night.TotalSleepDuration, 0))
	}
	// end snippet
}

// Events keep the copies right between two Syncs.
func ExampleMirror_Handler() {
	var m *mirror.Mirror                            // from Open
	var clientOf func(string) (*oura.Client, error) // the application's: one client for each person

	http.Handle("/oura", &webhook.Handler{
		ClientSecret:      os.Getenv("OURA_CLIENT_SECRET"),
		VerificationToken: os.Getenv("OURA_VERIFICATION_TOKEN"),
		Handle:            m.Handler(clientOf),
	})
}

// A person asks for their data, and then to be forgotten.
func ExamplePerson_Forget() {
	ctx := context.Background()
	var me *mirror.Person // from Mirror.Person

	if err := me.Export(ctx, os.Stdout, mirror.JSONLines); err != nil {
		log.Fatal(err)
	}
	rows, err := me.Forget(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows, "rows are gone")
}
