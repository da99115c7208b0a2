package oura

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/oura-go/sdk/api"
)

// DocumentError is one document of a page that does not fit its model. A listing yields it at its place and goes on
// with the next document if the loop does; nothing else of the page is lost.
//
// Cause: the service changed a type, or sent something broken. Cure: skip it, or keep Raw and read what you need from
// it; then see whether a newer version of this module knows the new form.
//
// It prints its place, the path of the field and the kinds of JSON value, never a value: not under %v, %+v and %#v,
// not as JSON, not by slog.
type DocumentError struct {
	Index int    // position in the page
	Raw   []byte // the document as it came; may hold health data, never printed
	Err   error  // path of the field, what it holds and what it should hold; no values
}

// Error implements error.
func (e *DocumentError) Error() string {
	return fmt.Sprintf("oura: document %d of the page is malformed: %v", e.Index, e.Err)
}

// Unwrap returns Err.
func (e *DocumentError) Unwrap() error { return e.Err }

// Format prints the message under every verb, so that %+v and %#v do not show Raw.
func (e DocumentError) Format(s fmt.State, verb rune) { formatText(s, verb, e.Error()) }

// MarshalJSON writes the place and the message.
func (e DocumentError) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Index   int    `json:"index"`
		Message string `json:"message"`
	}{e.Index, e.Error()})
}

// LogValue implements [slog.LogValuer].
func (e DocumentError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// valueError tells which value has the wrong kind, without the value.
type valueError struct {
	path, found, want string
}

func (e *valueError) Error() string {
	where := "the value"
	if e.path != "" {
		where = "field " + e.path
	}
	return fmt.Sprintf("%s holds %s that does not fit %s", where, e.found, e.want)
}

// syntaxError tells where a body stops being JSON.
type syntaxError struct{ offset int64 }

func (e *syntaxError) Error() string { return fmt.Sprintf("not JSON from byte %d on", e.offset) }

// describe makes an error of the decoder one that holds no values: those of JSON packages quote what they could not
// read.
func describe(err error) error {
	if e, ok := errors.AsType[*DocumentError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*valueError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*jsonv2.SemanticError](err); ok {
		return &valueError{path: fieldPath(e.JSONPointer), found: jsonKind(e.JSONKind), want: typeName(e.GoType)}
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return &syntaxError{offset: e.ByteOffset}
	}
	if e, ok := errors.AsType[*syntaxError](err); ok {
		return e
	}
	for _, known := range []error{errNoData, errNotJSON} {
		if errors.Is(err, known) {
			return known
		}
	}
	return errUnreadable
}

var errUnreadable = errors.New("it cannot be read")

// fieldPath writes /contributors/deep_sleep as contributors.deep_sleep.
func fieldPath(p jsontext.Pointer) string {
	var parts []string
	for token := range p.Tokens() {
		parts = append(parts, clip(token, maxName))
	}
	return strings.Join(parts, ".")
}

func jsonKind(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{', '}':
		return "an object"
	case '[', ']':
		return "an array"
	default:
		return "a value"
	}
}

func typeName(t reflect.Type) string {
	switch t {
	case nil:
		return "its type"
	case reflect.TypeFor[api.Page[jsontext.Value]](): // how pages are taken apart is nobody's concern
		return "a page"
	case reflect.TypeFor[[]jsontext.Value]():
		return "a list"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.String()
}
