package mirror

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/oura-go/sdk/oura"
)

// A time series is stored by UTC day, all rows of a day as one JSON array. Rows have no ids and may share an instant, so
// a day is replaced as a whole and never merged.

// days collects the rows of a pass until their days are complete.
type days struct {
	rows    map[oura.Date][]json.RawMessage
	current oura.Date // of the newest row
}

func newDays(first oura.Date) *days {
	return &days{rows: map[oura.Date][]json.RawMessage{}, current: first}
}

// add puts the rows of a page to their days. One whose instant cannot be read stays beside the one before it.
func (d *days) add(page oura.Page[json.RawMessage]) {
	for _, raw := range everyItem(page) {
		day := d.current
		if at, ok := instantOf(raw); ok {
			day = dayOf(at)
		}
		d.rows[day] = append(d.rows[day], raw)
		if day.After(d.current) {
			d.current = day
		}
	}
}

// until is the day before which all are complete after the page, in a window that ends before next.
func (d *days) until(page oura.Page[json.RawMessage], next oura.Date) oura.Date {
	if page.Next == "" {
		return next
	}
	return d.current
}

// seriesWindow is how many days of a time series are listed at a time: what the service gives for one request, so that
// the cursor moves on where there are no rows.
const seriesWindow = 29

// seriesWindows cuts the days from first to before end. Those of the sandbox stay whole.
func seriesWindows(first, end oura.Date, sandbox bool) iter.Seq2[oura.Date, oura.Date] {
	return func(yield func(first, next oura.Date) bool) {
		for first.Before(end) {
			next := end
			if !sandbox {
				next = earlier(first.AddDays(seriesWindow), end)
			}
			if !yield(first, next) {
				return
			}
			first = next
		}
	}
}

// takeBefore removes the days before the given one, which are complete, and returns them in order.
func (d *days) takeBefore(end oura.Date) (taken []day) {
	for _, at := range slices.SortedFunc(maps.Keys(d.rows), oura.Date.Compare) {
		if at.Before(end) {
			taken = append(taken, day{at, d.rows[at]})
			delete(d.rows, at)
		}
	}
	return taken
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
		if d.at.Before(first) { // the service did not keep to the order of time: the day is stored already
			_, _, stored, err := s.findDay(d.at)
			if err != nil {
				return err
			}
			before, err := rowsOf(stored)
			if err != nil {
				return err
			}
			d.rows = append(before, d.rows...)
		}
		if err := s.replaceDay(d, ticket, r); err != nil {
			return err
		}
	}
	n, err := s.affected(`DELETE FROM oura_mirror_series WHERE person = ? AND collection = ? AND day >= ? AND day < ? AND ticket < ?`,
		s.person, s.kind.path, first.String(), end.String(), ticket)
	r.Gone += n
	return err
}

func (s shelf) replaceDay(d day, ticket int64, r *CollectionReport) error {
	had, before, stored, err := s.findDay(d.at)
	if err != nil || had > ticket {
		return err
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

// findDay returns what is stored of a day: no body where there is nothing.
func (s shelf) findDay(at oura.Date) (ticket int64, rows int, body []byte, err error) {
	_, err = s.row(`SELECT ticket, "rows", body FROM oura_mirror_series WHERE person = ? AND collection = ? AND day = ?`,
		[]any{s.person, s.kind.path, at.String()}, &ticket, &rows, &body)
	return ticket, rows, body, err
}
