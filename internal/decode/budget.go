package decode

import (
	"bytes"
	"errors"
	"reflect"

	"github.com/oura-go/sdk/api"
)

// ErrMemory refuses a response that would take more memory than it may: a few bytes of JSON, such as {}, can ask for a
// whole model.
var ErrMemory = errors.New("it holds more values than the limit has memory for")

// budget is how many bytes may still be allocated for a response. What is spent is all that was allocated, given back
// or not, as it stays until the collector runs.
type budget struct{ left int64 }

// spend reports whether so much may be allocated; then it is taken off.
func (b *budget) spend(n int64) bool {
	b.left -= n
	return b.left >= 0
}

const (
	growth      = 5   // all that a growing slice has allocated, in sizes of the last one: above 256 elements it grows by a quarter
	valueCost   = 16  // of a small allocation
	malformCost = 512 // of a document that does not fit, besides the document

	// maxTolerated bounds the documents that are looked at a second time, with whole numbers written out: real ones have
	// a few KB.
	maxTolerated = 1 << 20
)

// weight bounds what the general decoder allocates for a value of a type: besides its size, so much for each brace and
// comma in it.
type weight struct{ brace, comma int64 }

// of a raw value.
func (w weight) of(raw []byte) int64 {
	count := func(c byte) int64 { return int64(bytes.Count(raw, []byte{c})) }
	return int64(len(raw)) + w.brace*count('{') + w.comma*count(',')
}

// dynamic is the weight of maps, of any, and of types with an UnmarshalJSON of their own.
var dynamic = weight{brace: 400, comma: growth*2*valueCost + valueCost}

func makeWeight(t reflect.Type, depth int) (w weight) {
	switch {
	case depth > 8:
		return dynamic
	case t == reflect.TypeFor[api.Samples]():
		return weight{comma: sizeOf(reflect.TypeFor[float64]())} // counts before it allocates
	case t.PkgPath() == reflect.TypeFor[api.Samples]().PkgPath() && t.Kind() == reflect.Struct && decodesItself(t), t.PkgPath() == "time":
		return weight{}
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return weight{} // json.RawMessage, which is a copy
	case decodesItself(t):
		return dynamic
	}
	switch t.Kind() {
	case reflect.Pointer:
		w = makeWeight(t.Elem(), depth+1)
		w.brace = max(w.brace, sizeOf(t.Elem()))
	case reflect.Struct:
		w.comma = valueCost // for refuseNulls to look at a property
		for f := range t.Fields() {
			w = w.most(makeWeight(f.Type, depth+1))
		}
	case reflect.Slice:
		w = makeWeight(t.Elem(), depth+1)
		size := growth * sizeOf(t.Elem())
		w.brace, w.comma = w.brace+size, w.comma+size
	case reflect.Map, reflect.Interface:
		return dynamic
	default:
	}
	return w
}

func (w weight) most(o weight) weight {
	return weight{max(w.brace, o.brace), max(w.comma, o.comma)}
}

func sizeOf(t reflect.Type) int64 { return int64(t.Size()) } //nolint:gosec // no type is that large
