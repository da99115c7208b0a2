package oura_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/oura-go/sdk/oura"
)

// The programs below share what a program of yours has anyway.
var (
	ctx    = context.Background()
	client *oura.Client
)

// save, known, upsert and the like stand for what a program does with the data.
func save[T any](...T) error       { return nil }
func checkpoint(string)            {}
func askForConsent(...string)      {}
func retryLater(time.Duration)     {}
func userTokens(string) string     { return os.Getenv("OURA_ACCESS_TOKEN") }
func plot(time.Time, float64)      {}
func show(time.Time, fmt.Stringer) {}

func ExampleNewClient() {
	client, err := oura.NewClient(oura.WithAccessToken(os.Getenv("OURA_ACCESS_TOKEN")))
	if err != nil {
		log.Fatal(err)
	}

	for night, err := range client.Sleep.List(context.Background(), oura.LastDays(7, time.Local)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(night.Day, oura.Or(night.TotalSleepDuration, 0).Duration())
	}
}

// The sandbox needs no account.
func ExampleWithSandbox() {
	client, err := oura.NewClient(oura.WithSandbox())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: oura.Client(https://api.ouraring.com/v2/sandbox)
}

func ExampleDocuments_Get() {
	day, err := client.DailySleep.Get(ctx, "8f9a5221-639e-4a85-81cb-4065ef23f979")
	if errors.Is(err, oura.ErrNotFound) {
		return // deleted since
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(day.Day, oura.Or(day.Score, 0))
}

func ExampleClient_PersonalInfo() {
	me, err := client.PersonalInfo(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(me.ID, oura.Or(me.Age, 0), oura.Or(me.Email, "no e-mail scope"))
}

func ExampleTimeSeries_List() {
	to := time.Now()
	from := to.AddDate(-1, 0, 0)
	for hr, err := range client.HeartRate.List(ctx, oura.Between(from, to), oura.Parallel(4)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(hr.Timestamp.Local(), hr.BPM, hr.Source)
	}
}

func ExampleTimeSeries_Latest() {
	last, err := client.HeartRate.Latest(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(last.BPM, "bpm at", last.Timestamp.Local())
}

func ExampleDocuments_Pages() {
	first, last := oura.Date{Year: 2025, Month: time.January, Day: 1}, oura.Today(time.Local)
	for page, err := range client.DailyActivity.Pages(ctx, oura.Days(first, last)) {
		if err != nil {
			log.Fatal(err)
		}
		if err := save(page.Data...); err != nil {
			log.Fatal(err)
		}
		checkpoint(page.Next) // a string; "" after the last page
	}
}

func ExampleResume() {
	cursor := os.Getenv("CURSOR") // the Next of the last page that was saved
	for page, err := range client.DailyActivity.Pages(ctx, oura.Resume(cursor)) {
		if err != nil {
			log.Fatal(err)
		}
		if err := save(page.Data...); err != nil {
			log.Fatal(err)
		}
		checkpoint(page.Next)
	}
}

func ExampleCollect() {
	today := oura.Today(time.Local)
	workouts, err := oura.Collect(client.Workout.List(ctx, oura.Days(today.AddDays(-30), today)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(workouts), "workouts in a month")
}

// A malformed document costs only itself: the loop decides whether to go on.
func ExampleDocumentError() {
	for night, err := range client.Sleep.List(ctx) {
		var bad *oura.DocumentError
		switch {
		case errors.As(err, &bad):
			log.Print(err) // names the field, prints no value
			continue
		case err != nil:
			log.Fatal(err)
		}
		fmt.Println(night.Day)
	}
}

func ExampleError() {
	_, err := client.DailySpO2.Get(ctx, "an-id")
	var e *oura.Error
	switch {
	case err == nil:
	case errors.Is(err, oura.ErrNotFound):
		// There is no such document.
	case errors.Is(err, oura.ErrMissingScope) && errors.As(err, &e):
		askForConsent(e.Scope)
	case errors.Is(err, oura.ErrUnauthorized):
		askForConsent() // the grant is dead
	case errors.Is(err, oura.ErrRateLimited) && errors.As(err, &e):
		retryLater(e.RetryAfter)
	default:
		log.Print(err)
	}
}

// One limiter and one set of connections for all the people of an application.
func ExampleClient_With() {
	for _, user := range []string{"ann", "ben"} {
		c, err := client.With(oura.WithAccessToken(userTokens(user)))
		if err != nil {
			log.Fatal(err)
		}
		if _, err := c.PersonalInfo(ctx); err != nil {
			log.Print(user, ": ", err)
		}
	}
}

func ExampleFields() {
	today := oura.Today(time.Local)
	for day, err := range client.DailyActivity.List(ctx, oura.Days(today.AddDays(-364), today), oura.Fields("steps")) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(day.Day, day.Steps) // the day always comes along
	}
}

// Series and coded strings are read as pairs of instant and value; gaps are left out.
func ExampleSample_All() {
	for night, err := range client.Sleep.List(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		if night.HRV != nil {
			for at, ms := range night.HRV.All() {
				plot(at, ms)
			}
		}
		for at, phase := range night.Phases5Min() {
			show(at, phase) // deep, light, REM or awake
		}
	}
}

// A collection that this module does not know yet needs a model of your own.
func ExampleNewDocuments() {
	type cyclePhase struct {
		ID    string    `json:"id"`
		Day   oura.Date `json:"day"`
		Phase string    `json:"phase"`
	}
	phases := oura.NewDocuments(client, "daily_cycle_phases", func(p cyclePhase) (oura.Date, bool) { return p.Day, true })
	today := oura.Today(time.Local)
	for p, err := range phases.List(ctx, oura.Days(today.AddDays(-28), today)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(p.Day, p.Phase)
	}
}

func ExampleClient_API() {
	resp, err := client.API().GetPersonalInfo(ctx)
	if err != nil {
		log.Fatal(err) // an *oura.Error, as from everywhere
	}
	defer resp.Body.Close()
	fmt.Println(resp.Header.Get("Date"))
}

func ExampleOr() {
	night := oura.Sleep{}
	fmt.Println(oura.Or(night.Efficiency, -1))
	// Output: -1
}

func ExampleDate() {
	day := oura.Date{Year: 2026, Month: time.March, Day: 1}
	fmt.Println(day.AddDays(-1), day.Weekday(), day.In(time.UTC).Format(time.RFC3339))
	// Output: 2026-02-28 Sunday 2026-03-01T00:00:00Z
}

// A property that is newer than this module, beside all that the model has; and the documents as they came.
func ExampleAs() {
	type sleep struct {
		oura.Sleep
		SnoreCount *int `json:"snore_count"`
	}
	for night, err := range oura.As[sleep](client.Sleep).List(ctx, oura.LastDays(7, time.Local)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(night.Day, oura.Or(night.SnoreCount, 0))
	}
	for document, err := range oura.As[json.RawMessage](client.Sleep).List(ctx, oura.LastDays(7, time.Local)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(document))
	}
}

// Rows of a time series with another model.
func ExampleAsSeries() {
	type row struct {
		oura.HeartRate
		Confidence *float64 `json:"confidence"`
	}
	for hr, err := range oura.AsSeries[row](client.HeartRate).List(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(hr.Timestamp, hr.BPM, oura.Or(hr.Confidence, 1))
	}
}

// A time series that this module does not know yet needs a model of your own.
func ExampleNewTimeSeries() {
	type interval struct {
		Timestamp    time.Time `json:"timestamp"`
		Milliseconds int       `json:"ibi"`
	}
	beats := oura.NewTimeSeries(client, "interbeat_interval", func(i interval) (time.Time, bool) { return i.Timestamp, true })
	for beat, err := range beats.List(ctx, oura.Between(time.Now().Add(-time.Hour), time.Now())) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(beat.Timestamp, beat.Milliseconds)
	}
}

// Everything of a week, whatever the collections are.
func ExampleClient_Collections() {
	to := time.Now()
	for _, c := range client.Collections() {
		var options []oura.CollectionOption
		switch {
		case c.Dated:
			options = append(options, oura.LastDays(7, time.Local))
		case c.Series:
			options = append(options, oura.Between(to.AddDate(0, 0, -7), to))
		}
		for document, err := range c.ListJSON(ctx, options...) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(c.Name, string(document))
		}
	}
}

// The night of a day, the naps, and the sleep of both.
func ExampleMainSleep() {
	today := oura.Today(time.Local)
	docs, err := oura.Collect(client.Sleep.List(ctx, oura.Days(today, today)))
	if err != nil {
		log.Fatal(err)
	}
	if night, ok := oura.MainSleep(docs); ok {
		fmt.Println(night.BedtimeStart, oura.Or(night.LowestHeartRate, 0))
	}
	fmt.Println(len(oura.Naps(docs)), "naps,", oura.TotalSleep(docs), "in all")
	if !oura.DayIsOver(today, time.Now()) {
		fmt.Println("not final yet")
	}
}

func ExampleCurrentRing() {
	rings, err := oura.Collect(client.RingConfiguration.List(ctx))
	if err != nil {
		log.Fatal(err)
	}
	if ring, ok := oura.CurrentRing(rings); ok {
		fmt.Println(oura.Or(ring.HardwareType, "unknown"))
	}
}
