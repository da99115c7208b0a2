package ouratest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func service(t testing.TB, opts ...ouratest.ServiceOption) *ouratest.Service {
	t.Helper()
	s := ouratest.NewService(opts...)
	t.Cleanup(s.Close)
	return s
}

// A service starts at no cost, though it has a year of data, one day of which takes some 1,600 allocations. Not
// parallel: allocations of other tests would count.
func TestStartingCostsNothing(t *testing.T) {
	if got := testing.AllocsPerRun(10, func() { ouratest.NewService().Close() }); got > 500 {
		t.Errorf("%v allocations to start a service and close it, want 500 at most", got)
	}
}

// unlimited keeps the client's own rate limit out of tests of many requests.
type unlimited struct{}

func (unlimited) Wait(ctx context.Context) error { return ctx.Err() }

func TestYearOfHeartRate(t *testing.T) {
	t.Parallel()
	s := service(t)
	to := s.Now().UTC().Truncate(time.Hour)
	from := to.AddDate(0, 0, -364)
	if testing.Short() {
		from = to.AddDate(0, 0, -70)
	}
	want := ouratest.HeartRates(from, to, ouratest.WithoutTimestampUnix())
	for name, opts := range map[string][]oura.SeriesOption{
		"one by one": {oura.Between(from, to)},
		"parallel":   {oura.Between(from, to), oura.Parallel(4)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := oura.Collect(s.Client(oura.WithLimiter(unlimited{})).HeartRate.List(t.Context(), opts...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(len(want), len(got)); diff != "" {
				t.Fatalf("rows:\n%s", diff)
			}
			for i := range got {
				if !got[i].Timestamp.Equal(want[i].Timestamp) || got[i].BPM != want[i].BPM {
					t.Fatalf("row %d: got %+v, want %+v", i, got[i], want[i])
				}
			}
		})
	}
}

func TestServiceSeries30Days(t *testing.T) {
	t.Parallel()
	s := service(t)
	end := s.Now().UTC().Format(time.RFC3339)
	start := s.Now().UTC().AddDate(0, 0, -31).Format(time.RFC3339)
	_, err := s.Client().API().ListHeartRate(t.Context(), &api.ListHeartRateParams{StartDatetime: &start, EndDatetime: &end})
	if !errors.Is(err, oura.ErrInvalidRequest) {
		t.Errorf("31 days: %v", err)
	}
}
