package ouratest_test

import (
	"errors"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oura-go/sdk/oura"
)

// TestOperations exercises every operation of openapi.yaml through the public client, against both.
func TestOperations(t *testing.T) {
	t.Parallel()
	day := date(2026, 5, 10)
	days := oura.Days(day, day)
	onBoth(t, 0, func(t *testing.T, k kit) {
		for _, build := range builders {
			if doc := build(day); doc != nil {
				if _, person := doc.(oura.PersonalInfo); !person {
					k.add(doc)
				}
			}
		}
		k.add(oura.HeartRate{Timestamp: suiteNow, BPM: 60}, oura.RingBatteryLevel{Timestamp: suiteNow, Level: 50})
		c, ctx := k.client(), t.Context()
		calls := map[string]func() error{
			"ListDailyActivity":          documents(t, c.DailyActivity, days).list,
			"GetDailyActivity":           documents(t, c.DailyActivity, days).get,
			"ListDailyCardiovascularAge": documents(t, c.DailyCardiovascularAge, days).list,
			"GetDailyCardiovascularAge":  documents(t, c.DailyCardiovascularAge, days).get,
			"ListDailyReadiness":         documents(t, c.DailyReadiness, days).list,
			"GetDailyReadiness":          documents(t, c.DailyReadiness, days).get,
			"ListDailyResilience":        documents(t, c.DailyResilience, days).list,
			"GetDailyResilience":         documents(t, c.DailyResilience, days).get,
			"ListDailySleep":             documents(t, c.DailySleep, days).list,
			"GetDailySleep":              documents(t, c.DailySleep, days).get,
			"ListDailySpO2":              documents(t, c.DailySpO2, days).list,
			"GetDailySpO2":               documents(t, c.DailySpO2, days).get,
			"ListDailyStress":            documents(t, c.DailyStress, days).list,
			"GetDailyStress":             documents(t, c.DailyStress, days).get,
			"ListEnhancedTag":            documents(t, c.EnhancedTag, days).list,
			"GetEnhancedTag":             documents(t, c.EnhancedTag, days).get,
			"ListRestModePeriod":         documents(t, c.RestModePeriod, days).list,
			"GetRestModePeriod":          documents(t, c.RestModePeriod, days).get,
			"ListRingConfiguration":      documents(t, c.RingConfiguration).list,
			"GetRingConfiguration":       documents(t, c.RingConfiguration).get,
			"ListSession":                documents(t, c.Session, days).list,
			"GetSession":                 documents(t, c.Session, days).get,
			"ListSleep":                  documents(t, c.Sleep, days).list,
			"GetSleep":                   documents(t, c.Sleep, days).get,
			"ListSleepTime":              documents(t, c.SleepTime, days).list,
			"GetSleepTime":               documents(t, c.SleepTime, days).get,
			"ListTag":                    documents(t, c.Tag, days).list,
			"GetTag":                     documents(t, c.Tag, days).get,
			"ListVO2Max":                 documents(t, c.VO2Max, days).list,
			"GetVO2Max":                  documents(t, c.VO2Max, days).get,
			"ListWorkout":                documents(t, c.Workout, days).list,
			"GetWorkout":                 documents(t, c.Workout, days).get,
			"ListHeartRate":              func() error { return second(c.HeartRate.Latest(ctx)) },
			"ListRingBatteryLevel":       func() error { return second(c.RingBatteryLevel.Latest(ctx)) },
			"GetPersonalInfo": func() error {
				info, err := c.PersonalInfo(ctx)
				if err == nil && (info.ID == "" || info.Email == nil || info.Weight == nil) {
					err = errors.New("the person is not whole")
				}
				return err
			},
		}
		var sub oura.Subscription
		req := oura.SubscriptionRequest{
			CallbackURL: receiverFor(t, "token"), VerificationToken: "token", EventType: oura.EventTypeCreate, DataType: oura.DataTypeTag,
		}
		ordered := []string{"CreateSubscription", "ListSubscriptions", "GetSubscription", "UpdateSubscription", "RenewSubscription", "DeleteSubscription"}
		calls["CreateSubscription"] = func() (err error) { sub, err = c.Subscriptions.Create(ctx, req); return err }
		calls["ListSubscriptions"] = func() error {
			all, err := c.Subscriptions.List(ctx)
			if err == nil && (len(all) != 1 || all[0].ID != sub.ID) {
				err = errors.New("the subscription is not listed")
			}
			return err
		}
		calls["GetSubscription"] = func() error { return second(c.Subscriptions.Get(ctx, sub.ID)) }
		calls["UpdateSubscription"] = func() error { return second(c.Subscriptions.Update(ctx, sub.ID, req)) }
		calls["RenewSubscription"] = func() error { return second(c.Subscriptions.Renew(ctx, sub.ID)) }
		calls["DeleteSubscription"] = func() error { return c.Subscriptions.Delete(ctx, sub.ID) }

		spec, err := os.ReadFile("../../openapi.yaml")
		if err != nil {
			t.Fatal(err)
		}
		operations := regexp.MustCompile(`operationId: (\w+)`).FindAllStringSubmatch(string(spec), -1)
		if len(operations) != 41 || len(calls) != 41 {
			t.Errorf("the spec has %d operations, the table %d", len(operations), len(calls))
		}
		for _, m := range operations {
			if calls[m[1]] == nil {
				t.Errorf("%s is not exercised", m[1])
			} else if !slices.Contains(ordered, m[1]) {
				ordered = append(ordered, m[1])
			}
		}
		for _, name := range ordered {
			before := len(k.requests())
			if err := calls[name](); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if len(k.requests()) == before {
				t.Errorf("%s made no request", name)
			}
		}
		for _, r := range k.requests() {
			bearer, app := strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "), r.Header.Get("X-Client-Id") != ""
			if subscription := strings.Contains(r.URL.Path, "/webhook/"); bearer == subscription || app != subscription {
				t.Errorf("%s %s has the wrong credential", r.Method, r.URL.Path)
			}
		}
	})
}

// call are the two operations of a document collection.
type call struct{ list, get func() error }

func documents[T any](t *testing.T, d *oura.Documents[T], opts ...oura.DocumentOption) call {
	first := func() (doc T, err error) {
		all, err := oura.Collect(d.List(t.Context(), opts...))
		if err == nil && len(all) == 0 {
			err = errors.New("the list is empty")
		}
		if err != nil {
			return doc, err
		}
		return all[0], nil
	}
	return call{
		list: func() error { return second(first()) },
		get: func() error {
			doc, err := first()
			if err != nil {
				return err
			}
			want := idOf(doc)
			got, err := d.Get(t.Context(), want)
			if err == nil && idOf(got) != want {
				err = errors.New("another document came")
			}
			return err
		},
	}
}

func TestServiceRefusesOtherMethodsAndPaths(t *testing.T) {
	t.Parallel()
	s := service(t)
	for _, tt := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/v2/usercollection/sleep", 405}, {"DELETE", "/v2/usercollection/personal_info", 405},
		{"GET", "/v2/usercollection/nothing", 404}, {"GET", "/v2/usercollection/sleep/a/b", 404}, {"GET", "/v2/other", 404},
		{"GET", "/v2/usercollection/heartrate/x", 404}, {"GET", "/", 404}, {"PATCH", "/v2/webhook/subscription", 405},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, s.URL+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		id, secret := s.AppCredentials()
		req.Header.Set("X-Client-Id", id)
		req.Header.Set("X-Client-Secret", secret)
		req.Header.Set("Authorization", "Bearer "+s.Token().AccessToken)
		resp, err := s.HTTPClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.status {
			t.Errorf("%s %s: %d, want %d", tt.method, tt.path, resp.StatusCode, tt.status)
		}
	}
}
