package ouratest_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"reflect"
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
		c, ctx := k.client(), t.Context()
		calls := map[string]func() error{
			"GetPersonalInfo": func() error {
				info, err := c.PersonalInfo(ctx)
				if err == nil && (info.ID == "" || info.Email == nil || info.Weight == nil) {
					err = errors.New("the person is not whole")
				}
				return err
			},
		}
		for _, collection := range everyCollection() {
			field := reflect.ValueOf(c).Elem().FieldByName(collection.Name)
			if collection.Series {
				calls["List"+collection.Name] = func() error {
					err, _ := reflect.TypeAssert[error](field.MethodByName("Latest").Call([]reflect.Value{reflect.ValueOf(ctx)})[1])
					return err
				}
				continue
			}
			k.add(sample(t, collection.Path, day))
			calls["List"+collection.Name] = func() error { return second(first(ctx, field, collection.Dated, days)) }
			calls["Get"+collection.Name] = func() error {
				doc, err := first(ctx, field, collection.Dated, days)
				if err != nil {
					return err
				}
				out := field.MethodByName("Get").Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(idOf(doc))})
				err, _ = reflect.TypeAssert[error](out[1])
				if err == nil && idOf(out[0].Interface()) != idOf(doc) {
					err = errors.New("another document came")
				}
				return err
			}
		}
		k.add(oura.HeartRate{Timestamp: suiteNow, BPM: 60}, oura.RingBatteryLevel{Timestamp: suiteNow, Level: 50})
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
		paths, _, _ := strings.Cut(string(spec), "\nwebhooks:")
		operations := regexp.MustCompile(`operationId: (\w+)`).FindAllStringSubmatch(paths, -1)
		if len(operations) != len(calls) {
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

// first lists a collection and returns its first document.
func first(ctx context.Context, field reflect.Value, dated bool, days oura.DocumentOption) (any, error) {
	args := []reflect.Value{reflect.ValueOf(ctx)}
	if dated {
		args = append(args, reflect.ValueOf(days))
	}
	for doc, err := range field.MethodByName("List").Call(args)[0].Seq2() {
		failure, _ := reflect.TypeAssert[error](err)
		return doc.Interface(), failure
	}
	return nil, errors.New("the list is empty")
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
