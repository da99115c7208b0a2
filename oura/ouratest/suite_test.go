package ouratest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/internal/fixtures"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// The behavioural suite: every test here runs against the mock and against the service, without data but what it adds.

// kit is what the suite needs of either.
type kit struct {
	client   func(...oura.Option) *oura.Client
	add      func(docs ...any)
	pageSize func(collection string, n int)
	failOnce func(collection string, f ouratest.CollectionFault)
	requests func() []*http.Request
}

// suiteNow is the time of both.
var suiteNow = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// onBoth runs the test against both.
func onBoth(t *testing.T, ends ouratest.EndDates, test func(t *testing.T, k kit)) {
	t.Helper()
	now := func() time.Time { return suiteNow }
	t.Run("mock", func(t *testing.T) {
		t.Parallel()
		m := ouratest.New(t).EndDates(ends).Clock(now)
		touchAll(m)
		test(t, kit{
			client: func(o ...oura.Option) *oura.Client { return m.Client(append(quick(), o...)...) },
			add:    func(docs ...any) { addTo(m, docs...) },
			pageSize: func(c string, n int) {
				fieldOf(m, c).MethodByName("PageSize").Call([]reflect.Value{reflect.ValueOf(n)})
			},
			failOnce: func(c string, f ouratest.CollectionFault) {
				if c == "subscription" {
					m.Subscriptions.FailOnce(f.(ouratest.Fault))
					return
				}
				fieldOf(m, c).MethodByName("FailOnce").Call([]reflect.Value{reflect.ValueOf(f)})
			},
			requests: m.Requests,
		})
	})
	t.Run("service", func(t *testing.T) {
		t.Parallel()
		s := service(t, ouratest.WithHistory(0), ouratest.WithClock(now), ouratest.WithEndDates(ends))
		test(t, kit{
			client:   func(o ...oura.Option) *oura.Client { return s.Client(append(quick(), o...)...) },
			add:      s.User().Add,
			pageSize: s.SetPageSize,
			failOnce: s.FailOnce,
			requests: s.Requests,
		})
	})
}

func quick() []oura.Option {
	return []oura.Option{oura.WithLimiter(unlimited{}), oura.WithRetry(oura.NoRetry)}
}

// collections are the fields of client and mock by path.
var collections = func() map[string]string {
	fields := map[string]string{}
	for _, c := range everyCollection() {
		fields[c.Path] = c.Name
	}
	return fields
}()

// dated are the collections that take days.
func dated() []string {
	var names []string
	for _, c := range everyCollection() {
		if c.Dated {
			names = append(names, c.Path)
		}
	}
	slices.Sort(names)
	return names
}

// sample is a document of the day: one that the kit builds, or the full fixture where it builds none.
func sample(t *testing.T, collection string, day oura.Date, opts ...ouratest.DataOption) any {
	t.Helper()
	if build := builders[collection]; build != nil {
		return build(day, opts...)
	}
	field, _ := reflect.TypeFor[ouratest.Mock]().FieldByName(collections[collection])
	add, _ := field.Type.MethodByName("Add")
	doc := reflect.New(add.Type.In(1).Elem())
	if err := json.Unmarshal(fixtures.Document(collection, fixtures.Full), doc.Interface()); err != nil {
		t.Fatal(err)
	}
	doc.Elem().FieldByName("Day").Set(reflect.ValueOf(day))
	doc.Elem().FieldByName("ID").SetString(day.String())
	return doc.Elem().Interface()
}

func fieldOf(m *ouratest.Mock, collection string) reflect.Value {
	return reflect.ValueOf(m).Elem().FieldByName(collections[collection])
}

// touchAll makes every request expected.
func touchAll(m *ouratest.Mock) {
	for collection := range collections {
		fieldOf(m, collection).MethodByName("Add").Call(nil)
	}
	m.PersonalInfo(ouratest.PersonalInfo())
	m.Subscriptions.Add()
}

// addTo finds the collection by the type of the document.
func addTo(m *ouratest.Mock, docs ...any) {
	for _, doc := range docs {
		for collection := range collections {
			add := fieldOf(m, collection).MethodByName("Add")
			if add.Type().In(0).Elem() == reflect.TypeOf(doc) {
				add.Call([]reflect.Value{reflect.ValueOf(doc)})
			}
		}
	}
}

// listDays lists a collection by name and returns the days of what came.
func listDays(t *testing.T, c *oura.Client, collection string, opts ...oura.DocumentOption) []string {
	t.Helper()
	var days []string
	in := []reflect.Value{reflect.ValueOf(t.Context())}
	for _, o := range opts {
		in = append(in, reflect.ValueOf(o))
	}
	seq := reflect.ValueOf(c).Elem().FieldByName(collections[collection]).MethodByName("List").Call(in)[0]
	for doc, err := range seq.Seq2() {
		if !err.IsNil() {
			t.Fatalf("%s: %v", collection, err)
		}
		day := doc.FieldByName("Day")
		if !day.IsValid() {
			day = doc.FieldByName("StartDay")
		}
		days = append(days, day.Interface().(oura.Date).String())
	}
	return days
}

var asked = [2]oura.Date{date(2026, 5, 10), date(2026, 5, 16)}

func TestSuiteSevenDays(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]ouratest.EndDates{
		"as live": ouratest.EndDatesAsLive, "inclusive": ouratest.EndDatesInclusive, "exclusive": ouratest.EndDatesExclusive,
	} {
		for _, place := range []string{"UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"} {
			t.Run(name+" "+place, func(t *testing.T) {
				t.Parallel()
				loc := zone(t, place)
				var want []string
				for d := asked[0]; !d.After(asked[1]); d = d.AddDays(1) {
					want = append(want, d.String())
				}
				onBoth(t, ends, func(t *testing.T, k kit) {
					for d := asked[0].AddDays(-4); d.Before(asked[1].AddDays(5)); d = d.AddDays(1) {
						for _, collection := range dated() {
							k.add(sample(t, collection, d, ouratest.WithZone(loc)))
						}
					}
					c := k.client()
					for _, collection := range dated() {
						if diff := cmp.Diff(want, listDays(t, c, collection, oura.Days(asked[0], asked[1]))); diff != "" {
							t.Errorf("%s:\n%s", collection, diff)
						}
					}
				})
			})
		}
	}
}

// ask sends a raw request through the client's own path and decodes a page.
func ask(t *testing.T, c *oura.Client, collection, query string) (ids []string, next *string, err error) {
	t.Helper()
	resp, err := c.API().ListDailySleep(t.Context(), nil, func(_ ctx, req *http.Request) error {
		req.URL.Path = "/v2/usercollection/" + collection
		req.URL.RawQuery = query
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var page struct {
		Data []map[string]json.RawMessage `json:"data"`
		Next *string                      `json:"next_token"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		t.Fatalf("%s?%s: %v: %s", collection, query, err, body)
	}
	for _, doc := range page.Data {
		for _, key := range []string{"day", "start_day", "timestamp", "id"} {
			if v, ok := doc[key]; ok {
				ids = append(ids, string(v[1:len(v)-1]))
				break
			}
		}
	}
	return ids, page.Next, nil
}

func TestSuiteBareEndDates(t *testing.T) {
	t.Parallel()
	exclusive := map[string]bool{ // the first two lines as recorded, the others as the kit's documentation says
		"daily_activity": true, "sleep": true, "workout": true, "daily_sleep": false, "daily_readiness": false, "daily_stress": false,
		"daily_spo2": false, "daily_resilience": false, "daily_cardiovascular_age": false, "sleep_time": false,
		"session": true, "rest_mode_period": true, "vO2_max": true, "tag": true, "enhanced_tag": true,
	}
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		for d := date(2026, 5, 1); d.Before(date(2026, 5, 10)); d = d.AddDays(1) {
			for _, collection := range dated() {
				k.add(sample(t, collection, d))
			}
		}
		c := k.client()
		for _, collection := range dated() {
			want := []string{"2026-05-03", "2026-05-04"}
			if !exclusive[collection] {
				want = append(want, "2026-05-05")
			}
			got, next, err := ask(t, c, collection, "start_date=2026-05-03&end_date=2026-05-05")
			if err != nil {
				t.Fatalf("%s: %v", collection, err)
			}
			if diff := cmp.Diff(want, got); diff != "" || next != nil {
				t.Errorf("%s, next_token %v:\n%s", collection, next, diff)
			}
			// Without dates it is one day: the last that the end date of today covers.
			k.add(sample(t, collection, oura.DateOf(suiteNow)), sample(t, collection, oura.DateOf(suiteNow).AddDays(-1)))
			want = []string{"2026-05-20"}
			if exclusive[collection] {
				want = []string{"2026-05-19"}
			}
			if got, _, err = ask(t, c, collection, ""); err != nil || !cmp.Equal(want, got) {
				t.Errorf("%s without dates: got %v, %v, want %v", collection, got, err, want)
			}
		}
	})
}

func TestSuiteFiltersByInstant(t *testing.T) {
	t.Parallel()
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		loc := zone(t, "Pacific/Kiritimati") // 14 hours ahead: the morning is still yesterday in UTC
		for d := date(2026, 5, 1); d.Before(date(2026, 5, 10)); d = d.AddDays(1) {
			k.add(ouratest.Sleep(d, ouratest.WithZone(loc)))
		}
		got, _, err := ask(t, k.client(), "sleep", "start_date=2026-05-03&end_date=2026-05-05")
		if want := []string{"2026-05-04", "2026-05-05"}; err != nil || !cmp.Equal(want, got) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		got, _, err = ask(t, k.client(), "sleep", "start_date=2026-05-03T00:00:00%2B14:00&end_date=2026-05-04T00:00:00%2B14:00")
		if want := []string{"2026-05-03"}; err != nil || !cmp.Equal(want, got) {
			t.Errorf("date-times: got %v, %v, want %v", got, err, want)
		}
	})
}

func TestSuitePages(t *testing.T) {
	t.Parallel()
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		for i := range 5 {
			k.add(oura.DailySleep{ID: fmt.Sprint("id", i), Day: date(2026, 5, 1).AddDays(i / 2)}) // two on a day
		}
		k.add(oura.HeartRate{Timestamp: suiteNow, BPM: 1}, oura.HeartRate{Timestamp: suiteNow, BPM: 2}, oura.HeartRate{Timestamp: suiteNow, BPM: 3})
		k.pageSize("daily_sleep", 2)
		k.pageSize("heartrate", 2)
		var ids []string
		var sizes []int
		cursor := ""
		for page, err := range k.client().DailySleep.Pages(t.Context(), oura.Days(date(2026, 5, 1), date(2026, 5, 3))) {
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(page.Data))
			for _, d := range page.Data {
				ids = append(ids, d.ID)
			}
			if cursor == "" {
				cursor = page.Next
			}
		}
		if want := []string{"id0", "id1", "id2", "id3", "id4"}; !cmp.Equal(want, ids) || !cmp.Equal([]int{2, 2, 1}, sizes) {
			t.Errorf("ids %v, sizes %v", ids, sizes)
		}
		rest, err := oura.Collect(k.client().DailySleep.List(t.Context(), oura.Resume(cursor)))
		if err != nil || len(rest) != 3 || rest[0].ID != "id2" {
			t.Errorf("resumed: %v, %v", rest, err)
		}
		// A token works alone, and says where it belongs.
		first, next, err := ask(t, k.client(), "daily_sleep", "start_date=2026-05-01&end_date=2026-05-03")
		if err != nil || len(first) != 2 || next == nil {
			t.Fatalf("first page: %v, %v, %v", first, next, err)
		}
		second, _, err := ask(t, k.client(), "daily_sleep", "next_token="+*next)
		if err != nil || !cmp.Equal([]string{"2026-05-02", "2026-05-02"}, second) {
			t.Errorf("second page: %v, %v", second, err)
		}
		if _, _, err := ask(t, k.client(), "daily_readiness", "next_token="+*next); !errors.Is(err, oura.ErrInvalidRequest) {
			t.Errorf("a token of another collection: %v", err)
		}
		if _, _, err := ask(t, k.client(), "daily_sleep", "next_token=x"); !errors.Is(err, oura.ErrInvalidRequest) {
			t.Errorf("a damaged token: %v", err)
		}
		// Rows with one timestamp are neither lost nor doubled by a page's end.
		rows, err := oura.Collect(k.client().HeartRate.List(t.Context(), oura.Between(suiteNow, suiteNow.Add(time.Second))))
		if err != nil || len(rows) != 3 || rows[0].BPM != 1 || rows[2].BPM != 3 {
			t.Errorf("rows: %v, %v", rows, err)
		}
	})
}

func TestSuiteSingleDocuments(t *testing.T) {
	t.Parallel()
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		want := ouratest.DailySleep(date(2026, 5, 1))
		k.add(want)
		got, err := k.client().DailySleep.Get(t.Context(), want.ID)
		if err != nil || !cmp.Equal(want, got) {
			t.Errorf("%v\n%s", err, cmp.Diff(want, got))
		}
		var e *oura.Error
		if _, err := k.client().DailySleep.Get(t.Context(), "other"); !errors.Is(err, oura.ErrNotFound) || !errors.As(err, &e) || e.Detail != "Document not found." {
			t.Errorf("unknown id: %v", err)
		}
	})
}

func TestSuiteBadQueries(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		collection, query string
		status            int
		field             string
	}{
		"unparsable start":   {"daily_sleep", "start_date=yesterday", 422, "query.start_date"},
		"unparsable end":     {"sleep", "end_date=2026-02-30", 422, "query.end_date"},
		"plus sign lost":     {"sleep", "start_date=2026-05-01T00:00:00+02:00", 422, "query.start_date"},
		"unparsable instant": {"heartrate", "start_datetime=x", 422, "query.start_datetime"},
		"unparsable latest":  {"heartrate", "latest=perhaps", 422, "query.latest"},
		"reversed days":      {"daily_sleep", "start_date=2026-05-02&end_date=2026-05-01", 400, ""},
		"reversed instants":  {"heartrate", "start_datetime=2026-05-02T00:00:00Z&end_datetime=2026-05-01T00:00:00Z", 400, ""},
		"more than 30 days":  {"heartrate", "start_datetime=2026-04-01T00:00:00Z&end_datetime=2026-05-01T00:00:01Z", 400, ""},
		"30 days of battery": {"ring_battery_level", "start_datetime=2026-04-01T00:00:00Z&end_datetime=2026-05-02T00:00:00Z", 400, ""},
	}
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		for name, tt := range tests {
			_, _, err := ask(t, k.client(), tt.collection, tt.query)
			var e *oura.Error
			if !errors.As(err, &e) || e.StatusCode != tt.status || e.Detail == "" && len(e.Fields) == 0 {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if tt.field != "" && (len(e.Fields) != 1 || e.Fields[0].Loc != tt.field) {
				t.Errorf("%s: fields %+v", name, e.Fields)
			}
		}
		if _, _, err := ask(t, k.client(), "heartrate", "start_datetime=2026-04-01T00:00:00Z&end_datetime=2026-05-01T00:00:00Z"); err != nil {
			t.Errorf("30 days: %v", err)
		}
	})
}

func TestSuiteSeries(t *testing.T) {
	t.Parallel()
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		if _, err := k.client().HeartRate.Latest(t.Context()); !errors.Is(err, oura.ErrNotFound) {
			t.Errorf("latest of nothing: %v", err)
		}
		for _, ago := range []time.Duration{72 * time.Hour, 30 * time.Hour, 23 * time.Hour, time.Minute, -time.Hour} {
			k.add(oura.HeartRate{Timestamp: suiteNow.Add(-ago), BPM: int(ago.Minutes()) + 100})
		}
		last, err := k.client().HeartRate.Latest(t.Context())
		if err != nil || last.BPM != 101 {
			t.Errorf("latest: %+v, %v", last, err)
		}
		want := []string{"2026-05-19T13:00:00Z", "2026-05-20T11:59:00Z"}
		for name, query := range map[string]string{
			"without instants": "", "start_date is ignored": "start_date=2026-05-01&end_date=2026-05-02",
		} {
			if got, _, err := ask(t, k.client(), "heartrate", query); err != nil || !cmp.Equal(want, got) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
		got, _, err := ask(t, k.client(), "heartrate", "latest=true&start_datetime=2026-05-17T00:00:00Z")
		if err != nil || !cmp.Equal([]string{"2026-05-20T11:59:00Z"}, got) {
			t.Errorf("latest overrides: %v, %v", got, err)
		}
	})
	for name, want := range map[ouratest.EndDates]int{ouratest.EndDatesAsLive: 2, ouratest.EndDatesInclusive: 3, ouratest.EndDatesExclusive: 1} {
		onBothNamed(t, fmt.Sprint("ends ", name), name, func(t *testing.T, k kit) {
			for i := range 3 {
				k.add(oura.HeartRate{Timestamp: suiteNow.Add(time.Duration(i) * time.Second), BPM: 60})
			}
			query := "start_datetime=2026-05-20T12:00:00Z&end_datetime=2026-05-20T12:00:02Z"
			if got, _, err := ask(t, k.client(), "heartrate", query); err != nil || len(got) != want {
				t.Errorf("%d rows, %v, want %d", len(got), err, want)
			}
			all, err := oura.Collect(k.client().HeartRate.List(t.Context(), oura.Between(suiteNow, suiteNow.Add(2*time.Second))))
			if err != nil || len(all) != 2 {
				t.Errorf("the client gives %d rows, %v, want 2", len(all), err)
			}
		})
	}
}

func onBothNamed(t *testing.T, name string, ends ouratest.EndDates, test func(t *testing.T, k kit)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		onBoth(t, ends, test)
	})
}

func TestSuiteFieldsAndNulls(t *testing.T) {
	t.Parallel()
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		day := date(2026, 5, 1)
		k.add(ouratest.DailySleep(day, ouratest.WithoutScore()), ouratest.DailyCardiovascularAge(day, ouratest.WithoutID()),
			ouratest.Sleep(day, ouratest.WithoutEnd()))
		k.add(oura.HeartRate{Timestamp: suiteNow.Add(-time.Hour), BPM: 60, Source: oura.HeartRateSourceAwake})
		keys := func(body []byte) map[string]json.RawMessage {
			var page api.Page[map[string]json.RawMessage]
			if err := json.Unmarshal(body, &page); err != nil || len(page.Data) != 1 {
				t.Fatalf("%v: %s", err, body)
			}
			return page.Data[0]
		}
		raw := func(collection, query string) map[string]json.RawMessage {
			resp, err := k.client().API().ListDailySleep(t.Context(), nil, func(_ ctx, req *http.Request) error {
				req.URL.Path, req.URL.RawQuery = "/v2/usercollection/"+collection, query
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return keys(body)
		}
		const range1 = "start_date=2026-05-01&end_date=2026-05-02"
		if v := raw("daily_sleep", range1)["score"]; string(v) != "null" {
			t.Errorf("a null score is written %q", v)
		}
		if v := raw("sleep", "start_date=2026-04-29&end_date=2026-05-02")["bedtime_end"]; string(v) != "null" {
			t.Errorf("the end of a sleep in progress is written %q", v)
		}
		if doc := raw("daily_sleep", range1+"&fields=id,score,no_such"); len(doc) != 2 || doc["id"] == nil || doc["score"] == nil {
			t.Errorf("fields=id,score gives %v", doc)
		}
		if _, ok := raw("daily_cardiovascular_age", range1)["id"]; ok {
			t.Error("daily_cardiovascular_age has an id")
		}
		if _, ok := raw("heartrate", "")["timestamp_unix"]; ok {
			t.Error("heartrate has a timestamp_unix")
		}
		scores, err := oura.Collect(k.client().DailySleep.List(t.Context(), oura.Days(day, day), oura.Fields("score")))
		if err != nil || len(scores) != 1 || scores[0].Day != day || !scores[0].Timestamp.IsZero() {
			t.Errorf("%+v, %v", scores, err)
		}
	})
}

func TestSuiteFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault ouratest.Fault
		want  error
		check func(e *oura.Error) bool
	}{
		"RateLimited":      {ouratest.RateLimited(1500 * time.Millisecond), oura.ErrRateLimited, func(e *oura.Error) bool { return e.RetryAfter == 2*time.Second && e.RateLimit.Limit == 5000 }},
		"MissingScope":     {ouratest.MissingScope(), oura.ErrMissingScope, func(e *oura.Error) bool { return e.Scope == "daily" && e.StatusCode == http.StatusUnauthorized }},
		"another scope":    {ouratest.MissingScope("spo2"), oura.ErrMissingScope, func(e *oura.Error) bool { return e.Scope == "spo2" }},
		"Expired":          {ouratest.Expired(), oura.ErrUnauthorized, func(e *oura.Error) bool { return e.StatusCode == http.StatusUnauthorized }},
		"Forbidden":        {ouratest.Forbidden(), oura.ErrForbidden, func(e *oura.Error) bool { return e.StatusCode == http.StatusForbidden }},
		"ServerError":      {ouratest.ServerError(), oura.ErrServer, func(e *oura.Error) bool { return e.StatusCode == http.StatusInternalServerError }},
		"ServerError(503)": {ouratest.ServerError(503), oura.ErrServer, func(e *oura.Error) bool { return e.StatusCode == http.StatusServiceUnavailable }},
		"Truncated":        {ouratest.Truncated(), oura.ErrServer, func(e *oura.Error) bool { return e.StatusCode == http.StatusOK }},
		"Reset":            {ouratest.Reset(), oura.ErrServer, func(e *oura.Error) bool { return e.StatusCode == 0 }},
		"HTML":             {ouratest.HTML(), oura.ErrServer, func(e *oura.Error) bool { return e.StatusCode == http.StatusGatewayTimeout }},
		"HTML(200)":        {ouratest.HTML(200), oura.ErrInvalidResponse, func(e *oura.Error) bool { return e.StatusCode == http.StatusOK }},
		"LostAnswer":       {ouratest.LostAnswer(), oura.ErrServer, func(e *oura.Error) bool { return e.StatusCode == http.StatusGatewayTimeout }},
		"Slow":             {ouratest.Slow(time.Millisecond), nil, nil},
		"none":             {ouratest.Fault{}, nil, nil},
	}
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		day := date(2026, 5, 1)
		k.add(ouratest.DailySleep(day))
		for name, tt := range tests {
			k.failOnce("daily_sleep", tt.fault)
			_, err := oura.Collect(k.client().DailySleep.List(t.Context(), oura.Days(day, day)))
			if !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", name, err, tt.want)
				continue
			}
			var e *oura.Error
			if tt.check != nil && (!errors.As(err, &e) || !tt.check(e)) {
				t.Errorf("%s: %#v", name, err)
			}
			if docs, err := oura.Collect(k.client().DailySleep.List(t.Context(), oura.Days(day, day))); err != nil || len(docs) != 1 {
				t.Errorf("after %s: %v, %v", name, docs, err)
			}
		}
	})
}

func TestSuiteMalformed(t *testing.T) {
	t.Parallel()
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		for d := range 3 {
			for _, collection := range dated() {
				k.add(sample(t, collection, date(2026, 5, 1).AddDays(d)))
			}
			k.add(ouratest.RingConfiguration(ouratest.WithPerson(fmt.Sprint(d))))
			k.add(oura.HeartRate{Timestamp: suiteNow.Add(time.Duration(d-3) * time.Minute)},
				oura.RingBatteryLevel{Timestamp: suiteNow.Add(time.Duration(d-3) * time.Minute)})
		}
		k.failOnce("daily_sleep", ouratest.Malformed(1))
		var days []int
		var bad []int
		for doc, err := range k.client().DailySleep.List(t.Context(), oura.Days(date(2026, 5, 1), date(2026, 5, 3))) {
			var e *oura.DocumentError
			switch {
			case errors.As(err, &e):
				bad = append(bad, e.Index)
			case err != nil:
				t.Fatal(err)
			default:
				days = append(days, doc.Day.Day)
			}
		}
		if !cmp.Equal([]int{1, 3}, days) || !cmp.Equal([]int{1}, bad) {
			t.Errorf("days %v, malformed %v", days, bad)
		}
		for collection, field := range collections {
			k.failOnce(collection, ouratest.Malformed(0))
			seq := reflect.ValueOf(k.client()).Elem().FieldByName(field).MethodByName("List").Call([]reflect.Value{reflect.ValueOf(t.Context())})[0]
			switch collection {
			case "heartrate", "ring_battery_level", "ring_configuration":
			default:
				days := reflect.ValueOf(oura.Days(date(2026, 5, 1), date(2026, 5, 3)))
				seq = reflect.ValueOf(k.client()).Elem().FieldByName(field).MethodByName("List").Call([]reflect.Value{reflect.ValueOf(t.Context()), days})[0]
			}
			good, malformed := 0, 0
			for _, err := range seq.Seq2() {
				var e *oura.DocumentError
				if err.IsNil() {
					good++
				} else if errors.As(err.Interface().(error), &e) {
					malformed++
				}
			}
			if good != 2 || malformed != 1 {
				t.Errorf("%s: %d good, %d malformed, want 2 and 1", collection, good, malformed)
			}
		}
	})
}

func TestSuiteSandbox(t *testing.T) {
	t.Parallel()
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		k.add(ouratest.DailySleep(date(2026, 5, 1)))
		c := k.client(oura.WithSandbox())
		for collection := range collections {
			resp, err := c.API().ListDailySleep(t.Context(), nil, func(_ ctx, req *http.Request) error {
				req.URL.Path = "/v2/sandbox/usercollection/" + collection
				req.URL.RawQuery = "fields=id&latest=true&start_date=2026-05-01&end_date=2026-05-01"
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", collection, err)
				continue
			}
			var page api.Page[map[string]json.RawMessage]
			err = json.NewDecoder(resp.Body).Decode(&page)
			resp.Body.Close()
			if err != nil || page.NextToken != nil || len(page.Data) == 0 || len(page.Data[0]) < 2 {
				if dated := slices.Contains(dated(), collection); !dated || builders[collection] != nil {
					t.Errorf("%s: %v, next %v, %d items", collection, err, page.NextToken, len(page.Data))
				}
				continue
			}
			if row := page.Data[0]; collection == "heartrate" && (string(row["producer_timestamp"]) != "null" || row["timestamp_unix"] != nil) {
				t.Errorf("heartrate row %v", row)
			}
		}
		nights, err := oura.Collect(c.Sleep.List(t.Context(), oura.Days(date(2026, 5, 1), date(2026, 5, 2))))
		if err != nil || len(nights) == 0 || nights[0].HeartRate.Interval != 60 {
			t.Errorf("%d nights, %v", len(nights), err)
		}
		if _, err := c.Sleep.Get(t.Context(), nights[0].ID); !errors.Is(err, oura.ErrServer) {
			t.Errorf("single document: %v", err)
		}
		if _, err := c.PersonalInfo(t.Context()); !errors.Is(err, oura.ErrNotFound) {
			t.Errorf("personal info: %v", err)
		}
		if rows, err := oura.Collect(c.HeartRate.List(t.Context())); err != nil || len(rows) < 900 {
			t.Errorf("%d rows, %v", len(rows), err)
		}
	})
}

func TestSuiteSubscriptions(t *testing.T) {
	t.Parallel()
	onBoth(t, ouratest.EndDatesAsLive, func(t *testing.T, k kit) {
		subs, ctx := k.client().Subscriptions, t.Context()
		if all, err := subs.List(ctx); err != nil || len(all) != 0 {
			t.Fatalf("%v, %v", all, err)
		}
		receiver := receiverFor(t, "token")
		req := oura.SubscriptionRequest{CallbackURL: receiver, VerificationToken: "token", EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep}
		sub, err := subs.Create(ctx, req)
		if err != nil || sub.ID == "" || sub.CallbackURL != receiver {
			t.Fatalf("%+v, %v", sub, err)
		}
		if life := sub.ExpirationTime.Sub(suiteNow); life < 89*24*time.Hour || life > 91*24*time.Hour {
			t.Errorf("lives %v", life)
		}
		if got, err := subs.Get(ctx, sub.ID); err != nil || !cmp.Equal(sub, got) {
			t.Errorf("%v %v", err, cmp.Diff(sub, got))
		}
		// Through the raw client, since Subscriptions settles conflicts by itself.
		_, err = k.client().API().CreateSubscription(ctx, api.CreateSubscriptionRequest{
			CallbackURL: receiver + "/other", VerificationToken: "token", EventType: req.EventType, DataType: req.DataType,
		})
		var e *oura.Error
		if !errors.As(err, &e) || e.StatusCode != http.StatusConflict {
			t.Errorf("duplicate: %v", err)
		}
		req.DataType = oura.DataTypeWorkout
		if got, err := subs.Update(ctx, sub.ID, req); err != nil || got.DataType != oura.DataTypeWorkout || got.ID != sub.ID {
			t.Errorf("update: %+v, %v", got, err)
		}
		if got, err := subs.Renew(ctx, sub.ID); err != nil || got.ExpirationTime.Before(sub.ExpirationTime) {
			t.Errorf("renew: %+v, %v", got, err)
		}
		if err := subs.Delete(ctx, sub.ID); err != nil {
			t.Errorf("delete: %v", err)
		}
		for name, err := range map[string]error{
			"get":    second(subs.Get(ctx, sub.ID)),
			"renew":  second(subs.Renew(ctx, sub.ID)),
			"delete": subs.Delete(ctx, sub.ID),
		} {
			if !errors.As(err, &e) || e.StatusCode != http.StatusForbidden || !errors.Is(err, oura.ErrNotFound) {
				t.Errorf("%s of an id that there is not: %v", name, err)
			}
		}
		_, err = k.client().API().CreateSubscription(ctx, api.CreateSubscriptionRequest{CallbackURL: "nowhere", EventType: "eat", DataType: "lunch"})
		if !errors.As(err, &e) || e.StatusCode != http.StatusUnprocessableEntity || len(e.Fields) != 3 {
			t.Errorf("invalid: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// everyCollection lists the collections of a client that sends nothing.
func everyCollection() []oura.Collection {
	c, err := oura.NewClient(oura.WithSandbox())
	if err != nil {
		panic(err)
	}
	return c.Collections()
}
