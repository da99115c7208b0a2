// Quickstart prints a week of sleep, activity and heart rate.
//
//	go run ./examples/quickstart
//
// Without settings it reads the fake service that comes with this module, through the same code as the live one.
// OURA_SANDBOX=1 reads Oura's sample data; OURA_ACCESS_TOKEN, or OURA_CLIENT_ID and OURA_CLIENT_SECRET after the login
// example, read your own.
//
// It prints a line for each of the last seven days: sleep score, hours in bed, sleep stages, steps, resting heart
// rate, and the range of the heart rate over the day. The ring may not have sent last night's sleep yet.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/examples/internal/terminal"
	"github.com/oura-go/sdk/oura"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, terminal.Wrap("", err.Error()))
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	src, err := source.Open(ctx)
	if err != nil {
		return err
	}
	defer src.Close()

	today := oura.Today(time.Local)
	days, err := readWeek(ctx, src.Client, today.AddDays(-6), today)
	if err != nil {
		return err
	}
	fmt.Printf("The week to %v, from %s\n\n", today, src.Name)
	printWeek(os.Stdout, days, today)
	return nil
}
