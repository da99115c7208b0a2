package decode

import (
	"bytes"
	"reflect"
)

// The fast way reads a response in one pass over its bytes. It accepts only what the general decoder accepts, with the
// same result, and leaves everything else to it, errors too. It is fast because:
//
//   - scan.go: the bytes are there as a whole, so nothing is buffered, and a string without escapes is a part of them.
//   - plan.go: a model's fields are known, and keys come in an order that hardly changes.
//   - values.go and api.Samples: arrays of numbers are read without a call for each.
//   - time.go: timestamps have one form, and rows of a series share their date.
//   - memory.go: enums repeat, and optional numbers need not be allocated one by one.
//   - rows.go: heart rates are read without package reflect.
//   - here: a page's length is known from its first document.
//
// The methods that look at single bytes are inlined, no string(b) that is only compared or parsed leaves the stack, and
// a page of heart rates allocates its rows and nothing else. Of decoding it, timestamps take a quarter and keys a sixth;
// of a walk over a network, decoding takes half.

// fastPage reads a page.
func fastPage[T any](body []byte) (items []T, token string, ok bool) {
	p := planOf(reflect.TypeFor[T]())
	if p == nil {
		return nil, "", false
	}
	s := newScanner(body)
	defer s.release()
	if !s.take('{') {
		return nil, "", false
	}
	hasToken := false
	for more := true; more; {
		key, ok := s.text()
		if !ok || !s.take(':') {
			return nil, "", false
		}
		switch {
		case string(key) == "data" && items == nil:
			items, ok = fastItems[T](s, p)
		case string(key) == "next_token" && !hasToken:
			hasToken = true
			if !s.null() {
				var b []byte
				b, ok = s.text()
				token = string(b)
			}
		case string(key) == "data", string(key) == "next_token":
			return nil, "", false
		default:
			ok = s.skip()
		}
		if !ok {
			return nil, "", false
		}
		if more, ok = s.more('}'); !ok {
			return nil, "", false
		}
	}
	return items, token, items != nil && s.peek() == 0 && s.pos == len(body)
}

// maxPrealloc bounds the memory that is set aside before the items are seen.
const maxPrealloc = 1 << 15

func fastItems[T any](s *scanner, p *plan) ([]T, bool) {
	if !s.take('[') {
		return nil, false
	}
	if s.take(']') {
		return []T{}, true
	}
	items := make([]T, 1)
	for begin, n := s.pos, 0; ; n++ {
		// A null document is malformed, and object does not take it for one.
		if !p.row(s, reflect.ValueOf(&items[n]).Elem(), &items[n]) {
			return nil, false
		}
		more, ok := s.more(']')
		if !more {
			return items[:n+1], ok
		}
		switch {
		case n == 0:
			// Documents have as many objects in them as the first one, so that counting brackets gives their number.
			left := bytes.Count(s.buf[s.pos:], []byte{'{'}) / bytes.Count(s.buf[begin:s.pos], []byte{'{'})
			items = grown(items, min(left, maxPrealloc))
		case n+1 == len(items):
			items = grown(items, len(items))
		}
	}
}

// grown returns a longer slice. Items are made as zeros and read in place: appending each would copy a zero over a
// zero, which the collector has to watch.
func grown[T any](items []T, by int) []T {
	longer := make([]T, len(items)+max(by, 1))
	copy(longer, items)
	return longer
}

// fastValue reads a single document. What it holds when ok is false is of no use.
func fastValue[T any](raw []byte) (v T, ok bool) {
	p := planOf(reflect.TypeFor[T]())
	if p == nil {
		return v, false
	}
	s := newScanner(raw)
	defer s.release()
	ok = p.object(s, reflect.ValueOf(&v).Elem()) && s.peek() == 0 && s.pos == len(raw)
	return v, ok
}
