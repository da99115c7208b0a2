package main

import (
	"context"

	"github.com/oura-go/sdk/oura"
)

// endpoint is one path of the API.
type endpoint struct {
	name  string
	print func(context.Context) error
}

// endpoints are all of them. Each says what its table shows.
func endpoints(c *oura.Client, r *report) []endpoint {
	return []endpoint{
		{"personal_info", func(ctx context.Context) error { return person(ctx, c, r) }},
		documents(r, "daily_activity", c.DailyActivity, "day score steps calories active sedentary", func(d oura.DailyActivity) (string, row) {
			return d.ID, row{d.Day, d.Score, d.Steps, d.TotalCalories, seconds(d.HighActivityTime + d.MediumActivityTime), seconds(d.SedentaryTime)}
		}),
		documents(r, "daily_cardiovascular_age", c.DailyCardiovascularAge, "day vascular_age pulse_wave_velocity", func(d oura.DailyCardiovascularAge) (string, row) {
			return oura.Or(d.ID, ""), row{d.Day, d.VascularAge, d.PulseWaveVelocity}
		}),
		documents(r, "daily_readiness", c.DailyReadiness, "day score temperature hrv_balance recovery", func(d oura.DailyReadiness) (string, row) {
			return d.ID, row{d.Day, d.Score, d.TemperatureDeviation, d.Contributors.HRVBalance, d.Contributors.RecoveryIndex}
		}),
		documents(r, "daily_resilience", c.DailyResilience, "day level sleep daytime stress", func(d oura.DailyResilience) (string, row) {
			return d.ID, row{d.Day, d.Level, d.Contributors.SleepRecovery, d.Contributors.DaytimeRecovery, d.Contributors.Stress}
		}),
		documents(r, "daily_sleep", c.DailySleep, "day score deep REM efficiency timing", func(d oura.DailySleep) (string, row) {
			return d.ID, row{d.Day, d.Score, d.Contributors.DeepSleep, d.Contributors.REMSleep, d.Contributors.Efficiency, d.Contributors.Timing}
		}),
		documents(r, "daily_spo2", c.DailySpO2, "day average disturbances", func(d oura.DailySpO2) (string, row) {
			return d.ID, row{d.Day, oura.Or(oura.Or(d.SpO2Percentage, oura.SpO2Percentage{}).Average, 0), d.BreathingDisturbanceIndex}
		}),
		documents(r, "daily_stress", c.DailyStress, "day stress recovery summary", func(d oura.DailyStress) (string, row) {
			return d.ID, row{d.Day, seconds(oura.Or(d.StressHigh, 0)), seconds(oura.Or(d.RecoveryHigh, 0)), d.DaySummary}
		}),
		documents(r, "enhanced_tag", c.EnhancedTag, "start_day start tag comment", func(d oura.EnhancedTag) (string, row) {
			return d.ID, row{d.StartDay, d.StartTime, d.TagTypeCode, d.Comment}
		}),
		series(r, "heartrate", c.HeartRate, "timestamp bpm source", func(h oura.HeartRate) row {
			return row{h.Timestamp, h.BPM, h.Source}
		}),
		documents(r, "rest_mode_period", c.RestModePeriod, "start_day end_day episodes", func(d oura.RestModePeriod) (string, row) {
			return d.ID, row{d.StartDay, d.EndDay, len(d.Episodes)}
		}),
		series(r, "ring_battery_level", c.RingBatteryLevel, "timestamp level charging", func(l oura.RingBatteryLevel) row {
			return row{l.Timestamp, l.Level, l.Charging}
		}),
		undated(r, "ring_configuration", c.RingConfiguration, "hardware color size firmware", func(d oura.RingConfiguration) (string, row) {
			return d.ID, row{d.HardwareType, d.Color, d.Size, d.FirmwareVersion}
		}),
		documents(r, "session", c.Session, "day type start mood", func(d oura.Session) (string, row) {
			return d.ID, row{d.Day, d.Type, d.StartDatetime, d.Mood}
		}),
		documents(r, "sleep", c.Sleep, "day type in_bed asleep deep REM heart_rate HRV", func(d oura.Sleep) (string, row) {
			return d.ID, row{
				d.Day, d.Type, seconds(d.TimeInBed), seconds(oura.Or(d.TotalSleepDuration, 0)), seconds(oura.Or(d.DeepSleepDuration, 0)),
				seconds(oura.Or(d.REMSleepDuration, 0)), d.AverageHeartRate, d.AverageHRV,
			}
		}),
		documents(r, "sleep_time", c.SleepTime, "day status recommendation", func(d oura.SleepTime) (string, row) {
			return d.ID, row{d.Day, d.Status, d.Recommendation}
		}),
		documents(r, "tag", c.Tag, "day timestamp tags text", func(d oura.Tag) (string, row) {
			return d.ID, row{d.Day, d.Timestamp, d.Tags, d.Text}
		}),
		documents(r, "vO2_max", c.VO2Max, "day vo2_max", func(d oura.VO2Max) (string, row) {
			return d.ID, row{d.Day, d.VO2Max}
		}),
		documents(r, "workout", c.Workout, "day activity intensity start end calories distance", func(d oura.Workout) (string, row) {
			return d.ID, row{d.Day, d.Activity, d.Intensity, d.StartDatetime, d.EndDatetime, d.Calories, d.Distance}
		}),
	}
}

func person(ctx context.Context, c *oura.Client, r *report) error {
	me, err := c.PersonalInfo(ctx)
	if err != nil {
		return err
	}
	t := r.table("id age sex height weight email")
	t.add(row{me.ID, me.Age, me.BiologicalSex, me.Height, me.Weight, me.Email})
	return t.flush()
}
