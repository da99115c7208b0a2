package ouratest_test

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// oddNow is in the afternoon in Helsinki, where the persons of these tests live.
var oddNow = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// odd is a service whose clock stands still, with fourteen days of data.
func odd(t testing.TB, opts ...ouratest.ServiceOption) *ouratest.Service {
	t.Helper()
	return service(t, append([]ouratest.ServiceOption{
		ouratest.WithClock(func() time.Time { return oddNow }), ouratest.WithHistory(14), ouratest.WithLocation(zone(t, "Europe/Helsinki")),
	}, opts...)...)
}

// everything is what a client reads of the service, by collection; of time series what was before the time.
func everything(t *testing.T, s *ouratest.Service, before time.Time) map[string][]any {
	t.Helper()
	today := oura.DateOf(s.Now())
	return listAll(t, s.Client(oura.WithLimiter(unlimited{})), oura.Days(today.AddDays(-20), today.AddDays(1)), oura.Between(before.AddDate(0, 0, -20), before))
}

// The client reads everything, once, however odd the service is.
func TestClientHoldsAgainstAllOddities(t *testing.T) {
	t.Parallel()
	data := ouratest.WithData(ouratest.WithSharedTimestamps(), ouratest.WithUnknownEnums())
	read := func(t *testing.T, opts ...ouratest.ServiceOption) map[string][]any {
		s := odd(t, append(opts, data)...)
		early := everything(t, s, oddNow)
		s.Advance(2 * time.Hour)
		all := everything(t, s, oddNow)
		if late := len(all["heartrate"]) - len(early["heartrate"]); (late > 0) != (len(opts) > 0) {
			t.Errorf("%d rows came late", late)
		}
		return all
	}
	want := read(t)
	for name, ends := range map[string]ouratest.EndDates{"as live": ouratest.EndDatesAsLive, "exclusive": ouratest.EndDatesExclusive, "inclusive": ouratest.EndDatesInclusive} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, ouratest.WithUnknownProperties(), ouratest.WithLateRows(2*time.Hour), ouratest.WithEndDates(ends),
				ouratest.WithPageSize("heartrate", 50), ouratest.WithPageSize("ring_battery_level", 20), ouratest.WithPageSize("sleep", 1))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSharedTimestamps(t *testing.T) {
	t.Parallel()
	from := date(2026, 5, 4).In(time.UTC)
	half, to := from.Add(31*time.Hour), from.AddDate(0, 0, 3)
	rows := func(from, to time.Time, opts ...ouratest.DataOption) map[string][]any {
		all := map[string][]any{}
		for _, r := range ouratest.HeartRates(from, to, opts...) {
			all["heartrate"] = append(all["heartrate"], r)
		}
		for _, r := range ouratest.RingBatteryLevels(from, to, opts...) {
			all["ring_battery_level"] = append(all["ring_battery_level"], r)
		}
		return all
	}
	plain, shared := rows(from, to), rows(from, to, ouratest.WithSharedTimestamps())
	first, second := rows(from, half, ouratest.WithSharedTimestamps()), rows(half, to, ouratest.WithSharedTimestamps())
	for name, list := range shared {
		at := func(row any) time.Time { return reflect.ValueOf(row).FieldByName("Timestamp").Interface().(time.Time) }
		twins := 0
		for i := range list[1:] {
			if at(list[i+1]).Equal(at(list[i])) {
				twins++
				if cmp.Equal(list[i], list[i+1]) {
					t.Errorf("%s: two rows are the same: %+v", name, list[i])
				}
			}
		}
		if n := len(plain[name]); twins < n/60 || twins > n/15 || len(list) != n+twins {
			t.Errorf("%s: %d rows, of which %d have the timestamp of another; %d without the option", name, len(list), twins, n)
		}
		if !slices.IsSortedFunc(list, func(a, b any) int { return at(a).Compare(at(b)) }) {
			t.Errorf("%s is not in order", name)
		}
		if diff := cmp.Diff(list, append(first[name], second[name]...)); diff != "" {
			t.Errorf("%s: two parts are not the whole:\n%s", name, diff)
		}
	}
}

func TestUnknownProperties(t *testing.T) {
	t.Parallel()
	s := odd(t, ouratest.WithUnknownProperties())
	with := func(s *ouratest.Service, collection, query string) (odd, all int) {
		t.Helper()
		resp, err := s.Client().API().GetPersonalInfo(t.Context(), func(_ ctx, req *http.Request) error {
			req.URL.Path, req.URL.RawQuery = "/v2/usercollection/"+collection, query
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		body := string(text)
		return strings.Count(body, `"made_up":`), strings.Count(body, `"timestamp":`) + strings.Count(body, `"email":`)
	}
	const days = "start_date=2026-05-01&end_date=2026-05-31"
	for _, collection := range []string{"daily_sleep", "heartrate", "ring_battery_level"} {
		odd, all := with(s, collection, days)
		if odd < all/6 || odd > all/2 {
			t.Errorf("%s: %d of %d have the property", collection, odd, all)
		}
	}
	if odd, _ := with(s, "daily_sleep", days+"&fields=id,score"); odd != 0 {
		t.Errorf("fields=id,score gives %d with the property", odd)
	}
	if odd, all := with(s, "personal_info", ""); odd != 1 || all != 1 {
		t.Errorf("the person: %d of %d", odd, all)
	}
	if n, _ := with(odd(t), "daily_sleep", days); n != 0 {
		t.Errorf("%d have the property unasked", n)
	}
}

// Late rows come between those that had been there, and after a while all are there.
func TestLateRows(t *testing.T) {
	t.Parallel()
	s := odd(t, ouratest.WithLateRows(3*time.Hour))
	s.User().Add(oura.HeartRate{Timestamp: oddNow.Add(-time.Second), BPM: 1})
	from := oddNow.AddDate(0, 0, -1)
	read := func() []oura.HeartRate {
		rows, err := oura.Collect(s.Client().HeartRate.List(t.Context(), oura.Between(from, oddNow)))
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	before := read()
	s.Advance(3 * time.Hour)
	after := read()
	was := map[time.Time]bool{}
	for _, r := range before {
		was[r.Timestamp] = true
	}
	newest, came := before[len(before)-2].Timestamp, 0 // the last is the test's own
	for _, r := range after {
		if !was[r.Timestamp] && r.Timestamp.Before(newest) {
			came++
			if r.Timestamp.Before(oddNow.Add(-3 * time.Hour)) {
				t.Errorf("the row of %v came more than three hours late", r.Timestamp)
			}
		}
	}
	want := ouratest.HeartRates(from, oddNow, ouratest.WithoutTimestampUnix(), ouratest.WithZone(zone(t, "Europe/Helsinki")))
	if came == 0 || len(after) != len(want)+1 || before[len(before)-1].BPM != 1 {
		t.Errorf("%d rows came late; at last there are %d, want %d and the test's own", came, len(after), len(want))
	}
}

// The documents of today change until the day is over; at one and the same time they are the same.
func TestTodayGoesOnChanging(t *testing.T) {
	t.Parallel()
	today := oura.DateOf(oddNow)
	loc := zone(t, "Europe/Helsinki")
	up := *ouratest.Sleep(today, ouratest.WithZone(loc)).BedtimeEnd
	read := func(day oura.Date, now time.Time) map[string]any {
		t.Helper()
		s := service(t, ouratest.WithClock(func() time.Time { return now }), ouratest.WithHistory(3), ouratest.WithLocation(loc))
		all := map[string]any{}
		for name, docs := range everything(t, s, now) {
			for _, doc := range docs {
				if d := reflect.ValueOf(doc).FieldByName("Day"); d.IsValid() && d.Interface() == day {
					all[fmt.Sprint(name, " ", idOf(doc))] = doc
				}
			}
		}
		return all
	}
	changed := func(before, after map[string]any) []string {
		names := map[string]bool{}
		for key, doc := range before {
			if name, _, _ := strings.Cut(key, " "); !cmp.Equal(doc, after[key]) {
				names[name] = true
			}
		}
		var list []string
		for name := range names {
			list = append(list, name)
		}
		slices.Sort(list)
		return list
	}
	early, noon := up.Add(time.Hour), today.In(loc).Add(12*time.Hour)
	evening, over := noon.Add(8*time.Hour), today.AddDays(1).In(loc).Add(5*time.Hour)
	for name, tt := range map[string]struct {
		from, to time.Time
		want     []string
	}{
		"the same time":            {noon, noon, nil},
		"from the morning to noon": {early, noon, []string{"daily_activity", "daily_readiness", "daily_sleep", "daily_stress", "sleep"}},
		"from noon to the evening": {noon, evening, []string{"daily_activity", "daily_stress"}},
		"from evening to the end":  {evening, over, []string{"daily_activity", "daily_stress"}},
		"afterwards":               {over, over.AddDate(0, 0, 1), nil},
	} {
		if diff := cmp.Diff(tt.want, changed(read(today, tt.from), read(today, tt.to))); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	stress := ouratest.DailyStress(today, ouratest.WithZone(loc))
	if diff := cmp.Diff(any(stress), read(today, over)["daily_stress "+stress.ID]); diff != "" {
		t.Errorf("in the end it is not what the builder makes:\n%s", diff)
	}
}
