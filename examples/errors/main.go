// Errors provokes each failure that a program meets, and says what the program does about it.
//
//	go run ./examples/errors
//
// Without settings it makes the fake service that comes with this module fail in every way. With OURA_ACCESS_TOKEN, or
// OURA_CLIENT_ID and OURA_CLIENT_SECRET after the login example, it asks the real one for things that do not exist,
// which harms nothing.
//
// For each failure it prints what was tried, the error as a log would show it, which holds no secret and no health
// data, and the advice of advise.go: the one function to read here.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/examples/internal/terminal"
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

	fmt.Printf("From %s\n", src.Name)
	all := harmless(src.Client)
	if src.Service != nil {
		all = append(all, provoked(src.Service)...)
	}
	for _, s := range all {
		err := s.try(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Printf("\n%s\n", s.name)
		if err != nil {
			fmt.Println(terminal.Wrap("  error: ", err.Error()))
		}
		fmt.Println(terminal.Wrap("  do:    ", advise(err)))
	}
	fmt.Printf("\n%d situations\n", len(all))
	return nil
}
