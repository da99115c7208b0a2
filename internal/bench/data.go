package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// The data is invented, and the same in every run. Its sizes are those of the service: see the comments.

const (
	day0    = "2026-03-01" // of every collection
	rowStep = 24 * time.Second
)

var instant0 = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// generator makes documents. Texts are built by hand, so that keys come in the order of the service.
type generator struct{ r *rand.Rand }

func newGenerator() *generator { return &generator{rand.New(rand.NewPCG(8, 8))} } //nolint:gosec // data, not a secret

func (g *generator) between(low, high int) int { return low + g.r.IntN(high-low+1) }

// page writes an answer as the service does: without white space.
func page(next string, docs []string) []byte {
	token := "null"
	if next != "" {
		token = fmt.Sprintf("%q", next)
	}
	return fmt.Appendf(nil, `{"data":[%s],"next_token":%s}`, strings.Join(docs, ","), token)
}

// heartRates are n rows from an instant on, about 80 bytes each.
func (g *generator) heartRates(from time.Time, step time.Duration, n int) []string {
	sources := []string{"awake", "awake", "awake", "rest", "rest", "sleep", "workout", "live"}
	rows := make([]string, n)
	source := sources[0]
	for i := range rows {
		if i%16 == 0 {
			source = sources[g.r.IntN(len(sources))]
		}
		at := from.Add(time.Duration(i) * step).Format("2006-01-02T15:04:05.000Z07:00")
		rows[i] = fmt.Sprintf(`{"bpm":%d,"source":%q,"timestamp":%q}`, g.between(48, 160), source, at)
	}
	return rows
}

// dailySleep is about 330 bytes.
func (g *generator) dailySleep(i int) string {
	day := dayOf(i)
	score := func() int { return g.between(40, 100) }
	return fmt.Sprintf(`{"id":%q,"contributors":{"deep_sleep":%d,"efficiency":%d,"latency":%d,"rem_sleep":%d,"restfulness":%d,`+
		`"timing":%d,"total_sleep":%d},"day":%q,"score":%d,"timestamp":"%sT00:00:00+00:00"}`,
		g.id(), score(), score(), score(), score(), score(), score(), score(), day, score(), day)
}

// dailyActivity is about 8.4 KB, with a MET value for each minute.
func (g *generator) dailyActivity(i int) string {
	day := dayOf(i)
	met := g.samples(1440, 0, func() float64 { return 0.9 + math.Abs(g.r.NormFloat64())*0.8 })
	n := func(high int) int { return g.r.IntN(high) }
	return fmt.Sprintf(`{"id":%q,"class_5_min":%q,"score":%d,"active_calories":%d,"average_met_minutes":%.5f,`+
		`"contributors":{"meet_daily_targets":%d,"move_every_hour":%d,"recovery_time":%d,"stay_active":%d,"training_frequency":%d,"training_volume":%d},`+
		`"equivalent_walking_distance":%d,"high_activity_met_minutes":%d,"high_activity_time":%d,"inactivity_alerts":%d,`+
		`"low_activity_met_minutes":%d,"low_activity_time":%d,"medium_activity_met_minutes":%d,"medium_activity_time":%d,`+
		`"met":{"interval":60.0,"items":%s,"timestamp":"%sT04:00:00.000+02:00"},`+
		`"meters_to_target":%d,"non_wear_time":%d,"resting_time":%d,"sedentary_met_minutes":%d,"sedentary_time":%d,"steps":%d,`+
		`"target_calories":%d,"target_meters":%d,"total_calories":%d,"day":%q,"timestamp":"%sT04:00:00+02:00"}`,
		g.id(), g.coded(288, "012345"), n(100), n(900), 1+g.r.Float64(),
		n(100), n(100), n(100), n(100), n(100), n(100),
		n(15000), n(300), n(3600), n(4), n(300), n(20000), n(300), n(6000),
		met, day, n(9000), n(3600), n(30000), n(20), n(40000), n(18000), 500, 9000, 1800+n(1500), day, day)
}

// sleep is about 4.5 KB: series of 96 items, of which one in nine is missing, and strings of 960 characters.
func (g *generator) sleep(i int) string {
	day, before := dayOf(i), dayOf(i-1)
	n := func(high int) int { return g.r.IntN(high) }
	series := func(low, spread float64) string {
		items := g.samples(96, 9, func() float64 { return math.Round(low + spread*g.r.Float64()) })
		return fmt.Sprintf(`{"interval":300.0,"items":%s,"timestamp":"%sT23:12:30.000+02:00"}`, items, before)
	}
	return fmt.Sprintf(`{"id":%q,"average_breath":%.3f,"average_heart_rate":%.2f,"average_hrv":%d,"awake_time":%d,`+
		`"bedtime_end":"%sT07:12:30.000+02:00","bedtime_start":"%sT23:12:30.000+02:00","day":%q,"deep_sleep_duration":%d,"efficiency":%d,`+
		`"heart_rate":%s,"hrv":%s,"latency":%d,"light_sleep_duration":%d,"low_battery_alert":false,"lowest_heart_rate":%d,`+
		`"movement_30_sec":%q,"period":0,"readiness":{"contributors":{"activity_balance":%d,"body_temperature":%d,"hrv_balance":null,`+
		`"previous_day_activity":%d,"previous_night":%d,"recovery_index":%d,"resting_heart_rate":%d,"sleep_balance":%d,"sleep_regularity":null},`+
		`"score":%d,"temperature_deviation":%.2f,"temperature_trend_deviation":%.2f},"readiness_score_delta":0,"rem_sleep_duration":%d,`+
		`"restless_periods":%d,"sleep_phase_5_min":%q,"sleep_phase_30_sec":%q,"sleep_score_delta":0,"sleep_algorithm_version":"v2",`+
		`"sleep_analysis_reason":"foreground_sleep_analysis","time_in_bed":28800,"total_sleep_duration":%d,"type":"long_sleep"}`,
		g.id(), 12+4*g.r.Float64(), 50+15*g.r.Float64(), n(100), n(5000), day, before, day, n(8000), n(100),
		series(48, 20), series(20, 90), n(1800), n(16000), 44+n(12),
		g.coded(960, "1234"), n(100), n(100), n(100), n(100), n(100), n(100), n(100), n(100),
		g.r.NormFloat64(), g.r.NormFloat64(), n(8000), n(300), g.coded(96, "1234"), g.coded(960, "1234"), n(28000))
}

func dayOf(i int) string { return instant0.AddDate(0, 0, i).Format(time.DateOnly) }

func (g *generator) id() string {
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", g.r.Uint32(), g.r.IntN(1<<16), g.r.IntN(1<<16), g.r.IntN(1<<16), g.r.Int64N(1<<48))
}

// coded is a string of n codes, in stretches as they are measured.
func (g *generator) coded(n int, codes string) string {
	b := make([]byte, n)
	for i := range b {
		if i%8 == 0 || g.r.IntN(4) == 0 {
			b[i] = codes[g.r.IntN(len(codes))]
		} else {
			b[i] = b[i-1]
		}
	}
	return string(b)
}

// samples is a JSON array with one decimal; one item in gaps is null, if gaps is not 0.
func (g *generator) samples(n, gaps int, value func() float64) string {
	items := make([]string, n)
	for i := range items {
		if gaps > 0 && g.r.IntN(gaps) == 0 {
			items[i] = "null"
			continue
		}
		items[i] = fmt.Sprintf("%.1f", value())
	}
	return "[" + strings.Join(items, ",") + "]"
}

// many makes n documents. One that is not JSON would be measured as an error.
func many(n int, document func(int) string) []string {
	docs := make([]string, n)
	for i := range docs {
		docs[i] = document(i)
		if !json.Valid([]byte(docs[i])) {
			panic("bench: a document is not JSON: " + docs[i])
		}
	}
	return docs
}
