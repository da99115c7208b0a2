package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oura-go/sdk/oura"
)

// maxRows is how many rows of a collection are printed; all are counted.
const maxRows = 5

// report is what all tables share.
type report struct {
	first, last oura.Date
	width       int  // of a line
	get         bool // whether single documents can be read
	out         io.Writer
}

// table keeps the first rows and counts the others.
type table struct {
	columns   []column
	cells     [][]string // of each column, from its heading on
	rows, bad int
}

func newTable(columns []column) *table {
	t := &table{columns: columns, cells: make([][]string, len(columns))}
	for i, c := range columns {
		t.cells[i] = []string{c.heading}
	}
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

func (t *table) add(document any) {
	if t.rows++; t.rows > maxRows {
		return
	}
	for i, c := range t.columns {
		t.cells[i] = append(t.cells[i], c.of(document))
	}
}

// print writes the columns that have a value and fit the width, and says what is not there. None is what an empty table
// says.
func (t *table) print(out io.Writer, width int, none string) {
	lines, hidden := make([]string, min(t.rows, maxRows)+1), 0
	for i, cells := range t.cells {
		wide, empty := 0, true
		for row, cell := range cells {
			wide = max(wide, utf8.RuneCountInString(cell))
			empty = empty && (row == 0 || cell == missing)
		}
		if empty || utf8.RuneCountInString(lines[0])+2+wide > width {
			hidden++
			continue
		}
		if !t.columns[i].number {
			wide = -wide // to the left
		}
		for row, cell := range cells {
			lines[row] += fmt.Sprintf("  %*s", wide, cell)
		}
	}
	more := ""
	if t.rows > maxRows {
		more += fmt.Sprintf(", more rows: %d", t.rows-maxRows)
	}
	if hidden > 0 {
		more += fmt.Sprintf(", more properties: %d", hidden)
	}
	switch {
	case t.rows == 0:
		lines = []string{"  " + none}
	case more != "":
		lines = append(lines, "  …"+more[1:])
	}
	for _, line := range lines {
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
	if t.bad > 0 {
		fmt.Fprintf(out, "  %d documents could not be read: a newer version of the module may\n", t.bad)
	}
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
		if v.Location() == time.UTC {
			v = v.Local() // rows of a series; documents have the person's offset
		}
		return v.Format("2006-01-02 15:04")
	case oura.LocalDateTime:
		if v.HasOffset {
			return text(v.Wall)
		}
		return v.Wall.Format("2006-01-02 15:04")
	case oura.Seconds:
		sign := ""
		if v < 0 {
			sign, v = "-", -v
		}
		return fmt.Sprintf("%s%d:%02d", sign, v/3600, v%3600/60)
	case float64:
		return fmt.Sprintf("%.2f", math.Round(v*100)/100+0) // no -0.00
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
