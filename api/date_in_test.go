package api_test

import (
	"testing"
	"time"

	"github.com/oura-go/sdk/api"
)

func TestDateIn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, date, zone, want string
	}{
		{"plain", "2026-03-12", "Europe/Helsinki", "2026-03-12T00:00:00+02:00"},
		{"clocks change later in the day", "2026-03-29", "Europe/Helsinki", "2026-03-29T00:00:00+02:00"},
		{"midnight skipped", "2018-11-04", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"},
		{"midnight skipped, east", "2022-03-27", "Asia/Beirut", "2022-03-27T01:00:00+03:00"},
		{"midnight skipped, Friday", "2023-04-28", "Africa/Cairo", "2023-04-28T01:00:00+03:00"},
		{"a gap from 23:30 to 00:30", "1919-03-31", "America/Toronto", "1919-03-31T00:30:00-04:00"},
		{"the whole day skipped", "2011-12-30", "Pacific/Apia", "2011-12-31T00:00:00+14:00"},
		{"the day after a skipped one", "2011-12-31", "Pacific/Apia", "2011-12-31T00:00:00+14:00"},
		{"the day before a skipped one", "2011-12-29", "Pacific/Apia", "2011-12-29T00:00:00-10:00"},
		{"midnight twice", "2018-11-04", "America/Havana", "2018-11-04T00:00:00-04:00"},
		{"clocks back to the day before at midnight", "2023-10-27", "Africa/Cairo", "2023-10-27T00:00:00+02:00"},
		{"clocks back at 01:00 to midnight, at the other end", "2018-11-05", "America/Havana", "2018-11-05T00:00:00-05:00"},
		{"a quarter of an hour", "2026-03-12", "Pacific/Chatham", "2026-03-12T00:00:00+13:45"},
		{"far ahead", "2199-07-01", "Europe/Helsinki", "2199-07-01T00:00:00+03:00"},
		{"long ago", "0001-01-02", "UTC", "0001-01-02T00:00:00Z"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, test.zone)
			got := date(t, test.date).In(loc)
			if text := got.Format(time.RFC3339); text != test.want {
				t.Errorf("%s in %s begins at %s, want %s", test.date, test.zone, text, test.want)
			}
			if got.Location() != loc {
				t.Errorf("its location is %v", got.Location())
			}
		})
	}
	if got := date(t, "2026-03-12").In(nil); got != time.Date(2026, 3, 12, 0, 0, 0, 0, time.UTC) {
		t.Errorf("In(nil) = %v, want midnight UTC", got)
	}
}

// Whatever the clocks do: nothing of the day is before its first instant, and the next instant belongs to it, or to a
// later day where the day was skipped.
func TestDateInIsTheFirstInstant(t *testing.T) {
	t.Parallel()
	zones := []string{
		"Africa/Cairo", "Africa/Casablanca", "America/Asuncion", "America/Havana", "America/Nuuk", "America/Sao_Paulo",
		"America/Scoresbysund", "Antarctica/Troll", "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Tehran",
		"Australia/Lord_Howe", "Europe/Dublin", "Pacific/Apia",
	}
	for _, name := range zones {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			for d := date(t, "2005-01-01"); d.Year < 2027; d = d.AddDays(1) {
				first := d.In(loc)
				if api.DateOf(first).Before(d) {
					t.Fatalf("%v begins at %v, which is the day before", d, first)
				}
				for _, earlier := range []time.Duration{1, 30 * time.Minute, 90 * time.Minute} {
					if at := first.Add(-earlier); !api.DateOf(at).Before(d) {
						t.Fatalf("%v begins at %v, but %v is earlier", d, first, at)
					}
				}
			}
		})
	}
}
