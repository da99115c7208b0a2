package main

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
)

// day joins what is known of one day, as people do first. Times are in seconds; those of sleep are of the longest sleep
// that ended on the day.
type day struct {
	Day                oura.Date             `json:"day"`
	SleepScore         *int                  `json:"sleep_score"`
	ReadinessScore     *int                  `json:"readiness_score"`
	ActivityScore      *int                  `json:"activity_score"`
	TotalSleepDuration *oura.Seconds         `json:"total_sleep_duration"`
	DeepSleepDuration  *oura.Seconds         `json:"deep_sleep_duration"`
	REMSleepDuration   *oura.Seconds         `json:"rem_sleep_duration"`
	AverageHRV         *int                  `json:"average_hrv"`
	LowestHeartRate    *int                  `json:"lowest_heart_rate"`
	TemperatureDev     *float64              `json:"temperature_deviation"`
	Steps              *int                  `json:"steps"`
	ActiveCalories     *int                  `json:"active_calories"`
	StressHigh         *oura.Seconds         `json:"stress_high"`
	RecoveryHigh       *oura.Seconds         `json:"recovery_high"`
	Resilience         *oura.ResilienceLevel `json:"resilience_level"`
	SpO2               *float64              `json:"spo2_percentage_average"`
	VascularAge        *int                  `json:"vascular_age"`
	VO2Max             *int                  `json:"vo2_max"`
}

// days yields a row for each day of which anything is known, in order.
func (c *copied) days(ctx context.Context, s settings) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		all := map[oura.Date]*day{}
		err := errors.Join(
			join(ctx, c, s, all, func(d oura.DailySleep) (oura.Date, func(*day)) {
				return d.Day, func(r *day) { r.SleepScore = d.Score }
			}),
			join(ctx, c, s, all, func(d oura.DailyReadiness) (oura.Date, func(*day)) {
				return d.Day, func(r *day) { r.ReadinessScore, r.TemperatureDev = d.Score, d.TemperatureDeviation }
			}),
			join(ctx, c, s, all, func(d oura.DailyActivity) (oura.Date, func(*day)) {
				return d.Day, func(r *day) { r.ActivityScore, r.Steps, r.ActiveCalories = d.Score, &d.Steps, &d.ActiveCalories }
			}),
			join(ctx, c, s, all, func(d oura.Sleep) (oura.Date, func(*day)) {
				return d.Day, func(r *day) {
					if oura.Or(d.TotalSleepDuration, 0) < oura.Or(r.TotalSleepDuration, 0) {
						return
					}
					r.TotalSleepDuration, r.DeepSleepDuration, r.REMSleepDuration = d.TotalSleepDuration, d.DeepSleepDuration, d.REMSleepDuration
					r.AverageHRV, r.LowestHeartRate = d.AverageHRV, d.LowestHeartRate
				}
			}),
			join(ctx, c, s, all, func(d oura.DailyStress) (oura.Date, func(*day)) {
				return d.Day, func(r *day) { r.StressHigh, r.RecoveryHigh = d.StressHigh, d.RecoveryHigh }
			}),
			join(ctx, c, s, all, func(d oura.DailyResilience) (oura.Date, func(*day)) {
				return d.Day, func(r *day) { r.Resilience = &d.Level }
			}),
			join(ctx, c, s, all, func(d oura.DailySpO2) (oura.Date, func(*day)) {
				return d.Day, func(r *day) {
					if d.SpO2Percentage != nil {
						r.SpO2 = d.SpO2Percentage.Average
					}
				}
			}),
			join(ctx, c, s, all, func(d oura.DailyCardiovascularAge) (oura.Date, func(*day)) {
				return d.Day, func(r *day) { r.VascularAge = d.VascularAge }
			}),
			join(ctx, c, s, all, func(d oura.VO2Max) (oura.Date, func(*day)) {
				return d.Day, func(r *day) { r.VO2Max = &d.VO2Max }
			}),
		)
		if err != nil {
			yield(document{}, err)
			return
		}
		for _, at := range slices.SortedFunc(maps.Keys(all), oura.Date.Compare) {
			raw, err := json.Marshal(all[at])
			if !yield(document{raw, all[at]}, err) {
				return
			}
		}
	}
}

// join takes what the documents of a collection say of their days. Those that do not fit the model have none.
func join[T any](ctx context.Context, c *copied, s settings, all map[oura.Date]*day, of func(T) (oura.Date, func(*day))) error {
	for doc, err := range mirror.Days[T](ctx, c.person, s.first, s.last) {
		if _, malformed := errors.AsType[*oura.DocumentError](err); malformed {
			continue
		}
		if err != nil {
			return err
		}
		at, set := of(doc)
		if all[at] == nil {
			all[at] = &day{Day: at}
		}
		set(all[at])
	}
	return nil
}
