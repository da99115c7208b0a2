package api_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/oura-go/sdk/api"
)

var (
	_ fmt.Stringer             = api.LocalDateTime{}
	_ encoding.TextMarshaler   = api.LocalDateTime{}
	_ encoding.TextUnmarshaler = (*api.LocalDateTime)(nil)
	_ driver.Valuer            = api.LocalDateTime{}
	_ sql.Scanner              = (*api.LocalDateTime)(nil)
)

var localTimes = []struct {
	text      string
	want      string // as it is written again
	hasOffset bool
	instant   string // in UTC, read in Helsinki where no offset was sent
}{
	{"2026-03-12T21:45:00", "2026-03-12T21:45:00", false, "2026-03-12T19:45:00Z"},
	{"2026-03-12T21:45:00.5", "2026-03-12T21:45:00.5", false, "2026-03-12T19:45:00.5Z"},
	{"2026-06-10T08:15:42.318000", "2026-06-10T08:15:42.318", false, "2026-06-10T05:15:42.318Z"},
	{"2026-03-12T21:45:00+02:00", "2026-03-12T21:45:00+02:00", true, "2026-03-12T19:45:00Z"},
	{"2026-03-12T21:45:00.123456789-09:30", "2026-03-12T21:45:00.123456789-09:30", true, "2026-03-13T07:15:00.123456789Z"},
	{"2026-03-12T21:45:00Z", "2026-03-12T21:45:00Z", true, "2026-03-12T21:45:00Z"},
	{"2026-03-12T21:45:00.000Z", "2026-03-12T21:45:00Z", true, "2026-03-12T21:45:00Z"},
}

var badLocalTimes = []string{
	"", "2026-03-12", "2026-03-12T21:45", "2026-03-12 21:45:00", "2026-02-30T00:00:00", "2026-03-12T24:00:00",
	"2026-03-12T21:45:00 +02:00", "2026-03-12T21:45:00+0200", "21:45:00", "yesterday", "2026-03-12T21:45:00+02:00x",
}

func TestParseLocalDateTime(t *testing.T) {
	t.Parallel()
	helsinki := zone(t, "Europe/Helsinki")
	for _, test := range localTimes {
		got, err := api.ParseLocalDateTime(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got.HasOffset != test.hasOffset || got.String() != test.want {
			t.Errorf("%s = %v, offset %t", test.text, got, got.HasOffset)
		}
		at := got.In(helsinki)
		if text := at.UTC().Format(time.RFC3339Nano); text != test.instant {
			t.Errorf("%s in Helsinki is %s, want %s", test.text, text, test.instant)
		}
		if at.Location() != helsinki {
			t.Errorf("%s in Helsinki is shown in %v", test.text, at.Location())
		}
		if day := got.Date().String(); day != "2026-03-12" && day != "2026-06-10" {
			t.Errorf("%s is on %s, want the day as written", test.text, day)
		}
	}
	for _, text := range badLocalTimes {
		got, err := api.ParseLocalDateTime(text)
		var timeErr *api.LocalDateTimeError
		if !errors.As(err, &timeErr) || timeErr.Value != text || !got.IsZero() {
			t.Errorf("ParseLocalDateTime(%q) = %v, %v, want a *LocalDateTimeError with the text", text, got, err)
		}
	}
}

func TestLocalDateTimeErrorSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	_, err := api.ParseLocalDateTime("noon")
	want := `oura: "noon" is not a date and time; write it as 2006-01-02T15:04:05, with or without an offset`
	if err == nil || err.Error() != want {
		t.Errorf("error = %v\nwant    %s", err, want)
	}
}

func TestLocalDateTimeInNilIsUTC(t *testing.T) {
	t.Parallel()
	got, err := api.ParseLocalDateTime("2026-06-10T08:15:42.318000")
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 6, 10, 8, 15, 42, 318e6, time.UTC); got.In(nil) != want {
		t.Errorf("In(nil) = %v, want %v", got.In(nil), want)
	}
}

// An instant is no missing time, not even the first one of package time.
func TestLocalDateTimeWithOffsetIsNotZero(t *testing.T) {
	t.Parallel()
	first := api.LocalDateTimeOf(time.Time{})
	if text, err := json.Marshal(first); err != nil || string(text) != `"0001-01-01T00:00:00Z"` || first.IsZero() {
		t.Errorf("%v is written as %s, %v", first, text, err)
	}
}

func TestLocalDateTimeEqual(t *testing.T) {
	t.Parallel()
	parse := func(text string) api.LocalDateTime {
		got, err := api.ParseLocalDateTime(text)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	tests := []struct {
		a, b api.LocalDateTime
		want bool
	}{
		{parse("2026-03-12T12:00:00"), parse("2026-03-12T12:00:00.000"), true},
		{parse("2026-03-12T12:00:00"), parse("2026-03-12T12:00:01"), false},
		{parse("2026-03-12T12:00:00"), parse("2026-03-12T12:00:00Z"), false},
		{parse("2026-03-12T12:00:00+02:00"), parse("2026-03-12T10:00:00Z"), true},
		{parse("2026-03-12T12:00:00+02:00"), parse("2026-03-12T12:00:00Z"), false},
		{api.LocalDateTime{}, api.LocalDateTime{}, true},
		{api.LocalDateTimeOf(time.Date(2026, 3, 12, 10, 0, 0, 0, time.UTC)), parse("2026-03-12T12:00:00+02:00"), true},
	}
	for _, test := range tests {
		if got := test.a.Equal(test.b); got != test.want {
			t.Errorf("%v.Equal(%v) = %t", test.a, test.b, got)
		}
		if got := test.b.Equal(test.a); got != test.want {
			t.Errorf("%v.Equal(%v) = %t", test.b, test.a, got)
		}
	}
}

func TestLocalDateTimeJSONAndText(t *testing.T) {
	t.Parallel()
	for _, pkg := range jsonPackages {
		for _, test := range localTimes {
			var got api.LocalDateTime
			if err := pkg.unmarshal([]byte(`"`+test.text+`"`), &got); err != nil {
				t.Errorf("%s: %v", pkg.name, err)
			}
			text, err := pkg.marshal(got)
			if err != nil || string(text) != `"`+test.want+`"` {
				t.Errorf("%s: %s becomes %s, %v", pkg.name, test.text, text, err)
			}
		}
		got := api.LocalDateTimeOf(time.Now())
		if err := pkg.unmarshal([]byte("null"), &got); err != nil || !got.IsZero() {
			t.Errorf("%s: null gives %v, %v", pkg.name, got, err)
		}
		if text, err := pkg.marshal(got); err != nil || string(text) != "null" {
			t.Errorf("%s: zero becomes %s, %v", pkg.name, text, err)
		}
		if err := pkg.unmarshal([]byte(`"2026-03-12T12:00:00\u002b02:00"`), &got); err != nil || got.String() != "2026-03-12T12:00:00+02:00" {
			t.Errorf("%s: an escaped plus gives %v, %v", pkg.name, got, err)
		}
		bad := []string{`12`, `true`, `{}`, `[]`, `"2026\u002d13"`}
		for _, text := range badLocalTimes {
			bad = append(bad, `"`+text+`"`)
		}
		for _, text := range bad {
			err := pkg.unmarshal([]byte(text), &got)
			var timeErr *api.LocalDateTimeError
			if !errors.As(err, &timeErr) {
				t.Errorf("%s: %s gives %v, want a *LocalDateTimeError", pkg.name, text, err)
			}
		}
	}
	var got api.LocalDateTime
	if err := got.UnmarshalText([]byte("2026-03-12T12:00:00")); err != nil {
		t.Error(err)
	}
	if text, err := got.MarshalText(); err != nil || string(text) != "2026-03-12T12:00:00" {
		t.Errorf("MarshalText = %s, %v", text, err)
	}
	if err := got.UnmarshalText(nil); err != nil || !got.IsZero() {
		t.Errorf("an empty text gives %v, %v", got, err)
	}
	if text, err := got.MarshalText(); err != nil || len(text) != 0 {
		t.Errorf("MarshalText of zero = %q, %v", text, err)
	}
}

// What cannot be read back is not written.
func TestLocalDateTimeRefusesYearsOfFiveDigits(t *testing.T) {
	t.Parallel()
	far := api.LocalDateTimeOf(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
	if text, err := far.MarshalText(); err == nil {
		t.Errorf("MarshalText = %s", text)
	}
	if text, err := json.Marshal(far); err == nil {
		t.Errorf("MarshalJSON = %s", text)
	}
	if value, err := far.Value(); err == nil {
		t.Errorf("Value = %v", value)
	}
}

func TestLocalDateTimeSQL(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 12, 12, 0, 0, 0, time.FixedZone("", 7200))
	tests := []struct {
		src  any
		want string
	}{
		{"2026-03-12T12:00:00", "2026-03-12T12:00:00"},
		{[]byte("2026-03-12T12:00:00+02:00"), "2026-03-12T12:00:00+02:00"},
		{at, "2026-03-12T12:00:00+02:00"},
	}
	for _, test := range tests {
		var got api.LocalDateTime
		if err := got.Scan(test.src); err != nil || got.String() != test.want {
			t.Errorf("Scan(%v) = %v, %v", test.src, got, err)
		}
		if v, err := got.Value(); err != nil || v != test.want {
			t.Errorf("Value = %v, %v, want %s", v, err, test.want)
		}
	}
	got := api.LocalDateTimeOf(at)
	if err := got.Scan(nil); err != nil || !got.IsZero() {
		t.Errorf("Scan(nil) = %v, %v", got, err)
	}
	if v, err := got.Value(); err != nil || v != nil {
		t.Errorf("Value of zero = %v, %v", v, err)
	}
	for _, src := range []any{42, "noon", []byte("2026-03-12")} {
		if err := got.Scan(src); err == nil {
			t.Errorf("Scan(%v) = %v, want an error", src, got)
		}
	}
}

func FuzzLocalDateTime(f *testing.F) {
	for _, test := range localTimes {
		f.Add(test.text)
	}
	for _, text := range badLocalTimes {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := api.ParseLocalDateTime(text)
		if err != nil || first.IsZero() {
			return
		}
		again, err := api.ParseLocalDateTime(first.String())
		if err != nil || !again.Equal(first) || again.String() != first.String() {
			t.Fatalf("%q is written as %s and read again as %v (%v)", text, first, again, err)
		}
	})
}
