package api_test

import (
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/api"
)

// coded collects what a reader of a coded string yields, as "15:04:05 name".
func coded[C fmt.Stringer](seq iter.Seq2[time.Time, C]) []string {
	var list []string
	for at, code := range seq {
		list = append(list, at.Format("02T15:04:05-07:00 ")+code.String())
	}
	return list
}

func TestCodedStrings(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 11, 23, 58, 30, 0, time.FixedZone("", 7200))
	night := api.Sleep{
		BedtimeStart:      start,
		SleepPhase5Min:    new("4213"),
		AppSleepPhase5Min: new("12"),
		SleepPhase30Sec:   new("4421"),
		Movement30Sec:     new("12349"),
	}
	day := api.DailyActivity{
		Day:       api.DateOf(start),
		Timestamp: start,
		Class5Min: new("012345x"),
	}
	tests := []struct {
		name      string
		got, want []string
	}{
		{"Phases5Min", coded(night.Phases5Min()),
			[]string{"11T23:58:30+02:00 awake", "12T00:03:30+02:00 light", "12T00:08:30+02:00 deep", "12T00:13:30+02:00 REM"}},
		{"AppPhases5Min", coded(night.AppPhases5Min()), []string{"11T23:58:30+02:00 deep", "12T00:03:30+02:00 light"}},
		{"Phases30Sec", coded(night.Phases30Sec()),
			[]string{"11T23:58:30+02:00 awake", "11T23:59:00+02:00 awake", "11T23:59:30+02:00 light", "12T00:00:00+02:00 deep"}},
		{"Movements", coded(night.Movements()),
			[]string{"11T23:58:30+02:00 none", "11T23:59:00+02:00 restless", "11T23:59:30+02:00 tossing", "12T00:00:00+02:00 active", "12T00:00:30+02:00 9"}},
		{"Classes", coded(day.Classes()),
			[]string{"11T04:00:00+02:00 non-wear", "11T04:05:00+02:00 rest", "11T04:10:00+02:00 inactive", "11T04:15:00+02:00 low",
				"11T04:20:00+02:00 medium", "11T04:25:00+02:00 high", "11T04:30:00+02:00 x"}},
		{"Classes without a day", coded(api.DailyActivity{Timestamp: start, Class5Min: new("5")}.Classes()),
			[]string{"11T23:58:30+02:00 high"}},
		{"an absent string", coded(api.Sleep{BedtimeStart: start}.Phases5Min()), nil},
		{"an absent string of movements", coded(api.Sleep{BedtimeStart: start}.Movements()), nil},
		{"an absent string of classes", coded(api.DailyActivity{Timestamp: start}.Classes()), nil},
		{"an empty string", coded(api.Sleep{SleepPhase30Sec: new("")}.Phases30Sec()), nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// The day is told by Day: the calendar date of Timestamp may be another one.
func TestClassesBeginOnTheDay(t *testing.T) {
	t.Parallel()
	day := api.DailyActivity{
		Day:       api.Date{Year: 2026, Month: time.March, Day: 12},
		Timestamp: time.Date(2026, 3, 11, 22, 0, 0, 0, time.FixedZone("", -5*3600)),
		Class5Min: new("1"),
	}
	if diff := cmp.Diff([]string{"12T04:00:00-05:00 rest"}, coded(day.Classes())); diff != "" {
		t.Errorf("Classes (-want +got):\n%s", diff)
	}
}

func TestCodedStringsStop(t *testing.T) {
	t.Parallel()
	n := 0
	for range (api.Sleep{SleepPhase30Sec: new("1234")}).Phases30Sec() {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d codes after a break at the second", n)
	}
}

func TestCodesAreOpen(t *testing.T) {
	t.Parallel()
	for code := range 256 {
		c := byte(code)
		if got, want := api.SleepPhase(c).Valid(), c >= '1' && c <= '4'; got != want {
			t.Errorf("SleepPhase(%q).Valid() = %t", c, got)
		}
		if got, want := api.SleepMovement(c).Valid(), c >= '1' && c <= '4'; got != want {
			t.Errorf("SleepMovement(%q).Valid() = %t", c, got)
		}
		if got, want := api.ActivityClass(c).Valid(), c >= '0' && c <= '5'; got != want {
			t.Errorf("ActivityClass(%q).Valid() = %t", c, got)
		}
		for _, v := range []interface {
			fmt.Stringer
			Valid() bool
		}{api.SleepPhase(c), api.SleepMovement(c), api.ActivityClass(c)} {
			if text := v.String(); !v.Valid() && text != string(rune(c)) || v.Valid() && len(text) < 3 {
				t.Errorf("%T %q prints as %q", v, c, text)
			}
		}
	}
}
