package oura_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// These tests meet the fake service over real HTTP, with its pages, its windows and its two minds about end dates.

func TestMonthsOfHeartRateFromTheService(t *testing.T) {
	t.Parallel()
	loc := time.FixedZone("", 2*3600)
	days := 100 // four requests
	if testing.Short() {
		days = 40
	}
	end := time.Date(2026, 3, 1, 0, 0, 0, 0, loc)
	start := end.AddDate(0, 0, -days)
	service := ouratest.NewService(
		ouratest.WithClock(func() time.Time { return end.AddDate(0, 0, 1) }), ouratest.WithHistory(days+2), ouratest.WithLocation(loc))
	defer service.Close()
	client := service.Client(oura.WithLimiter(rate.NewLimiter(rate.Inf, 1)))
	read := func(opts ...oura.SeriesOption) (times []int64) {
		for hr, err := range client.HeartRate.List(t.Context(), append(opts, oura.Between(start, end))...) {
			if err != nil {
				t.Fatal(err)
			}
			times = append(times, hr.Timestamp.UnixNano())
		}
		return times
	}

	// What the service has, day by day and so within what it takes in one request, is what must come.
	var want []int64
	for day := start; day.Before(end); day = day.AddDate(0, 0, 1) {
		for hr, err := range client.HeartRate.List(t.Context(), oura.Between(day, day.AddDate(0, 0, 1))) {
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, hr.Timestamp.UnixNano())
		}
	}
	if len(want) < days*500 {
		t.Fatalf("the service has %d rows in %d days", len(want), days)
	}
	for i := 1; i < len(want); i++ {
		if want[i] <= want[i-1] {
			t.Fatalf("row %d is not after the one before", i)
		}
	}
	alone, parallel := read(), read(oura.Parallel(4))
	if !cmp.Equal(want, alone) {
		t.Errorf("one after the other: %d rows, want %d, in order and once each", len(alone), len(want))
	}
	if !cmp.Equal(want, parallel) {
		t.Errorf("Parallel(4): %d rows, want %d, in order and once each", len(parallel), len(want))
	}
}

func TestSevenDaysFromTheService(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC)
	first, last := date("2026-03-26"), date("2026-04-01")
	for name, ends := range map[string]ouratest.EndDates{"as live": ouratest.EndDatesAsLive, "inclusive": ouratest.EndDatesInclusive, "exclusive": ouratest.EndDatesExclusive} {
		service := ouratest.NewService(ouratest.WithClock(func() time.Time { return now }), ouratest.WithEndDates(ends))
		t.Cleanup(service.Close)
		for collection, list := range dated() {
			t.Run(collection+" "+name, func(t *testing.T) {
				t.Parallel()
				c := service.Client()
				all, err := list(t.Context(), c, oura.Days(first.AddDays(-20), last.AddDays(9)))
				if err != nil {
					t.Fatal(err)
				}
				var want []oura.Date
				for _, d := range all {
					if !d.Before(first) && !d.After(last) {
						want = append(want, d)
					}
				}
				got, err := list(t.Context(), c, oura.Days(first, last))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if len(all) == 0 {
					t.Error("the service has no document in a month")
				}
			})
		}
	}
}
