package oura_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

// dated lists every dated collection by its days.
func dated() map[string]func(context.Context, *oura.Client, ...oura.DocumentOption) ([]oura.Date, error) {
	type lister = func(context.Context, *oura.Client, ...oura.DocumentOption) ([]oura.Date, error)
	return map[string]lister{
		"daily_activity": days(func(c *oura.Client) *oura.Documents[oura.DailyActivity] { return c.DailyActivity }, func(d oura.DailyActivity) oura.Date { return d.Day }),
		"daily_cardiovascular_age": days(func(c *oura.Client) *oura.Documents[oura.DailyCardiovascularAge] { return c.DailyCardiovascularAge },
			func(d oura.DailyCardiovascularAge) oura.Date { return d.Day }),
		"daily_readiness":  days(func(c *oura.Client) *oura.Documents[oura.DailyReadiness] { return c.DailyReadiness }, func(d oura.DailyReadiness) oura.Date { return d.Day }),
		"daily_resilience": days(func(c *oura.Client) *oura.Documents[oura.DailyResilience] { return c.DailyResilience }, func(d oura.DailyResilience) oura.Date { return d.Day }),
		"daily_sleep":      days(func(c *oura.Client) *oura.Documents[oura.DailySleep] { return c.DailySleep }, func(d oura.DailySleep) oura.Date { return d.Day }),
		"daily_spo2":       days(func(c *oura.Client) *oura.Documents[oura.DailySpO2] { return c.DailySpO2 }, func(d oura.DailySpO2) oura.Date { return d.Day }),
		"daily_stress":     days(func(c *oura.Client) *oura.Documents[oura.DailyStress] { return c.DailyStress }, func(d oura.DailyStress) oura.Date { return d.Day }),
		"enhanced_tag":     days(func(c *oura.Client) *oura.Documents[oura.EnhancedTag] { return c.EnhancedTag }, func(d oura.EnhancedTag) oura.Date { return d.StartDay }),
		"rest_mode_period": days(func(c *oura.Client) *oura.Documents[oura.RestModePeriod] { return c.RestModePeriod }, func(d oura.RestModePeriod) oura.Date { return d.StartDay }),
		"session":          days(func(c *oura.Client) *oura.Documents[oura.Session] { return c.Session }, func(d oura.Session) oura.Date { return d.Day }),
		"sleep":            days(func(c *oura.Client) *oura.Documents[oura.Sleep] { return c.Sleep }, func(d oura.Sleep) oura.Date { return d.Day }),
		"sleep_time":       days(func(c *oura.Client) *oura.Documents[oura.SleepTime] { return c.SleepTime }, func(d oura.SleepTime) oura.Date { return d.Day }),
		"tag":              days(func(c *oura.Client) *oura.Documents[oura.Tag] { return c.Tag }, func(d oura.Tag) oura.Date { return d.Day }),
		"vO2_max":          days(func(c *oura.Client) *oura.Documents[oura.VO2Max] { return c.VO2Max }, func(d oura.VO2Max) oura.Date { return d.Day }),
		"workout":          days(func(c *oura.Client) *oura.Documents[oura.Workout] { return c.Workout }, func(d oura.Workout) oura.Date { return d.Day }),
	}
}

func days[T any](field func(*oura.Client) *oura.Documents[T], day func(T) oura.Date) func(context.Context, *oura.Client, ...oura.DocumentOption) ([]oura.Date, error) {
	return func(ctx context.Context, c *oura.Client, opts ...oura.DocumentOption) (got []oura.Date, err error) {
		docs, err := oura.Collect(field(c).List(ctx, opts...))
		for _, d := range docs {
			got = append(got, day(d))
		}
		return got, err
	}
}

// calendar serves one document for each day of the spring of 2026, inclusive or exclusive of a bare end date.
func calendar(inclusive bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		first, err1 := oura.ParseDate(q.Get("start_date"))
		last, err2 := oura.ParseDate(q.Get("end_date"))
		if err1 != nil || err2 != nil {
			answer(w, http.StatusUnprocessableEntity, `{"detail":[]}`)
			return
		}
		if !inclusive {
			last = last.AddDays(-1)
		}
		key := "day"
		if strings.HasSuffix(r.URL.Path, "/enhanced_tag") || strings.HasSuffix(r.URL.Path, "/rest_mode_period") {
			key = "start_day"
		}
		var docs []string
		for d := first; !d.After(last); d = d.AddDays(1) {
			docs = append(docs, fmt.Sprintf(`{"id":"%v",%q:"%v"}`, d, key, d))
		}
		answer(w, http.StatusOK, pageJSON("", docs...))
	}
}

func TestDaysAreTheDaysAsked(t *testing.T) {
	t.Parallel()
	first, last := date("2026-03-27"), date("2026-04-02") // over the end of a month and a change of clocks
	want := []oura.Date{}
	for d := first; !d.After(last); d = d.AddDays(1) {
		want = append(want, d)
	}
	if n := len(dated()); n != 15 {
		t.Fatalf("%d dated collections, want 15", n)
	}
	for name, list := range dated() {
		for _, inclusive := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/inclusive=%t", name, inclusive), func(t *testing.T) {
				t.Parallel()
				c, s := scripted(t, calendar(inclusive))
				got, err := list(t.Context(), c, oura.Days(first, last))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if got, err := list(t.Context(), c, oura.Days(last, last)); err != nil || len(got) != 1 || got[0] != last {
					t.Errorf("one day: %v, %v", got, err)
				}
				u := s.requests()[0]
				if u.Path != "/v2/usercollection/"+name || u.Query().Get("start_date") != first.AddDays(-2).String() ||
					u.Query().Get("end_date") != last.AddDays(2).String() {
					t.Errorf("asked for %s", u)
				}
				long, err := list(t.Context(), c, oura.Days(first, last.AddDays(200)), oura.Parallel(3))
				if err != nil || len(long) != 207 || long[0] != first || long[206] != last.AddDays(200) {
					t.Errorf("in parallel windows: %d days, %v", len(long), err)
				}
			})
		}
	}
}

func TestLongRangeOfDaysIsCutOnlyInParallel(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, calendar(false))
	if _, err := ids(t.Context(), c, oura.Days(date("2024-01-01"), date("2026-01-01"))); err != nil || len(s.requests()) != 1 {
		t.Errorf("%d requests, %v; want 1", len(s.requests()), err)
	}
	if _, err := ids(t.Context(), c, oura.Days(date("2026-01-01"), date("2026-03-31")), oura.Parallel(2)); err != nil || len(s.requests()) != 4 {
		t.Errorf("%d more requests, %v; want 3 windows for 90 days", len(s.requests())-1, err)
	}
}

// A range may begin or end with the calendar: as "from the beginning" is often written.
func TestDaysAtTheEndsOfTheCalendar(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ first, last, askFirst, askLast string }{
		{"0001-01-01", "2026-03-01", "0001-01-01", "2026-03-03"},
		{"0001-01-01", "0001-01-01", "0001-01-01", "0001-01-03"},
		{"2026-03-01", "9999-12-31", "2026-02-27", "9999-12-31"},
	} {
		c, s := scripted(t, pages([]string{sleepDay("a", "2026-03-01")}, []string{sleepDay("b", "2026-03-02")}))
		var cursor string
		for page, err := range c.DailySleep.Pages(t.Context(), oura.Days(date(tt.first), date(tt.last))) {
			if err != nil {
				t.Fatal(err)
			}
			cursor = page.Next
			break
		}
		want := []string{"a", "b"}
		if date(tt.last).Before(date("2026-03-02")) {
			want = want[:1] // and b is left out: the cursor still knows the range
		}
		if date(tt.last).Before(date("2026-03-01")) {
			want = nil
		}
		got, err := ids(t.Context(), c, oura.Days(date(tt.first), date(tt.last)))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s to %s: %v (-want +got):\n%s", tt.first, tt.last, err, diff)
		}
		rest, err := ids(t.Context(), c, oura.Resume(cursor))
		if err != nil || len(rest) != max(len(want)-1, 0) {
			t.Errorf("%s to %s: resumed with %v, %v", tt.first, tt.last, rest, err)
		}
		for i, u := range s.requests() {
			if q := u.Query(); q.Get("start_date") != tt.askFirst || q.Get("end_date") != tt.askLast {
				t.Errorf("%s to %s: request %d asks for %s", tt.first, tt.last, i, u.RawQuery)
			}
		}
	}
}

func TestDocumentThatCannotBePlacedIsKept(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, pages([]string{
		sleepDay("before", "2026-02-28"),
		`{"id":"no day","contributors":{}}`,
		`{"id":"bad, before","day":"2026-02-28","score":"high"}`,
		`{"id":"bad, within","day":"2026-03-01","score":"high"}`,
		`{"id":"bad day","day":"yesterday"}`,
		sleepDay("within", "2026-03-01"),
	}))
	var got []string
	for d, err := range c.DailySleep.List(t.Context(), oura.Days(date("2026-03-01"), date("2026-03-01"))) {
		if bad, ok := errors.AsType[*oura.DocumentError](err); ok {
			got = append(got, fmt.Sprint("error ", bad.Index))
			continue
		}
		got = append(got, d.ID)
	}
	if diff := cmp.Diff([]string{"no day", "error 3", "error 4", "within"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSandboxIsNotTrimmed(t *testing.T) {
	t.Parallel()
	fixed := pages([]string{sleepDay("a", "2021-01-01"), sleepDay("b", "2021-01-02")})
	c, s := scripted(t, fixed, oura.WithSandbox())
	got, err := ids(t.Context(), c, oura.Days(date("2026-01-01"), date("2026-06-01")), oura.Parallel(4))
	if err != nil || len(got) != 2 || len(s.requests()) != 1 {
		t.Errorf("%v, %v by %d requests; want both documents, once", got, err, len(s.requests()))
	}
	if p := s.requests()[0].Path; p != "/v2/sandbox/usercollection/daily_sleep" {
		t.Errorf("asked for %s", p)
	}
}

func TestListRefusesBadOptions(t *testing.T) {
	t.Parallel()
	a, b := date("2026-03-01"), date("2026-03-02")
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{"data":[]}`) })
	sandbox, ss := scripted(t, s.handler, oura.WithSandbox())
	docs := func(o ...oura.DocumentOption) iter.Seq2[oura.DailySleep, error] {
		return c.DailySleep.List(t.Context(), o...)
	}
	rows := func(o ...oura.SeriesOption) iter.Seq2[oura.HeartRate, error] {
		return c.HeartRate.List(t.Context(), o...)
	}
	for name, tt := range map[string]struct {
		err  error
		says []string
	}{
		"reversed days":        {first(docs(oura.Days(b, a))), []string{"2026-03-02", "exchange"}},
		"zero day":             {first(docs(oura.Days(oura.Date{}, a))), []string{"0000-00-00"}},
		"no such day":          {first(docs(oura.Days(a, oura.Date{Year: 2026, Month: 2, Day: 31}))), []string{"2026-02-31"}},
		"days twice":           {first(docs(oura.Days(a, b), oura.Days(a, b))), []string{"Days", "twice"}},
		"parallel 0":           {first(docs(oura.Parallel(0))), []string{"Parallel(0)"}},
		"parallel -1":          {first(rows(oura.Parallel(-1))), []string{"Parallel(-1)"}},
		"no fields":            {first(docs(oura.Fields())), []string{"Fields"}},
		"empty field":          {first(docs(oura.Fields(""))), []string{`""`}},
		"fields in one":        {first(docs(oura.Fields("id,day"))), []string{"id,day"}},
		"unknown field":        {first(docs(oura.Fields("scoer"))), []string{"scoer", "score"}},
		"field of another":     {first(rows(oura.Fields("score"))), []string{"score", "bpm"}},
		"nil option":           {first(docs(nil)), []string{"nil"}},
		"nil series option":    {first(rows(nil)), []string{"nil"}},
		"empty cursor":         {first(docs(oura.Resume(""))), []string{"Resume"}},
		"reversed instants":    {first(rows(oura.Between(now, now.Add(-1)))), []string{"exchange"}},
		"empty range":          {first(rows(oura.Between(now, now))), []string{"2026-03-01"}},
		"zero instant":         {first(rows(oura.Between(time.Time{}, now))), []string{"zero"}},
		"between twice":        {first(rows(oura.Between(now, now.Add(1)), oura.Between(now, now.Add(1)))), []string{"twice"}},
		"days of rings":        {first(c.RingConfiguration.List(t.Context(), oura.Days(a, b))), []string{"ring_configuration", "no dates"}},
		"fields of tags":       {first(c.EnhancedTag.List(t.Context(), oura.Fields("comment"))), []string{"enhanced_tag", "support"}},
		"fields of old tags":   {first(c.Tag.List(t.Context(), oura.Fields("text"))), []string{"tag", "support"}},
		"fields of resilience": {first(oura.As[oura.Tag](c.DailyResilience).List(t.Context(), oura.Fields("level"))), []string{"daily_resilience", "support"}},
		"sandbox fields":       {first(sandbox.DailySleep.List(t.Context(), oura.Fields("score"))), []string{"sandbox"}},
		"sandbox latest":       {second(sandbox.HeartRate.Latest(t.Context())), []string{"sandbox"}},
		"pages refuse as well": {first(c.DailySleep.Pages(t.Context(), oura.Days(b, a))), []string{"exchange"}},
		"series pages refuse":  {first(c.HeartRate.Pages(t.Context(), oura.Between(now, now))), []string{"widen"}},
		"empty id":             {second(c.Sleep.Get(t.Context(), "")), []string{"empty"}},
		"dots":                 {second(c.Sleep.Get(t.Context(), "..")), []string{".."}},
	} {
		e, ok := errors.AsType[*oura.Error](tt.err)
		if !ok || !errors.Is(tt.err, oura.ErrInvalidRequest) || e.StatusCode != 0 || e.Path == "" {
			t.Errorf("%s: got %v, want an *Error of ErrInvalidRequest without a status", name, tt.err)
			continue
		}
		for _, says := range tt.says {
			if !strings.Contains(e.Error(), says) {
				t.Errorf("%s: %q does not say %q", name, e, says)
			}
		}
	}
	if n := len(s.requests()) + len(ss.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// first returns the error that a sequence begins with.
func first[T any](seq iter.Seq2[T, error]) error {
	for _, err := range seq {
		return err
	}
	return nil
}

func second[T any](_ T, err error) error { return err }
