package main

import (
	"bytes"
	"encoding"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// table writes documents of one model as CSV. Its columns come from the model and not from the data, so that they are
// the same in every export: "contributors.deep_sleep" is a property of an object, and a list is JSON in one cell.
type table struct {
	columns []string
	cell    []func(reflect.Value) (string, error)
}

func tableOf(model reflect.Type) *table {
	t := &table{}
	t.add(model, "", func(v reflect.Value) reflect.Value {
		if v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		return v
	})
	return t
}

// add appends the columns of a type, which at finds in a document. It finds nothing where the service sent nothing.
func (t *table) add(of reflect.Type, name string, at func(reflect.Value) reflect.Value) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if !isObject(of) {
		t.columns = append(t.columns, name)
		coded := isCoded(name)
		t.cell = append(t.cell, func(document reflect.Value) (string, error) {
			text, err := cell(at(document))
			if coded && text != "" {
				text = codesPrefix + text
			}
			return text, err
		})
		return
	}
	for i := range of.NumField() {
		key, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		if name != "" {
			key = name + "." + key
		}
		t.add(of.Field(i).Type, key, func(document reflect.Value) reflect.Value {
			v := at(document)
			for v.IsValid() && v.Kind() == reflect.Pointer {
				v = v.Elem() // invalid if it is nil
			}
			if !v.IsValid() {
				return v
			}
			return v.Field(i)
		})
	}
}

// codesPrefix begins the cells of coded strings. Quotes would not do: DuckDB and spreadsheets look for numbers inside
// them, and 288 digits become 1.1e287.
const codesPrefix = "codes:"

// isCoded reports whether a property is a string with a digit for each interval, as movement_30_sec.
func isCoded(name string) bool {
	return strings.HasSuffix(name, "_min") || strings.HasSuffix(name, "_sec")
}

// isObject reports whether the type is an object in JSON: a struct that does not write itself as text.
func isObject(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !t.Implements(reflect.TypeFor[json.Marshaler]()) &&
		!t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
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

// rows writes documents as lines, after a line of headings if there is none yet.
func (t *table) rows(documents reflect.Value, headings bool) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if headings {
		_ = w.Write(t.columns) // into memory, as is all here
	}
	record := make([]string, len(t.columns))
	for i := range documents.Len() {
		for column := range record {
			var err error
			if record[column], err = t.cell[column](documents.Index(i)); err != nil {
				return nil, fmt.Errorf("column %s: %w", t.columns[column], err)
			}
		}
		_ = w.Write(record)
	}
	w.Flush()
	return out.Bytes(), w.Error()
}
