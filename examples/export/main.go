// Export writes a person's whole history into a folder, for data-portability requests: every collection as JSON Lines
// and as CSV.
//
//	go run -C examples/export . -out /tmp/oura-export
//	go run -C examples/export . -out /tmp/oura-export -from 2024-01-01 -to 2024-12-31
//	go run -C examples/export . -out /tmp/oura-export -restart
//
// Without settings it reads the fake service that comes with the SDK. OURA_ACCESS_TOKEN, or OURA_CLIENT_ID and
// OURA_CLIENT_SECRET after the login example, read your own data; OURA_SANDBOX=1 reads the sample data.
//
// The folder gets NAME.jsonl and NAME.csv for each collection, NAME.rejected.jsonl with documents that do not fit their
// model, as they came, and personal_info.json. While it runs there is a bar for each collection, and one for all requests
// with the time that they still take; at the end it prints how many documents each has, and which were withheld. A folder
// is for one person.
//
// It can be interrupted at any moment, by Ctrl-C, kill -9 or a power cut: run the same command again, and it goes on
// with the page that it had reached. The files are then the same, byte for byte, as those of a run that was not
// interrupted. The range is that of the first run, and ends with yesterday, as today is not over; another one needs
// another folder, or -restart.
//
// Strings of codes, such as class_5_min, are digits alone. In CSV they begin with "codes:", as readers that guess types
// would take "1122" for a number; in JSON they are as the service sends them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oura"
)

func main() {
	yesterday := oura.Today(time.Local).AddDays(-1)
	s := settings{first: oura.Date{Year: 2015, Month: time.January, Day: 1}, last: yesterday}
	flag.StringVar(&s.folder, "out", "oura-export", "the folder to write to")
	flag.TextVar(&s.first, "from", s.first, "the first day")
	flag.TextVar(&s.last, "to", s.last, "the last day")
	flag.BoolVar(&s.restart, "restart", false, "begin anew, and not where the last run ended")
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { s.fixed = s.fixed || f.Name == "from" || f.Name == "to" })

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, s); {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "interrupted; run the same command again to go on")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type settings struct {
	folder      string
	first, last oura.Date
	fixed       bool // the range was given, or a part of it
	restart     bool
}

func run(ctx context.Context, s settings) error {
	if s.last.Before(s.first) {
		return fmt.Errorf("-to %v is before -from %v: exchange them", s.last, s.first)
	}
	src, err := source.Open(ctx)
	if err != nil {
		return err
	}
	defer src.Close()
	f, err := openFolder(s)
	if err != nil {
		return err
	}
	defer f.close()
	fmt.Printf("%v to %v, from %s, to %s\n", f.First, f.Last, src.Name, f.path)
	return export(ctx, src, f)
}
