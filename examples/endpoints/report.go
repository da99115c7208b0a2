package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/oura-go/sdk/oura"
)

// maxRows is how many rows of a collection are printed; all are counted.
const maxRows = 5

// report is what all tables share.
type report struct {
	first, last oura.Date
	get         bool // whether single documents can be read
	out         io.Writer
}

// row is one line of a table. A nil pointer, which is what the service left out, is a dash.
type row []any

// seconds is a duration that the service gives as a number.
type seconds int

func (s seconds) String() string { return fmt.Sprintf("%d:%02d", int(s)/3600, int(s)%3600/60) }

// documents lists a collection by days, and reads its last document again by the id.
func documents[T any](r *report, name string, d *oura.Documents[T], columns string, show func(T) (id string, cells row)) endpoint {
	return listed(r, name, d, columns, show, oura.Days(r.first, r.last))
}

// undated is documents for a collection that has no dates.
func undated[T any](r *report, name string, d *oura.Documents[T], columns string, show func(T) (id string, cells row)) endpoint {
	return listed(r, name, d, columns, show)
}

func listed[T any](r *report, name string, d *oura.Documents[T], columns string, show func(T) (string, row), options ...oura.DocumentOption) endpoint {
	return endpoint{name, func(ctx context.Context) error {
		t, last := r.table(columns), ""
		for doc, err := range d.List(ctx, options...) {
			if err := t.note(err); err != nil {
				return err
			}
			if err == nil {
				id, cells := show(doc)
				last = id
				t.add(cells)
			}
		}
		if err := t.flush(); err != nil || last == "" || !r.get {
			return err
		}
		doc, err := d.Get(ctx, last)
		if err != nil {
			return err
		}
		_, cells := show(doc)
		fmt.Fprintf(r.out, "  Get(%q) has the %s %s\n", last, strings.Fields(columns)[0], text(cells[0]))
		return nil
	}}
}

// series lists a time series, and reads its latest row.
func series[T any](r *report, name string, s *oura.TimeSeries[T], columns string, show func(T) row) endpoint {
	return endpoint{name, func(ctx context.Context) error {
		t := r.table(columns)
		from, to := r.first.In(time.Local), r.last.AddDays(1).In(time.Local)
		for v, err := range s.List(ctx, oura.Between(from, to)) {
			if err := t.note(err); err != nil {
				return err
			}
			if err == nil {
				t.add(show(v))
			}
		}
		if err := t.flush(); err != nil || !r.get {
			return err
		}
		latest, err := s.Latest(ctx)
		if err != nil {
			return err
		}
		cells := show(latest)
		fmt.Fprintf(r.out, "  Latest is of %s: %s\n", text(cells[0]), text(cells[1]))
		return nil
	}}
}

// table prints the first rows and counts the others.
type table struct {
	w         *tabwriter.Writer
	out       io.Writer
	rows, bad int
}

func (r *report) table(columns string) *table {
	t := &table{w: tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0), out: r.out}
	fmt.Fprintln(t.w, "  "+strings.Join(strings.Fields(columns), "\t"))
	return t
}

// note counts a document that does not fit its model, and passes any other error on.
func (t *table) note(err error) error {
	var bad *oura.DocumentError
	if errors.As(err, &bad) {
		t.bad++
		return nil
	}
	return err
}

func (t *table) add(cells row) {
	t.rows++
	if t.rows > maxRows {
		return
	}
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = text(c)
	}
	fmt.Fprintln(t.w, "  "+strings.Join(texts, "\t"))
}

func (t *table) flush() error {
	if err := t.w.Flush(); err != nil {
		return err
	}
	if t.rows > maxRows {
		fmt.Fprintf(t.out, "  … %d rows in all\n", t.rows)
	}
	if t.bad > 0 {
		fmt.Fprintf(t.out, "  %d documents could not be read: a newer version of the module may\n", t.bad)
	}
	return nil
}

// text follows pointers; a nil one is a dash.
func text(v any) string {
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return "–"
		}
		return text(r.Elem().Interface())
	}
	switch v := v.(type) {
	case time.Time:
		return v.Format("2006-01-02 15:04")
	case float64:
		return fmt.Sprintf("%.1f", v)
	case []string:
		return strings.Join(v, " ")
	default:
		return fmt.Sprint(v)
	}
}
