package main

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// column is a property of a model, or of an object in it: "contributors.deep_sleep". Columns come from the model and not
// from the data, so that they are the same in every export.
type column struct {
	name string
	of   reflect.Type
	at   func(document reflect.Value) reflect.Value // invalid where the service sent nothing
}

// columnsOf lists the columns of a model.
func columnsOf(model reflect.Type) []column {
	return appendColumns(nil, column{of: model, at: func(document reflect.Value) reflect.Value { return document }})
}

// appendColumns takes objects apart.
func appendColumns(all []column, c column) []column {
	for c.of.Kind() == reflect.Pointer {
		c.of = c.of.Elem()
	}
	at := func(document reflect.Value) reflect.Value {
		v := c.at(document)
		for v.IsValid() && v.Kind() == reflect.Pointer {
			v = v.Elem() // invalid if it is nil
		}
		return v
	}
	if !isObject(c.of) {
		return append(all, column{c.name, c.of, at})
	}
	for i := range c.of.NumField() {
		all = appendColumns(all, column{
			name: nested(c.name, c.of.Field(i)), of: c.of.Field(i).Type,
			at: func(document reflect.Value) reflect.Value {
				v := at(document)
				if !v.IsValid() {
					return v
				}
				return v.Field(i)
			},
		})
	}
	return all
}

func nested(object string, f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if object == "" {
		return name
	}
	return object + "." + name
}

// isObject reports whether the type is an object in JSON: a struct that does not write itself as text.
func isObject(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !t.Implements(reflect.TypeFor[json.Marshaler]()) &&
		!t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}
