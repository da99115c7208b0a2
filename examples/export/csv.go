package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// csvFile writes documents of one model as CSV.
type csvFile struct {
	out     *csv.Writer
	columns []column
	record  []string
}

func newCSV(w io.Writer, columns []column) *csvFile {
	f := &csvFile{out: csv.NewWriter(w), columns: columns}
	for _, c := range columns {
		f.record = append(f.record, c.name)
	}
	_ = f.out.Write(f.record) // the writer keeps its error until close
	return f
}

func (f *csvFile) write(document reflect.Value) error {
	for i, c := range f.columns {
		text, err := cell(c.at(document))
		if err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
		if text != "" && isCoded(c.name) {
			text = codesPrefix + text
		}
		f.record[i] = text
	}
	return f.out.Write(f.record)
}

func (f *csvFile) close() error {
	f.out.Flush()
	return f.out.Error()
}

// codesPrefix begins the cells of coded strings. Quotes would not do: DuckDB and spreadsheets look for numbers inside
// them, and 288 digits become 1.1e287.
const codesPrefix = "codes:"

// isCoded reports whether a property is a string with a digit for each interval, as movement_30_sec.
func isCoded(name string) bool {
	return strings.HasSuffix(name, "_min") || strings.HasSuffix(name, "_sec")
}

// cell is the JSON of a value, without the quotes of a text, and empty for null.
func cell(v reflect.Value) (string, error) {
	if !v.IsValid() {
		return "", nil
	}
	text, err := json.Marshal(v.Interface())
	if err != nil || string(text) == "null" {
		return "", err
	}
	if text[0] != '"' {
		return string(text), nil
	}
	var unquoted string
	err = json.Unmarshal(text, &unquoted)
	return unquoted, err
}
