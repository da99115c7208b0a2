package main

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

var (
	monday = oura.Date{Year: 2026, Month: time.March, Day: 2}
	sunday = monday.AddDays(6)
)

// asleep is a night of so many hours.
func asleep(id string, day oura.Date, hours int) oura.Sleep {
	night := ouratest.Sleep(day)
	night.ID, night.TotalSleepDuration = id, new(oura.Seconds(hours*3600))
	return night
}

func TestAverageSleep(t *testing.T) {
	t.Parallel()
	deleted := asleep("deleted", monday, 9)
	deleted.Type = new(oura.SleepTypeDeleted)
	unknown := asleep("unknown", monday, 0)
	unknown.TotalSleepDuration = nil

	for name, test := range map[string]struct {
		docs []oura.Sleep
		want average
	}{
		"nothing":             {nil, average{}},
		"two nights":          {[]oura.Sleep{asleep("a", monday, 7), asleep("b", sunday, 8)}, average{asleep: 7*time.Hour + 30*time.Minute, days: 2}},
		"a night and a nap":   {[]oura.Sleep{asleep("a", monday, 7), asleep("b", monday, 1)}, average{asleep: 8 * time.Hour, days: 1}},
		"other days":          {[]oura.Sleep{asleep("a", monday.AddDays(-1), 3), asleep("b", monday, 8), asleep("c", sunday.AddDays(1), 3)}, average{asleep: 8 * time.Hour, days: 1}},
		"deleted by the user": {[]oura.Sleep{deleted, asleep("a", sunday, 6)}, average{asleep: 6 * time.Hour, days: 1}},
		"null duration":       {[]oura.Sleep{unknown}, average{days: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := ouratest.New(t)
			mock.Sleep.Add(test.docs...).PageSize(1) // each document on a page of its own
			got, err := averageSleep(t.Context(), mock.Client(), monday, sunday)
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

// The client waits for as long as the service asks. In a synctest bubble that costs no time.
func TestAverageSleepWaitsForTheRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := ouratest.New(t)
		mock.Sleep.Add(asleep("a", monday, 7)).FailOnce(ouratest.RateLimited(2 * time.Minute))
		began := time.Now()
		got, err := averageSleep(t.Context(), mock.Client(), monday, sunday)
		if err != nil || got.days != 1 || time.Since(began) < 2*time.Minute {
			t.Errorf("got %v, %v after %v, want one day after two minutes", got, err, time.Since(began))
		}
	})
}

func TestAverageSleepGoesOnWithoutAMalformedDocument(t *testing.T) {
	t.Parallel()
	mock := ouratest.New(t)
	mock.Sleep.Add(asleep("a", monday, 7), asleep("b", sunday, 8)).Fail(ouratest.Malformed(0))
	got, err := averageSleep(t.Context(), mock.Client(), monday, sunday)
	if want := (average{asleep: 8 * time.Hour, days: 1, broken: 1}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestAverageSleepTellsTheMissingScope(t *testing.T) {
	t.Parallel()
	mock := ouratest.New(t)
	mock.Sleep.Fail(ouratest.MissingScope())
	_, err := averageSleep(t.Context(), mock.Client(), monday, sunday)
	var e *oura.Error
	if !errors.Is(err, oura.ErrMissingScope) || !errors.As(err, &e) || e.Scope != "daily" {
		t.Errorf("got %v, want the missing scope daily", err)
	}
	if n := len(mock.Requests()); n != 1 {
		t.Errorf("%d requests were made, want 1: asking again does not help", n)
	}
}
