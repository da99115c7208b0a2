package decode

import (
	"bytes"
	"reflect"
)

// The fast way reads a response in one pass over its bytes. It accepts only what the general decoder accepts, with the
// same result, and leaves everything else to it, errors too. It is fast because the bytes are there as a whole, fields
// are known and keys come in an order that hardly changes, arrays of numbers are read without a call for each, rows
// share their date, enums repeat, and optional numbers share allocations. The methods that look at single bytes are
// inlined, no string(b) that is only compared or parsed leaves the stack, and a page of heart rates allocates its rows
// and nothing else.

// fastPage reads a page.
func fastPage[T any](body []byte, b *budget) (items []T, token string, ok bool) {
	p := formOf(reflect.TypeFor[T]()).plan
	if p == nil {
		return nil, "", false
	}
	s := newScanner(body, b)
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
				var raw []byte
				raw, ok = s.text()
				token = string(raw)
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
	items := make([]T, 1) // zeros, read in place: appending each would copy a zero over a zero, which the collector watches
	for begin, n := s.pos, 0; ; n++ {
		// A null document is malformed, and object does not take it for one.
		if !p.row(s, reflect.ValueOf(&items[n]).Elem(), &items[n]) {
			return nil, false
		}
		more, ok := s.more(']')
		if !more {
			return items[:n+1], ok
		}
		if n+1 < len(items) {
			continue
		}
		add := len(items)
		if n == 0 {
			// Documents have as many objects in them as the first one, so that counting brackets gives their number.
			left := bytes.Count(s.buf[s.pos:], []byte{'{'}) / bytes.Count(s.buf[begin:s.pos], []byte{'{'})
			add = max(1, min(left, maxPrealloc))
		}
		if !s.spend(int64(len(items)+add) * sizeOf(reflect.TypeFor[T]())) {
			return nil, false
		}
		items = append(make([]T, 0, len(items)+add), items...)[:len(items)+add]
	}
}

// fastValue reads a single document. What it holds when ok is false is of no use.
func fastValue[T any](raw []byte, b *budget) (v T, ok bool) {
	p := formOf(reflect.TypeFor[T]()).plan
	if p == nil {
		return v, false
	}
	s := newScanner(raw, b)
	defer s.release()
	ok = p.object(s, reflect.ValueOf(&v).Elem()) && s.peek() == 0 && s.pos == len(raw)
	return v, ok
}
