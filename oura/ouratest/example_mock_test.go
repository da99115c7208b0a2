package ouratest_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// A mock in a test: what is there, what goes wrong, and what was asked.
func ExampleMock() {
	var t *testing.T // in a test, its argument

	mock := ouratest.New(t).Clock(func() time.Time { return time.Date(2026, time.May, 4, 12, 0, 0, 0, time.UTC) })
	mock.EndDates(ouratest.EndDatesInclusive)
	mock.PersonalInfo(ouratest.PersonalInfo(ouratest.WithPerson("ada")))
	mock.Sleep.Add(ouratest.Sleep(oura.Date{Year: 2026, Month: time.May, Day: 4})).PageSize(1).FailOnce(ouratest.Reset()).Delay(time.Second)
	mock.DailySleep.Fail(ouratest.ServerError(503)) // until it is told another

	if _, err := mock.Client().PersonalInfo(t.Context()); err != nil {
		t.Error(err)
	}
	if n := len(mock.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// A function that ranges over several collections needs one line for each of them, or one for all.
func ExampleMock_AddDays() {
	var t *testing.T // in a test, its argument

	first := oura.Date{Year: 2026, Month: time.May, Day: 4}
	last, ada := first.AddDays(6), ouratest.WithPerson("ada")
	mock := ouratest.New(t)
	mock.Sleep.AddDays(first, last, ada)
	mock.DailyActivity.AddDays(first, last, ada)
	mock.HeartRate.AddDays(first, last, ada)
	if _, err := week(t.Context(), mock.Client(), first, last); err != nil {
		t.Error(err)
	}

	everything := ouratest.New(t).AddDays(first, last, ada)
	everything.HeartRate.Fail(ouratest.MissingScope()) // the person has not granted it
	if _, err := week(t.Context(), everything.Client(), first, last); !errors.Is(err, oura.ErrMissingScope) {
		t.Error(err)
	}
}

// Subscriptions of a mock: the handshake goes to the receiver under test, and the answer to a create gets lost.
func ExampleSubscriptions() {
	var t *testing.T          // in a test, its argument
	var receiver http.Handler // a *webhook.Handler

	mock := ouratest.New(t)
	mock.Subscriptions.Receiver(receiver).FailOnce(ouratest.LostAnswer()).Delay(time.Second)
	mock.Subscriptions.Add(oura.Subscription{ID: "a", EventType: oura.EventTypeCreate, DataType: oura.DataTypeTag})
	_, err := mock.Client().Subscriptions.Create(t.Context(), oura.SubscriptionRequest{
		CallbackURL: "https://app.test/oura", VerificationToken: "a-token",
		EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
	})
	if err != nil || len(mock.Subscriptions.All()) != 2 {
		t.Errorf("%v, %d subscriptions", err, len(mock.Subscriptions.All()))
	}
	mock.Subscriptions.Fail(ouratest.Forbidden())
}
