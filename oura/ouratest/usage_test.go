package ouratest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// These tests are written to be copied.

// report is code under test.
func report(ctx context.Context, client *oura.Client, first, last oura.Date) (string, error) {
	var out strings.Builder
	for day, err := range client.DailySleep.List(ctx, oura.Days(first, last)) {
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%v %d\n", day.Day, oura.Or(day.Score, 0))
	}
	return out.String(), nil
}

func TestReport(t *testing.T) {
	day1, day2 := oura.Date{Year: 2026, Month: 5, Day: 1}, oura.Date{Year: 2026, Month: 5, Day: 2}
	mock := ouratest.New(t)
	mock.DailySleep.Add(oura.DailySleep{ID: "a", Day: day1, Score: new(81)}, oura.DailySleep{ID: "b", Day: day2})
	got, err := report(t.Context(), mock.Client(), day1, day2)
	if want := "2026-05-01 81\n2026-05-02 0\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// week is code under test that ranges over several collections.
func week(ctx context.Context, client *oura.Client, first, last oura.Date) (string, error) {
	asleep, steps, highest := oura.Seconds(0), 0, 0
	for sleep, err := range client.Sleep.List(ctx, oura.Days(first, last)) {
		if err != nil {
			return "", err
		}
		asleep += oura.Or(sleep.TotalSleepDuration, 0)
	}
	for day, err := range client.DailyActivity.List(ctx, oura.Days(first, last)) {
		if err != nil {
			return "", err
		}
		steps += day.Steps
	}
	for row, err := range client.HeartRate.List(ctx, oura.Between(first.In(time.UTC), last.AddDays(1).In(time.UTC))) {
		if err != nil {
			return "", err
		}
		highest = max(highest, row.BPM)
	}
	return fmt.Sprintf("%v asleep, %d steps, %d bpm at most", asleep.Duration(), steps, highest), nil
}

// A line for each collection is enough. What is not expected is still a failure.
func TestWeek(t *testing.T) {
	first := oura.Date{Year: 2026, Month: 5, Day: 4}
	last := first.AddDays(6)
	mock := ouratest.New(t)
	mock.Sleep.AddDays(first, last)
	mock.DailyActivity.AddDays(first, last)
	mock.HeartRate.AddDays(first, last)
	got, err := week(t.Context(), mock.Client(), first, last)
	if err != nil || got == "0s asleep, 0 steps, 0 bpm at most" {
		t.Errorf("got %q, %v", got, err)
	}
}

// So is one for all of them.
func TestWeekOfEverything(t *testing.T) {
	first := oura.Date{Year: 2026, Month: 5, Day: 4}
	mock := ouratest.New(t).AddDays(first, first.AddDays(6), ouratest.WithPerson("ada"))
	mock.DailyActivity.Fail(ouratest.Forbidden())
	if _, err := week(t.Context(), mock.Client(), first, first.AddDays(6)); !errors.Is(err, oura.ErrForbidden) {
		t.Error(err)
	}
}

// Under fake time a refused request costs the test nothing, and the wait can be measured.
func TestReportIsPatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		day := oura.Date{Year: 2026, Month: 5, Day: 1}
		mock := ouratest.New(t)
		mock.DailySleep.Add(ouratest.DailySleep(day)).FailOnce(ouratest.RateLimited(time.Minute))
		start := time.Now()
		if _, err := report(t.Context(), mock.Client(), day, day); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited != time.Minute {
			t.Errorf("waited %v", waited)
		}
	})
}

// A limiter that two clients share lets no more through than it should, whatever they do.
func TestSharedLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := oura.NewLimiter()
		mock := ouratest.New(t)
		mock.PersonalInfo(ouratest.PersonalInfo())
		one, two := mock.Client(oura.WithLimiter(limiter)), mock.Client(oura.WithLimiter(limiter))
		for time.Since(start2000()) < 5*time.Minute {
			for _, c := range []*oura.Client{one, two} {
				if _, err := c.PersonalInfo(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := len(mock.Requests()); n < 4000 || n > 5000 {
			t.Errorf("%d requests in five minutes", n)
		}
	})
}

// start2000 is when every testing/synctest bubble begins.
func start2000() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }
