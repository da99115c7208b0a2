package person

import (
	"math"
	"reflect"
	"time"

	"github.com/oura-go/sdk/api"
)

// rated is a score around a value, with contributors around the score.
func rated[C any](d *dice, around float64) (score int, contributors C) {
	score = percent(around + 5*d.normal())
	for _, field := range reflect.ValueOf(&contributors).Elem().Fields() {
		field.Set(reflect.ValueOf(new(percent(float64(score) + 7*d.normal()))))
	}
	return score, contributors
}

// unsettled is what a night's scores lack at first: they are amended two hours after its end.
func (p *Person) unsettled(day api.Date) int {
	up := p.night(day).end
	if p.passed(span{up, up.Add(2 * time.Hour)}) == 1 {
		return 0
	}
	return 1 + p.dice("unsettled", day).intn(4)
}

// DailySleep makes the sleep score of the day. It depends on how long its night was.
func (p *Person) DailySleep(day api.Date) api.DailySleep {
	hours := float64(p.sleeping("night", day, p.bedtime(p.night(day))).asleep()) / 3600
	score, contributors := rated[api.SleepContributors](p.dice("sleep score", day), 88-10*math.Abs(hours-8))
	doc := api.DailySleep{
		ID: p.id("daily_sleep", day, 0), Day: day, Timestamp: day.In(p.Location), Score: p.score(max(score-p.unsettled(day), 1)),
	}
	if !p.OnlyRequired {
		doc.Contributors = contributors
	}
	return doc
}

// DailyReadiness makes the readiness score of the day.
func (p *Person) DailyReadiness(day api.Date) api.DailyReadiness {
	d := p.dice("readiness", day)
	score, contributors := rated[api.ReadinessContributors](d, 82)
	deviation := round(0.25*d.normal(), 2)
	doc := api.DailyReadiness{
		ID: p.id("daily_readiness", day, 0), Day: day, Timestamp: day.In(p.Location), Score: p.score(max(score-p.unsettled(day), 1)),
		TemperatureDeviation: optional(p, deviation), TemperatureTrendDeviation: optional(p, round(deviation/3+0.05*d.normal(), 2)),
	}
	if !p.OnlyRequired {
		doc.Contributors = contributors
	}
	return doc
}

// DailySpO2 makes the blood oxygen of the day; without readings its average is 0.0, as the service writes "no data".
func (p *Person) DailySpO2(day api.Date) api.DailySpO2 {
	d := p.dice("spo2", day)
	doc := api.DailySpO2{ID: p.id("daily_spo2", day, 0), Day: day, SpO2Percentage: optional(p, api.SpO2Percentage{Average: new(0.0)})}
	if !p.NoReadings && !p.OnlyRequired {
		*doc.SpO2Percentage.Average = round(min(97+0.7*d.normal(), 99.5), 3)
		doc.BreathingDisturbanceIndex = new(clamp(6+4*d.normal(), 0, 100))
	}
	return doc
}

// DailyStress makes the time under stress and in recovery of the day, and the word for it. Both grow from the end of the
// night until midnight.
func (p *Person) DailyStress(day api.Date) api.DailyStress {
	d := p.dice("stress", day)
	passed := p.passed(span{p.night(day).end, p.wall(day.AddDays(1), 0)})
	total := func(quarters float64) int { return 900 * int(passed*float64(clamp(quarters, 0, 40))) }
	stress, recovery := total(6+3*d.normal()), total(7+3*d.normal())
	summary := api.DailyStressSummaryNormal
	switch {
	case stress > 2*recovery:
		summary = api.DailyStressSummaryStressful
	case recovery > 2*stress:
		summary = api.DailyStressSummaryRestored
	}
	return api.DailyStress{
		ID: p.id("daily_stress", day, 0), Day: day,
		DaySummary: optional(p, enum(p, summary)), StressHigh: optional(p, api.Seconds(stress)), RecoveryHigh: optional(p, api.Seconds(recovery)),
	}
}

var resilienceLevels = []api.ResilienceLevel{
	api.ResilienceLevelLimited, api.ResilienceLevelAdequate, api.ResilienceLevelSolid, api.ResilienceLevelStrong,
	api.ResilienceLevelExceptional,
}

// DailyResilience makes the resilience of the day; its level follows from the contributors.
func (p *Person) DailyResilience(day api.Date) api.DailyResilience {
	d := p.dice("resilience", day)
	part := func() float64 { return round(min(max(65+12*d.normal(), 0), 100), 1) }
	c := api.ResilienceContributors{SleepRecovery: part(), DaytimeRecovery: part(), Stress: part()}
	mean := (c.SleepRecovery + c.DaytimeRecovery + c.Stress) / 3
	return api.DailyResilience{
		ID: p.id("daily_resilience", day, 0), Day: day, Contributors: c,
		Level: enum(p, resilienceLevels[clamp(math.Floor(mean/20), 0, 4)]),
	}
}

// DailyCardiovascularAge makes the vascular age of the day, near the person's own.
func (p *Person) DailyCardiovascularAge(day api.Date) api.DailyCardiovascularAge {
	d := p.dice("vascular age", day)
	fitter := 8 * (p.vigour - 1)
	age := clamp(float64(p.age)-fitter+d.normal(), 18, 100)
	doc := api.DailyCardiovascularAge{
		Day: day, VascularAge: optional(p, age),
		PulseWaveVelocity: optional(p, round(4.6+0.06*float64(age)+0.1*d.normal(), 2)),
	}
	if !p.NoID {
		doc.ID = new(p.id("daily_cardiovascular_age", day, 0))
	}
	return doc
}

// VO2Max makes an estimate made on the day.
func (p *Person) VO2Max(day api.Date) api.VO2Max {
	d := p.dice("vo2max", day)
	return api.VO2Max{
		ID: p.id("vO2_max", day, 0), Day: day, Timestamp: p.wall(day, 8*60+d.intn(120)),
		VO2Max: clamp(52-0.3*float64(p.age)+12*(p.vigour-1)+d.normal(), 15, 80),
	}
}

// SleepTime makes the recommended bedtime for the day, around the person's habit.
func (p *Person) SleepTime(day api.Date) api.SleepTime {
	d := p.dice("sleep time", day)
	_, east := day.In(p.Location).Zone()
	advice := pick(d, api.SleepTimeRecommendationFollowOptimalBedtime, api.SleepTimeRecommendationFollowOptimalBedtime,
		api.SleepTimeRecommendationEarlierBedtime, api.SleepTimeRecommendationImproveEfficiency)
	return api.SleepTime{
		ID: p.id("sleep_time", day, 0), Day: day,
		OptimalBedtime: optional(p, api.SleepTimeWindow{DayTz: api.Seconds(east), StartOffset: api.Seconds(60 * (p.toBed - 25)), EndOffset: api.Seconds(60 * (p.toBed + 20))}),
		Recommendation: optional(p, enum(p, advice)),
		Status:         optional(p, enum(p, api.SleepTimeStatusOptimalFound)),
	}
}
