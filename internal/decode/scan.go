package decode

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner reads the bytes of one response from front to back. It knows JSON's grammar and nothing of models.
//
// Every method begins at pos and moves it behind what it has read. One that reports false has met something it leaves
// to the general decoder, be it unusual or wrong; the scanner is of no use after that.
type scanner struct {
	buf []byte
	pos int

	*budget
	memory // of values read before
}

// scanners are kept for what they remember. They hold no part of a response.
var scanners = sync.Pool{New: func() any { return new(scanner) }}

func newScanner(body []byte, b *budget) *scanner {
	s := scanners.Get().(*scanner) //nolint:forcetypeassert // the pool holds nothing else
	s.buf, s.pos, s.budget = body, 0, b
	return s
}

func (s *scanner) release() {
	s.buf, s.budget = nil, nil
	scanners.Put(s)
}

// peek skips white space and returns the byte that follows; 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.buf) {
		c := s.buf[s.pos]
		if c > ' ' {
			return c
		}
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return 0
		}
		s.pos++
	}
	return 0
}

// take skips white space and then c, if it is there.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// more reports, after a member or an element, whether there is another one; ok is false if the container neither goes
// on nor ends here.
func (s *scanner) more(end byte) (more, ok bool) {
	c := s.peek()
	if c != ',' && c != end {
		return false, false
	}
	s.pos++
	return c == ',', true
}

// null skips null, if it is there.
func (s *scanner) null() bool { return s.peek() == 'n' && s.word("null") }

func (s *scanner) word(w string) bool {
	if len(s.buf)-s.pos < len(w) || string(s.buf[s.pos:s.pos+len(w)]) != w {
		return false
	}
	s.pos += len(w)
	return true
}

// text reads a string. The result may lie in the response's buffer, which is reused: copy what is kept.
func (s *scanner) text() ([]byte, bool) {
	if s.peek() != '"' {
		return nil, false
	}
	begin := s.pos + 1
	end := begin + plainLength(s.buf[begin:])
	if end < len(s.buf) && s.buf[end] == '"' {
		s.pos = end + 1
		return s.buf[begin:end], true
	}
	// With escapes or characters beyond ASCII. Invalid UTF-8 is left to the general decoder.
	quoted := s.buf[s.pos : s.pos+stringLength(s.buf[s.pos:])]
	s.pos += len(quoted)
	out, err := jsontext.AppendUnquote(nil, quoted)
	return out, err == nil
}

// plainLength counts the bytes before the first that is a quote, an escape, a control character or beyond ASCII.
//
// It looks at eight bytes at once, as the coded strings of a night have hundreds. In each term a byte of interest sets
// its highest bit. A borrow can set the bit of a byte that is of none, but only above one that is.
func plainLength(b []byte) int {
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; len(b)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, escape := w^ones*'"', w^ones*'\\'
		if found := (w | (w-ones*' ')&^w | (quote-ones)&^quote | (escape-ones)&^escape) & highest; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] < 0x80 && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

// enum reads a string of the few that repeat.
func (s *scanner) enum() (string, bool) {
	b, ok := s.text()
	return s.words.get(b), ok
}

func (s *scanner) boolean() (truth, ok bool) {
	truth = s.peek() == 't'
	return truth, truth && s.word("true") || s.word("false")
}

// int reads what integer does, if an int can hold it.
func (s *scanner) int() (int, bool) {
	n, ok := s.integer()
	return int(n), ok && int64(int(n)) == n
}

// integer reads a whole number of at most 18 digits. 12.0 is one, by the rule of wholeNumbers.
func (s *scanner) integer() (int64, bool) {
	negative := s.peek() == '-'
	if negative {
		s.pos++
	}
	n, digits := s.digits()
	if digits == 0 || digits > 18 || digits > 1 && s.buf[s.pos-digits] == '0' {
		return 0, false
	}
	if s.pos < len(s.buf) && s.buf[s.pos] == '.' {
		s.pos++
		if fraction, places := s.digits(); places == 0 || places > 18 || fraction != 0 || n >= 1<<53 {
			return 0, false
		}
	}
	if negative {
		n = -n
	}
	return n, true
}

// digits reads any number of digits; their value is right for up to 18.
func (s *scanner) digits() (n int64, count int) {
	b := s.buf[s.pos:]
	for count < len(b) && b[count]-'0' <= 9 {
		n = n*10 + int64(b[count]-'0')
		count++
	}
	s.pos += count
	return n, count
}

// number reads any number that a float64 can hold.
func (s *scanner) number() (float64, bool) {
	s.peek()
	begin := s.pos
	if !s.skipNumber() {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(s.buf[begin:s.pos]), 64)
	return f, err == nil
}

func (s *scanner) skipNumber() bool {
	if s.peek() == '-' {
		s.pos++
	}
	if _, n := s.digits(); n == 0 || n > 1 && s.buf[s.pos-n] == '0' {
		return false
	}
	if s.pos < len(s.buf) && s.buf[s.pos] == '.' {
		s.pos++
		if _, n := s.digits(); n == 0 {
			return false
		}
	}
	if s.pos < len(s.buf) && s.buf[s.pos]|0x20 == 'e' {
		s.pos++
		if s.pos < len(s.buf) && (s.buf[s.pos] == '+' || s.buf[s.pos] == '-') {
			s.pos++
		}
		if _, n := s.digits(); n == 0 {
			return false
		}
	}
	return true
}

// array reads the bytes of an array that holds neither strings nor arrays; what else it holds is for the caller to see.
func (s *scanner) array() ([]byte, bool) {
	if s.peek() != '[' {
		return nil, false
	}
	n := bytes.IndexByte(s.buf[s.pos:], ']') + 1
	raw := s.buf[s.pos : s.pos+n]
	s.pos += n
	return raw, n > 0
}

// skip reads a value that no model has.
func (s *scanner) skip() bool {
	switch s.peek() {
	case '"':
		_, ok := s.text()
		return ok
	case 'n', 't', 'f':
		return s.word("null") || s.word("true") || s.word("false")
	case '{', '[':
		return s.skipContainer()
	default:
		return s.skipNumber()
	}
}

// skipContainer finds the end by counting brackets; whether they and all between them are right is asked of jsontext.
func (s *scanner) skipContainer() bool {
	depth, i := 0, s.pos
	for i < len(s.buf) {
		switch s.buf[i] {
		case '"':
			i += stringLength(s.buf[i:])
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		i++
		if depth == 0 {
			raw := jsontext.Value(s.buf[s.pos:i])
			s.pos = i
			return raw.IsValid(Options)
		}
	}
	return false
}
