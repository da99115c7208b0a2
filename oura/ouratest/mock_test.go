package ouratest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// watched notes failures in place of failing.
type watched struct {
	testing.TB
	mu     sync.Mutex
	errors []string
	end    []func()
}

func (w *watched) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errors = append(w.errors, fmt.Sprintf(format, args...))
}

func (w *watched) Fatalf(format string, args ...any) { w.Errorf(format, args...) }
func (w *watched) Cleanup(f func())                  { w.end = append(w.end, f) }

func TestMockUnexpectedRequest(t *testing.T) {
	t.Parallel()
	w := &watched{TB: t}
	m := ouratest.New(w)
	m.DailySleep.Add(oura.DailySleep{ID: "a"}, oura.DailySleep{ID: "b"})
	m.Transport.RegisterResponder("GET", "/v2/usercollection/own", httpmock.NewStringResponder(200, `{}`))
	c := m.Client()
	for range 2 {
		_, err := oura.Collect(c.Workout.List(t.Context(), oura.Days(date(2026, 5, 1), date(2026, 5, 2))))
		if !errors.Is(err, oura.ErrServer) {
			t.Errorf("the caller gets %v", err)
		}
	}
	if _, err := c.PersonalInfo(t.Context()); err == nil {
		t.Error("a person came")
	}
	if _, err := c.Subscriptions.List(t.Context()); err == nil {
		t.Error("subscriptions came")
	}
	if len(w.errors) != 3 {
		t.Fatalf("%d failures, want one for each kind of request: %q", len(w.errors), w.errors)
	}
	for i, want := range [][]string{
		{"GET /v2/usercollection/workout?", "start_date=2026-04-29", "DailySleep (2)", "responder for GET /v2/usercollection/own", "mock.Workout.Add(…)"},
		{"GET /v2/usercollection/personal_info", "mock.PersonalInfo(…)"},
		{"GET /v2/webhook/subscription", "mock.Subscriptions.Add(…)"},
	} {
		for _, part := range want {
			if !strings.Contains(w.errors[i], part) {
				t.Errorf("failure %d does not say %q:\n%s", i, part, w.errors[i])
			}
		}
	}
	if got := len(m.Requests()); got != 4 {
		t.Errorf("%d requests: an unexpected one must not be repeated", got)
	}

	for _, f := range w.end {
		f()
	}
	_, _ = c.Tag.Get(t.Context(), "x") // after the end of the test it must not be used
	if len(w.errors) != 3 {
		t.Errorf("the test was failed after its end: %q", w.errors[3:])
	}

	ouratest.New(w).Client(oura.WithAccessToken(""))
	if len(w.errors) != 4 || !strings.Contains(w.errors[3], "WithAccessToken") {
		t.Errorf("options that do not fit: %q", w.errors[3:])
	}
}

func TestMockWithoutClockGivesEverything(t *testing.T) {
	t.Parallel()
	m := ouratest.New(t)
	m.DailySleep.Add(ouratest.DailySleep(date(2020, 1, 1)), ouratest.DailySleep(date(2030, 1, 1)), oura.DailySleep{ID: "no day"})
	docs, err := oura.Collect(m.Client().DailySleep.List(t.Context()))
	if err != nil || len(docs) != 3 {
		t.Errorf("%v, %v", docs, err)
	}
	m.HeartRate.Add(oura.HeartRate{Timestamp: suiteNow, BPM: 61}, oura.HeartRate{Timestamp: suiteNow.AddDate(-1, 0, 0), BPM: 60})
	rows, err := oura.Collect(m.Client().HeartRate.List(t.Context()))
	if err != nil || len(rows) != 2 || rows[0].BPM != 60 {
		t.Errorf("%v, %v", rows, err)
	}
	if last, err := m.Client().HeartRate.Latest(t.Context()); err != nil || last.BPM != 61 {
		t.Errorf("%v, %v", last, err)
	}
}

// A week of everything in one line: what a service has of the same days, when they are over.
func TestMockAddDays(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Europe/Helsinki")
	first, last := date(2026, 5, 4), date(2026, 5, 10)
	opts := []ouratest.DataOption{ouratest.WithPerson("ada"), ouratest.WithZone(loc), ouratest.WithoutTimestampUnix(), ouratest.WithoutID()}
	now := last.AddDays(5).In(loc)
	s := service(t, ouratest.WithClock(func() time.Time { return now }), ouratest.WithHistory(90), ouratest.WithUsers("ada"),
		ouratest.WithLocation(loc), ouratest.WithData(ouratest.WithGaps(0)))
	whole, single := ouratest.New(t).AddDays(first, last, opts...), ouratest.New(t)
	for _, collection := range everyCollection() {
		in := []reflect.Value{reflect.ValueOf(first), reflect.ValueOf(last)}
		for _, o := range opts {
			in = append(in, reflect.ValueOf(o))
		}
		if builders[collection.Path] != nil || !collection.Dated {
			fieldOf(single, collection.Path).MethodByName("AddDays").Call(in)
		} else {
			fieldOf(single, collection.Path).MethodByName("Add").Call(nil)
		}
	}
	read := func(c *oura.Client) map[string][]any {
		return listAll(t, c, oura.Days(first, last), oura.Between(first.In(loc), last.AddDays(1).In(loc)))
	}
	want := read(s.Client())
	if len(want["sleep"]) < 7 || len(want["heartrate"]) < 7000 || len(want["ring_configuration"]) != 1 {
		t.Fatalf("the service has %d sleeps, %d heart rates", len(want["sleep"]), len(want["heartrate"]))
	}
	if diff := cmp.Diff(want, read(whole.Client())); diff != "" {
		t.Errorf("all at once:\n%s", diff)
	}
	if diff := cmp.Diff(want, read(single.Client())); diff != "" {
		t.Errorf("one by one:\n%s", diff)
	}
	me, err := whole.Client().PersonalInfo(t.Context())
	if err != nil || me.ID != s.User().ID {
		t.Errorf("the person: %v, %v", me, err)
	}
}

func TestMockReplacesById(t *testing.T) {
	t.Parallel()
	m := ouratest.New(t)
	m.DailySleep.Add(oura.DailySleep{ID: "a", Score: new(1)}).Add(oura.DailySleep{ID: "a", Score: new(2)})
	got, err := m.Client().DailySleep.Get(t.Context(), "a")
	if err != nil || *got.Score != 2 {
		t.Errorf("%v, %v", got, err)
	}
	m.PersonalInfo(oura.PersonalInfo{ID: "x"})
	m.PersonalInfo(oura.PersonalInfo{ID: "y"}).FailOnce(ouratest.Forbidden())
	if _, err := m.Client().PersonalInfo(t.Context()); !errors.Is(err, oura.ErrForbidden) {
		t.Error(err)
	}
	if me, err := m.Client().PersonalInfo(t.Context()); err != nil || me.ID != "y" {
		t.Errorf("%v, %v", me, err)
	}
}

func TestMockWaitsInFakeTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := ouratest.New(t)
		m.DailySleep.Add(oura.DailySleep{ID: "a", Day: date(2026, 5, 1)}, oura.DailySleep{ID: "b", Day: date(2026, 5, 2)})
		m.DailySleep.PageSize(1).FailOnce(ouratest.RateLimited(7 * time.Second))
		start := time.Now()
		docs, err := oura.Collect(m.Client().DailySleep.List(t.Context(), oura.Days(date(2026, 5, 1), date(2026, 5, 2))))
		if err != nil || len(docs) != 2 {
			t.Fatalf("%v, %v", docs, err)
		}
		if got := time.Since(start); got != 7*time.Second {
			t.Errorf("waited %v", got)
		}
		if got := len(m.Requests()); got != 3 {
			t.Errorf("%d requests, want a refused one and two pages", got)
		}

		m.DailySleep.Fail(ouratest.ServerError(503))
		if _, err := m.Client().DailySleep.Get(t.Context(), "a"); !errors.Is(err, oura.ErrServer) {
			t.Error(err)
		}
		if got := len(m.Requests()); got != 7 {
			t.Errorf("%d requests, want 4 attempts more", got)
		}
		m.DailySleep.Fail(ouratest.Fault{}).Delay(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start = time.Now()
		if _, err := m.Client(oura.WithHTTPClient(&http.Client{Transport: m.Transport, Timeout: time.Hour})).DailySleep.Get(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if got := time.Since(start); got != time.Minute {
			t.Errorf("ended after %v", got)
		}
		m.DailySleep.Delay(0).FailOnce(ouratest.Slow(30 * time.Second))
		start = time.Now()
		if _, err := m.Client().DailySleep.Get(t.Context(), "a"); err != nil || time.Since(start) != 30*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestMockOwnResponders(t *testing.T) {
	t.Parallel()
	m := ouratest.New(t)
	m.DailySleep.Add(oura.DailySleep{ID: "a"})
	m.Transport.RegisterResponder("GET", `=~/daily_sleep/a$`, httpmock.NewStringResponder(200, `{"id":"own","day":"2026-05-01","contributors":{},"timestamp":"2026-05-01T00:00:00Z"}`))
	got, err := m.Client().DailySleep.Get(t.Context(), "a")
	if err != nil || got.ID != "own" {
		t.Errorf("%v, %v", got, err)
	}
	if len(m.Requests()) != 1 {
		t.Errorf("%d requests", len(m.Requests()))
	}
	// A client of one's own on the mock's transport.
	c, err := oura.NewClient(oura.WithAccessToken("t"), oura.WithHTTPClient(&http.Client{Transport: m.Transport}))
	if err != nil {
		t.Fatal(err)
	}
	if docs, err := oura.Collect(c.DailySleep.List(t.Context())); err != nil || len(docs) != 1 {
		t.Errorf("%v, %v", docs, err)
	}
	if len(m.Requests()) != 2 || m.Requests()[1].URL.Path != "/v2/usercollection/daily_sleep" {
		t.Errorf("requests %v", m.Requests())
	}
}

func TestMockSubscriptionHandshake(t *testing.T) {
	t.Parallel()
	m := ouratest.New(t)
	secret := "s"
	m.Subscriptions.Receiver(&webhook.Handler{
		ClientSecret: secret, VerificationToken: "right", Logger: slog.New(slog.DiscardHandler),
		Handle: func(context.Context, webhook.Event) error { return nil },
	})
	c := m.Client(oura.WithRetry(oura.NoRetry))
	req := oura.SubscriptionRequest{
		CallbackURL: "https://app.example.com/oura", VerificationToken: "wrong", EventType: oura.EventTypeCreate, DataType: oura.DataTypeSleep,
	}
	if _, err := c.Subscriptions.Create(t.Context(), req); !errors.Is(err, oura.ErrInvalidRequest) {
		t.Errorf("a wrong token: %v", err)
	}
	if n := len(m.Subscriptions.All()); n != 0 {
		t.Errorf("%d subscriptions", n)
	}
	req.VerificationToken = "right"
	m.Subscriptions.FailOnce(ouratest.LostAnswer())
	sub, err := c.Subscriptions.Create(t.Context(), req)
	if err != nil || sub.ID == "" {
		t.Errorf("a lost answer: %v, %v", sub, err)
	}
	if diff := cmp.Diff([]oura.Subscription{sub}, m.Subscriptions.All()); diff != "" {
		t.Error(diff)
	}
	body, err := io.ReadAll(m.Requests()[0].Body)
	if err != nil || !strings.Contains(string(body), `"data_type":"sleep"`) {
		t.Errorf("the body of the first request: %s, %v", body, err)
	}
	m.Subscriptions.Add(oura.Subscription{ID: "old", EventType: oura.EventTypeDelete, DataType: oura.DataTypeTag, ExpirationTime: time.Now().Add(-time.Hour)})
	if n := len(m.Subscriptions.All()); n != 1 {
		t.Errorf("%d subscriptions, one of which has ended", n)
	}
}

func TestMocksAreApart(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			m := ouratest.New(t)
			id := fmt.Sprint("id", i)
			for d := range 5 {
				m.DailySleep.Add(oura.DailySleep{ID: fmt.Sprint(id, "-", d), Day: date(2026, 5, 1).AddDays(d)})
			}
			m.DailySleep.PageSize(2)
			m.PersonalInfo(oura.PersonalInfo{ID: id})
			c := m.Client()
			n := 0
			for doc, err := range c.DailySleep.List(t.Context(), oura.Days(date(2026, 5, 1), date(2026, 5, 5))) {
				if want := fmt.Sprint(id, "-", n); err != nil || doc.ID != want {
					t.Errorf("got %q, %v, want %q", doc.ID, err, want)
				}
				n++
			}
			me, err := c.PersonalInfo(t.Context())
			if err != nil || me.ID != id || n != 5 {
				t.Errorf("%v, %v, %d documents", me, err, n)
			}
			if got := len(m.Requests()); got != 4 {
				t.Errorf("%d requests, want 4", got)
			}
		})
	}
}

// A filter by the UTC instant has an evening at -05:00 on the next day, and a bare end date may be that day's midnight.
func TestDaysReachTheEveningInTheWest(t *testing.T) {
	t.Parallel()
	day := date(2026, 5, 1)
	evening := oura.LocalDateTimeOf(time.Date(2026, 5, 1, 22, 0, 0, 0, time.FixedZone("", -5*3600)))
	m := ouratest.New(t)
	m.Tag.Add(oura.Tag{ID: "tag", Day: day, Timestamp: evening})
	m.EnhancedTag.Add(oura.EnhancedTag{ID: "enhanced", StartDay: day, StartTime: evening})
	tags, err := oura.Collect(m.Client().Tag.List(t.Context(), oura.Days(day, day)))
	if err != nil || len(tags) != 1 {
		t.Errorf("%d tags, %v; want that of the evening", len(tags), err)
	}
	enhanced, err := oura.Collect(m.Client().EnhancedTag.List(t.Context(), oura.Days(day, day)))
	if err != nil || len(enhanced) != 1 {
		t.Errorf("%d enhanced tags, %v; want that of the evening", len(enhanced), err)
	}
}
