package main

import (
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/oura-go/sdk/oura"
)

// parquetFile writes documents of one model as Parquet.
type parquetFile struct {
	out    *parquet.GenericWriter[any]
	fields []field
}

// field is a column of the file, which may be null.
type field struct {
	name string
	node parquet.Node
	list bool // of values that may be null
	// values are those of a document: one, or any number where it is a list. ok is false where there is none.
	values func(document reflect.Value) (all []parquet.Value, ok bool, err error)
}

func newParquet(w io.Writer, columns []column) *parquetFile {
	f := &parquetFile{}
	for _, c := range columns {
		f.fields = append(f.fields, fieldsOf(c)...)
	}
	group := parquet.Group{}
	for _, field := range f.fields {
		node := field.node
		if field.list {
			node = parquet.List(parquet.Optional(node))
		}
		group[field.name] = parquet.Optional(node)
	}
	f.out = parquet.NewGenericWriter[any](w, parquet.NewSchema("document", inOrder{group, f.fields}), parquet.Compression(&parquet.Zstd))
	return f
}

// inOrder is a group whose fields are in the order of the model, and not in that of their names.
type inOrder struct {
	parquet.Group
	fields []field
}

func (o inOrder) Fields() []parquet.Field {
	place := map[string]int{}
	for i, field := range o.fields {
		place[field.name] = i
	}
	return slices.SortedFunc(slices.Values(o.Group.Fields()), func(a, b parquet.Field) int { return place[a.Name()] - place[b.Name()] })
}

// fieldsOf maps a column to what Parquet has for its type. What it has nothing for is JSON, as in CSV.
func fieldsOf(c column) []field {
	switch {
	case c.of == reflect.TypeFor[oura.Date]():
		return []field{scalar(c, "", parquet.Date(), func(v oura.Date) parquet.Value {
			days := v.DaysSince(oura.Date{Year: 1970, Month: time.January, Day: 1})
			return parquet.Int32Value(int32(days)) //nolint:gosec // a year has four digits
		})}
	case c.of == reflect.TypeFor[time.Time]():
		return []field{
			scalar(c, "", parquet.Timestamp(parquet.Microsecond), func(v time.Time) parquet.Value { return parquet.Int64Value(v.UnixMicro()) }),
			scalar(c, ".utc_offset", parquet.Int(64), offset),
		}
	case c.of == reflect.TypeFor[oura.LocalDateTime]():
		return []field{
			scalar(c, "", parquet.TimestampAdjusted(parquet.Microsecond, false), func(v oura.LocalDateTime) parquet.Value {
				_, seconds := v.Wall.Zone()
				return parquet.Int64Value(v.Wall.UnixMicro() + int64(seconds)*1e6) // what the clock showed
			}),
			scalar(c, ".utc_offset", parquet.Int(64), func(v oura.LocalDateTime) parquet.Value {
				if !v.HasOffset {
					return parquet.NullValue()
				}
				return offset(v.Wall)
			}),
		}
	case c.of == reflect.TypeFor[oura.Samples]():
		return []field{list(c, parquet.Leaf(parquet.DoubleType), func(v float64) parquet.Value {
			if math.IsNaN(v) { // a gap
				return parquet.NullValue()
			}
			return parquet.DoubleValue(v)
		})}
	case c.of == reflect.TypeFor[[]string]():
		return []field{list(c, parquet.String(), func(v string) parquet.Value { return parquet.ValueOf(v) })}
	case c.of.Kind() == reflect.Bool:
		return []field{basic[bool](c, parquet.Leaf(parquet.BooleanType))}
	case c.of.Kind() == reflect.Float64:
		return []field{basic[float64](c, parquet.Leaf(parquet.DoubleType))}
	case c.of.Kind() == reflect.Int, c.of.Kind() == reflect.Int64:
		return []field{basic[int64](c, parquet.Int(64))}
	case c.of.Kind() == reflect.String:
		return []field{basic[string](c, parquet.String())}
	}
	return []field{{name: c.name, node: parquet.JSON(), values: func(document reflect.Value) ([]parquet.Value, bool, error) {
		text, err := cell(c.at(document))
		return []parquet.Value{parquet.ValueOf(text)}, text != "", err
	}}}
}

// offset is how far a clock is ahead of UTC, in minutes.
func offset(t time.Time) parquet.Value {
	_, seconds := t.Zone()
	return parquet.Int64Value(int64(seconds / 60))
}

// scalar is a field of a type of the model. The zero value of a day or an instant is null.
func scalar[T interface{ IsZero() bool }](c column, suffix string, node parquet.Node, value func(T) parquet.Value) field {
	return field{name: c.name + suffix, node: node, values: func(document reflect.Value) ([]parquet.Value, bool, error) {
		v := c.at(document)
		if !v.IsValid() || v.Interface().(T).IsZero() {
			return nil, false, nil
		}
		one := value(v.Interface().(T))
		return []parquet.Value{one}, !one.IsNull(), nil
	}}
}

// basic is a field of a type that Go and Parquet share.
func basic[T any](c column, node parquet.Node) field {
	return field{name: c.name, node: node, values: func(document reflect.Value) ([]parquet.Value, bool, error) {
		v := c.at(document)
		if !v.IsValid() {
			return nil, false, nil
		}
		return []parquet.Value{parquet.ValueOf(v.Convert(reflect.TypeFor[T]()).Interface())}, true, nil
	}}
}

func list[T any](c column, node parquet.Node, value func(T) parquet.Value) field {
	return field{name: c.name, node: node, list: true, values: func(document reflect.Value) (all []parquet.Value, ok bool, err error) {
		v := c.at(document)
		if !v.IsValid() || v.IsNil() {
			return nil, false, nil
		}
		for i := range v.Len() {
			all = append(all, value(v.Index(i).Interface().(T)))
		}
		return all, true, nil
	}}
}

func (f *parquetFile) write(document reflect.Value) error {
	var row parquet.Row
	for i, field := range f.fields {
		values, ok, err := field.values(document)
		if err != nil {
			return fmt.Errorf("column %s: %w", field.name, err)
		}
		row = field.appendTo(row, values, ok, i)
	}
	_, err := f.out.WriteRows([]parquet.Row{row})
	return err
}

// appendTo gives values the levels that Parquet tells lists and nulls by.
func (f field) appendTo(row parquet.Row, values []parquet.Value, ok bool, column int) parquet.Row {
	switch {
	case !ok:
		return append(row, parquet.NullValue().Level(0, 0, column))
	case !f.list:
		return append(row, values[0].Level(0, 1, column))
	case len(values) == 0:
		return append(row, parquet.NullValue().Level(0, 1, column))
	}
	for i, v := range values {
		repeated, defined := min(i, 1), 3
		if v.IsNull() {
			defined = 2
		}
		row = append(row, v.Level(repeated, defined, column))
	}
	return row
}

func (f *parquetFile) close() error { return f.out.Close() }
