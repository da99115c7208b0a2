package oura

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/oura-go/sdk/internal/text"
)

// Error is one line: what happened to which request, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.sentinel().Error())
	unreached := e.StatusCode == 0 && e.sentinel() == ErrServer //nolint:errorlint // one of sentinels
	if unreached && e.Detail != "" {
		b.WriteString(": " + text.Clip(e.Detail, text.MaxDetail)) // what to check comes first
	}
	if e.Method != "" || e.Path != "" {
		b.WriteString(": " + strings.TrimSpace(e.Method+" "+e.Path))
	}
	if e.StatusCode != 0 {
		fmt.Fprintf(&b, ": status %d", e.StatusCode)
		if status := http.StatusText(e.StatusCode); status != "" {
			b.WriteString(" " + status)
		}
	}
	if e.Detail != "" && !unreached {
		b.WriteString(": " + text.Clip(e.Detail, text.MaxDetail))
	}
	separator := ": "
	for i, f := range e.Fields {
		if i == maxPrintedFields {
			fmt.Fprintf(&b, ", and %d more", len(e.Fields)-i)
			break
		}
		b.WriteString(separator + f.String())
		separator = ", "
	}
	if e.reason != "" {
		b.WriteString(": " + e.reason)
	}
	if e.Scope != "" {
		fmt.Fprintf(&b, " (ask for scope %s)", text.Clip(e.Scope, text.MaxName))
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", e.Attempts)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (retry after %v)", e.RetryAfter)
	}
	if e.TraceID != "" {
		fmt.Fprintf(&b, " (trace %s)", e.TraceID)
	}
	return b.String()
}

const maxPrintedFields = 10

// Format prints the same line under every verb, so that %+v and %#v do not show the body.
func (e Error) Format(s fmt.State, verb rune) { text.Format(s, verb, e.Error()) }

// MarshalJSON leaves out the body and what the message leaves out.
func (e Error) MarshalJSON() ([]byte, error) {
	out := struct {
		Kind       string       `json:"kind"`
		Message    string       `json:"message"`
		Method     string       `json:"method,omitempty"`
		Path       string       `json:"path,omitempty"`
		StatusCode int          `json:"status_code,omitempty"`
		Detail     string       `json:"detail,omitempty"`
		Fields     []FieldError `json:"fields,omitempty"`
		Scope      string       `json:"scope,omitempty"`
		RetryAfter float64      `json:"retry_after_seconds,omitempty"`
		Attempts   int          `json:"attempts,omitempty"`
		Waited     float64      `json:"waited_seconds,omitempty"`
		TraceID    string       `json:"trace_id,omitempty"`
	}{
		kindName(e.sentinel()), e.Error(), e.Method, e.Path, e.StatusCode, text.Clip(e.Detail, text.MaxDetail),
		e.Fields, e.Scope, e.RetryAfter.Seconds(), e.Attempts, e.Waited.Seconds(), e.TraceID,
	}
	return json.Marshal(out)
}

// LogValue implements [slog.LogValuer].
func (e Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("kind", kindName(e.sentinel())),
		slog.String("message", e.Error()),
	}
	if e.StatusCode != 0 {
		attrs = append(attrs, slog.Int("status", e.StatusCode))
	}
	if e.Attempts > 1 {
		attrs = append(attrs, slog.Int("attempts", e.Attempts), slog.Duration("waited", e.Waited))
	}
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	if e.TraceID != "" {
		attrs = append(attrs, slog.String("trace_id", e.TraceID))
	}
	return slog.GroupValue(attrs...)
}

func kindName(sentinel error) string { return strings.TrimPrefix(sentinel.Error(), "oura: ") }

// String is the place and kind of the mistake, without the message.
func (f FieldError) String() string {
	if f.Type == "" {
		return text.Clip(f.Loc, text.MaxName)
	}
	return text.Clip(f.Loc, text.MaxName) + " (" + text.Clip(f.Type, text.MaxName) + ")"
}

// Format prints String under every verb.
func (f FieldError) Format(s fmt.State, verb rune) { text.Format(s, verb, f.String()) }

// MarshalJSON leaves out the message, which may quote a value.
func (f FieldError) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Loc  string `json:"loc"`
		Type string `json:"type,omitempty"`
	}{text.Clip(f.Loc, text.MaxName), text.Clip(f.Type, text.MaxName)})
}

// LogValue implements [slog.LogValuer].
func (f FieldError) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Error implements error.
func (e *DocumentError) Error() string {
	return fmt.Sprintf("oura: document %d of the page is malformed: %v", e.Index, e.Err)
}

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
