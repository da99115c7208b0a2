package decode

import (
	"bytes"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Options are those of the general decoder.
var Options = json.JoinOptions(
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
)

// strictOptions are for a value with a null in it.
var strictOptions = json.JoinOptions(Options, json.WithUnmarshalers(refuseNulls))

// tolerantOptions read what the strict way refuses and encoding/json takes: a timestamp such as 2026-03-12T0:05:00Z.
var tolerantOptions = json.JoinOptions(
	Options,
	json.WithUnmarshalers(json.JoinUnmarshalers(refuseNulls, json.UnmarshalFunc(func(b []byte, t *time.Time) error {
		if kind := jsontext.Value(b).Kind(); kind != '"' {
			return &json.SemanticError{JSONKind: kind, GoType: reflect.TypeFor[time.Time]()}
		}
		var text string
		if err := json.Unmarshal(b, &text, Options); err != nil {
			return err
		}
		return t.UnmarshalText([]byte(text))
	}))),
)

// envelope is the response to a list request. A token that is null is none.
type envelope struct {
	Data      documents `json:"data"`
	NextToken string    `json:"next_token"`
}

// documents stand for a list that was taken apart; nil for none.
type documents []struct{}

// wholeNumbers writes 12.0 and 1.2e1 as 12, everywhere in a JSON value. Numbers with a fraction, and those beyond what
// a float64 holds exactly, stay as they are.
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

func numberLength(b []byte) int { return len(b) - len(bytes.TrimLeft(b, "0123456789-+.eE")) }

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
