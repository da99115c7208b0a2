// Heartrate reads a year of heart rate and prints a line for each month.
//
//	go run ./examples/heartrate
//	go run ./examples/heartrate -days 90 -parallel 8
//
// Without settings it reads the fake service that comes with this module. OURA_SANDBOX=1, OURA_ACCESS_TOKEN, or
// OURA_CLIENT_ID and OURA_CLIENT_SECRET after the login example, read the real one.
//
// The service answers at most 30 days at once, about a thousand rows at a time. The client cuts the year into windows,
// reads some of them side by side, keeps the rate limit, and still gives every row in order: what is left here is a
// loop. It prints each month as soon as it is read, with the number of rows, the lowest, middle and highest heart rate,
// and how much of the whole is read by then; and at last how long all of it took.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/examples/internal/terminal"
	"github.com/oura-go/sdk/oura"
)

func main() {
	days := flag.Int("days", 365, "how many days to read, until now")
	parallel := flag.Int("parallel", 4, "how many windows to read at a time")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *days, *parallel); err != nil {
		fmt.Fprintln(os.Stderr, terminal.Wrap("", err.Error()))
		os.Exit(1)
	}
}

func run(ctx context.Context, days, parallel int) error {
	src, err := source.Open(ctx)
	if err != nil {
		return err
	}
	defer src.Close()

	var requests atomic.Int64 // the hook runs in the goroutines of the windows
	client, err := src.Client.With(oura.WithHook(func(context.Context, oura.Attempt) { requests.Add(1) }))
	if err != nil {
		return err
	}

	began := time.Now()
	to := began.Truncate(time.Second)
	from := to.AddDate(0, 0, -days)
	fmt.Printf("%s to %s, from %s\n\n%s\n", from.Format(time.DateOnly), to.Format(time.DateOnly), src.Name, heading)

	year := months{out: os.Stdout, from: from, to: to}
	for hr, err := range client.HeartRate.List(ctx, oura.Between(from, to), oura.Parallel(parallel)) {
		if err != nil {
			return err
		}
		year.add(hr.Timestamp.Local(), hr.BPM)
	}
	year.print(to)
	fmt.Printf("\n%d rows in %.1f s, with %d requests\n", year.rows, time.Since(began).Seconds(), requests.Load())
	return nil
}
