package ouratest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// inbox is a receiver that notes what it handles.
type inbox struct {
	mu     sync.Mutex
	events []webhook.Event
	result func(n int) error // of the n-th call, from 1; nil: none fails
	calls  int
}

func (b *inbox) handle(_ context.Context, ev webhook.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	if b.result != nil {
		if err := b.result(b.calls); err != nil {
			return err
		}
	}
	b.events = append(b.events, ev)
	return nil
}

func (b *inbox) ids() (ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, ev := range b.events {
		ids = append(ids, ev.ObjectID)
	}
	return ids
}

// subscribed listens with the inbox and subscribes it to updates of sleep.
func subscribed(t *testing.T, s *ouratest.Service, b *inbox, dup webhook.Duplicates) {
	t.Helper()
	_, secret := s.AppCredentials()
	server := httptest.NewServer(&webhook.Handler{
		ClientSecret: secret, VerificationToken: "token", Handle: b.handle, Duplicates: dup, Logger: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(server.Close)
	_, err := s.Client().Subscriptions.Create(t.Context(), oura.SubscriptionRequest{
		CallbackURL: server.URL, VerificationToken: "token", EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func events(ids ...string) (evs []webhook.Event) {
	for _, id := range ids {
		evs = append(evs, webhook.Event{Type: "update", DataType: "sleep", ObjectID: id})
	}
	return evs
}

func settle(t *testing.T, s *ouratest.Service) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.WaitDeliveries(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	down := errors.New("the database is down")
	tests := map[string]struct {
		opts   []ouratest.ServiceOption
		result func(n int) error
		dup    webhook.Duplicates
		emit   []webhook.Event
		want   []string
		status []int
		ends   bool
	}{
		"in order":        {emit: events("a", "b", "c"), want: []string{"a", "b", "c"}, status: []int{200, 200, 200}},
		"disorder":        {opts: []ouratest.ServiceOption{ouratest.WithDisorder()}, emit: events("a", "b", "c"), want: []string{"c", "b", "a"}, status: []int{200, 200, 200}},
		"duplicates":      {opts: []ouratest.ServiceOption{ouratest.WithDuplicateDeliveries()}, emit: events("a"), want: []string{"a", "a"}, status: []int{200, 200}},
		"filtered":        {opts: []ouratest.ServiceOption{ouratest.WithDuplicateDeliveries()}, dup: webhook.NewDuplicates(10, time.Hour), emit: events("a"), want: []string{"a"}, status: []int{200, 200}},
		"nobody is asked": {emit: []webhook.Event{{Type: "create", DataType: "sleep"}, {Type: "update", DataType: "tag"}}},
		"repeated": {emit: events("a"), want: []string{"a"}, status: []int{500, 500, 200}, result: func(n int) error {
			if n < 3 {
				return down
			}
			return nil
		}},
		"given up": {emit: events("a"), status: []int{500, 500, 500, 500}, result: func(int) error { return down }},
		"410":      {emit: events("a"), status: []int{410}, result: func(int) error { return webhook.ErrUnsubscribe }, ends: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := service(t, append(tt.opts, ouratest.WithDeliverySchedule(0, time.Millisecond, 0))...)
			b := &inbox{result: tt.result}
			subscribed(t, s, b, tt.dup)
			s.Emit(tt.emit...)
			settle(t, s)
			if diff := cmp.Diff(tt.want, b.ids()); diff != "" {
				t.Errorf("handled:\n%s", diff)
			}
			var status []int
			for i, d := range s.Deliveries() {
				status = append(status, d.Status)
				if len(tt.emit) == 1 && tt.dup == nil && len(tt.opts) == 0 && d.Attempt != i+1 {
					t.Errorf("attempt %d is counted %d", i+1, d.Attempt)
				}
			}
			if diff := cmp.Diff(tt.status, status); diff != "" {
				t.Errorf("status:\n%s", diff)
			}
			subs, err := s.Client().Subscriptions.List(t.Context())
			if err != nil || (len(subs) == 0) != tt.ends {
				t.Errorf("subscriptions %v, %v", subs, err)
			}
			for _, ev := range b.events {
				if ev.UserID != s.User().ID || ev.Time.IsZero() {
					t.Errorf("event %+v", ev)
				}
			}
		})
	}
}

func TestDeliveryIsSigned(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithAppCredentials("id", "other-secret"))
	var seen []error
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			fmt.Fprintf(w, `{"challenge":%q}`, r.URL.Query().Get("challenge"))
			return
		}
		body := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(body)
		seen = append(seen, webhook.Verifier{ClientSecret: "other-secret"}.Verify(r.Header, body))
		seen = append(seen, webhook.Verifier{ClientSecret: "fake-client-secret"}.Verify(r.Header, body))
	}))
	defer server.Close()
	if _, err := s.Client().Subscriptions.Create(t.Context(), oura.SubscriptionRequest{
		CallbackURL: server.URL, VerificationToken: "x", EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
	}); err != nil {
		t.Fatal(err)
	}
	if n := s.Emit(events("a")...); n != 1 {
		t.Errorf("%d deliveries", n)
	}
	settle(t, s)
	if len(seen) != 2 || seen[0] != nil || !errors.Is(seen[1], webhook.ErrInvalidSignature) {
		t.Errorf("verified: %v", seen)
	}
}

func TestHandshakeFailures(t *testing.T) {
	t.Parallel()
	s := service(t)
	answers := map[string]http.HandlerFunc{
		"404":             func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"another":         func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"challenge":"x"}`) },
		"not JSON":        func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Query().Get("challenge")) },
		"redirect":        func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/other", http.StatusFound) },
		"connection lost": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, h := range answers {
		server := httptest.NewServer(h)
		_, err := s.Client().Subscriptions.Create(t.Context(), oura.SubscriptionRequest{
			CallbackURL: server.URL, VerificationToken: "token", EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
		})
		server.Close()
		if !errors.Is(err, oura.ErrInvalidRequest) {
			t.Errorf("%s: %v", name, err)
		}
		if subs, err := s.Client().Subscriptions.List(t.Context()); err != nil || len(subs) != 0 {
			t.Errorf("%s: subscriptions %v, %v", name, subs, err)
		}
	}
}

func TestCloseEndsDeliveries(t *testing.T) {
	t.Parallel()
	s := ouratest.NewService(ouratest.WithDeliverySchedule(time.Hour))
	b := &inbox{result: func(int) error { return errors.New("no") }}
	subscribed(t, s, b, nil)
	s.Emit(events("a")...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.WaitDeliveries(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting: %v", err)
	}
	start := time.Now()
	s.Close()
	s.Close()
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("closing took %v", took)
	}
	if n := s.Emit(events("b")...); n != 0 {
		t.Errorf("%d deliveries after the end", n)
	}
}

func TestServiceUsersAndData(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 20, 15, 0, 0, 0, time.UTC)
	s := service(t, ouratest.WithClock(func() time.Time { return now }), ouratest.WithHistory(10))
	other := s.AddUser("other")
	if s.AddUser("other") != other || len(s.Users()) != 2 {
		t.Error("a name gives two persons")
	}
	today := oura.DateOf(now)
	days := oura.Days(today.AddDays(-30), today.AddDays(30))
	mine, err := oura.Collect(s.Client().DailySleep.List(t.Context(), days))
	theirs, err2 := oura.Collect(other.Client().DailySleep.List(t.Context(), days))
	if err != nil || err2 != nil || len(mine) != 10 || len(theirs) != 10 || mine[0].ID == theirs[0].ID || mine[9].Day != today {
		t.Fatalf("%d and %d documents, %v, %v", len(mine), len(theirs), err, err2)
	}
	if _, err := other.Client().DailySleep.Get(t.Context(), mine[3].ID); !errors.Is(err, oura.ErrNotFound) {
		t.Errorf("a document of somebody else: %v", err)
	}
	if got, err := s.Client().DailySleep.Get(t.Context(), mine[3].ID); err != nil || !cmp.Equal(mine[3], got) {
		t.Errorf("%v", err)
	}

	changed := mine[3]
	changed.Score = new(1)
	s.User().Add(changed, oura.DailySleep{ID: "new", Day: today.AddDays(-2)}, oura.HeartRate{Timestamp: now.Add(-time.Second), BPM: 199})
	s.User().Remove(mine[5].ID)
	after, err := oura.Collect(s.Client().DailySleep.List(t.Context(), days))
	if err != nil || len(after) != 10 || *after[3].Score != 1 {
		t.Fatalf("%d documents, %v", len(after), err)
	}
	if _, err := s.Client().DailySleep.Get(t.Context(), mine[5].ID); !errors.Is(err, oura.ErrNotFound) {
		t.Errorf("removed: %v", err)
	}
	if got, err := s.Client().DailySleep.Get(t.Context(), "new"); err != nil || got.Day != today.AddDays(-2) {
		t.Errorf("added: %v, %v", got, err)
	}
	if last, err := s.Client().HeartRate.Latest(t.Context()); err != nil || last.BPM != 199 {
		t.Errorf("latest: %v, %v", last, err)
	}
	if _, err := s.Client().Sleep.Get(t.Context(), "x"); !errors.Is(err, oura.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}

	activity, err := oura.Collect(s.Client().DailyActivity.List(t.Context(), oura.Days(today, today)))
	if err != nil || len(activity) != 1 || len(activity[0].MET.Items) != 11*60 {
		t.Errorf("today so far: %d documents, %v", len(activity), err)
	}
	if last, err := s.Client().RingBatteryLevel.Latest(t.Context()); err != nil || now.Sub(last.Timestamp) > 10*time.Minute || last.TimestampUnix != nil {
		t.Errorf("battery: %+v, %v", last, err)
	}
	s.Advance(24 * time.Hour)
	if tomorrow, err := oura.Collect(s.Client().DailySleep.List(t.Context(), oura.Days(today.AddDays(1), today.AddDays(9)))); err != nil || len(tomorrow) != 1 {
		t.Errorf("a day later: %v, %v", tomorrow, err)
	}
	id := s.User().ID
	if me, err := s.Client().PersonalInfo(t.Context()); err != nil || me.ID != id {
		t.Errorf("%v, %v", me, err)
	}
	// The id of daily_cardiovascular_age is missing in the document and good for reading it.
	dca := ouratest.DailyCardiovascularAge(today)
	if got, err := s.Client().DailyCardiovascularAge.Get(t.Context(), *dca.ID); err != nil || got.ID != nil || got.Day != today {
		t.Errorf("%v, %v", got, err)
	}
	if got := len(s.Requests()); got < 10 {
		t.Errorf("%d requests", got)
	}
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	s := service(t)
	for name, call := range map[string]func(){
		"Add of a pointer": func() { s.User().Add(&oura.Sleep{}) },
		"FailOnce":         func() { s.FailOnce("sleeps", ouratest.Reset()) },
		"WithPageSize":     func() { ouratest.NewService(ouratest.WithPageSize("vo2_max", 1)) },
		"Client":           func() { s.Client(oura.WithAccessToken("")) },
		"NewService":       func() { ouratest.NewService(ouratest.WithAddr("nowhere:x")) },
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
	if _, err := ouratest.StartService(ouratest.WithAddr("nowhere:x")); err == nil {
		t.Error("it listens nowhere")
	}
}
