package report

import (
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

func TestWeekly(t *testing.T) {
	day1, day2 := oura.Date{Year: 2026, Month: 5, Day: 1}, oura.Date{Year: 2026, Month: 5, Day: 2}
	mock := ouratest.New(t)
	mock.DailySleep.Add(oura.DailySleep{ID: "a", Day: day1, Score: new(81)}, oura.DailySleep{ID: "b", Day: day2})
	mock.DailySleep.PageSize(1).FailOnce(ouratest.RateLimited(time.Second))
	got, err := Weekly(t.Context(), mock.Client(), day1, day2)
	if want := "2026-05-01 81\n2026-05-02 0\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
