// Endpoints prints every collection of the API as a table, one document of each read by its id, and the person.
//
//	go run ./examples/endpoints
//	go run ./examples/endpoints -only sleep,workout -days 14
//
// Without settings it reads the fake service that comes with this module. OURA_SANDBOX=1, OURA_ACCESS_TOKEN, or
// OURA_CLIENT_ID and OURA_CLIENT_SECRET after the login example, read the real one.
//
// It prints the first rows of the last days, at most five of each collection, and the properties that fit the width; the
// others are counted. Of a collection that it may not read it says which scope is missing. Start at tables.go, which does
// the same with every collection, whatever its model.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/examples/internal/terminal"
	"github.com/oura-go/sdk/oura"
)

func main() {
	days := flag.Int("days", 7, "how many days to read, today included")
	width := flag.Int("width", terminal.Columns, "how wide a table may be; properties that do not fit are left out")
	only := flag.String("only", "", "collections to read, separated by commas; all if empty")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *days, *width, *only); err != nil {
		fmt.Fprintln(os.Stderr, terminal.Wrap("", err.Error()))
		os.Exit(1)
	}
}

func run(ctx context.Context, days, width int, only string) error {
	src, err := source.Open(ctx)
	if err != nil {
		return err
	}
	defer src.Close()

	today := oura.Today(time.Local)
	r := &report{first: today.AddDays(1 - max(days, 1)), last: today, width: width, get: !src.Sandbox, out: os.Stdout}
	all := endpoints(src.Client, r)
	wanted := strings.FieldsFunc(only, func(c rune) bool { return c == ',' || c == ' ' })
	if err := check(wanted, all); err != nil {
		return err
	}

	fmt.Printf("%v to %v, from %s\n", r.first, r.last, src.Name)
	read := 0
	for _, e := range all {
		if len(wanted) > 0 && !slices.Contains(wanted, e.name) {
			continue
		}
		fmt.Printf("\n%s\n", e.name)
		if err := e.print(ctx); err != nil {
			reason, goOn := explain(err)
			fmt.Println("  " + reason)
			if !goOn {
				return err
			}
			continue
		}
		read++
	}
	fmt.Printf("\n%d endpoints read; times are local\n", read)
	return nil
}

// check refuses names that no endpoint has.
func check(wanted []string, all []endpoint) error {
	var names []string
	for _, e := range all {
		names = append(names, e.name)
	}
	for _, w := range wanted {
		if !slices.Contains(names, w) {
			return fmt.Errorf("there is no endpoint %q; there are: %s", w, strings.Join(names, " "))
		}
	}
	return nil
}

// explain says why an endpoint gave nothing, and whether the others may.
func explain(err error) (reason string, goOn bool) {
	var e *oura.Error
	switch {
	case errors.Is(err, oura.ErrMissingScope) && errors.As(err, &e):
		return fmt.Sprintf("not granted: authorize again with the scope %q", e.Scope), true
	case errors.Is(err, oura.ErrForbidden):
		return "withheld, most often because the membership has lapsed", true
	case errors.Is(err, oura.ErrNotFound):
		return "there is none here", true
	default:
		return "failed", false
	}
}
