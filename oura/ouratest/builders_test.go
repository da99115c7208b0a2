package ouratest_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

func date(y int, m time.Month, d int) oura.Date { return oura.Date{Year: y, Month: m, Day: d} }

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// everyDay calls f for days all over a year and for those around a change of the clocks, for some persons in zones with
// different ideas of daylight-saving time.
func everyDay(t *testing.T, f func(t *testing.T, day oura.Date, opts ...ouratest.DataOption)) {
	for _, name := range []string{"UTC", "Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			length := func(d oura.Date) time.Duration { return d.AddDays(1).In(loc).Sub(d.In(loc)) }
			for day := date(2026, 1, 1); day.Year == 2026; day = day.AddDays(1) {
				changes := length(day.AddDays(-1))+length(day)+length(day.AddDays(1)) != 72*time.Hour
				if !changes && day.DaysSince(date(2026, 1, 1))%8 != 0 {
					continue
				}
				f(t, day, ouratest.WithZone(loc), ouratest.WithPerson(fmt.Sprint("p", day.Day%3)))
			}
		})
	}
}

func TestNightAddsUp(t *testing.T) {
	t.Parallel()
	everyDay(t, func(t *testing.T, day oura.Date, opts ...ouratest.DataOption) {
		n := ouratest.Sleep(day, opts...)
		checkSleep(t, n)
		if got := oura.DateOf(*n.BedtimeEnd); got != day {
			t.Errorf("night of %v ends on %v", day, got)
		}
		if h := float64(n.TimeInBed) / 3600; h < 5 || h > 12 {
			t.Errorf("night of %v lasts %.1f h", day, h)
		}
		checkSleep(t, ouratest.Nap(day, opts...))
	})
}

// checkSleep holds a full sleep document against itself.
func checkSleep(t *testing.T, n oura.Sleep) {
	t.Helper()
	if got := n.BedtimeEnd.Sub(n.BedtimeStart); got != n.TimeInBed.Duration() {
		t.Errorf("%v: time in bed %d, but from start to end %v", n.Day, n.TimeInBed, got)
	}
	asleep := *n.DeepSleepDuration + *n.LightSleepDuration + *n.REMSleepDuration
	if asleep != *n.TotalSleepDuration || asleep+*n.AwakeTime != n.TimeInBed {
		t.Errorf("%v: stages %d, total %d, awake %d, in bed %d", n.Day, asleep, *n.TotalSleepDuration, *n.AwakeTime, n.TimeInBed)
	}
	if got, want := *n.Efficiency, int(math.Round(100*float64(asleep)/float64(n.TimeInBed))); got != want {
		t.Errorf("%v: efficiency %d, want %d", n.Day, got, want)
	}
	if *n.Latency > *n.AwakeTime {
		t.Errorf("%v: latency %d is longer than the time awake %d", n.Day, *n.Latency, *n.AwakeTime)
	}
	steps := map[string]struct {
		text string
		step oura.Seconds
	}{
		"sleep_phase_5_min": {*n.SleepPhase5Min, 300}, "sleep_phase_30_sec": {*n.SleepPhase30Sec, 30}, "movement_30_sec": {*n.Movement30Sec, 30},
	}
	for name, s := range steps {
		if want := (n.TimeInBed + s.step - 1) / s.step; oura.Seconds(len(s.text)) != want {
			t.Errorf("%v: %s has %d characters, want %d", n.Day, name, len(s.text), want)
		}
		if strings.Trim(s.text, "1234") != "" {
			t.Errorf("%v: %s has codes that there are not: %s", n.Day, name, s.text)
		}
		if name == "movement_30_sec" || n.TimeInBed%300 != 0 {
			continue
		}
		for code, want := range map[string]oura.Seconds{
			"1": *n.DeepSleepDuration, "2": *n.LightSleepDuration, "3": *n.REMSleepDuration, "4": *n.AwakeTime,
		} {
			if got := oura.Seconds(strings.Count(s.text, code)) * s.step; got != want {
				t.Errorf("%v: %s says %d s of stage %s, the durations %d", n.Day, name, got, code, want)
			}
		}
	}
	for name, s := range map[string]*oura.Sample{"heart_rate": n.HeartRate, "hrv": n.HRV} {
		covered := oura.Seconds(s.Interval) * oura.Seconds(len(s.Items))
		if !s.Timestamp.Equal(n.BedtimeStart) || covered < n.TimeInBed || covered >= n.TimeInBed+oura.Seconds(s.Interval) {
			t.Errorf("%v: %s covers %d s from %v, the night %d s from %v", n.Day, name, covered, s.Timestamp, n.TimeInBed, n.BedtimeStart)
		}
	}
	low, sum := math.Inf(1), 0.0
	for _, v := range n.HeartRate.Items {
		low, sum = min(low, v), sum+v
	}
	if mean := sum / float64(len(n.HeartRate.Items)); float64(*n.LowestHeartRate) != low || math.Abs(mean-*n.AverageHeartRate) > 0.001 {
		t.Errorf("%v: lowest %d and average %v do not follow from the samples: %v, %v", n.Day, *n.LowestHeartRate, *n.AverageHeartRate, low, mean)
	}
}

func TestNightBedtimes(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Europe/Helsinki")
	tests := map[string]struct {
		start, end time.Time
		hours      float64
	}{
		"clocks go forward": {time.Date(2026, 3, 28, 23, 0, 0, 0, loc), time.Date(2026, 3, 29, 7, 0, 0, 0, loc), 7},
		"clocks go back":    {time.Date(2026, 10, 24, 23, 0, 0, 0, loc), time.Date(2026, 10, 25, 7, 0, 0, 0, loc), 9},
		"odd seconds":       {time.Date(2026, 6, 1, 23, 0, 7, 0, loc), time.Date(2026, 6, 2, 6, 1, 8, 0, loc), 7 + 61.0/3600},
		"a minute":          {time.Date(2026, 6, 1, 23, 0, 0, 0, loc), time.Date(2026, 6, 1, 23, 1, 0, 0, loc), 1.0 / 60},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := ouratest.Sleep(oura.DateOf(tt.end), ouratest.WithZone(loc), ouratest.WithBedtime(tt.start, tt.end))
			checkSleep(t, n)
			if got := float64(n.TimeInBed) / 3600; math.Abs(got-tt.hours) > 1e-9 {
				t.Errorf("time in bed: %v h, want %v", got, tt.hours)
			}
			if got, want := n.BedtimeStart.Format(time.RFC3339), tt.start.Format(time.RFC3339); got != want {
				t.Errorf("starts %s, want %s", got, want)
			}
			if got, want := n.BedtimeEnd.Format(time.RFC3339), tt.end.Format(time.RFC3339); got != want {
				t.Errorf("ends %s, want %s", got, want)
			}
		})
	}
	for name, call := range map[string]func(){
		"reversed":  func() { ouratest.Sleep(date(2026, 5, 4), ouratest.WithBedtime(time.Unix(10, 0), time.Unix(5, 0))) },
		"gaps 1":    func() { ouratest.Sleep(date(2026, 5, 4), ouratest.WithGaps(1)) },
		"gaps NaN":  func() { ouratest.Sleep(date(2026, 5, 4), ouratest.WithGaps(math.NaN())) },
		"gaps -0.1": func() { ouratest.Sleep(date(2026, 5, 4), ouratest.WithGaps(-0.1)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			call()
		}()
	}
}

// An option or an argument that is nil is an error of StartService, and of a builder a panic that says the same.
func TestNilOptions(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string][]ouratest.ServiceOption{
		"option 2 is nil":   {ouratest.WithMoi(), nil},
		"option 1 is nil":   {ouratest.WithData(nil)},
		"WithZone":          {ouratest.WithData(ouratest.WithZone(nil))},
		"WithGaps(1)":       {ouratest.WithData(ouratest.WithGaps(1))},
		"WithLocation":      {ouratest.WithLocation(nil)},
		"WithClock":         {ouratest.WithClock(nil)},
		"WithHandler":       {ouratest.WithHandler("/x/", nil)},
		"WithLateRows(-1s)": {ouratest.WithLateRows(-time.Second)},
		"no collection nap": {ouratest.WithPageSize("nap", 1)},
	} {
		if s, err := ouratest.StartService(opts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v", want, err)
			if s != nil {
				s.Close()
			}
		}
	}
	for want, opt := range map[string]ouratest.DataOption{"option 1 is nil": nil, "WithZone": ouratest.WithZone(nil)} {
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: the panic is %v", want, err)
				}
			}()
			ouratest.Sleep(date(2026, 5, 4), opt)
		}()
	}
}

func TestDayAddsUp(t *testing.T) {
	t.Parallel()
	everyDay(t, func(t *testing.T, day oura.Date, opts ...ouratest.DataOption) {
		d := ouratest.DailyActivity(day, opts...)
		next := ouratest.DailyActivity(day.AddDays(1), opts...)
		length := int(next.Timestamp.Sub(d.Timestamp).Seconds())
		if d.Timestamp.Hour() != 4 || oura.DateOf(d.Timestamp) != day {
			t.Fatalf("%v begins at %v", day, d.Timestamp)
		}
		sum := d.NonWearTime + d.RestingTime + d.SedentaryTime + d.LowActivityTime + d.MediumActivityTime + d.HighActivityTime
		if int(sum) != length || len(d.MET.Items)*int(d.MET.Interval) != length || len(*d.Class5Min)*300 != length {
			t.Errorf("%v lasts %d s: times %d, met %d, classes %d", day, length, sum, len(d.MET.Items)*60, len(*d.Class5Min)*300)
		}
		for code, want := range map[string]oura.Seconds{"0": d.NonWearTime, "1": d.RestingTime, "2": d.SedentaryTime, "3": d.LowActivityTime, "4": d.MediumActivityTime, "5": d.HighActivityTime} {
			if got := oura.Seconds(strings.Count(*d.Class5Min, code)) * 300; got != want {
				t.Errorf("%v: class %s: %d s in the string, %d in the times", day, code, got, want)
			}
		}
		met := map[oura.ActivityClass]float64{}
		for i, v := range d.MET.Items {
			met[oura.ActivityClass((*d.Class5Min)[i/5])] += v
		}
		for class, got := range map[oura.ActivityClass]int{
			oura.ActivityClassInactive: d.SedentaryMETMinutes, oura.ActivityClassLow: d.LowActivityMETMinutes,
			oura.ActivityClassMedium: d.MediumActivityMETMinutes, oura.ActivityClassHigh: d.HighActivityMETMinutes,
		} {
			if math.Abs(float64(got)-met[class]) > 0.51 {
				t.Errorf("%v: %v MET minutes %d, the items say %.1f", day, class, got, met[class])
			}
		}
		if d.MetersToTarget != d.TargetMeters-d.EquivalentWalkingDistance || d.TotalCalories <= d.ActiveCalories {
			t.Errorf("%v: distances or calories do not fit: %+v", day, d)
		}
		if d.Steps < 1000 || d.Steps > 40000 || *d.Score < 1 || *d.Score > 100 {
			t.Errorf("%v: %d steps, score %d", day, d.Steps, *d.Score)
		}
		if length != 86400 && length != 82800 && length != 90000 && length != 84600 && length != 88200 {
			t.Errorf("%v lasts %d s", day, length)
		}
	})
}

func TestScoresAreInRange(t *testing.T) {
	t.Parallel()
	everyDay(t, func(t *testing.T, day oura.Date, opts ...ouratest.DataOption) {
		night, sleep, ready := ouratest.Sleep(day, opts...), ouratest.DailySleep(day, opts...), ouratest.DailyReadiness(day, opts...)
		for _, v := range []any{sleep.Contributors, ready.Contributors, night.Readiness.Contributors, ouratest.DailyActivity(day, opts...).Contributors} {
			r := reflect.ValueOf(v)
			for i := range r.NumField() {
				if p := r.Field(i).Interface().(*int); *p < 1 || *p > 100 {
					t.Errorf("%v: %s is %d", day, r.Type().Field(i).Name, *p)
				}
			}
		}
		if diff := cmp.Diff(ready.Contributors, night.Readiness.Contributors); diff != "" || *ready.Score != *night.Readiness.Score {
			t.Errorf("%v: the night and the day disagree on readiness:\n%s", day, diff)
		}
		if *sleep.Score < 30 || *sleep.Score > 100 || *ready.Score < 30 || *ready.Score > 100 {
			t.Errorf("%v: sleep %d, readiness %d", day, *sleep.Score, *ready.Score)
		}
		if s := ouratest.DailySpO2(day, opts...).SpO2Percentage.Average; *s < 90 || *s > 100 {
			t.Errorf("%v: SpO2 %v", day, *s)
		}
		if v := ouratest.DailyStress(day, opts...); *v.StressHigh%900 != 0 || *v.RecoveryHigh%900 != 0 || !v.DaySummary.Valid() {
			t.Errorf("%v: %+v", day, v)
		}
		if v := ouratest.DailyCardiovascularAge(day, opts...); *v.VascularAge < 18 || *v.VascularAge > 100 {
			t.Errorf("%v: vascular age %d", day, *v.VascularAge)
		}
	})
}

// Every builder, by the name of its collection.
var builders = map[string]func(oura.Date, ...ouratest.DataOption) any{
	"daily_activity":           func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.DailyActivity(d, o...) },
	"daily_cardiovascular_age": func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.DailyCardiovascularAge(d, o...) },
	"daily_readiness":          func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.DailyReadiness(d, o...) },
	"daily_resilience":         func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.DailyResilience(d, o...) },
	"daily_sleep":              func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.DailySleep(d, o...) },
	"daily_spo2":               func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.DailySpO2(d, o...) },
	"daily_stress":             func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.DailyStress(d, o...) },
	"enhanced_tag":             func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.EnhancedTag(d, o...) },
	"personal_info":            func(_ oura.Date, o ...ouratest.DataOption) any { return ouratest.PersonalInfo(o...) },
	"rest_mode_period":         func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.RestModePeriod(d, o...) },
	"ring_configuration":       func(_ oura.Date, o ...ouratest.DataOption) any { return ouratest.RingConfiguration(o...) },
	"session":                  func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.Session(d, o...) },
	"sleep":                    func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.Sleep(d, o...) },
	"nap":                      func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.Nap(d, o...) },
	"sleep_time":               func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.SleepTime(d, o...) },
	"tag":                      func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.Tag(d, o...) },
	"vO2_max":                  func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.VO2Max(d, o...) },
	"workout":                  func(d oura.Date, o ...ouratest.DataOption) any { return ouratest.Workout(d, o...) },
}

// The former names of two builders go on working.
func TestFormerNames(t *testing.T) {
	t.Parallel()
	day, ada := date(2026, 5, 4), ouratest.WithPerson("ada")
	if diff := cmp.Diff(ouratest.Sleep(day, ada), ouratest.Night(day, ada)); diff != "" {
		t.Errorf("Night:\n%s", diff)
	}
	if diff := cmp.Diff(ouratest.DailyActivity(day, ada), ouratest.Day(day, ada)); diff != "" {
		t.Errorf("Day:\n%s", diff)
	}
}

func TestBuildersAreDeterministic(t *testing.T) {
	t.Parallel()
	day, ids := date(2026, 5, 4), map[string]string{}
	for name, build := range builders {
		a, b := build(day), build(day)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s differs from call to call:\n%s", name, diff)
		}
		if other := build(day, ouratest.WithPerson("someone else")); cmp.Equal(a, other) {
			t.Errorf("%s is the same for two persons", name)
		}
		if name != "personal_info" && name != "ring_configuration" && cmp.Equal(a, build(day.AddDays(1))) {
			t.Errorf("%s is the same on two days", name)
		}
		id := fmt.Sprint(reflect.Indirect(reflect.ValueOf(a).FieldByName("ID")))
		if twin, taken := ids[id]; taken {
			t.Errorf("%s and %s have the same id", name, twin)
		}
		ids[id] = name
	}
}

func TestOnlyRequired(t *testing.T) {
	t.Parallel()
	for name, build := range builders {
		v := reflect.ValueOf(build(date(2026, 5, 4), ouratest.WithOnlyRequired(), ouratest.WithoutID()))
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Type.Kind() == reflect.Pointer && !v.Field(i).IsNil() && f.Name != "BedtimeEnd" { // null only while in progress
				t.Errorf("%s: %s is not null", name, f.Name)
			}
		}
	}
}

func TestUnknownEnums(t *testing.T) {
	t.Parallel()
	seen := 0
	for name, build := range builders {
		v := reflect.ValueOf(build(date(2026, 5, 4), ouratest.WithUnknownEnums()))
		for i := range v.NumField() {
			f := reflect.Indirect(v.Field(i))
			if !f.IsValid() {
				continue
			}
			if e, ok := reflect.TypeAssert[interface{ Valid() bool }](f); ok && f.Kind() == reflect.String {
				if seen++; e.Valid() {
					t.Errorf("%s: %s is %v", name, v.Type().Field(i).Name, e)
				}
			}
		}
	}
	if seen < 14 {
		t.Errorf("only %d enums were seen", seen)
	}
}

func TestOddities(t *testing.T) {
	t.Parallel()
	day := date(2026, 5, 4)
	t.Run("no score", func(t *testing.T) {
		t.Parallel()
		if ouratest.DailySleep(day, ouratest.WithoutScore()).Score != nil || ouratest.DailyReadiness(day, ouratest.WithoutScore()).Score != nil ||
			ouratest.DailyActivity(day, ouratest.WithoutScore()).Score != nil {
			t.Error("there is a score")
		}
	})
	t.Run("no readings", func(t *testing.T) {
		t.Parallel()
		n := ouratest.Sleep(day, ouratest.WithoutReadings())
		if n.HeartRate != nil || n.HRV != nil || *n.LowestHeartRate != 255 || n.AverageHeartRate != nil {
			t.Errorf("%+v", n)
		}
		if s := ouratest.DailySpO2(day, ouratest.WithoutReadings()); *s.SpO2Percentage.Average != 0 {
			t.Errorf("SpO2 %v", *s.SpO2Percentage.Average)
		}
		if s := ouratest.Session(day, ouratest.WithoutReadings()); s.HeartRate != nil {
			t.Error("the session has a heart rate")
		}
	})
	t.Run("gaps", func(t *testing.T) {
		t.Parallel()
		n, gaps := ouratest.Sleep(day, ouratest.WithGaps(0.11)), 0
		for _, v := range n.HeartRate.Items {
			if math.IsNaN(v) {
				gaps++
			}
		}
		if share := float64(gaps) / float64(len(n.HeartRate.Items)); share < 0.03 || share > 0.25 {
			t.Errorf("%.2f of the samples are gaps", share)
		}
		all := ouratest.HeartRates(day.In(time.UTC), day.AddDays(1).In(time.UTC))
		some := ouratest.HeartRates(day.In(time.UTC), day.AddDays(1).In(time.UTC), ouratest.WithGaps(0.5))
		if len(some) > len(all)*2/3 || len(some) < len(all)/3 {
			t.Errorf("%d of %d rows", len(some), len(all))
		}
	})
	t.Run("in progress", func(t *testing.T) {
		t.Parallel()
		n := ouratest.Sleep(day, ouratest.WithoutEnd())
		if n.BedtimeEnd != nil || n.TotalSleepDuration != nil || n.BedtimeStart.IsZero() {
			t.Errorf("%+v", n)
		}
		if p := ouratest.RestModePeriod(day, ouratest.WithoutEnd()); p.EndDay != nil || p.EndTime != nil {
			t.Errorf("%+v", p)
		}
	})
	t.Run("no id", func(t *testing.T) {
		t.Parallel()
		if ouratest.DailyCardiovascularAge(day, ouratest.WithoutID()).ID != nil || ouratest.DailyCardiovascularAge(day).ID == nil {
			t.Error("WithoutID is not heeded")
		}
	})
	t.Run("no offset", func(t *testing.T) {
		t.Parallel()
		loc := zone(t, "Asia/Kathmandu")
		with := ouratest.Tag(day, ouratest.WithZone(loc)).Timestamp
		without := ouratest.Tag(day, ouratest.WithZone(loc), ouratest.WithoutOffset()).Timestamp
		if without.HasOffset || !with.HasOffset || !without.In(loc).Equal(with.In(loc)) {
			t.Errorf("with %v, without %v", with, without)
		}
		if e := ouratest.EnhancedTag(day, ouratest.WithoutOffset()); e.StartTime.HasOffset || e.EndTime.HasOffset {
			t.Errorf("%+v", e)
		}
	})
}

func TestHeartRates(t *testing.T) {
	t.Parallel()
	loc := zone(t, "America/New_York")
	day := date(2026, 3, 8) // the clocks go forward
	from, to := day.In(loc), day.AddDays(1).In(loc)
	rows := ouratest.HeartRates(from, to, ouratest.WithZone(loc))
	if len(rows) < 900 || len(rows) > 1300 {
		t.Errorf("%d rows a day", len(rows))
	}
	for i, r := range rows {
		if r.Timestamp.Before(from) || !r.Timestamp.Before(to) || i > 0 && !rows[i-1].Timestamp.Before(r.Timestamp) {
			t.Fatalf("row %d at %v is out of place", i, r.Timestamp)
		}
		if r.Timestamp.Location() != time.UTC || *r.TimestampUnix != r.Timestamp.UnixMilli() || r.BPM < 35 || r.BPM > 200 || !r.Source.Valid() {
			t.Fatalf("row %+v", r)
		}
	}
	half := from.Add(7*time.Hour + 13*time.Minute + 17*time.Second)
	parts := append(ouratest.HeartRates(from, half, ouratest.WithZone(loc)), ouratest.HeartRates(half, to, ouratest.WithZone(loc))...)
	if diff := cmp.Diff(rows, parts); diff != "" {
		t.Errorf("two halves are not the whole:\n%s", diff)
	}
	if r := ouratest.HeartRates(from, to, ouratest.WithoutTimestampUnix()); r[0].TimestampUnix != nil {
		t.Error("WithoutTimestampUnix is not heeded")
	}

	night := ouratest.Sleep(day, ouratest.WithZone(loc))
	asleep := map[time.Time]int{}
	for _, r := range ouratest.HeartRates(night.BedtimeStart, *night.BedtimeEnd, ouratest.WithZone(loc)) {
		asleep[r.Timestamp] = r.BPM
	}
	for at, bpm := range night.HeartRate.All() {
		if got := asleep[at.UTC()]; got != int(bpm) {
			t.Errorf("%v: the night has %v, the rows %d", at, bpm, got)
		}
	}
}

func TestRingBatteryLevels(t *testing.T) {
	t.Parallel()
	from := date(2026, 10, 20).In(time.UTC)
	rows := ouratest.RingBatteryLevels(from, from.AddDate(0, 0, 30), ouratest.WithZone(zone(t, "Europe/Helsinki")))
	if len(rows) != 30*24*6 {
		t.Errorf("%d rows", len(rows))
	}
	charged := 0
	for i, r := range rows {
		if r.Level < 40 || r.Level > 100 {
			t.Fatalf("row %d: %+v", i, r)
		}
		if *r.Charging {
			charged++
		}
		if i > 0 && !*r.Charging && !*rows[i-1].Charging && r.Level > rows[i-1].Level {
			t.Errorf("the level rises from %d to %d without charging at %v", rows[i-1].Level, r.Level, r.Timestamp)
		}
	}
	if charged == 0 {
		t.Error("the ring was never charged")
	}
}

func TestBuiltDocumentsSurviveJSON(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Asia/Kathmandu")
	for name, build := range builders {
		want := build(date(2026, 5, 4), ouratest.WithZone(loc), ouratest.WithGaps(0.1))
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := reflect.New(reflect.TypeOf(want))
		if err := json.Unmarshal(text, got.Interface()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sameInstant := cmp.Comparer(func(a, b time.Time) bool {
			_, x := a.Zone()
			_, y := b.Zone()
			return a.Equal(b) && x == y
		})
		if diff := cmp.Diff(want, got.Elem().Interface(), sameInstant); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
