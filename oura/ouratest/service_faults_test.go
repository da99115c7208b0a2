package ouratest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

func TestServiceFailsUntilToldOtherwise(t *testing.T) {
	t.Parallel()
	s := service(t)
	c := s.Client(quick()...)
	s.Fail("personal_info", ouratest.ServerError(503))
	for range 3 {
		if _, err := c.PersonalInfo(t.Context()); !errors.Is(err, oura.ErrServer) {
			t.Errorf("got %v", err)
		}
	}
	s.FailOnce("personal_info", ouratest.Forbidden()) // comes first
	if _, err := c.PersonalInfo(t.Context()); !errors.Is(err, oura.ErrForbidden) {
		t.Errorf("got %v", err)
	}
	s.Fail("personal_info", ouratest.Fault{})
	if _, err := c.PersonalInfo(t.Context()); err != nil {
		t.Errorf("after the end of the fault: %v", err)
	}
	s.Delay("personal_info", 30*time.Millisecond)
	start := time.Now()
	if _, err := c.PersonalInfo(t.Context()); err != nil || time.Since(start) < 30*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	s.Fail("subscription", ouratest.Expired())
	if _, err := c.Subscriptions.List(t.Context()); !errors.Is(err, oura.ErrUnauthorized) {
		t.Errorf("subscriptions: %v", err)
	}
	s.Fail("token", ouratest.HTML(502))
	expired := s.Token()
	expired.Expiry = time.Now().Add(-time.Hour)
	if _, err := s.OAuthConfig().TokenSource(through(t, s), expired).Token(); err == nil {
		t.Error("a refresh worked while the token endpoint was down")
	}
}

func TestMockSubscriptionFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := ouratest.New(t)
		m.Subscriptions.Fail(ouratest.RateLimited(time.Minute)).Delay(time.Second)
		c := m.Client(oura.WithRetry(oura.NoRetry))
		start := time.Now()
		if _, err := c.Subscriptions.List(t.Context()); !errors.Is(err, oura.ErrRateLimited) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		m.Subscriptions.Fail(ouratest.Fault{}).Delay(0)
		time.Sleep(time.Minute) // as the client was asked
		if all, err := c.Subscriptions.List(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("%v, %v", all, err)
		}
		m.Subscriptions.Add(oura.Subscription{ID: "s", CallbackURL: "https://app.example.com", EventType: oura.EventTypeUpdate, DataType: oura.DataTypeTag})
		sub, err := c.Subscriptions.Get(t.Context(), "s")
		if err != nil || time.Until(sub.ExpirationTime).Round(time.Hour) != 90*24*time.Hour {
			t.Errorf("%+v, %v", sub, err)
		}
	})
}

// All answers of both carry a trace id, each its own.
func TestTraceIDs(t *testing.T) {
	t.Parallel()
	onBoth(t, 0, func(t *testing.T, k kit) {
		ids := map[string]bool{}
		for range 3 {
			k.failOnce("daily_sleep", ouratest.ServerError())
			_, err := k.client().DailySleep.Get(t.Context(), "a")
			var e *oura.Error
			if !errors.As(err, &e) || e.TraceID == "" {
				t.Errorf("%#v", err)
				continue
			}
			ids[e.TraceID] = true
		}
		if len(ids) != 3 {
			t.Errorf("trace ids %v", ids)
		}
	})
}

// The oddities that were asked for are in all documents of the service, and what is odd by nature is there unasked: more
// than one sleep on some days.
func TestServiceOddities(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 20, 15, 0, 0, 0, time.UTC)
	s := service(t, ouratest.WithClock(func() time.Time { return now }), ouratest.WithHistory(90), ouratest.WithLocation(zone(t, "Europe/Helsinki")),
		ouratest.WithData(ouratest.WithoutReadings(), ouratest.WithoutScore()))
	today := oura.DateOf(now)
	days := oura.Days(today.AddDays(-89), today)
	sleeps, err := oura.Collect(s.Client().Sleep.List(t.Context(), days))
	if err != nil || len(sleeps) < 90 {
		t.Fatalf("%d sleeps, %v", len(sleeps), err)
	}
	byDay, kinds := map[oura.Date]int{}, map[oura.SleepType]int{}
	offsets := map[int]bool{}
	for _, z := range sleeps {
		byDay[z.Day]++
		kinds[*z.Type]++
		_, offset := z.BedtimeStart.Zone()
		offsets[offset/3600] = true
		if z.HeartRate != nil || z.LowestHeartRate != nil {
			t.Errorf("%v: heart rate %v, lowest %v", z.Day, z.HeartRate, z.LowestHeartRate)
		}
	}
	naps := kinds[oura.SleepTypeLateNap]
	if naps < 2 || kinds[oura.SleepTypeLongSleep] != 90 || len(byDay) != 90 || len(sleeps) != 90+naps {
		t.Errorf("%v on %d days", kinds, len(byDay))
	}
	if !cmp.Equal(offsets, map[int]bool{2: true, 3: true}) { // the clocks changed on 29 March
		t.Errorf("offsets %v", offsets)
	}
	for _, z := range sleeps {
		if got, err := s.Client().Sleep.Get(t.Context(), z.ID); err != nil || !got.BedtimeStart.Equal(z.BedtimeStart) {
			t.Errorf("%s: %v, %v", z.ID, got.BedtimeStart, err)
			break
		}
	}
	scores, err := oura.Collect(s.Client().DailySleep.List(t.Context(), days))
	if err != nil || len(scores) != 90 || scores[0].Score != nil {
		t.Errorf("%d scores, %v", len(scores), err)
	}
	oxygen, err := oura.Collect(s.Client().DailySpO2.List(t.Context(), days))
	if err != nil || len(oxygen) != 90 || oxygen[0].SpO2Percentage == nil || oxygen[0].SpO2Percentage.Average != nil {
		t.Errorf("%d of oxygen, %v", len(oxygen), err)
	}
}

// What a subscription's end leaves undelivered is not repeated.
func TestRepetitionsEndWithTheSubscription(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithDeliverySchedule(0, 0, 0))
	subs := s.Client().Subscriptions
	b := &inbox{result: func(int) error { // the application unsubscribes while it handles the event
		all, err := subs.List(t.Context())
		if err != nil || len(all) != 1 {
			t.Errorf("%v, %v", all, err)
			return err
		}
		return errors.Join(errors.New("no"), subs.Delete(t.Context(), all[0].ID))
	}}
	subscribed(t, s, b, nil)
	s.Emit(events("a")...)
	settle(t, s)
	if d := s.Deliveries(); len(d) != 1 || d[0].Status != 500 {
		t.Errorf("attempts %+v, though the subscription ended with the first", d)
	}
}

// A receiver must cope with both: repetitions that are signed anew, and with the first signature.
func TestSignaturesOfRepetitions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts  []ouratest.ServiceOption
		fresh bool
	}{
		"anew":     {nil, true},
		"the same": {[]ouratest.ServiceOption{ouratest.WithSameSignature()}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := service(t, append(tt.opts, ouratest.WithDeliverySchedule(0))...)
			_, secret := s.AppCredentials()
			var verified []error
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					fmt.Fprintf(w, `{"challenge":%q}`, r.URL.Query().Get("challenge"))
					return
				}
				body, err := io.ReadAll(r.Body)
				verified = append(verified, errors.Join(err, webhook.Verifier{ClientSecret: secret, Now: s.Now}.Verify(r.Header, body)))
				s.Advance(3 * time.Hour) // longer than a signature is good for
				w.WriteHeader(http.StatusServiceUnavailable)
			}))
			defer server.Close()
			if _, err := s.Client().Subscriptions.Create(t.Context(), oura.SubscriptionRequest{
				CallbackURL: server.URL, VerificationToken: "x", EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
			}); err != nil {
				t.Fatal(err)
			}
			s.Emit(events("a")...)
			settle(t, s)
			if len(verified) != 2 || verified[0] != nil || errors.Is(verified[1], webhook.ErrStale) == tt.fresh {
				t.Errorf("verified: %v", verified)
			}
		})
	}
}

func TestFaultsHaveNames(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]ouratest.CollectionFault{"Truncated": ouratest.Truncated(), "Malformed": ouratest.Malformed(0)} {
		if got := f.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What the compiler cannot see says so at once.
func TestImpossibleFaults(t *testing.T) {
	t.Parallel()
	s, m := service(t), ouratest.New(t)
	for want, call := range map[string]func(){
		"status 42":                 func() { ouratest.ServerError(42) },
		"status 600":                func() { ouratest.HTML(600) },
		"the fault is nil":          func() { m.Sleep.FailOnce(nil) },
		"no collection token":       func() { s.FailOnce("token", ouratest.Malformed(1)) },
		"no collection sleeps":      func() { s.Fail("sleeps", ouratest.Expired()) },
		"no collection personal":    func() { s.Delay("personal", time.Second) },
		"no collection token; name": func() { s.SetPageSize("token", 1) },
		"no days":                   func() { m.Sleep.AddDays(date(2026, 5, 2), date(2026, 5, 1)) },
		"from 0000":                 func() { m.AddDays(oura.Date{}, date(2026, 5, 1)) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("the panic is %q, want %q", got, want)
				}
			}()
			call()
		}()
	}
}

// Faults reach the sandbox, and responses without a body.
func TestFaultsReachEveryResponse(t *testing.T) {
	t.Parallel()
	onBoth(t, 0, func(t *testing.T, k kit) {
		k.failOnce("daily_sleep", ouratest.ServerError(503))
		list := k.client(oura.WithSandbox()).DailySleep.List(t.Context())
		if _, err := oura.Collect(list); !errors.Is(err, oura.ErrServer) {
			t.Errorf("the sandbox: %v", err)
		}
		if days, err := oura.Collect(list); err != nil || len(days) == 0 {
			t.Errorf("the sandbox afterwards: %d days, %v", len(days), err)
		}
		subs := k.client().Subscriptions
		sub, err := subs.Create(t.Context(), oura.SubscriptionRequest{
			CallbackURL: receiverFor(t, "token"), VerificationToken: "token", EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
		})
		if err != nil {
			t.Fatal(err)
		}
		k.failOnce("subscription", ouratest.Truncated())
		var e *oura.Error
		if err := subs.Delete(t.Context(), sub.ID); !errors.As(err, &e) || e.StatusCode != 0 {
			t.Errorf("a deletion whose response broke off: %v", err)
		}
		if all, err := subs.List(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("it took effect, but there is %v, %v", all, err)
		}
	})
}

// A service's endpoints are those that its names mean.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithHistory(3))
	c := s.Client(quick()...)
	for _, collection := range everyCollection() {
		e := reflect.ValueOf(s.Endpoints).FieldByName(collection.Name).Interface().(*ouratest.CollectionEndpoint)
		e.FailOnce(ouratest.Forbidden()).PageSize(1)
		var e2 *oura.Error
		if _, _, err := ask(t, c, collection.Path, ""); !errors.As(err, &e2) || e2.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v", collection.Path, err)
		}
	}
	if _, next, err := ask(t, c, "heartrate", ""); err != nil || next == nil {
		t.Errorf("pages of one row: %v, %v", next, err)
	}
	e := s.Endpoints
	e.PersonalInfo.Fail(ouratest.Forbidden())
	e.Subscriptions.Fail(ouratest.Forbidden())
	e.Token.Fail(ouratest.ServerError())
	e.Revoke.FailOnce(ouratest.ServerError())
	if _, err := c.PersonalInfo(t.Context()); !errors.Is(err, oura.ErrForbidden) {
		t.Errorf("the person: %v", err)
	}
	if _, err := c.Subscriptions.List(t.Context()); !errors.Is(err, oura.ErrForbidden) {
		t.Errorf("the subscriptions: %v", err)
	}
	token := s.Token()
	if err := oauth.Revoke(through(t, s), s.OAuthConfig(), token); err == nil {
		t.Error("the revocation worked")
	}
	token.Expiry = time.Now().Add(-time.Hour)
	if _, err := s.OAuthConfig().TokenSource(through(t, s), token).Token(); err == nil {
		t.Error("the refresh worked")
	}
}
