package api

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// LocalDateTime is a date and time whose UTC offset may be missing. With an offset it is an instant; without one it is
// what a clock on the wall showed, and only the caller can know where. [LocalDateTime.In] settles it.
//
// The zero LocalDateTime is null in JSON and NULL in SQL, both ways, and an empty text.
type LocalDateTime struct {
	// Wall is the time as written. Its location is the offset that was sent, or UTC where none was.
	Wall time.Time

	// HasOffset tells whether an offset was sent, and so whether Wall is an instant.
	HasOffset bool
}

// LocalDateTimeError reports a text that is not a date and time, or a year that cannot be written with four digits.
//
// Cure: write it as 2006-01-02T15:04:05, with or without a fraction and an offset.
type LocalDateTimeError struct {
	Value string // what was read, shortened to 48 bytes
}

func (e *LocalDateTimeError) Error() string {
	return fmt.Sprintf("oura: %q is not a date and time; write it as 2006-01-02T15:04:05, with or without an offset", e.Value)
}

const wallLayout = "2006-01-02T15:04:05"

// ParseLocalDateTime reads an RFC 3339 date and time with or without an offset and a fraction. The error is a
// *[LocalDateTimeError].
func ParseLocalDateTime(s string) (LocalDateTime, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return LocalDateTime{Wall: t, HasOffset: true}, nil
	}
	if t, err := time.Parse(wallLayout, s); err == nil {
		return LocalDateTime{Wall: t}, nil
	}
	return LocalDateTime{}, &LocalDateTimeError{Value: s[:min(len(s), 48)]}
}

// LocalDateTimeOf returns the instant t, with the offset of its location.
func LocalDateTimeOf(t time.Time) LocalDateTime { return LocalDateTime{Wall: t, HasOffset: true} }

// IsZero reports whether t is the zero value, which means "no time".
func (t LocalDateTime) IsZero() bool { return t.Wall.IsZero() && !t.HasOffset }

// In returns the instant: the one that was sent, shown in loc, or, where no offset was sent, the instant at which the
// clocks of loc showed this time. A nil loc means UTC.
func (t LocalDateTime) In(loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	if t.HasOffset {
		return t.Wall.In(loc)
	}
	w := t.Wall
	return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), loc)
}

// Date returns the civil day as written.
func (t LocalDateTime) Date() Date { return DateOf(t.Wall) }

// Equal reports whether both have an offset and are the same instant, or both have none and show the same time.
func (t LocalDateTime) Equal(o LocalDateTime) bool {
	return t.HasOffset == o.HasOffset && t.Wall.Equal(o.Wall)
}

// String returns the time as it was written.
func (t LocalDateTime) String() string {
	if t.HasOffset {
		return t.Wall.Format(time.RFC3339Nano)
	}
	return t.Wall.Format(wallLayout + ".999999999")
}

// stored is the text of a LocalDateTime in JSON and SQL: the time as it was written, "" for the zero value, an error
// where the text could not be read again.
func (t LocalDateTime) stored() (string, error) {
	switch y := t.Wall.Year(); {
	case t.IsZero():
		return "", nil
	case y < 0 || y > 9999:
		return "", &LocalDateTimeError{Value: t.String()}
	default:
		return t.String(), nil
	}
}

// MarshalText implements [encoding.TextMarshaler]; the zero value is an empty text. A year that has not four digits is
// a *[LocalDateTimeError].
func (t LocalDateTime) MarshalText() ([]byte, error) { return marshalText(t.stored()) }

// UnmarshalText implements [encoding.TextUnmarshaler]; an empty text is the zero value.
func (t *LocalDateTime) UnmarshalText(b []byte) error {
	return unmarshalText(t, string(b), ParseLocalDateTime)
}

// MarshalJSON implements [encoding/json.Marshaler]; the zero value is null.
func (t LocalDateTime) MarshalJSON() ([]byte, error) { return marshalJSON(t.stored()) }

// UnmarshalJSON implements [encoding/json.Unmarshaler]; null is the zero value.
func (t *LocalDateTime) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*t = LocalDateTime{}
		return nil
	}
	if text, ok := unquote(b); ok && len(text) > 0 {
		return t.UnmarshalText(text)
	}
	return &LocalDateTimeError{Value: string(b[:min(len(b), 48)])}
}

// Value implements [database/sql/driver.Valuer]: the text as written, or nil for the zero value.
func (t LocalDateTime) Value() (driver.Value, error) { return sqlValue(t.stored()) }

// Scan implements [database/sql.Scanner]: NULL, a text as Value writes it, or a time.Time, which is an instant.
func (t *LocalDateTime) Scan(src any) error {
	return scan(t, src, "a date and time", "a text or timestamp", LocalDateTimeOf, ParseLocalDateTime)
}
