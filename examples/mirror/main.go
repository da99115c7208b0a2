// Mirror keeps a copy of a person's data in a SQLite file: it copies a year, follows events for a moment, answers
// questions from SQL and by typed reading, proves that the copy is right, hands it over, and forgets the person.
//
//	go run -C examples/mirror .
//	go run -C examples/mirror . -db /tmp/oura.db -days 30
//
// The data is that of the fake service that comes with the SDK, so nothing is needed. In a program of yours, the client
// is that of a person who has consented (see the login example), and everything else stays.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	_ "modernc.org/sqlite"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

func main() {
	file := flag.String("db", "", "the `file` to keep the copy in; \"\": a temporary one")
	days := flag.Int("days", 365, "how much the person has")
	events := flag.Int("events", 6, "how many events to follow")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *file, *days, *events); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file string, days, events int) error {
	service, err := ouratest.StartService(ouratest.WithHistory(days))
	if err != nil {
		return err
	}
	defer service.Close()
	if file == "" {
		folder, err := os.MkdirTemp("", "oura-mirror-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		file = filepath.Join(folder, "oura.db")
	}
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	m, err := mirror.Open(ctx, db, mirror.SQLite)
	if err != nil {
		return err
	}

	client := service.Client()
	info, err := client.PersonalInfo(ctx)
	if err != nil {
		return err
	}
	me, today := m.Person(info.ID), oura.Today(time.UTC)
	for _, step := range []func() error{
		func() error { return copyAll(ctx, me, client, today.AddDays(-days)) },
		func() error { return follow(ctx, m, service, client, events) },
		func() error { return ask(ctx, db, me, today) },
		func() error { return prove(ctx, me, client) },
		func() error { return handOver(ctx, me) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	rows, err := me.Forget(ctx)
	fmt.Printf("Forgotten: %d rows are gone\n", rows)
	return err
}

// copyAll makes the copy and draws a bar. A second call reads what has changed.
func copyAll(ctx context.Context, me *mirror.Person, client *oura.Client, since oura.Date) error {
	const width = 40
	info, err := os.Stdout.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	begin := time.Now()
	report, err := me.Sync(ctx, client, mirror.Since(since), mirror.Progress(func(s mirror.Status) {
		if terminal {
			done := int(width * s.Share)
			fmt.Printf("\r[%s%s] %3.0f%% %-26s", strings.Repeat("=", done), strings.Repeat(" ", width-done), 100*s.Share, s.Collection)
		}
	}))
	if terminal {
		fmt.Print("\r", strings.Repeat(" ", width+36), "\r")
	}
	fmt.Printf("Copied: %d documents and rows by %d requests in %v\n", report.Changes(), report.Requests, time.Since(begin).Round(100*time.Millisecond))
	return err
}

// follow receives webhooks while the person's data changes.
func follow(ctx context.Context, m *mirror.Mirror, service *ouratest.Service, client *oura.Client, events int) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	const token = "verification-token"
	_, secret := service.AppCredentials()
	server := &http.Server{ReadTimeout: 10 * time.Second, Handler: &webhook.Handler{
		ClientSecret: secret, VerificationToken: token,
		// A program with many persons keeps a client for each, and looks it up here.
		Handle: m.Handler(func(string) (*oura.Client, error) { return client, nil }),
	}}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	wanted := oura.AllEvents("http://"+listener.Addr().String(), token, oura.DataTypeWorkout)
	_, err = client.Subscriptions.Ensure(ctx, wanted...)
	if err == nil {
		changeWorkouts(service, events)
		err = service.WaitDeliveries(ctx)
	}
	fmt.Printf("Followed: %d events\n", len(service.Deliveries()))
	err = errors.Join(err, server.Shutdown(context.WithoutCancel(ctx)))
	if failed := <-served; !errors.Is(failed, http.ErrServerClosed) {
		err = errors.Join(err, failed)
	}
	return err
}

// changeWorkouts is what the person does: workouts are recorded, renamed and removed.
func changeWorkouts(service *ouratest.Service, events int) {
	workout := ouratest.Workout(oura.DateOf(service.Now()), ouratest.WithPerson("another"))
	for i := range events {
		kind := []oura.EventType{oura.EventTypeCreate, oura.EventTypeUpdate, oura.EventTypeDelete}[i%3]
		if kind == oura.EventTypeDelete {
			service.User().Remove(workout.ID)
		} else {
			workout.Label = new(fmt.Sprint("round ", i))
			service.User().Add(workout)
		}
		service.Emit(webhook.Event{Type: kind, DataType: oura.DataTypeWorkout, ObjectID: workout.ID})
	}
}

// ask has the same question answered twice: by SQL, and by typed reading. No request is made.
func ask(ctx context.Context, db *sql.DB, me *mirror.Person, today oura.Date) error {
	first := today.AddDays(-29)
	var nights int
	var average float64
	err := db.QueryRowContext(ctx, `SELECT count(*), avg(total_sleep_duration) / 3600.0 FROM oura_sleep
		WHERE type = 'long_sleep' AND day BETWEEN ? AND ?`, first.String(), today.String()).Scan(&nights, &average)
	if err != nil {
		return err
	}
	fmt.Printf("By SQL: %d nights in 30 days, %.1f hours asleep on average\n", nights, average)

	nights = 0
	var total time.Duration
	for night, err := range mirror.Days[oura.Sleep](ctx, me, first, today) {
		if err != nil {
			return err
		}
		if oura.Or(night.Type, "") == oura.SleepTypeLongSleep {
			nights++
			total += oura.Or(night.TotalSleepDuration, 0).Duration()
		}
	}
	if nights > 0 {
		fmt.Printf("Typed: %d nights in 30 days, %.1f hours asleep on average\n", nights, total.Hours()/float64(nights))
	}

	var lowest sql.NullInt64
	err = db.QueryRowContext(ctx, `SELECT min(bpm) FROM oura_heartrate WHERE day >= ?`, first.String()).Scan(&lowest)
	fmt.Printf("By SQL: the lowest heart rate is %d\n", lowest.Int64)
	return err
}

// prove reads everything again. What has come since the copy was made is a difference, too, so that is read first.
func prove(ctx context.Context, me *mirror.Person, client *oura.Client) error {
	if _, err := me.Sync(ctx, client); err != nil {
		return err
	}
	differences, err := me.Verify(ctx, client, mirror.Only("sleep", "daily_sleep", "workout"))
	if err != nil {
		return err
	}
	fmt.Printf("Verified: %d differences\n", len(differences))
	for _, d := range differences {
		fmt.Println("  ", d)
	}
	return nil
}

// handOver writes everything for the person: here into memory, elsewhere to a file or a response.
func handOver(ctx context.Context, me *mirror.Person) error {
	var all bytes.Buffer
	if err := me.Export(ctx, &all, mirror.JSONLines); err != nil {
		return err
	}
	fmt.Printf("Handed over: %d lines, %.1f MB\n", bytes.Count(all.Bytes(), []byte("\n")), float64(all.Len())/1e6)
	return nil
}
