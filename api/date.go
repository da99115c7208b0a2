package api

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a civil day of the proleptic Gregorian calendar, without a time zone: the kind of day that a person means by
// "yesterday". It is comparable, so it works with == and as a map key.
//
// The zero Date means "no date". It is null in JSON and NULL in SQL, both ways, and an empty text.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateError reports a text that is not a day of the calendar, or not written as 2006-01-02.
//
// Cure: correct the text that Value shows. For a date and time use [ParseLocalDateTime] and its Date; a Date built by
// hand is checked with [Date.Valid].
type DateError struct {
	Value string // what was read, shortened to 32 bytes
}

func (e *DateError) Error() string {
	return fmt.Sprintf("oura: %q is not a date; write it as 2006-01-02", e.Value)
}

// ParseDate reads a date in the form 2006-01-02. The error is a *[DateError].
func ParseDate(s string) (Date, error) {
	if d, ok := parseDate(s); ok {
		return d, nil
	}
	return Date{}, &DateError{Value: s[:min(len(s), 32)]}
}

func parseDate[S []byte | string](s S) (Date, bool) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return Date{}, false
	}
	n := [3]int{}
	for i, span := range [3][2]int{{0, 4}, {5, 7}, {8, 10}} {
		for _, c := range []byte(s[span[0]:span[1]]) {
			if c < '0' || c > '9' {
				return Date{}, false
			}
			n[i] = n[i]*10 + int(c-'0')
		}
	}
	d := Date{Year: n[0], Month: time.Month(n[1]), Day: n[2]}
	return d, d.Valid()
}

// DateOf returns the civil day of t in t's own location. Mind that the day of a document is not that of its timestamp:
// the service counts a night to the day on which it ended, and a day of activity begins at 04:00.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

// Today returns the current day in loc; nil means UTC.
func Today(loc *time.Location) Date {
	if loc == nil {
		loc = time.UTC
	}
	return DateOf(time.Now().In(loc))
}

// IsZero reports whether d is the zero Date, which means "no date".
func (d Date) IsZero() bool { return d == Date{} }

// Valid reports whether d is a day of the calendar, with a year from 1 to 9999. The zero Date is not.
func (d Date) Valid() bool { return d.Year >= 1 && d.Year <= 9999 && d == DateOf(d.utc()) }

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// AddDays returns the day n days later, or earlier for a negative n.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// DaysSince returns the number of days from o to d; negative when d is the earlier one.
func (d Date) DaysSince(o Date) int { return int((d.utc().Unix() - o.utc().Unix()) / (24 * 60 * 60)) }

// Compare returns -1, 0 or +1 as d is before, equal to or after o. It suits slices.SortFunc.
func (d Date) Compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

// Before reports whether d is earlier than o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After reports whether d is later than o.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// In returns the first instant of the day in loc; nil means UTC. That is midnight, except where the clocks of loc skip
// or repeat it. Where loc skipped the whole day it is the first instant after the gap.
func (d Date) In(loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
	if DateOf(t).Before(d) { // midnight was skipped, and t fell before the gap
		_, end := t.ZoneBounds()
		return end
	}
	start, _ := t.ZoneBounds()
	if start.IsZero() {
		return t
	}
	// time.Date may choose the second of two midnights: look whether the offset before the last change had one too.
	_, now := t.Zone()
	_, before := start.Add(-time.Nanosecond).Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); first.Before(start) && DateOf(first) == d {
		return first
	}
	return t
}

// String returns the date in the form 2006-01-02, and 0000-00-00 for the zero Date.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// stored is the text of a Date in JSON and SQL; "" for the zero Date.
func (d Date) stored() (string, error) {
	switch {
	case d.IsZero():
		return "", nil
	case !d.Valid():
		return "", &DateError{Value: d.String()}
	default:
		return d.String(), nil
	}
}

// MarshalText implements [encoding.TextMarshaler]; the zero Date is an empty text. A day that the calendar does not
// have is a *[DateError].
func (d Date) MarshalText() ([]byte, error) { return marshalText(d.stored()) }

// UnmarshalText implements [encoding.TextUnmarshaler]; an empty text is the zero Date.
func (d *Date) UnmarshalText(b []byte) error { return unmarshalText(d, string(b), ParseDate) }

// MarshalJSON implements [encoding/json.Marshaler]; the zero Date is null.
func (d Date) MarshalJSON() ([]byte, error) { return marshalJSON(d.stored()) }

// UnmarshalJSON implements [encoding/json.Unmarshaler]; null is the zero Date.
func (d *Date) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*d = Date{}
		return nil
	}
	if text, ok := unquote(b); ok {
		if v, ok := parseDate(text); ok {
			*d = v
			return nil
		}
	}
	return &DateError{Value: string(b[:min(len(b), 32)])}
}

// Value implements [database/sql/driver.Valuer]: the text 2006-01-02, or nil for the zero Date.
func (d Date) Value() (driver.Value, error) { return sqlValue(d.stored()) }

// Scan implements [database/sql.Scanner] for what drivers return for a DATE column: NULL, a time.Time (its civil day in
// its own location), or a text that begins with the date.
func (d *Date) Scan(src any) error {
	return scan(d, src, "a date", "a DATE or a text", DateOf, func(s string) (Date, error) {
		if n := len("2006-01-02"); len(s) > n && (s[n] == 'T' || s[n] == ' ') {
			s = s[:n]
		}
		return ParseDate(s)
	})
}
