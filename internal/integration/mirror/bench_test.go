package mirror

import (
	"database/sql"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
)

// What a first copy costs beside the least that one could do: walk the same by List, and write each document and row
// with a bare INSERT, one transaction a page. Run both with -bench Copy and compare.
func BenchmarkCopy(b *testing.B) {
	const days = 60
	w := newWorld(b, sqlite(b), days)
	since := w.today.AddDays(-days)
	copyByMirror := func() {
		if _, err := w.me.Sync(b.Context(), w.client, mirror.Since(since)); err != nil {
			b.Fatal(err)
		}
	}
	copyByMirror() // so that the service has made its data
	b.Run("mirror", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			if _, err := w.me.Forget(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			copyByMirror()
		}
	})
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			w.exec(`DROP TABLE IF EXISTS plain`)
			w.exec(`CREATE TABLE plain (collection text, body text)`)
			b.StartTimer()
			w.copyPlainly(since)
		}
	})
}

// copyPlainly is the loop that one would write.
func (w *world) copyPlainly(since oura.Date) {
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
			if err := insertAll(w.DB, c.Path, bodies); err != nil {
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

// What it costs to read a year of nights from the copy, beside asking the service on this machine.
func BenchmarkNights(b *testing.B) {
	w := newWorld(b, sqlite(b), 365)
	first := w.today.AddDays(-364)
	if _, err := w.me.Sync(b.Context(), w.client, mirror.Since(first), mirror.Only("sleep")); err != nil {
		b.Fatal(err)
	}
	read := func(b *testing.B, nights func() int) {
		for b.Loop() {
			if n := nights(); n < 365 {
				b.Fatalf("%d nights", n)
			}
		}
	}
	b.Run("mirror", func(b *testing.B) {
		read(b, func() int { return len(collect(w, mirror.Days[oura.Sleep](b.Context(), w.me, first, w.today))) })
	})
	b.Run("service", func(b *testing.B) {
		read(b, func() int { return len(collect(w, w.client.Sleep.List(b.Context(), oura.Days(first, w.today)))) })
	})
}
