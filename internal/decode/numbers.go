package decode

import (
	"bytes"
	"math"
	"strconv"
)

// wholeNumbers writes 12.0 and 1.2e1 as 12, everywhere in a JSON value. Numbers with a fraction, and those beyond what a
// float64 holds exactly, stay as they are.
func wholeNumbers(raw []byte) (out []byte) {
	done := 0 // raw[:done] is in out
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			i += stringLength(raw[i:])
		case c == '-' || c >= '0' && c <= '9':
			n := numberLength(raw[i:])
			if plain, ok := wholeNumber(raw[i : i+n]); ok {
				out = append(append(out, raw[done:i]...), plain...)
				done = i + n
			}
			i += n
		default:
			i++
		}
	}
	if done == 0 {
		return raw
	}
	return append(out, raw[done:]...)
}

func stringLength(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

func numberLength(b []byte) int {
	n := bytes.IndexFunc(b, func(r rune) bool {
		return (r < '0' || r > '9') && r != '-' && r != '+' && r != '.' && r != 'e' && r != 'E'
	})
	if n < 0 {
		return len(b)
	}
	return n
}

func wholeNumber(b []byte) (plain []byte, ok bool) {
	if !bytes.ContainsAny(b, ".eE") {
		return nil, false
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return nil, false
	}
	return strconv.AppendInt(nil, int64(f), 10), true
}
