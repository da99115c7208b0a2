package oura

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/oura-go/sdk/internal/decode"
	"github.com/oura-go/sdk/internal/text"
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

func documentError(m decode.Malformed) *DocumentError {
	return &DocumentError{Index: m.Index, Raw: m.Raw, Err: m.Err}
}

// Error implements error.
func (e *DocumentError) Error() string {
	return fmt.Sprintf("oura: document %d of the page is malformed: %v", e.Index, e.Err)
}

// Unwrap returns Err.
func (e *DocumentError) Unwrap() error { return e.Err }

// Format prints the message under every verb, so that %+v and %#v do not show Raw.
func (e DocumentError) Format(s fmt.State, verb rune) { text.Format(s, verb, e.Error()) }

// MarshalJSON writes the place and the message.
func (e DocumentError) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Index   int    `json:"index"`
		Message string `json:"message"`
	}{e.Index, e.Error()})
}

// LogValue implements [slog.LogValuer].
func (e DocumentError) LogValue() slog.Value { return slog.StringValue(e.Error()) }
