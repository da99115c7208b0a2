package decode

import (
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

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

// refuseNulls makes the general decoder refuse a null for which a model has no place. By itself it leaves the field as
// it is, and then a heart rate that nobody measured is 0.
var refuseNulls = jsonv2.UnmarshalFromFunc(func(d *jsontext.Decoder, v any) error {
	if t := reflect.TypeOf(v).Elem(); d.PeekKind() == 'n' && !holdsNull(t) {
		return &jsonv2.SemanticError{JSONKind: 'n', GoType: t}
	}
	return errors.ErrUnsupported // the value is for the decoder itself
})
