package mirror

import (
	"database/sql"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
)

// against runs two ways of doing the same by turns, so that what else the machine does meets both, and reports the median
// of each and their ratio.
func against(b *testing.B, name string, one func(), baseline string, other func()) {
	var ones, others []time.Duration
	timed := func(of *[]time.Duration, do func()) {
		begin := time.Now()
		do()
		*of = append(*of, time.Since(begin))
	}
	for b.Loop() {
		timed(&ones, one)
		timed(&others, other)
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return float64(all[len(all)/2])
	}
	b.ReportMetric(median(ones)/1e6, name+"-ms")
	b.ReportMetric(median(others)/1e6, baseline+"-ms")
	b.ReportMetric(median(ones)/median(others), name+"/"+baseline)
	b.ReportMetric(0, "ns/op") // of both together: it says nothing
}

// What a first copy of all collections costs beside the least that one could do: walk the same pages, and write each
// document and row with a bare prepared INSERT, one transaction a page. OURA_TEST_DAYS is of how many days, by default 60.
func BenchmarkCopy(b *testing.B) {
	days := 60
	if text := os.Getenv("OURA_TEST_DAYS"); text != "" {
		var err error
		if days, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	w := newWorld(b, sqlite(b), days)
	since := w.today.AddDays(-days)
	copyByMirror := func() {
		if _, err := w.me.Sync(b.Context(), w.client, mirror.Since(since)); err != nil {
			b.Fatal(err)
		}
	}
	copyByMirror() // so that the service has made its data
	against(b, "mirror", func() {
		d := sqlite(b) // an empty file each, as the space of what was removed would be used again
		w.DB = d.open(b)
		w.mirror = w.opened()
		w.me = w.mirror.Person(w.user.ID)
		copyByMirror()
		w.DB.Close()
	}, "plain", func() {
		db := sqlite(b).open(b)
		if _, err := db.Exec(`CREATE TABLE plain (collection text, body text)`); err != nil {
			b.Fatal(err)
		}
		w.copyPlainly(db, since)
		db.Close()
	})
}

// copyPlainly is the loop that one would write.
func (w *world) copyPlainly(db *sql.DB, since oura.Date) {
	w.Helper()
	for _, c := range w.client.Collections() {
		var opts []oura.CollectionOption
		switch {
		case c.Series:
			opts = append(opts, oura.Between(since.In(time.UTC), w.today.AddDays(2).In(time.UTC)))
		case c.Dated:
			opts = append(opts, oura.Days(since, w.today.AddDays(1)))
		}
		for page, err := range c.PagesJSON(w.Context(), opts...) {
			if err != nil {
				w.Fatal(err)
			}
			var bodies []string
			for _, raw := range page.Data {
				bodies = append(bodies, string(raw))
			}
			if err := insertAll(db, c.Path, bodies); err != nil {
				w.Fatal(err)
			}
		}
	}
}

func insertAll(db *sql.DB, collection string, bodies []string) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	insert, err := tx.Prepare(`INSERT INTO plain (collection, body) VALUES (?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, body := range bodies {
		if _, err := insert.Exec(collection, body); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// What it costs to read a year of nights from the copy, beside asking the service on this machine. It makes no request.
func BenchmarkNights(b *testing.B) {
	w := newWorld(b, sqlite(b), 365)
	first := w.today.AddDays(-364)
	if _, err := w.me.Sync(b.Context(), w.client, mirror.Since(first), mirror.Only("sleep")); err != nil {
		b.Fatal(err)
	}
	enough := func(n int) {
		if n < 365 {
			b.Fatalf("%d nights", n)
		}
	}
	requests := 0
	against(b, "mirror", func() {
		before := len(w.service.Requests())
		enough(len(collect(w, mirror.Days[oura.Sleep](b.Context(), w.me, first, w.today))))
		requests += len(w.service.Requests()) - before
	}, "service", func() {
		enough(len(collect(w, w.client.Sleep.List(b.Context(), oura.Days(first, w.today)))))
	})
	b.ReportMetric(float64(requests), "mirror-requests")
}
