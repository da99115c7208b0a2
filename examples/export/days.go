package main

import (
	"context"
	"encoding/json"
	"errors"
	"iter"

	"github.com/oura-go/sdk/oura"
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

// joined asks the views of the copy, where what does not fit its model is null, a day as well. A day has one row, however
// many documents there are of it. An average of 0.0 is how the service writes that there is none.
const joined = `
WITH nights AS (SELECT *, row_number() OVER (PARTITION BY day ORDER BY total_sleep_duration DESC) AS place FROM oura_sleep),
	days AS (SELECT day FROM oura_daily_sleep UNION SELECT day FROM oura_daily_readiness UNION SELECT day FROM oura_daily_activity
		UNION SELECT day FROM oura_sleep UNION SELECT day FROM oura_daily_stress UNION SELECT day FROM oura_daily_resilience
		UNION SELECT day FROM oura_daily_spo2 UNION SELECT day FROM oura_daily_cardiovascular_age UNION SELECT day FROM oura_vo2_max)
SELECT d.day, sleep.score, readiness.score, activity.score, night.total_sleep_duration, night.deep_sleep_duration,
	night.rem_sleep_duration, night.average_hrv, night.lowest_heart_rate, readiness.temperature_deviation, activity.steps,
	activity.active_calories, stress.stress_high, stress.recovery_high, resilience.level,
	nullif(spo2.spo2_percentage_average, 0), age.vascular_age, vo2.vo2_max
FROM days d
	LEFT JOIN oura_daily_sleep sleep ON sleep.day = d.day
	LEFT JOIN oura_daily_readiness readiness ON readiness.day = d.day
	LEFT JOIN oura_daily_activity activity ON activity.day = d.day
	LEFT JOIN nights night ON night.day = d.day AND night.place = 1
	LEFT JOIN oura_daily_stress stress ON stress.day = d.day
	LEFT JOIN oura_daily_resilience resilience ON resilience.day = d.day
	LEFT JOIN oura_daily_spo2 spo2 ON spo2.day = d.day
	LEFT JOIN oura_daily_cardiovascular_age age ON age.day = d.day
	LEFT JOIN oura_vo2_max vo2 ON vo2.day = d.day
WHERE d.day BETWEEN ? AND ? GROUP BY d.day ORDER BY d.day`

// days yields a row for each day of which anything is known, in order.
func (c *copied) days(ctx context.Context, s settings) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		rows, err := c.db.QueryContext(ctx, joined, s.first, s.last)
		if err != nil {
			yield(document{}, err)
			return
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var d day
			err := rows.Scan(&d.Day, &d.SleepScore, &d.ReadinessScore, &d.ActivityScore, &d.TotalSleepDuration, &d.DeepSleepDuration,
				&d.REMSleepDuration, &d.AverageHRV, &d.LowestHeartRate, &d.TemperatureDev, &d.Steps, &d.ActiveCalories, &d.StressHigh,
				&d.RecoveryHigh, &d.Resilience, &d.SpO2, &d.VascularAge, &d.VO2Max)
			raw, failed := json.Marshal(d)
			if err != nil || failed != nil {
				yield(document{}, errors.Join(err, failed))
				return
			}
			if !yield(document{raw, &d}, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(document{}, err)
		}
	}
}
