package mirror

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/oura-go/sdk/oura"
)

// A time series is stored by UTC day, all rows of a day as one JSON array. Rows have no ids and may share an instant, so
// a day is replaced as a whole and never merged.

// stretch is what a page of a time series completes.
type stretch struct {
	page     oura.Page[json.RawMessage]
	complete []day     // those that have rows, in order
	until    oura.Date // the day before which all are complete
}

// stretches reads the days from first to before end. The service gives so many for one request, so they are listed in
// windows, and the place moves on where there are no rows; those of the sandbox stay whole. A row whose instant cannot
// be read stays beside the one before it. An error ends the sequence.
func stretches(ctx context.Context, c oura.Collection, first, end oura.Date, sandbox bool) iter.Seq2[stretch, error] {
	const window = 29
	return func(yield func(stretch, error) bool) {
		for begin, next := first, end; begin.Before(end); begin = next {
			if !sandbox {
				next = earlier(begin.AddDays(window), end)
			}
			rows := map[oura.Date][]json.RawMessage{} // of the days that are not complete
			newest := begin
			for page, err := range c.PagesJSON(ctx, oura.Between(begin.In(time.UTC), next.In(time.UTC))) {
				if err != nil {
					yield(stretch{page: page}, err)
					return
				}
				for _, raw := range everyItem(page) {
					day := newest
					if at, ok := instantOf(raw); ok {
						day = dayOf(at)
					}
					rows[day] = append(rows[day], raw)
					if day.After(newest) {
						newest = day
					}
				}
				s := stretch{page: page, until: newest}
				if page.Next == "" {
					s.until = next
				}
				for _, at := range slices.SortedFunc(maps.Keys(rows), oura.Date.Compare) {
					if at.Before(s.until) {
						s.complete = append(s.complete, day{at, rows[at]})
						delete(rows, at)
					}
				}
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

type day struct {
	at   oura.Date
	rows []json.RawMessage
}

// body is what is stored of a day.
func (d day) body() []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, raw := range d.rows {
		if i > 0 {
			b.WriteString(",\n")
		}
		b.Write(raw)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// rowsOf takes the stored form of a day apart.
func rowsOf(body []byte) (rows []json.RawMessage, err error) {
	if body != nil && json.Unmarshal(body, &rows) != nil {
		return nil, errors.New("oura/mirror: a stored day of a time series is damaged: read it again with the option Whole(0)")
	}
	return rows, nil
}

// replace stores the days that were read from first to before end, and removes those of which there are no rows any
// more. The ticket is that of the pass.
func (s shelf) replace(taken []day, first, end oura.Date, ticket int64, r *CollectionReport) error {
	for _, d := range taken {
		if err := s.replaceDay(d, d.at.Before(first), ticket, r); err != nil {
			return err
		}
	}
	n, err := s.affected(`DELETE FROM oura_mirror_series WHERE person = ? AND collection = ? AND day >= ? AND day < ? AND ticket < ?`,
		s.person, s.kind.path, first.String(), end.String(), ticket)
	r.Gone += n
	return err
}

// replaceDay stores a day. Where the service did not keep to the order of time, the pass has stored rows of it already,
// which stay.
func (s shelf) replaceDay(d day, stay bool, ticket int64, r *CollectionReport) error {
	var had int64
	var before int
	var stored []byte
	_, err := s.row(`SELECT ticket, "rows", body FROM oura_mirror_series WHERE person = ? AND collection = ? AND day = ?`,
		[]any{s.person, s.kind.path, d.at.String()}, &had, &before, &stored)
	if err != nil || had > ticket {
		return err
	}
	if stay {
		rows, err := rowsOf(stored)
		if err != nil {
			return err
		}
		d.rows = append(rows, d.rows...)
	}
	body := d.body()
	if bytes.Equal(body, stored) {
		return s.exec(`UPDATE oura_mirror_series SET ticket = ? WHERE person = ? AND collection = ? AND day = ?`,
			ticket, s.person, s.kind.path, d.at.String())
	}
	if stored != nil {
		r.Changed++
	}
	r.New += max(0, len(d.rows)-before)
	return s.exec(`INSERT INTO oura_mirror_series (person, collection, day, ticket, "rows", plain, body) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (person, collection, day) DO UPDATE SET ticket = excluded.ticket, "rows" = excluded."rows",
			plain = excluded.plain, body = excluded.body`,
		s.person, s.kind.path, d.at.String(), ticket, len(d.rows), plain(body), s.sql.body(body))
}
