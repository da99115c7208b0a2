package main

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// What the service sends is not always a whole night.
func TestNight(t *testing.T) {
	t.Parallel()
	day := oura.Date{Year: 2026, Month: time.March, Day: 2}
	night := func(id string, change func(*oura.Sleep)) oura.Sleep {
		n := ouratest.Sleep(day)
		n.ID = id
		if change != nil {
			change(&n)
		}
		return n
	}
	for name, test := range map[string]struct {
		nights      []oura.Sleep
		has, hasNot []string
	}{
		"a night and a nap": {
			[]oura.Sleep{
				night("nap", func(n *oura.Sleep) { n.TimeInBed, n.Type = 1800, new(oura.SleepTypeLateNap) }),
				night("night", func(n *oura.Sleep) { n.TimeInBed = 8 * 3600 }),
			},
			[]string{"8\u00a0h\u00a000\u00a0min", "Stages", "Lowest heart rate"}, []string{">30\u00a0min"},
		},
		"deleted by the person": {
			[]oura.Sleep{night("deleted", func(n *oura.Sleep) { n.Type = new(oura.SleepTypeDeleted) })},
			[]string{"No night was recorded"}, []string{"<figure>"},
		},
		"not over": {
			[]oura.Sleep{night("now", func(n *oura.Sleep) { n.BedtimeEnd = nil })},
			[]string{"to now"}, nil,
		},
		"nothing was measured": {
			[]oura.Sleep{night("empty", func(n *oura.Sleep) {
				n.HeartRate, n.HRV, n.SleepPhase5Min, n.LowestHeartRate, n.AverageHRV, n.TotalSleepDuration = nil, nil, nil, new(255), nil, nil
			})},
			[]string{"The ring has measured nothing", "In bed"}, []string{"255", "<figure>", "Average HRV", "Asleep"},
		},
		"only gaps": {
			[]oura.Sleep{night("gaps", func(n *oura.Sleep) {
				for i := range n.HeartRate.Items {
					n.HeartRate.Items[i] = math.NaN()
				}
			})},
			[]string{"Stages"}, []string{"Heart rate as a table", "NaN"},
		},
		"a stage that this version does not know": {
			[]oura.Sleep{night("new", func(n *oura.Sleep) { n.SleepPhase5Min = new("4489922") })},
			[]string{"Stages"}, []string{"NaN"},
		},
		"text of the service": {
			[]oura.Sleep{night("<script>", func(n *oura.Sleep) { n.Type = new(oura.SleepType("<script>")) })},
			[]string{"Stages"}, []string{"<script>"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := ouratest.New(t)
			mock.Sleep.Add(test.nights...)
			body := showPage(t, mock, "/?day="+day.String())
			for _, text := range test.has {
				if !strings.Contains(body, text) {
					t.Errorf("%q is not there: %s", text, body)
				}
			}
			for _, text := range test.hasNot {
				if strings.Contains(body, text) {
					t.Errorf("%q is there: %s", text, body)
				}
			}
		})
	}
}

// The latest night is the one that is shown, also when it is older than a week; and today's is called last night.
func TestLatestNight(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ago  int
		want string
	}{{0, "Last night, "}, {20, "Night of "}} {
		day := oura.Today(time.Local).AddDays(-test.ago)
		mock := ouratest.New(t)
		mock.Sleep.Add(ouratest.Sleep(day))
		if got := showPage(t, mock, "/"); !strings.Contains(got, "<h1>"+test.want+nightName(day)) {
			t.Errorf("%d days ago: %.300s", test.ago, got[strings.Index(got, "<h1>"):])
		}
	}
}

// Where there is nothing to connect, no page leads to where one connects.
func TestAccessTokenWithoutAScope(t *testing.T) {
	t.Parallel()
	mock := ouratest.New(t)
	mock.Sleep.Add()
	mock.Workout.Fail(ouratest.MissingScope("workout"))
	if got := showPage(t, mock, "/activity"); !strings.Contains(got, "Your workouts are not shared.") || strings.Contains(got, "/connect") {
		t.Errorf("without workouts: %s", got)
	}
}

// showPage is a page of a person whose other collections are empty.
func showPage(t *testing.T, mock *ouratest.Mock, path string) string {
	t.Helper()
	mock.DailySleep.Add()
	mock.DailyReadiness.Add()
	mock.DailyActivity.Add()
	mock.Workout.Add()
	mock.PersonalInfo(oura.PersonalInfo{ID: "somebody"})
	a := newApp(t.TempDir())
	defer func() { _ = a.close() }()
	a.fixed = mock.Client()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+path, nil)
	a.routes().ServeHTTP(httptest.NewRecorder(), r) // which begins the copy
	a.syncs.Wait()
	w := httptest.NewRecorder()
	a.routes().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}
