package main

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

func TestTable(t *testing.T) {
	t.Parallel()
	day := oura.Date{Year: 2026, Month: time.March, Day: 2}
	at := time.Date(2026, time.March, 2, 7, 30, 0, 0, time.FixedZone("", 3600))

	for name, test := range map[string]struct {
		columns   *table
		documents any
		want      string
	}{
		"objects become columns, null an empty cell": {
			tableOf(reflect.TypeFor[oura.DailySleep]()),
			[]oura.DailySleep{{ID: "a", Day: day, Timestamp: at, Contributors: oura.SleepContributors{DeepSleep: new(88)}}},
			"id,day,contributors.deep_sleep,contributors.efficiency,contributors.latency,contributors.rem_sleep," +
				"contributors.restfulness,contributors.timing,contributors.total_sleep,score,timestamp\n" +
				"a,2026-03-02,88,,,,,,,,2026-03-02T07:30:00+01:00\n",
		},
		"an object that is null has empty columns": {
			tableOf(reflect.TypeFor[oura.DailySpO2]()),
			[]oura.DailySpO2{{ID: "a", Day: day}, {ID: "b", Day: day, SpO2Percentage: &oura.SpO2Percentage{Average: new(97.5)}}},
			"id,day,breathing_disturbance_index,spo2_percentage.average\na,2026-03-02,,\nb,2026-03-02,,97.5\n",
		},
		"lists are JSON, gaps are null": {
			tableOf(reflect.TypeFor[oura.Sample]()),
			[]oura.Sample{{Interval: 300, Items: oura.Samples{60, math.NaN(), 62.5}, Timestamp: at}},
			"interval,items,timestamp\n300,\"[60,null,62.5]\",2026-03-02T07:30:00+01:00\n",
		},
		"text is quoted where it must be": {
			tableOf(reflect.TypeFor[oura.Tag]()),
			[]oura.Tag{{ID: "a", Day: day, Tags: []string{"tea"}, Text: new("late, \"strong\"\n<tea>"), Timestamp: oura.LocalDateTimeOf(at)}},
			"id,day,tags,text,timestamp\na,2026-03-02,\"[\"\"tea\"\"]\",\"late, \"\"strong\"\"\n<tea>\",2026-03-02T07:30:00+01:00\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.columns.rows(reflect.ValueOf(test.documents), true)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
