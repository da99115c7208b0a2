package oura_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

func period(id string, kind oura.SleepType, start string, asleep oura.Seconds) oura.Sleep {
	at, err := time.Parse(time.RFC3339, start)
	if err != nil {
		panic(err)
	}
	return oura.Sleep{ID: id, Type: &kind, BedtimeStart: at, TotalSleepDuration: &asleep, TimeInBed: asleep + 600}
}

var dayOfSleep = []oura.Sleep{
	period("fragment", oura.SleepTypeSleep, "2026-03-01T23:00:00+01:00", 1200),
	period("evening", oura.SleepTypeLateNap, "2026-03-02T20:00:00+01:00", 1800),
	period("deleted", oura.SleepTypeDeleted, "2026-03-02T10:00:00+01:00", 40000),
	period("short", oura.SleepTypeLongSleep, "2026-03-02T08:00:00+01:00", 11000),
	period("night", oura.SleepTypeLongSleep, "2026-03-02T00:00:00+01:00", 25000),
	period("long nap", oura.SleepTypeSleep, "2026-03-02T14:00:00+01:00", 30000),
	period("rest", oura.SleepTypeRest, "2026-03-02T12:00:00+01:00", 50000),
}

func TestMainSleep(t *testing.T) {
	t.Parallel()
	for want, docs := range map[string][]oura.Sleep{
		"night":    dayOfSleep,
		"long nap": {dayOfSleep[0], dayOfSleep[5], dayOfSleep[6]},
		"in bed":   {{ID: "no kind", TimeInBed: 100}, {ID: "in bed", TimeInBed: 200}},
		"":         {dayOfSleep[2], dayOfSleep[6]},
	} {
		got, ok := oura.MainSleep(docs)
		if got.ID != want || ok != (want != "") {
			t.Errorf("got %q, %t, want %q", got.ID, ok, want)
		}
	}
	if _, ok := oura.MainSleep(nil); ok {
		t.Error("there is a night among no documents")
	}
}

func TestNapsAndTotal(t *testing.T) {
	t.Parallel()
	var got []string
	for _, n := range oura.Naps(dayOfSleep) {
		got = append(got, n.ID)
	}
	if diff := cmp.Diff([]string{"fragment", "short", "long nap", "evening"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := oura.TotalSleep(dayOfSleep), (1200+1800+11000+25000+30000)*time.Second; got != want {
		t.Errorf("in all %v, want %v", got, want)
	}
	same := oura.Sleep{TimeInBed: 100}
	if n := len(oura.Naps([]oura.Sleep{same, same})); n != 1 {
		t.Errorf("%d naps beside the night without ids, want 1", n)
	}
}

func TestCurrentRing(t *testing.T) {
	t.Parallel()
	at := func(year int) *time.Time { return new(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)) }
	rings := []oura.RingConfiguration{{ID: "old", SetUpAt: at(2022)}, {ID: "new", SetUpAt: at(2026)}, {ID: "unknown"}, {ID: "mid", SetUpAt: at(2024)}}
	if got, ok := oura.CurrentRing(rings); !ok || got.ID != "new" {
		t.Errorf("got %q, %t", got.ID, ok)
	}
	if _, ok := oura.CurrentRing(nil); ok {
		t.Error("there is a ring among none")
	}
}

func TestDayIsOver(t *testing.T) {
	t.Parallel()
	west := time.FixedZone("", -5*3600)
	day := date("2026-03-31")
	end := time.Date(2026, 4, 1, 4, 0, 0, 0, west)
	if oura.DayIsOver(day, end.Add(-1)) || !oura.DayIsOver(day, end) {
		t.Error("the day does not end at 04:00 of the next")
	}
}

func TestLastDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{"data":[]}`) })
		east := time.FixedZone("", 14*3600)
		today := oura.Today(east)
		if _, err := ids(t.Context(), c, oura.LastDays(7, east)); err != nil {
			t.Fatal(err)
		}
		q := s.requests()[0].Query()
		if q.Get("start_date") != today.AddDays(-6-2).String() || q.Get("end_date") != today.AddDays(2).String() {
			t.Errorf("asked for %v on %v", q, today)
		}
		for _, opts := range [][]oura.DocumentOption{
			{oura.LastDays(0, east)}, {oura.LastDays(7, nil)}, {oura.LastDays(1e9, east)}, {oura.LastDays(1, east), oura.Days(today, today)},
		} {
			if _, err := ids(t.Context(), c, opts...); err == nil {
				t.Errorf("%d options: no error", len(opts))
			}
		}
	})
}

func TestNoDataIsNil(t *testing.T) {
	t.Parallel()
	const sleep = `{"id":"a","bedtime_start":"2026-03-01T23:00:00+01:00","day":"2026-03-02","low_battery_alert":false,"period":0,"time_in_bed":60,`
	for body, want := range map[string]*int{
		sleep + `"lowest_heart_rate":255,"heart_rate":null}`:                                                                nil,
		sleep + `"lowest_heart_rate":48,"heart_rate":null}`:                                                                 new(48),
		sleep + `"lowest_heart_rate":255,"heart_rate":{"interval":300,"items":[],"timestamp":"2026-03-01T23:00:00+01:00"}}`: new(255),
	} {
		c, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v2/usercollection/sleep/a" {
				answer(w, http.StatusOK, body)
				return
			}
			answer(w, http.StatusOK, pageJSON("", body))
		})
		listed, err := oura.Collect(c.Sleep.List(t.Context()))
		if err != nil || len(listed) != 1 || !cmp.Equal(listed[0].LowestHeartRate, want) {
			t.Errorf("%s: listed %v, %v", body, listed, err)
		}
		one, err := c.Sleep.Get(t.Context(), "a")
		if err != nil || !cmp.Equal(one.LowestHeartRate, want) {
			t.Errorf("%s: read %v, %v", body, one.LowestHeartRate, err)
		}
	}
	c, _ := scripted(t, pages([]string{
		`{"id":"a","day":"2026-03-02","spo2_percentage":{"average":0.0}}`,
		`{"id":"b","day":"2026-03-02","spo2_percentage":{"average":null}}`,
		`{"id":"c","day":"2026-03-02","spo2_percentage":{"average":97.5}}`,
	}))
	spo2, err := oura.Collect(c.DailySpO2.List(t.Context()))
	if err != nil || len(spo2) != 3 {
		t.Fatal(len(spo2), err)
	}
	for i, want := range []*float64{nil, nil, new(97.5)} {
		if got := spo2[i].SpO2Percentage.Average; !cmp.Equal(got, want) {
			t.Errorf("document %d: %v", i, got)
		}
	}
}

// A null where the model has no pointer is an error that names the field, and the others of the page are kept.
func TestNullWithoutPointer(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, pages([]string{
		`{"id":"a","day":"2026-03-02","timestamp":"2026-03-02T00:00:00Z","contributors":null}`,
		sleepDay("b", "2026-03-03"),
		`{"id":null,"day":"2026-03-02","timestamp":"2026-03-02T00:00:00Z","contributors":{}}`,
	}))
	docs, err := oura.Collect(c.DailySleep.List(t.Context()))
	if len(docs) != 1 || docs[0].ID != "b" {
		t.Errorf("got %d documents", len(docs))
	}
	for _, field := range []string{"field contributors holds null", "field id holds null"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not say %q", err, field)
		}
	}
}
