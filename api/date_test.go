package api_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata" // the zones of these tests, whatever the machine has

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/api"
)

var (
	_ fmt.Stringer             = api.Date{}
	_ encoding.TextMarshaler   = api.Date{}
	_ encoding.TextUnmarshaler = (*api.Date)(nil)
	_ driver.Valuer            = api.Date{}
	_ sql.Scanner              = (*api.Date)(nil)
)

var badDates = []string{
	"", " ", "2026", "2026-3-12", "2026-03-1", "26-03-12", "2026/03/12", "2026-03-12 ", " 2026-03-12", "2026-13-01",
	"2026-00-10", "2026-02-29", "1900-02-29", "2026-04-31", "2026-01-00", "0000-01-01", "0000-00-00", "-026-01-01",
	"+026-01-01", "2026-03-12T00:00:00Z", "20260312", "２０２６-03-12", "yyyy-mm-dd",
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	tests := map[string]api.Date{
		"2026-03-12": {Year: 2026, Month: time.March, Day: 12},
		"2024-02-29": {Year: 2024, Month: time.February, Day: 29},
		"2000-02-29": {Year: 2000, Month: time.February, Day: 29},
		"0001-01-01": {Year: 1, Month: time.January, Day: 1},
		"9999-12-31": {Year: 9999, Month: time.December, Day: 31},
	}
	for text, want := range tests {
		got, err := api.ParseDate(text)
		if err != nil || got != want {
			t.Errorf("ParseDate(%q) = %v, %v, want %v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("ParseDate(%q).String() = %q", text, got)
		}
		if !got.Valid() || got.IsZero() {
			t.Errorf("%v: Valid %t, IsZero %t", got, got.Valid(), got.IsZero())
		}
	}
	for _, text := range badDates {
		got, err := api.ParseDate(text)
		var dateErr *api.DateError
		if !errors.As(err, &dateErr) || dateErr.Value != text || got != (api.Date{}) {
			t.Errorf("ParseDate(%q) = %v, %v, want a *DateError with the text", text, got, err)
		}
	}
}

func TestDateErrorSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	_, err := api.ParseDate("12.3.2026, or thereabouts, said somebody")
	want := `oura: "12.3.2026, or thereabouts, said " is not a date; write it as 2006-01-02`
	if err == nil || err.Error() != want {
		t.Errorf("error = %v\nwant    %s", err, want)
	}
}

func TestDateValid(t *testing.T) {
	t.Parallel()
	tests := []struct {
		date api.Date
		want bool
	}{
		{api.Date{Year: 2026, Month: 3, Day: 12}, true},
		{api.Date{}, false},
		{api.Date{Year: 2026, Month: 2, Day: 30}, false},
		{api.Date{Year: 2026, Month: 13, Day: 1}, false},
		{api.Date{Year: 2026, Month: 1}, false},
		{api.Date{Month: 1, Day: 1}, false},
		{api.Date{Year: 10000, Month: 1, Day: 1}, false},
		{api.Date{Year: -1, Month: 1, Day: 1}, false},
	}
	for _, test := range tests {
		if got := test.date.Valid(); got != test.want {
			t.Errorf("%+v.Valid() = %t", test.date, got)
		}
	}
}

func TestDateOfUsesTheLocationOfTheTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.March, 12, 23, 30, 0, 0, time.FixedZone("", -5*3600))
	if got := api.DateOf(at).String(); got != "2026-03-12" {
		t.Errorf("DateOf = %s", got)
	}
	if got := api.DateOf(at.UTC()).String(); got != "2026-03-13" {
		t.Errorf("DateOf in UTC = %s", got)
	}
}

func TestToday(t *testing.T) {
	t.Parallel()
	west, east := zone(t, "America/Los_Angeles"), zone(t, "Pacific/Kiritimati")
	synctest.Test(t, func(t *testing.T) { // the clock stands at 2000-01-01 00:00 UTC
		tests := []struct {
			loc  *time.Location
			want string
		}{{nil, "2000-01-01"}, {time.UTC, "2000-01-01"}, {west, "1999-12-31"}, {east, "2000-01-01"}}
		for _, test := range tests {
			if got := api.Today(test.loc).String(); got != test.want {
				t.Errorf("Today(%v) = %s, want %s", test.loc, got, test.want)
			}
		}
		time.Sleep(10 * time.Hour)
		if got := api.Today(east).String(); got != "2000-01-02" {
			t.Errorf("ten hours later Today(%v) = %s", east, got)
		}
	})
}

// Not parallel, as it moves the machine: while it runs, no other test does.
func TestTodayOfNilIsThatOfUTC(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = zone(t, "America/Los_Angeles")
	synctest.Test(t, func(t *testing.T) {
		if got := api.Today(nil).String(); got != "2000-01-01" {
			t.Errorf("Today(nil) = %s, the day in Los Angeles", got)
		}
	})
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from string
		days int
		want string
	}{
		{"2026-03-12", 0, "2026-03-12"},
		{"2026-03-12", 1, "2026-03-13"},
		{"2026-03-12", -12, "2026-02-28"},
		{"2024-02-28", 1, "2024-02-29"},
		{"2025-12-31", 1, "2026-01-01"},
		{"2026-01-01", -1, "2025-12-31"},
		{"2026-03-12", 3652, "2036-03-11"},
		{"0001-01-02", -1, "0001-01-01"},
		{"1600-01-01", 146097, "2000-01-01"},
	}
	for _, test := range tests {
		from, want := date(t, test.from), date(t, test.want)
		if got := from.AddDays(test.days); got != want {
			t.Errorf("%v.AddDays(%d) = %v, want %v", from, test.days, got, want)
		}
		if got := want.DaysSince(from); got != test.days {
			t.Errorf("%v.DaysSince(%v) = %d, want %d", want, from, got, test.days)
		}
		if got := from.DaysSince(want); got != -test.days {
			t.Errorf("%v.DaysSince(%v) = %d, want %d", from, want, got, -test.days)
		}
	}
	if got := date(t, "2026-03-12").Weekday(); got != time.Thursday {
		t.Errorf("Weekday = %v", got)
	}
}

func TestDateOrder(t *testing.T) {
	t.Parallel()
	sorted := []api.Date{
		{}, date(t, "0001-01-01"), date(t, "2025-12-31"), date(t, "2026-01-30"), date(t, "2026-02-01"), date(t, "2026-02-02"),
	}
	for i, a := range sorted {
		for j, b := range sorted {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := a.Compare(b); got != want {
				t.Errorf("%v.Compare(%v) = %d, want %d", a, b, got, want)
			}
			if a.Before(b) != (want < 0) || a.After(b) != (want > 0) {
				t.Errorf("%v and %v: Before %t, After %t", a, b, a.Before(b), a.After(b))
			}
		}
	}
	shuffled := []api.Date{sorted[3], sorted[0], sorted[5], sorted[2], sorted[1], sorted[4]}
	slices.SortFunc(shuffled, api.Date.Compare)
	if diff := cmp.Diff(sorted, shuffled); diff != "" {
		t.Errorf("sorted (-want +got):\n%s", diff)
	}
}

// jsonPackages are the two ways in which users read and write models.
var jsonPackages = []struct {
	name      string
	marshal   func(any) ([]byte, error)
	unmarshal func([]byte, any) error
}{
	{"encoding/json", json.Marshal, json.Unmarshal},
	{"go-json-experiment", func(v any) ([]byte, error) { return jsonv2.Marshal(v, jsonv2.Deterministic(true)) },
		func(b []byte, v any) error { return jsonv2.Unmarshal(b, v) }},
}

func TestDateJSON(t *testing.T) {
	t.Parallel()
	type doc struct {
		Day  api.Date         `json:"day"`
		End  *api.Date        `json:"end"`
		Gone api.Date         `json:"gone,omitzero"`
		Keys map[api.Date]int `json:"keys"`
	}
	day := date(t, "2026-03-12")
	tests := []struct {
		text string
		want doc
	}{
		{`{"day":"2026-03-12","end":"2026-03-13","keys":{"2026-03-12":1,"2026-03-13":2}}`,
			doc{Day: day, End: new(day.AddDays(1)), Keys: map[api.Date]int{day: 1, day.AddDays(1): 2}}},
		{`{"day":null,"end":null,"keys":{}}`, doc{Keys: map[api.Date]int{}}},
	}
	for _, pkg := range jsonPackages {
		for _, test := range tests {
			got := doc{Day: day} // null must clear what was there
			if err := pkg.unmarshal([]byte(test.text), &got); err != nil {
				t.Errorf("%s: %v", pkg.name, err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s: decoded (-want +got):\n%s", pkg.name, diff)
			}
			text, err := pkg.marshal(test.want)
			if err != nil || string(text) != test.text {
				t.Errorf("%s: encoded %s, %v, want %s", pkg.name, text, err, test.text)
			}
		}
	}
}

func TestDateJSONEscapes(t *testing.T) {
	t.Parallel()
	for _, pkg := range jsonPackages {
		var got api.Date
		if err := pkg.unmarshal([]byte(`"2026\u002d03\u002D12"`), &got); err != nil || got != date(t, "2026-03-12") {
			t.Errorf("%s: %v, %v", pkg.name, got, err)
		}
	}
	// Not JSON, which only a decoder of someone else's would pass on.
	for _, text := range []string{`"2026\q3-12"`, `"2026-03-12`, `2026-03-12"`, `"`, ``} {
		var got api.Date
		if err := got.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s gives %v, want an error", text, got)
		}
	}
}

func TestDateJSONRefuses(t *testing.T) {
	t.Parallel()
	bad := []string{`12`, `true`, `{}`, `[]`, `["2026-03-12"]`, `"2026\u002d13\u002d01"`, `{"a":"2026-03-12"}`}
	for _, text := range badDates {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		bad = append(bad, string(quoted))
	}
	for _, pkg := range jsonPackages {
		for _, text := range bad {
			got := date(t, "2026-03-12")
			err := pkg.unmarshal([]byte(text), &got)
			var dateErr *api.DateError
			if !errors.As(err, &dateErr) {
				t.Errorf("%s: %s gives %v, %v, want a *DateError", pkg.name, text, got, err)
			}
		}
		for _, d := range []api.Date{{Year: 2026, Month: 2, Day: 30}, {Day: 1}, {Year: 10000, Month: 1, Day: 1}} {
			if text, err := pkg.marshal(d); err == nil {
				t.Errorf("%s: %+v is written as %s", pkg.name, d, text)
			}
		}
	}
}

func TestDateText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2026-03-12", ""} {
		got := date(t, "2000-01-01")
		if err := got.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("UnmarshalText(%q): %v", text, err)
		}
		if back, err := got.MarshalText(); err != nil || string(back) != text {
			t.Errorf("MarshalText = %q, %v, want %q", back, err, text)
		}
	}
	var got api.Date
	if err := got.UnmarshalText([]byte("soon")); err == nil || !got.IsZero() {
		t.Errorf("UnmarshalText(soon) = %v, %v", got, err)
	}
	if text, err := (api.Date{Year: 2026, Month: 2, Day: 30}).MarshalText(); err == nil {
		t.Errorf("30 February is written as %s", text)
	}
	if got := (api.Date{}).String(); got != "0000-00-00" {
		t.Errorf("zero Date prints as %q", got)
	}
}

func TestDateSQL(t *testing.T) {
	t.Parallel()
	helsinki := zone(t, "Europe/Helsinki")
	tests := []struct {
		src  any
		want string
	}{
		{nil, "0000-00-00"},
		{"", "0000-00-00"},
		{"2026-03-12", "2026-03-12"},
		{[]byte("2026-03-12"), "2026-03-12"},
		{"2026-03-12T00:00:00Z", "2026-03-12"},
		{"2026-03-12 23:59:59.999999", "2026-03-12"},
		{time.Date(2026, 3, 12, 1, 0, 0, 0, helsinki), "2026-03-12"},
	}
	for _, test := range tests {
		got := date(t, "2000-01-01")
		if err := got.Scan(test.src); err != nil || got.String() != test.want {
			t.Errorf("Scan(%v) = %v, %v, want %s", test.src, got, err, test.want)
		}
	}
	for _, src := range []any{42, true, 1.5, "12 March", "2026-03-12x", []byte("2026-02-30"), "2026-02-30T00:00:00Z"} {
		var got api.Date
		if err := got.Scan(src); err == nil {
			t.Errorf("Scan(%v) = %v, want an error", src, got)
		}
	}
	if v, err := date(t, "2026-03-12").Value(); err != nil || v != "2026-03-12" {
		t.Errorf("Value = %v, %v", v, err)
	}
	if v, err := (api.Date{}).Value(); err != nil || v != nil {
		t.Errorf("Value of the zero Date = %v, %v, want nil", v, err)
	}
	if v, err := (api.Date{Year: 2026, Month: 2, Day: 30}).Value(); err == nil {
		t.Errorf("Value of 30 February = %v", v)
	}
}

func FuzzDate(f *testing.F) {
	for _, text := range append([]string{"2026-03-12", "2024-02-29", "9999-12-31", "0001-01-01"}, badDates...) {
		f.Add(text, 31)
	}
	f.Fuzz(func(t *testing.T, text string, days int) {
		got, err := api.ParseDate(text)
		std, stdErr := time.Parse(time.DateOnly, text)
		if want := stdErr == nil && std.Year() >= 1; (err == nil) != want {
			t.Fatalf("ParseDate(%q): %v, but package time says %v", text, err, stdErr)
		}
		quoted, quoteErr := json.Marshal(text)
		if quoteErr != nil {
			t.Fatal(quoteErr)
		}
		var fromJSON api.Date
		if jsonErr := fromJSON.UnmarshalJSON(quoted); (jsonErr == nil) != (err == nil) || fromJSON != got {
			t.Fatalf("UnmarshalJSON(%s) = %v, %v, but ParseDate = %v, %v", quoted, fromJSON, jsonErr, got, err)
		}
		if fromJSON.UnmarshalJSON([]byte(text)) == nil && text != "null" && !json.Valid([]byte(text)) {
			t.Fatalf("UnmarshalJSON takes %q, which is not JSON", text)
		}
		if err != nil {
			return
		}
		if got != api.DateOf(std) || got.String() != text || !got.Valid() {
			t.Fatalf("ParseDate(%q) = %+v", text, got)
		}
		days %= 100_000
		moved := got.AddDays(days)
		if want := api.DateOf(std.AddDate(0, 0, days)); moved != want || moved.DaysSince(got) != days {
			t.Fatalf("%v.AddDays(%d) = %v, want %v", got, days, moved, want)
		}
		if !moved.Valid() {
			return // beyond the years that can be written
		}
		var back api.Date
		encoded, err := moved.MarshalJSON()
		if err != nil || back.UnmarshalJSON(encoded) != nil || back != moved {
			t.Fatalf("%v comes back from %s as %v (%v)", moved, encoded, back, err)
		}
		value, err := moved.Value()
		if err != nil || back.Scan(value) != nil || back != moved {
			t.Fatalf("%v comes back from %v as %v (%v)", moved, value, back, err)
		}
	})
}

func date(t testing.TB, text string) api.Date {
	t.Helper()
	d, err := api.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
