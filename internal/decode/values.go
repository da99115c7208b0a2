package decode

import (
	"bytes"
	"encoding/json"
	"reflect"
	"time"

	"github.com/oura-go/sdk/api"
)

// The readers of single values. A reflect.Value is set through a pointer where there is one type to expect, which is as
// fast as generated code would be to within a tenth of a page's time.

// reader reads one value that is not null into v, which is zero.
type reader func(s *scanner, v reflect.Value) bool

func readBool(s *scanner, v reflect.Value) bool {
	truth, ok := s.boolean()
	v.SetBool(truth)
	return ok
}

func readInt(s *scanner, v reflect.Value) bool {
	n, ok := s.integer()
	if !ok || v.OverflowInt(n) {
		return false
	}
	v.SetInt(n)
	return true
}

func readFloat(s *scanner, v reflect.Value) bool {
	f, ok := s.number()
	v.SetFloat(f)
	return ok
}

func readString(s *scanner, v reflect.Value) bool {
	b, ok := s.text()
	if ok = ok && s.spend(int64(len(b))); ok {
		v.SetString(string(b))
	}
	return ok
}

func readWord(s *scanner, v reflect.Value) bool {
	word, ok := s.enum()
	v.SetString(word)
	return ok
}

func readTime(s *scanner, v reflect.Value) bool {
	t, ok := s.time()
	*to[time.Time](v) = t
	return ok
}

func readSamples(s *scanner, v reflect.Value) bool {
	raw, ok := s.array()
	return ok && s.spend(8*int64(1+bytes.Count(raw, []byte{','}))) && to[api.Samples](v).UnmarshalJSON(raw) == nil
}

// readText reads what a type of package api makes of a string.
func readText(s *scanner, v reflect.Value) bool {
	s.peek()
	begin := s.pos
	if _, ok := s.text(); !ok {
		return false
	}
	u, ok := reflect.TypeAssert[json.Unmarshaler](v.Addr())
	return ok && u.UnmarshalJSON(s.buf[begin:s.pos]) == nil
}

func arrayOf(read reader, nullable bool) reader {
	return func(s *scanner, v reflect.Value) bool {
		if !s.take('[') {
			return false
		}
		if s.take(']') {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
			return true
		}
		for n := 0; ; n++ {
			if n == v.Cap() {
				if !s.spend(int64(2*n+1) * sizeOf(v.Type().Elem())) {
					return false
				}
				v.Grow(1)
			}
			v.SetLen(n + 1)
			if s.null() {
				if !nullable {
					return false
				}
			} else if !read(s, v.Index(n)) {
				return false
			}
			if more, ok := s.more(']'); !more {
				return ok
			}
		}
	}
}

// sharing is the reader of optional numbers and flags, which share allocations.
func sharing[T, P any](read func(*scanner) (T, bool), put func(*scanner, T) P) reader {
	return func(s *scanner, v reflect.Value) bool {
		value, ok := read(s)
		if ok {
			*to[P](v) = put(s, value)
		}
		return ok
	}
}

// to is the address of v, which holds a T.
func to[T any](v reflect.Value) *T {
	p, _ := reflect.TypeAssert[*T](v.Addr())
	return p
}
