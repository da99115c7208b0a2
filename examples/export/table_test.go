package main

import (
	"encoding/csv"
	"math"
	"reflect"
	"strconv"
	"strings"
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
		columns   []column
		documents any
		want      string
	}{
		"objects become columns, null an empty cell": {
			columnsOf(reflect.TypeFor[oura.DailySleep]()),
			[]oura.DailySleep{{ID: "a", Day: day, Timestamp: at, Contributors: oura.SleepContributors{DeepSleep: new(88)}}},
			"id,day,contributors.deep_sleep,contributors.efficiency,contributors.latency,contributors.rem_sleep," +
				"contributors.restfulness,contributors.timing,contributors.total_sleep,score,timestamp\n" +
				"a,2026-03-02,88,,,,,,,,2026-03-02T07:30:00+01:00\n",
		},
		"an object that is null has empty columns": {
			columnsOf(reflect.TypeFor[oura.DailySpO2]()),
			[]oura.DailySpO2{{ID: "a", Day: day}, {ID: "b", Day: day, SpO2Percentage: &oura.SpO2Percentage{Average: new(97.5)}}},
			"id,day,breathing_disturbance_index,spo2_percentage.average\na,2026-03-02,,\nb,2026-03-02,,97.5\n",
		},
		"lists are JSON, gaps are null": {
			columnsOf(reflect.TypeFor[oura.Sample]()),
			[]oura.Sample{{Interval: 300, Items: oura.Samples{60, math.NaN(), 62.5}, Timestamp: at}},
			"interval,items,timestamp\n300,\"[60,null,62.5]\",2026-03-02T07:30:00+01:00\n",
		},
		"text is quoted where it must be": {
			columnsOf(reflect.TypeFor[oura.Tag]()),
			[]oura.Tag{{ID: "a", Day: day, Tags: []string{"tea"}, Text: new("late, \"strong\"\n<tea>"), Timestamp: oura.LocalDateTimeOf(at)}},
			"id,day,tags,text,timestamp\na,2026-03-02,\"[\"\"tea\"\"]\",\"late, \"\"strong\"\"\n<tea>\",2026-03-02T07:30:00+01:00\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := csvOf(t, test.columns, test.documents)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func csvOf(t *testing.T, columns []column, documents any) string {
	t.Helper()
	var out strings.Builder
	w := newCSV(&out, columns)
	for i := range reflect.ValueOf(documents).Len() {
		if err := w.write(reflect.ValueOf(documents).Index(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestCodesAreNoNumbers: no reader that guesses types from the text of a cell, inside or outside quotes, takes a coded
// string for a number, a date or a truth value.
func TestCodesAreNoNumbers(t *testing.T) {
	t.Parallel()
	codes := strings.Repeat("1", 288)
	for _, documents := range []any{
		[]oura.Sleep{{SleepPhase5Min: &codes, SleepPhase30Sec: &codes, Movement30Sec: &codes}},
		[]oura.DailyActivity{{Class5Min: &codes}},
	} {
		v := reflect.ValueOf(documents)
		records, err := csv.NewReader(strings.NewReader(csvOf(t, columnsOf(v.Type().Elem()), documents))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for i, name := range records[0] {
			cell := records[1][i]
			if !strings.Contains(cell, codes) {
				continue
			}
			found++
			if _, err := strconv.ParseFloat(cell, 64); err == nil || !strings.HasPrefix(cell, "codes:1") {
				t.Errorf("%s is %.20s…", name, cell)
			}
		}
		if found == 0 {
			t.Errorf("%s has no codes", v.Type())
		}
	}
}
