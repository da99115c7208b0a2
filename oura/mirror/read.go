package mirror

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"

	"github.com/oura-go/sdk/oura"
)

// Days yields a person's documents of the model T from first to last, both included, by their own day, from the copy and
// without a request:
//
//	for night, err := range mirror.Days[oura.Sleep](ctx, me, first, last) { … }
//
// They come in the order of their days; T may be a struct that embeds the model. A document that does not fit the model
// is yielded as an *[oura.DocumentError], and the sequence goes on; one whose day cannot be read is in every range.
// Without a copy the error is [ErrNoCopy]; a collection that was never read has no documents.
//
// The sequence may be ranged over any number of times. It holds no connection while the loop's body runs, so the body
// may use the database.
func Days[T any](ctx context.Context, p *Person, first, last oura.Date) iter.Seq2[T, error] {
	if !first.Valid() || !last.Valid() {
		return failed[T](errors.New("oura/mirror: Days: there is no such day in the calendar: " +
			"give two that exist, or call All"))
	}
	return documents[T](ctx, p, first.String(), last.String())
}

// All is [Days] for all documents, and the way to those that have no day, such as [oura.RingConfiguration].
func All[T any](ctx context.Context, p *Person) iter.Seq2[T, error] {
	return documents[T](ctx, p, "", lastText)
}

// failed is a sequence of an error alone.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) { yield(*new(T), err) }
}

// lastText is after every day.
const lastText = "9999-99-99"

func documents[T any](ctx context.Context, p *Person, first, last string) iter.Seq2[T, error] {
	k, err := kindOfModel[T](false)
	if err != nil {
		return failed[T](err)
	}
	return func(yield func(T, error) bool) {
		for it, err := range p.stored(ctx, k, first, last) {
			var v T
			if err == nil {
				v, err = oura.Decode[T](it.body)
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// stored yields the documents of the days, and before them those without one, as they came. An error ends the sequence.
func (p *Person) stored(ctx context.Context, k *kind, first, last string) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		person, err := p.number(ctx)
		if err != nil {
			yield(item{}, err)
			return
		}
		for _, days := range [][2]string{{"", ""}, {max(first, firstText), last}} {
			for it, err := range p.storedFrom(ctx, person, k, days[0], days[1]) {
				if !yield(it, err) || err != nil {
					return
				}
			}
		}
	}
}

// firstText is after no day, and before every one.
const firstText = "0"

func (p *Person) storedFrom(ctx context.Context, person int64, k *kind, first, last string) iter.Seq2[item, error] {
	const query = `SELECT id, day, body FROM oura_mirror_documents
		WHERE person = ? AND collection = ? AND (day, id) > (?, ?) AND day <= ? AND gone IS NULL
		ORDER BY day, id LIMIT ?`
	return inBatches(64, item{day: first}, func(after item, size int) (batch []item, err error) {
		args := []any{person, k.path, after.day, after.key, last, size}
		err = p.mirror.query(ctx, query, args, func(rows *sql.Rows) error {
			var it item
			err := rows.Scan(&it.key, &it.day, &it.body)
			batch = append(batch, it)
			return err
		})
		return batch, err
	})
}

// inBatches yields what read returns, which is called with the last one before, so that no connection is held meanwhile.
// A batch of less than size is the last one. An error ends the sequence.
func inBatches[T any](size int, first T, read func(after T, size int) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		last := first
		for {
			batch, err := read(last, size)
			if err != nil {
				yield(*new(T), databaseError("read the copy", err))
				return
			}
			for _, last = range batch {
				if !yield(last, nil) {
					return
				}
			}
			if len(batch) < size {
				return
			}
		}
	}
}

// Between yields a person's rows of a time series with from ≤ timestamp < to, from the copy and without a request:
//
//	for hr, err := range mirror.Between[oura.HeartRate](ctx, me, from, to) { … }
//
// It behaves as [Days]. Rows with the same timestamp are all yielded.
func Between[T any](ctx context.Context, p *Person, from, to time.Time) iter.Seq2[T, error] {
	k, err := kindOfModel[T](true)
	if err != nil {
		return failed[T](err)
	}
	return func(yield func(T, error) bool) {
		for d, err := range p.storedDays(ctx, k, dayOf(from), dayOf(to)) {
			if err != nil {
				yield(*new(T), err)
				return
			}
			for _, raw := range d.rows {
				if at, ok := instantOf(raw); ok && (at.Before(from) || !at.Before(to)) {
					continue
				}
				v, err := oura.Decode[T](raw)
				if !yield(v, err) {
					return
				}
			}
		}
	}
}

// storedDays yields the days of a time series that have rows. An error ends the sequence.
func (p *Person) storedDays(ctx context.Context, k *kind, first, last oura.Date) iter.Seq2[day, error] {
	const query = `SELECT day, body FROM oura_mirror_series
		WHERE person = ? AND collection = ? AND day > ? AND day <= ? ORDER BY day LIMIT ?`
	return func(yield func(day, error) bool) {
		person, err := p.number(ctx)
		if err != nil {
			yield(day{}, err)
			return
		}
		inBatches(8, day{at: first.AddDays(-1)}, func(after day, size int) (batch []day, err error) {
			args := []any{person, k.path, after.at.String(), last.String(), size}
			err = p.mirror.query(ctx, query, args, func(rows *sql.Rows) error {
				var at string
				var body []byte
				if err := rows.Scan(&at, &body); err != nil {
					return err
				}
				raws, err := rowsOf(body)
				batch = append(batch, day{dateOf(at), raws})
				return err
			})
			return batch, err
		})(yield)
	}
}
