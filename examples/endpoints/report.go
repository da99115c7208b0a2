package main

import (
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
	columns     int  // of a table, at most
	get         bool // whether single documents can be read
	out         io.Writer
}

// table prints the first rows and counts the others.
type table struct {
	w         *tabwriter.Writer
	out       io.Writer
	columns   []column
	rows, bad int
}

func (r *report) table(columns []column) *table {
	t := &table{w: tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0), out: r.out, columns: columns}
	t.line(func(c column) string { return c.name })
	return t
}

func (t *table) line(cell func(column) string) {
	cells := make([]string, len(t.columns))
	for i, c := range t.columns {
		cells[i] = cell(c)
	}
	fmt.Fprintln(t.w, "  "+strings.Join(cells, "\t"))
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

func (t *table) add(document any) {
	t.rows++
	if t.rows <= maxRows {
		t.line(func(c column) string { return c.of(document) })
	}
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

// missing is what the service left out.
const missing = "–"

// text follows pointers; a nil one is missing. Long codes are cut.
func text(v any) string {
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return missing
		}
		return text(r.Elem().Interface())
	}
	switch v := v.(type) {
	case time.Time:
		return v.Format("2006-01-02 15:04")
	case oura.Seconds:
		return v.Duration().String()
	case float64:
		return fmt.Sprintf("%.1f", v)
	case []string:
		return strings.Join(v, " ")
	case string:
		if len(v) > 24 {
			return v[:24] + "…"
		}
		return v
	default:
		return fmt.Sprint(v)
	}
}
