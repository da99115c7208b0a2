package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Samples is a series of numbers. NaN marks a gap, which is null in JSON, both ways. A nil Samples is null, too.
//
// It holds plain floats because a day of activity has 1,440 of them, and a pointer for each would cost more than all
// the rest of the document. Test for a gap with math.IsNaN, or range over [Sample.All], which skips gaps.
type Samples []float64

// SamplesError reports JSON that is not an array of numbers and nulls, or an infinite item, for which JSON has no word.
// It names the place and the kind, not the value.
//
// Cure: write gaps as null, which is NaN in Samples, and numbers as numbers. From the service, it means that this
// version does not know the form: update the module.
type SamplesError struct {
	Index int    // position of the item; -1 when it is not an array at all
	Found string // kind of JSON value that stands there
}

func (e *SamplesError) Error() string {
	if e.Index < 0 {
		return "oura: samples must be a JSON array, found " + e.Found
	}
	return fmt.Sprintf("oura: item %d of samples must be a number or null, found %s", e.Index, e.Found)
}

// Equal reports whether both series have the same items, gaps included. go-cmp and other comparison tools use it, as
// NaN is not equal to itself.
func (s Samples) Equal(o Samples) bool {
	return slices.EqualFunc(s, o, func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })
}

// MarshalJSON implements [encoding/json.Marshaler]. An infinite item is an error, as JSON has no word for it.
func (s Samples) MarshalJSON() ([]byte, error) {
	if s == nil {
		return []byte("null"), nil
	}
	b := append(make([]byte, 0, 2+6*len(s)), '[')
	for i, v := range s {
		if i > 0 {
			b = append(b, ',')
		}
		switch {
		case math.IsNaN(v):
			b = append(b, "null"...)
		case math.IsInf(v, 0):
			return nil, &SamplesError{Index: i, Found: "infinity"}
		default:
			b = appendFloat(b, v)
		}
	}
	return append(b, ']'), nil
}

// appendFloat writes numbers as encoding/json does: short, and with an exponent only where a plain form would be long.
func appendFloat(b []byte, v float64) []byte {
	a := math.Abs(v)
	if a == 0 || a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, v, 'e', -1, 64)
	if n := len(b); b[n-4] == 'e' && b[n-2] == '0' { // 1e-07 is 1e-7 in JSON's usual form
		b = append(b[:n-2], b[n-1])
	}
	return b
}

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (s *Samples) UnmarshalJSON(b []byte) error {
	i := skipSpace(b, 0)
	if i == len(b) || b[i] != '[' {
		if string(b[i:]) == "null" {
			*s = nil
			return nil
		}
		return &SamplesError{Index: -1, Found: kindAt(b, i)}
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		*s = Samples{}
		return nil
	}
	items := make(Samples, 0, 1+bytes.Count(b[i:], []byte{','})) // growing would cost more than counting
	for {
		v, n := parseNumber(b[i:])
		if n == 0 {
			if len(b)-i < 4 || string(b[i:i+4]) != "null" {
				return &SamplesError{Index: len(items), Found: kindAt(b, i)}
			}
			v, n = math.NaN(), 4
		} else if math.IsInf(v, 0) {
			return &SamplesError{Index: len(items), Found: "a number out of range"}
		}
		items = append(items, v)
		i = skipSpace(b, i+n)
		if i == len(b) {
			return &SamplesError{Index: len(items), Found: kindAt(b, i)}
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
		case ']':
			*s = items
			return nil
		default:
			return &SamplesError{Index: len(items), Found: kindAt(b, i)}
		}
	}
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

func kindAt(b []byte, i int) string {
	if i >= len(b) {
		return "the end"
	}
	switch c := b[i]; {
	case c == '"':
		return "a string"
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == 't' || c == 'f':
		return "a boolean"
	case c == 'n':
		return "null"
	case c == '-' || c >= '0' && c <= '9':
		return "a number"
	default:
		return "something that is not JSON"
	}
}

// exact are the powers of ten that a float64 holds exactly: a quotient of two exact numbers is correctly rounded.
var exact = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// parseNumber reads the number at the beginning of b and returns how long it is; 0 when there is none. One that no
// float64 can hold is infinite. Nearly all samples are short decimals ("1.3", "62"), which need no general parser.
func parseNumber(b []byte) (v float64, n int) {
	mantissa := uint64(0)
	if len(b) > 0 && b[0] == '-' {
		n = 1
	}
	whole := n
	for ; n < len(b) && b[n]-'0' <= 9; n++ {
		mantissa = mantissa*10 + uint64(b[n]-'0')
	}
	digits, fraction := n-whole, 0
	if digits == 0 || digits > 1 && b[whole] == '0' {
		return 0, 0
	}
	if n < len(b) && b[n] == '.' {
		point := n
		for n++; n < len(b) && b[n]-'0' <= 9; n++ {
			mantissa = mantissa*10 + uint64(b[n]-'0')
		}
		fraction = n - point - 1
		digits += fraction
	}
	if digits <= 15 && (n == len(b) || b[n]|0x20 != 'e' && b[n-1] != '.') {
		v = float64(mantissa) / exact[fraction]
		if b[0] == '-' {
			v = -v
		}
		return v, n
	}
	n = len(b) - len(bytes.TrimLeft(b, "0123456789-+.eE"))
	if !json.Valid(b[:n]) { // ParseFloat takes more than JSON does, as in "1." and "+1"
		return 0, 0
	}
	v, _ = strconv.ParseFloat(string(b[:n]), 64) // the one error that is left is that of the range
	return v, n
}
