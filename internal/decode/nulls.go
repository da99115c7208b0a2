package decode

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The decoders leave a field as it is where the response has null, and then a heart rate that nobody measured is 0. So
// null is an error wherever the model has no pointer for it.

// holdsNull reports whether a null leaves a trace in a value of the type: nil, or what the type's own method makes of it,
// as the zero Date, which is null on the wire. A time.Time has no such value.
func holdsNull(t reflect.Type) bool {
	if t == reflect.TypeFor[time.Time]() {
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return true
	default:
		return decodesItself(t)
	}
}

// decodesItself reports whether a type has a method for the general decoder to call.
func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[jsonv2.UnmarshalerFrom]()) ||
		p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// checkNulls returns an error that names the first null for which a model of the type has no place.
func checkNulls(raw []byte, t reflect.Type) error {
	if !bytes.Contains(raw, []byte("null")) {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(raw), Options)
	if at := misplaced(d, t); at != nil {
		return &valueError{path: fieldPath(d.StackPointer()), found: "null", want: typeName(at)}
	}
	return nil
}

// misplaced reads a value up to the first null that has no place, and returns what should be there. It ends
// at an error of syntax, which the decoder reports.
func misplaced(d *jsontext.Decoder, t reflect.Type) reflect.Type {
	kind := d.PeekKind()
	if kind == 'n' && !holdsNull(t) {
		_ = d.SkipValue()
		return t
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case decodesItself(t):
	case kind == '{' && t.Kind() == reflect.Struct:
		fields := fieldTypes(t)
		return members(d, func(name string) reflect.Type { return fields[name] })
	case kind == '{' && t.Kind() == reflect.Map:
		return members(d, func(string) reflect.Type { return t.Elem() })
	case kind == '[' && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array):
		_, _ = d.ReadToken()
		for k := d.PeekKind(); k != ']' && k != 0; k = d.PeekKind() {
			if at := misplaced(d, t.Elem()); at != nil {
				return at
			}
		}
		_, _ = d.ReadToken()
		return nil
	}
	_ = d.SkipValue()
	return nil
}

// members reads an object whose values have the types that typeOf says; nil for a property that the model does not have.
func members(d *jsontext.Decoder, typeOf func(name string) reflect.Type) reflect.Type {
	_, _ = d.ReadToken()
	for k := d.PeekKind(); k != '}' && k != 0; k = d.PeekKind() {
		name, err := d.ReadToken()
		if err != nil {
			return nil
		}
		t := typeOf(name.String())
		if t == nil {
			_ = d.SkipValue()
			continue
		}
		if at := misplaced(d, t); at != nil {
			return at
		}
	}
	_, _ = d.ReadToken()
	return nil
}

// fieldTypes are the types of a struct's fields by JSON name, those of embedded structs too.
func fieldTypes(t reflect.Type) map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" && !f.Anonymous {
			name = f.Name
		}
		if name != "" && (types[name] == nil || len(f.Index) == 1) {
			types[name] = f.Type
		}
	}
	return types
}
