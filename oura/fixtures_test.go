package oura_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/internal/fixtures"
	"github.com/oura-go/sdk/oura"
)

// reader reads a whole collection, and one document of it where it has ids.
type reader struct {
	list func(context.Context, *oura.Client) ([]any, error)
	get  func(context.Context, *oura.Client) (any, error)
}

func documents[T any](field func(*oura.Client) *oura.Documents[T]) reader {
	return reader{
		list: func(ctx context.Context, c *oura.Client) (all []any, err error) {
			docs, err := oura.Collect(field(c).List(ctx))
			for _, d := range docs {
				all = append(all, d)
			}
			return all, err
		},
		get: func(ctx context.Context, c *oura.Client) (any, error) { return field(c).Get(ctx, "an-id") },
	}
}

func series[T any](field func(*oura.Client) *oura.TimeSeries[T]) reader {
	return reader{list: func(ctx context.Context, c *oura.Client) (all []any, err error) {
		rows, err := oura.Collect(field(c).List(ctx, oura.Between(time.Unix(0, 0), time.Unix(1, 0))))
		for _, r := range rows {
			all = append(all, r)
		}
		return all, err
	}}
}

func readers() map[string]reader {
	return map[string]reader{
		"daily_activity":           documents(func(c *oura.Client) *oura.Documents[oura.DailyActivity] { return c.DailyActivity }),
		"daily_cardiovascular_age": documents(func(c *oura.Client) *oura.Documents[oura.DailyCardiovascularAge] { return c.DailyCardiovascularAge }),
		"daily_readiness":          documents(func(c *oura.Client) *oura.Documents[oura.DailyReadiness] { return c.DailyReadiness }),
		"daily_resilience":         documents(func(c *oura.Client) *oura.Documents[oura.DailyResilience] { return c.DailyResilience }),
		"daily_sleep":              documents(func(c *oura.Client) *oura.Documents[oura.DailySleep] { return c.DailySleep }),
		"daily_spo2":               documents(func(c *oura.Client) *oura.Documents[oura.DailySpO2] { return c.DailySpO2 }),
		"daily_stress":             documents(func(c *oura.Client) *oura.Documents[oura.DailyStress] { return c.DailyStress }),
		"enhanced_tag":             documents(func(c *oura.Client) *oura.Documents[oura.EnhancedTag] { return c.EnhancedTag }),
		"heartrate":                series(func(c *oura.Client) *oura.TimeSeries[oura.HeartRate] { return c.HeartRate }),
		"rest_mode_period":         documents(func(c *oura.Client) *oura.Documents[oura.RestModePeriod] { return c.RestModePeriod }),
		"ring_battery_level":       series(func(c *oura.Client) *oura.TimeSeries[oura.RingBatteryLevel] { return c.RingBatteryLevel }),
		"ring_configuration":       documents(func(c *oura.Client) *oura.Documents[oura.RingConfiguration] { return c.RingConfiguration }),
		"session":                  documents(func(c *oura.Client) *oura.Documents[oura.Session] { return c.Session }),
		"sleep":                    documents(func(c *oura.Client) *oura.Documents[oura.Sleep] { return c.Sleep }),
		"sleep_time":               documents(func(c *oura.Client) *oura.Documents[oura.SleepTime] { return c.SleepTime }),
		"tag":                      documents(func(c *oura.Client) *oura.Documents[oura.Tag] { return c.Tag }),
		"vO2_max":                  documents(func(c *oura.Client) *oura.Documents[oura.VO2Max] { return c.VO2Max }),
		"workout":                  documents(func(c *oura.Client) *oura.Documents[oura.Workout] { return c.Workout }),
	}
}

// TestFixturesComeThrough: a full document fills every field of its model, one of nulls and one with the service's
// oddities decode without an error, in a page and alone.
func TestFixturesComeThrough(t *testing.T) {
	t.Parallel()
	all := readers()
	for _, name := range fixtures.Collections() {
		if name == fixtures.PersonalInfo {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, ok := all[name]
			if !ok {
				t.Fatal("no client field reads it")
			}
			kinds := []string{fixtures.Full, fixtures.Nulls, fixtures.Quirks}
			var docs [][]byte
			for _, kind := range kinds {
				docs = append(docs, fixtures.Document(name, kind))
			}
			kind := ""
			// The sandbox trims nothing, so that the day of a fixture plays no part.
			c, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/an-id") {
					answer(w, http.StatusOK, string(fixtures.Document(name, kind)))
					return
				}
				answer(w, http.StatusOK, string(fixtures.Page(name, nil, docs...)))
			}, oura.WithSandbox())
			list, err := r.list(t.Context(), c)
			if err != nil || len(list) != len(kinds) {
				t.Fatalf("%d documents, %v", len(list), err)
			}
			for _, path := range empty(reflect.ValueOf(list[0]), "") {
				t.Errorf("the full document leaves %s empty", path)
			}
			if r.get == nil {
				return
			}
			for i := range kinds {
				kind = kinds[i]
				one, err := r.get(t.Context(), c)
				if err != nil {
					t.Errorf("%s alone: %v", kind, err)
				}
				if i == 0 {
					for _, path := range empty(reflect.ValueOf(one), "") {
						t.Errorf("alone, the full document leaves %s empty", path)
					}
				}
			}
		})
	}
}

// empty lists the fields that hold nothing, at any depth.
func empty(v reflect.Value, path string) (found []string) {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if strings.HasSuffix(v.Type().PkgPath(), "/api") && v.Kind() == reflect.Struct && v.NumField() > 0 && v.Type().Field(0).Tag != "" {
		for f, value := range v.Fields() {
			found = append(found, empty(value, path+"."+f.Name)...)
		}
		return found
	}
	if v.Kind() != reflect.Bool && v.Kind() != reflect.Int && v.IsZero() {
		return []string{path}
	}
	return nil
}
