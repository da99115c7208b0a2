// Export writes a person's whole history into a folder, for data-portability requests and for other programs: every
// collection as JSON Lines, as CSV and as Parquet, and a table with a row for each day.
//
//	go run -C examples/export . -out /tmp/oura-export
//	go run -C examples/export . -out /tmp/oura-export -from 2024-01-01 -to 2024-12-31
//
// Without settings it reads the fake service that comes with the SDK. OURA_ACCESS_TOKEN, or OURA_CLIENT_ID and
// OURA_CLIENT_SECRET after the login example, read your own data; OURA_SANDBOX=1 reads the sample data.
//
// The folder gets, for each collection,
//
//	NAME.jsonl    the documents as the service sent them, those too that do not fit their model
//	NAME.csv      a column for each property: "contributors.deep_sleep" is one of an object, a list is JSON in one cell
//	NAME.parquet  the same with types: numbers, days, instants and lists
//
// days.csv and its two siblings, which join what is known of each day, and personal_info.json. The files end with
// yesterday, as today is not over, unless -to says otherwise.
//
// The folder also has the copy that they are written from, oura.db (see oura/mirror). So the program can be interrupted at
// any moment, by Ctrl-C, kill -9 or a power cut: run the same command again, and it goes on with the page that it had
// reached. Run it once more a month later, and it reads what is new. A folder is for one person.
//
// Instants of Parquet are in UTC; what they were on the person's clock follows from NAME.utc_offset, in minutes. Strings of
// codes, such as class_5_min, begin with "codes:" in CSV, as readers that guess types would take "1122" for a number.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oura"
)

func main() {
	s := settings{first: oura.Date{Year: 2015, Month: time.January, Day: 1}, last: oura.Today(time.Local).AddDays(-1)}
	flag.StringVar(&s.folder, "out", "oura-export", "the folder to write to")
	flag.TextVar(&s.first, "from", s.first, "the first day")
	flag.TextVar(&s.last, "to", s.last, "the last day")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, s); {
	case ctx.Err() != nil:
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
}

// has reports whether an instant, or the midnight in UTC that stands for a day, is to be written.
func (s settings) has(at time.Time, instant bool) bool {
	zone := time.UTC
	if instant {
		zone = time.Local
	}
	return at.IsZero() || !at.Before(s.first.In(zone)) && at.Before(s.last.AddDays(1).In(zone))
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
	me, err := src.Client.PersonalInfo(ctx)
	if err != nil && !errors.Is(err, oura.ErrNotFound) { // the sandbox has nobody
		return cured(err)
	}
	c, err := openCopy(ctx, s.folder, me.ID)
	if err != nil {
		return err
	}
	defer c.close()
	fmt.Printf("%v to %v, from %s, to %s\n", s.first, s.last, src.Name, s.folder)
	report, failed := c.sync(ctx, src.Client, s.first)
	if ctx.Err() != nil {
		return failed
	}
	sums, err := c.write(ctx, s, src.Client.Collections())
	if err == nil && me.ID != "" {
		err = replace(filepath.Join(s.folder, "personal_info.json"), func(file *os.File) error {
			out := json.NewEncoder(file)
			out.SetIndent("", "  ")
			return out.Encode(me)
		})
	}
	if err != nil {
		return err
	}
	return errors.Join(summary(sums, report), cured(failed))
}

// cured says what helps against a failure of the service.
func cured(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, oura.ErrUnauthorized):
		return fmt.Errorf("%w\nsign in again with the login example, or give a new OURA_ACCESS_TOKEN; then run the same command again", err)
	case errors.Is(err, oura.ErrInvalidRequest), errors.Is(err, oura.ErrInvalidResponse), errors.Is(err, oura.ErrForbidden):
		return fmt.Errorf("%w\nrunning it again will not help", err)
	}
	return fmt.Errorf("%w\nrun the same command again to go on", err)
}
