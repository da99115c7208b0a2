package mirror

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
)

// After a Sync the copy is what the service lists; after changes of every sort, it is again after the next one.
func TestEquality(t *testing.T) {
	t.Parallel()
	each(t, 40, func(w *world) {
		first := w.sync()
		w.same()
		if n := first.Changes(); n < 40_000 {
			w.Fatalf("%d documents and rows are new", n)
		}
		day := w.today.AddDays(-3)
		nights := collect(w, mirror.Days[oura.Sleep](w.Context(), w.me, day, day))
		if len(nights) == 0 {
			w.Fatal("there is no night")
		}
		moved := nights[0]
		moved.Day = w.today.AddDays(-1)
		gone := collect(w, mirror.Days[oura.DailySleep](w.Context(), w.me, day, day))[0]
		edited := collect(w, mirror.Days[oura.DailyStress](w.Context(), w.me, day, day))[0]
		edited.StressHigh = new(oura.Seconds(4242))
		w.user.Remove(gone.ID)
		w.user.Add(moved, edited, ouratest.Workout(w.today, ouratest.WithPerson("another")))
		report := w.sync(mirror.Only("sleep", "daily_sleep", "daily_stress", "workout"))
		for _, want := range []mirror.CollectionReport{
			{Collection: "sleep", Changed: 1}, {Collection: "daily_sleep", Gone: 1}, {Collection: "daily_stress", Changed: 1}, {Collection: "workout", New: 1},
		} {
			if got := of(report, want.Collection); got.New != want.New || got.Changed != want.Changed || got.Gone != want.Gone {
				w.Errorf("%s: got %+v", want.Collection, got)
			}
		}
		w.same()
	})
}

func of(r mirror.Report, collection string) mirror.CollectionReport {
	i := slices.IndexFunc(r.Collections, func(c mirror.CollectionReport) bool { return c.Collection == collection })
	if i < 0 {
		return mirror.CollectionReport{}
	}
	return r.Collections[i]
}

// Verify names what is missing, too many and stale, and a Sync of everything mends it.
func TestVerifyNamesDifferences(t *testing.T) {
	t.Parallel()
	each(t, 10, func(w *world) {
		w.sync()
		w.same()
		day := w.today.AddDays(-2).String()
		w.exec(`DELETE FROM oura_mirror_documents WHERE collection = 'daily_sleep' AND day = '` + day + `'`)
		w.exec(`UPDATE oura_mirror_documents SET body = (SELECT body FROM oura_mirror_documents WHERE collection = 'daily_stress' AND day = '` + day + `')
			WHERE collection = 'daily_readiness' AND day = '` + day + `'`)
		w.exec(`INSERT INTO oura_mirror_documents (person, collection, id, day, ticket, plain, body)
			SELECT person, collection, 'one too many', day, 1, plain, body FROM oura_mirror_documents WHERE collection = 'sleep_time' AND day = '` + day + `'`)
		w.exec(`DELETE FROM oura_mirror_series WHERE collection = 'heartrate' AND day = '` + day + `'`)
		w.exec(`UPDATE oura_mirror_series SET body = '[]' WHERE collection = 'ring_battery_level' AND day = '` + day + `'`)
		w.exec(`INSERT INTO oura_mirror_series (person, collection, day, ticket, "rows", plain, body) SELECT person, collection, '2026-02-01', 0, 1, plain, body
			FROM oura_mirror_series WHERE collection = 'heartrate' ORDER BY day LIMIT 1`)
		differences, err := w.me.Verify(w.Context(), w.client)
		if err != nil {
			w.Fatal(err)
		}
		var got []string
		for _, d := range differences {
			if d.Kind != mirror.Extra || d.ID == "" {
				d.ID = ""
			}
			got = append(got, d.String())
		}
		want := []string{
			"stale daily_readiness " + day, "missing daily_sleep " + day, "extra heartrate 2026-02-01", "missing heartrate " + day,
			"stale ring_battery_level " + day, "extra sleep_time one too many " + day,
		}
		if !slices.Equal(got, want) {
			w.Fatalf("got %q\nwant %q", got, want)
		}
		w.sync(mirror.Whole(0))
		w.same()
	})
}

// Rows that come two days late, and a day that loses its rows, are found in the trailing window; what changes before it,
// by the reading of everything.
func TestLateAndChanged(t *testing.T) {
	t.Parallel()
	each(t, 40, func(w *world) {
		two := noon.AddDate(0, 0, -2)
		w.sync()
		late := []oura.HeartRate{
			{Timestamp: two, BPM: 71, Source: oura.HeartRateSourceAwake},
			{Timestamp: two, BPM: 72, Source: oura.HeartRateSourceAwake}, // at the same instant
		}
		w.user.Add(late[0], late[1])
		w.user.Add(oura.HeartRate{Timestamp: noon.Add(time.Minute), BPM: 73, Source: oura.HeartRateSourceAwake}) // with which they came
		report := w.sync(mirror.Only("heartrate"))
		if got := of(report, "heartrate"); got.New != 3 || got.Changed != 2 {
			w.Errorf("late rows: %+v", got)
		}
		w.same(mirror.Only("heartrate"))
		rows := collect(w, mirror.Between[oura.HeartRate](w.Context(), w.me, two, two.Add(time.Second)))
		if len(rows) < 2 {
			w.Errorf("%d rows at the instant, want both", len(rows))
		}

		old := w.today.AddDays(-30)
		doc := collect(w, mirror.Days[oura.DailySleep](w.Context(), w.me, old, old))[0]
		doc.Score = new(1)
		w.user.Add(doc)
		if r := w.sync(mirror.Only("daily_sleep")); r.Changes() != 0 {
			w.Errorf("the trailing window reaches too far: %+v", r)
		}
		if r := w.sync(mirror.Only("daily_sleep"), mirror.Trailing(31, 3)); of(r, "daily_sleep").Changed != 1 {
			w.Errorf("Trailing: %+v", r)
		}
		doc.Score = new(2)
		w.user.Add(doc)
		w.mirror = w.opened(mirror.WithClock(func() time.Time { return noon.AddDate(0, 0, 31) })) // everything is due
		w.me = w.mirror.Person(w.user.ID)
		if r := w.sync(mirror.Only("daily_sleep"), mirror.Trailing(0, 0)); of(r, "daily_sleep").Changed != 1 {
			w.Errorf("the reading of everything: %+v", r)
		}
		if r := w.sync(mirror.Only("daily_sleep"), mirror.Trailing(0, 0)); of(r, "daily_sleep").First == w.today.AddDays(-60) {
			w.Errorf("everything was read twice: %+v", r)
		}
	})
}

// What is not listed any more is asked for once more: only if the service does not have it, it is removed.
func TestGoneIsConfirmed(t *testing.T) {
	t.Parallel()
	each(t, 30, func(w *world) {
		w.sync()
		from, to := w.today.AddDays(-2), w.today.AddDays(-25) // out of the trailing window
		doc := collect(w, mirror.Days[oura.DailyReadiness](w.Context(), w.me, from, from))[0]
		doc.Day = to
		w.user.Add(doc)
		n := len(w.service.Requests())
		report := w.sync(mirror.Only("daily_readiness"))
		if got := w.requestsSince(n); len(got) != 2 || !strings.HasPrefix(got[1], "daily_readiness/") {
			w.Errorf("requests: %v", got)
		}
		if got := of(report, "daily_readiness"); got.Changed != 1 || got.Gone != 0 || got.Requests != 2 {
			w.Errorf("got %+v", got)
		}
		w.same()
	})
}

// An interrupted first copy goes on where it was, at any page.
func TestCrashSafe(t *testing.T) {
	t.Parallel()
	each(t, 20, func(w *world) {
		for _, name := range []string{"sleep", "daily_activity", "workout"} {
			w.service.SetPageSize(name, 4)
		}
		whole := w.sync(mirror.Only("sleep", "daily_activity", "heartrate")).Requests
		w.same()
		if _, err := w.me.Forget(w.Context()); err != nil {
			w.Fatal(err)
		}
		n, interruptions := 0, 0
		copied := `SELECT count(*) FROM oura_mirror_copies WHERE read_pass > 0`
		for interruptions == 0 || w.number(copied) < 3 {
			ctx, cancel := context.WithCancel(w.Context())
			pages := 0
			report, err := w.me.Sync(ctx, w.client, w.since(), mirror.Only("sleep", "daily_activity", "heartrate"), mirror.Progress(func(mirror.Status) {
				if pages++; pages == 3 {
					cancel()
				}
			}))
			cancel()
			n += report.Requests
			if !errors.Is(err, context.Canceled) {
				w.Fatal(err)
			}
			if interruptions++; interruptions > whole {
				w.Fatal("it does not come to an end")
			}
		}
		w.same()
		w.sync(mirror.Only("sleep", "daily_activity", "heartrate"))
		w.same()
		if interruptions < 10 || n > whole+2*interruptions {
			w.Errorf("%d requests with %d interruptions, %d without", n, interruptions, whole)
		}
	}, ouratest.WithPageSize("heartrate", 900))
}

// A page token that the service does not honour any more costs a new beginning, and nothing else.
func TestOldCursor(t *testing.T) {
	t.Parallel()
	each(t, 30, func(w *world) {
		w.service.SetPageSize("sleep", 4)
		interrupt := func() {
			ctx, cancel := context.WithCancel(w.Context())
			defer cancel()
			_, err := w.me.Sync(ctx, w.client, w.since(), mirror.Only("sleep"), mirror.Progress(func(mirror.Status) { cancel() }))
			if !errors.Is(err, context.Canceled) {
				w.Fatal(err)
			}
		}
		interrupt()
		w.service.FailOnce("sleep", ouratest.ServerError(422))
		w.sync(mirror.Only("sleep"))
		w.same()
		if _, err := w.me.Forget(w.Context()); err != nil {
			w.Fatal(err)
		}
		interrupt()
		later := w.opened(mirror.WithClock(func() time.Time { return noon.Add(13 * time.Hour) }))
		if _, err := later.Person(w.user.ID).Sync(w.Context(), w.client, w.since(), mirror.Only("sleep")); err != nil {
			w.Fatal(err)
		}
		w.same()
	})
}

// A Sync with nothing new asks for each collection and time series once, though three days of heart rate have more rows
// than a page holds. A single new row, or an hour, has it read those days.
func TestCheap(t *testing.T) {
	t.Parallel()
	each(t, 20, func(w *world) {
		count := func(opts ...mirror.SyncOption) (perCollection map[string]int, report mirror.Report) {
			n := len(w.service.Requests())
			report = w.sync(opts...)
			perCollection = map[string]int{}
			for _, path := range w.requestsSince(n) {
				perCollection[path]++
			}
			if all := len(w.service.Requests()) - n; all != report.Requests {
				w.Errorf("%d requests, %d reported", all, report.Requests)
			}
			return perCollection, report
		}
		once := map[string]int{}
		for _, c := range w.client.Collections() {
			once[c.Path] = 1
		}
		w.sync()
		for range 2 {
			if got, report := count(); !maps.Equal(got, once) || report.Requests != 18 || report.Changes() != 0 {
				w.Errorf("%d requests, want 18: %v", report.Requests, got)
			}
		}
		if got, _ := count(mirror.Late(0)); got["heartrate"] != 4 || got["ring_battery_level"] != 1 {
			w.Errorf("Late(0): %v", got)
		}

		heart := mirror.Only("heartrate")
		late := func(minute int) oura.HeartRate {
			return oura.HeartRate{Timestamp: noon.Add(time.Duration(minute-48*60) * time.Minute), BPM: 90, Source: oura.HeartRateSourceAwake}
		}
		w.user.Add(late(1)) // and alone
		for name, opts := range map[string][]mirror.SyncOption{"nothing": {heart}, "never": {heart, mirror.Late(-1)}} {
			if got, report := count(opts...); got["heartrate"] != 1 || report.Changes() != 0 {
				w.Errorf("%s: %d requests, %+v", name, got["heartrate"], report)
			}
		}
		for _, at := range []struct {
			after    time.Duration
			requests int
		}{{time.Hour - time.Second, 1}, {time.Hour, 4}} {
			w.me = w.opened(mirror.WithClock(func() time.Time { return noon.Add(at.after) })).Person(w.user.ID)
			if report := w.sync(heart); report.Requests != at.requests {
				w.Errorf("after %s: %d requests, want %d", at.after, report.Requests, at.requests)
			}
		}
		w.same(heart)

		for name, change := range map[string]func(){
			"a newer row": func() {
				w.user.Add(late(2), oura.HeartRate{Timestamp: noon.Add(time.Minute), BPM: 90, Source: "awake"})
			},
			"one of the last": func() {
				w.user.Add(late(3), oura.HeartRate{Timestamp: noon.Add(-time.Hour), BPM: 213, Source: "awake"})
			},
		} {
			change()
			if _, report := count(heart); of(report, "heartrate").New != 2 {
				w.Errorf("%s: %+v", name, report)
			}
			w.same(heart)
		}
		w.client = w.rewritten(func(_, body string) string { return strings.ReplaceAll(body, `"bpm":213`, `"bpm":214`) })
		if report := w.sync(heart); of(report, "heartrate").Changed != 1 {
			w.Errorf("another value: %+v", report)
		}
		w.same(heart)
	})
}

// A missing scope is a line of the report, and not asked for again until the consent changes.
func TestMissingScope(t *testing.T) {
	t.Parallel()
	each(t, 5, func(w *world) {
		w.service.Fail("daily_spo2", ouratest.MissingScope())
		report := w.sync()
		if got := report.Missing(); !slices.Equal(got, []string{"spo2"}) {
			w.Fatalf("missing %v", got)
		}
		asked := func(opts ...mirror.SyncOption) bool {
			n := len(w.service.Requests())
			w.sync(opts...)
			return slices.Contains(w.requestsSince(n), "daily_spo2")
		}
		if asked() {
			w.Error("asked again")
		}
		if got := w.sync().Missing(); !slices.Equal(got, []string{"spo2"}) {
			w.Errorf("missing %v: not reported again", got)
		}
		if asked(mirror.Granted("daily", "heartrate")) {
			w.Error("asked for what was not granted")
		}
		if got := w.sync(mirror.Granted("heartrate", "daily")).Missing(); !slices.Contains(got, "tag") {
			w.Errorf("missing %v, want tag among them", got)
		}
		w.service.Fail("daily_spo2", ouratest.Fault{})
		if asked() {
			w.Error("asked though nobody said that the consent has changed")
		}
		if !asked(mirror.Granted("daily", "extapi:spo2")) {
			w.Error("not asked after a new consent")
		}
		w.service.Fail("daily_spo2", ouratest.MissingScope())
		w.sync()
		if !asked(mirror.AskAgain()) {
			w.Error("AskAgain: not asked")
		}
		w.service.Fail("daily_spo2", ouratest.Fault{})
		w.sync(mirror.AskAgain())
		w.same()
	})
}

// A collection that fails does not keep the others from being read.
func TestOneCollectionFails(t *testing.T) {
	t.Parallel()
	each(t, 5, func(w *world) {
		w.service.Fail("daily_activity", ouratest.ServerError(500))
		report, err := w.me.Sync(w.Context(), w.client, w.since())
		if !errors.Is(err, oura.ErrServer) || !strings.Contains(err.Error(), "daily_activity") {
			w.Fatalf("got %v", err)
		}
		for _, c := range report.Collections {
			if (c.Err != nil) != (c.Collection == "daily_activity") {
				w.Errorf("%s: %v", c.Collection, c.Err)
			}
		}
		w.same()
		w.service.Fail("daily_activity", ouratest.Fault{})
		w.sync()
		w.same()
		w.service.Fail("daily_activity", ouratest.Forbidden())
		n := len(w.service.Requests())
		if _, err := w.me.Sync(w.Context(), w.client); !errors.Is(err, oura.ErrForbidden) || len(w.requestsSince(n)) != 1 {
			w.Errorf("got %v after %d requests, want an end at the first", err, len(w.requestsSince(n)))
		}
	})
}

// An earlier day extends the copy, a later one changes nothing.
func TestSince(t *testing.T) {
	t.Parallel()
	each(t, 40, func(w *world) {
		count := func() int { return len(collect(w, mirror.All[oura.DailySleep](w.Context(), w.me))) }
		sync := func(day oura.Date) mirror.Report {
			r, err := w.me.Sync(w.Context(), w.client, mirror.Since(day), mirror.Only("DailySleep", "heartrate"))
			if err != nil {
				w.Fatal(err)
			}
			w.same()
			return r
		}
		sync(w.today.AddDays(-9))
		if got := count(); got != 10 {
			w.Errorf("%d documents, want 10", got)
		}
		sync(w.today.AddDays(-19))
		if got := count(); got != 20 {
			w.Errorf("%d documents, want 20", got)
		}
		if r := sync(w.today.AddDays(-4)); of(r, "daily_sleep").First != w.today.AddDays(-14) || count() != 20 {
			w.Errorf("a later day: %+v, %d documents", r, count())
		}
	})
}

// Without Since, everything is read, whenever it began.
func TestEverything(t *testing.T) {
	t.Parallel()
	each(t, 3, func(w *world) {
		first := oura.Date{Year: 2016, Month: time.May, Day: 4}
		w.user.Add(ouratest.Sleep(first), oura.HeartRate{Timestamp: first.In(time.UTC), BPM: 60, Source: oura.HeartRateSourceRest})
		if _, err := w.me.Sync(w.Context(), w.client, mirror.Only("sleep", "heartrate")); err != nil {
			w.Fatal(err)
		}
		if n := len(collect(w, mirror.Days[oura.Sleep](w.Context(), w.me, first, first))); n != 1 {
			w.Errorf("%d nights", n)
		}
		if n := len(collect(w, mirror.Between[oura.HeartRate](w.Context(), w.me, first.In(time.UTC), first.AddDays(1).In(time.UTC)))); n != 1 {
			w.Errorf("%d rows", n)
		}
	})
}

// Progress tells collection, day, share, requests and rows, and never goes back.
func TestProgress(t *testing.T) {
	t.Parallel()
	each(t, 30, func(w *world) {
		var seen []mirror.Status
		report := w.sync(mirror.Progress(func(s mirror.Status) { seen = append(seen, s) }))
		if len(seen) < len(w.client.Collections()) {
			w.Fatalf("told %d times", len(seen))
		}
		for i, s := range seen[1:] {
			if before := seen[i]; s.Share < before.Share || s.Requests < before.Requests || s.Rows < before.Rows {
				w.Fatalf("%+v after %+v", s, before)
			}
		}
		last := seen[len(seen)-1]
		if last.Share < 0.99 || last.Share > 1 || last.Requests != report.Requests || last.Rows < 30_000 || last.Collection != "workout" {
			w.Errorf("in the end %+v", last)
		}
		if i := slices.IndexFunc(seen, func(s mirror.Status) bool { return s.Collection == "heartrate" && !s.Day.IsZero() }); i < 0 || seen[i].Share > 0.5 {
			w.Errorf("heart rate: %d", i)
		}
	})
}
