// Mocking is a small program and the tests that a program like it deserves.
//
//	go run ./examples/mocking
//	go test ./examples/mocking
//
// The program says how long a person slept on average, over a month and over the week before today. Without settings
// it reads the fake service that comes with this module. OURA_SANDBOX=1, OURA_ACCESS_TOKEN, or OURA_CLIENT_ID and
// OURA_CLIENT_SECRET after the login example, read the real one.
//
// The part to look at is average_test.go: pages, malformed documents, a rate limit and a missing scope, without an
// account, a network or a wait.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oura"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	src, err := source.Open(ctx)
	if err != nil {
		return err
	}
	defer src.Close()

	fmt.Printf("From %s\n", src.Name)
	yesterday := oura.Today(time.Local).AddDays(-1) // today's night may not be over
	for _, days := range []int{30, 7} {
		got, err := averageSleep(ctx, src.Client, yesterday.AddDays(1-days), yesterday)
		if err != nil {
			return err
		}
		fmt.Printf("%2d days: %s\n", days, got)
	}
	return nil
}
