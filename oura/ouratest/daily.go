package ouratest

import (
	"math"

	"github.com/oura-go/sdk/oura"
)

// DailySpO2 builds the blood oxygen saturation of the day. With [WithoutReadings] the average is 0.0, which is how the
// service writes "no data".
func DailySpO2(day oura.Date, opts ...DataOption) oura.DailySpO2 {
	r := newRecipe(opts)
	p := r.who()
	d := p.dice("spo2", day)
	average := round(min(97+0.7*d.normal(), 99.5), 3)
	doc := oura.DailySpO2{ID: p.id("daily_spo2", day, 0), Day: day}
	if r.noReadings {
		doc.SpO2Percentage = optional(r, oura.SpO2Percentage{})
		return doc
	}
	doc.SpO2Percentage = optional(r, oura.SpO2Percentage{Average: average})
	doc.BreathingDisturbanceIndex = optional(r, clamp(6+4*d.normal(), 0, 100))
	return doc
}

// DailyStress builds the time under stress and in recovery of the day, each a multiple of 15 minutes, and the word for
// it.
func DailyStress(day oura.Date, opts ...DataOption) oura.DailyStress {
	r := newRecipe(opts)
	p := r.who()
	stress, recovery := p.stress(day)
	summary := oura.DailyStressSummaryNormal
	switch {
	case stress > 2*recovery:
		summary = oura.DailyStressSummaryStressful
	case recovery > 2*stress:
		summary = oura.DailyStressSummaryRestored
	}
	return oura.DailyStress{
		ID: p.id("daily_stress", day, 0), Day: day,
		DaySummary: optional(r, enum(r, summary)), StressHigh: optional(r, stress), RecoveryHigh: optional(r, recovery),
	}
}

func (p *person) stress(day oura.Date) (stress, recovery int) {
	d := p.dice("stress", day)
	quarters := func(mean float64) int { return 900 * clamp(mean+3*d.normal(), 0, 40) }
	return quarters(6), quarters(7)
}

// DailyResilience builds the resilience of the day; its level follows from the contributors.
func DailyResilience(day oura.Date, opts ...DataOption) oura.DailyResilience {
	r := newRecipe(opts)
	p := r.who()
	d := p.dice("resilience", day)
	stress, recovery := p.stress(day)
	part := func(mean float64) float64 { return round(min(max(mean+9*d.normal(), 0), 100), 1) }
	c := oura.ResilienceContributors{
		SleepRecovery:   part(float64(p.sleepScore(p.sleeping("night", day, p.night(day))).score()) - 10),
		DaytimeRecovery: part(30 + float64(recovery)/300),
		Stress:          part(85 - float64(stress)/250),
	}
	levels := []oura.ResilienceLevel{
		oura.ResilienceLevelLimited, oura.ResilienceLevelAdequate, oura.ResilienceLevelSolid,
		oura.ResilienceLevelStrong, oura.ResilienceLevelExceptional,
	}
	mean := (c.SleepRecovery + c.DaytimeRecovery + c.Stress) / 3
	return oura.DailyResilience{
		ID: p.id("daily_resilience", day, 0), Day: day, Contributors: c,
		Level: enum(r, levels[clamp(math.Floor(mean/20), 0, 4)]),
	}
}

// DailyCardiovascularAge builds the vascular age of the day, near the person's own. Live documents often have no id,
// see [WithoutID].
func DailyCardiovascularAge(day oura.Date, opts ...DataOption) oura.DailyCardiovascularAge {
	r := newRecipe(opts)
	p := r.who()
	d := p.dice("vascular age", day)
	fitter := 8 * (p.vigour - 1)
	age := clamp(float64(p.age)-fitter+d.normal(), 18, 100)
	doc := oura.DailyCardiovascularAge{
		Day: day, VascularAge: optional(r, age),
		PulseWaveVelocity: optional(r, round(4.6+0.06*float64(age)+0.1*d.normal(), 2)),
	}
	if !r.noID {
		doc.ID = new(p.id("daily_cardiovascular_age", day, 0))
	}
	return doc
}

// VO2Max builds an estimate made on the day.
func VO2Max(day oura.Date, opts ...DataOption) oura.VO2Max {
	r := newRecipe(opts)
	p := r.who()
	d := p.dice("vo2max", day)
	return oura.VO2Max{
		ID: p.id("vO2_max", day, 0), Day: day, Timestamp: wall(p.loc, day, 8*60+d.intn(120)),
		VO2Max: clamp(52-0.3*float64(p.age)+12*(p.vigour-1)+d.normal(), 15, 80),
	}
}

// SleepTime builds the recommended bedtime for the day, around the person's habit. A document that has found none
// comes with [OnlyRequired].
func SleepTime(day oura.Date, opts ...DataOption) oura.SleepTime {
	r := newRecipe(opts)
	p := r.who()
	d := p.dice("sleep time", day)
	_, east := r.midnight(day).Zone()
	advice := pick(d, oura.SleepTimeRecommendationFollowOptimalBedtime, oura.SleepTimeRecommendationFollowOptimalBedtime,
		oura.SleepTimeRecommendationEarlierBedtime, oura.SleepTimeRecommendationImproveEfficiency)
	return oura.SleepTime{
		ID: p.id("sleep_time", day, 0), Day: day,
		OptimalBedtime: optional(r, oura.SleepTimeWindow{DayTz: east, StartOffset: 60 * (p.bedtime - 25), EndOffset: 60 * (p.bedtime + 20)}),
		Recommendation: optional(r, enum(r, advice)),
		Status:         optional(r, enum(r, oura.SleepTimeStatusOptimalFound)),
	}
}
