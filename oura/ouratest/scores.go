package ouratest

import (
	"math"

	"github.com/oura-go/sdk/oura"
)

// sleepScore is what a night is worth.
type sleepScore struct {
	deep, efficiency, latency, rem, restful, timing, total int
}

// sleepScore rates the night of the day, part by part.
func (p *person) sleepScore(z sleeping) sleepScore {
	asleep := float64(z.times.asleep())
	hours := asleep / 3600
	perHour := float64(z.restless) / max(float64(z.seconds())/3600, 0.1)
	habit := wall(p.loc, oura.DateOf(z.end), (p.bedtime+p.wake)/2)
	middle := z.start.Add(z.end.Sub(z.start) / 2)
	return sleepScore{
		deep:       percent(100 * float64(z.times.deep) / max(1, 0.18*asleep)),
		efficiency: percent(100 - 4*max(0, 95-float64(z.efficiency()))),
		latency:    percent(100 - math.Abs(float64(z.times.latency)-900)/30),
		rem:        percent(100 * float64(z.times.rem) / max(1, 0.22*asleep)),
		restful:    percent(105 - 4*perHour),
		timing:     percent(100 - math.Abs(middle.Sub(habit).Minutes())/3),
		total:      percent(100 - 22*max(0, 7.5-hours) - 10*max(0, hours-9)),
	}
}

// score weighs the parts; total sleep counts most.
func (s sleepScore) score() int {
	sum := 0.35*float64(s.total) + 0.1*float64(s.deep) + 0.1*float64(s.rem) + 0.1*float64(s.efficiency) +
		0.1*float64(s.latency) + 0.15*float64(s.restful) + 0.1*float64(s.timing)
	return percent(sum)
}

// DailySleep builds the sleep score of the day, which is that of its [Night]; [Bedtime] changes both alike.
func DailySleep(day oura.Date, opts ...DataOption) oura.DailySleep {
	r := newRecipe(opts)
	p := r.who()
	s := p.sleepScore(p.sleeping("night", day, r.bedtime(p.night(day))))
	doc := oura.DailySleep{ID: p.id("daily_sleep", day, 0), Day: day, Timestamp: r.midnight(day), Score: r.score(s.score())}
	if !r.onlyRequired {
		doc.Contributors = oura.SleepContributors{
			DeepSleep: &s.deep, Efficiency: &s.efficiency, Latency: &s.latency, REMSleep: &s.rem,
			Restfulness: &s.restful, Timing: &s.timing, TotalSleep: &s.total,
		}
	}
	return doc
}

// readiness is how the person starts into the day.
type readiness struct {
	activityBalance, temperatureScore, hrvBalance, previousDay, previousNight, recovery, restingHR, sleepBalance, regularity int

	temperature, trend float64
}

func (p *person) readiness(day oura.Date) readiness {
	d := p.dice("readiness", day)
	night := p.sleepScore(p.sleeping("night", day, p.night(day))).score()
	before := p.sleepScore(p.sleeping("night", day.AddDays(-1), p.night(day.AddDays(-1)))).score()
	deviation := round(0.25*d.normal(), 2)
	tired := 0.0
	if p.hasWorkout(day.AddDays(-1)) {
		tired = 8
	}
	return readiness{
		activityBalance:  percent(85 - tired/2 + 6*d.normal()),
		temperatureScore: percent(100 - 60*math.Abs(deviation)),
		hrvBalance:       percent(80 + 8*d.normal()),
		previousDay:      percent(88 - tired + 5*d.normal()),
		previousNight:    night,
		recovery:         percent(78 + 12*d.normal()),
		restingHR:        percent(86 - tired/2 + 7*d.normal()),
		sleepBalance:     percent(float64(night+before) / 2),
		regularity:       percent(84 + 6*d.normal()),
		temperature:      deviation,
		trend:            round(deviation/3+0.05*d.normal(), 2),
	}
}

func (r readiness) contributors() oura.ReadinessContributors {
	return oura.ReadinessContributors{
		ActivityBalance: &r.activityBalance, BodyTemperature: &r.temperatureScore, HRVBalance: &r.hrvBalance,
		PreviousDayActivity: &r.previousDay, PreviousNight: &r.previousNight, RecoveryIndex: &r.recovery,
		RestingHeartRate: &r.restingHR, SleepBalance: &r.sleepBalance, SleepRegularity: &r.regularity,
	}
}

// score is the mean of the parts.
func (r readiness) score() int {
	return percent(float64(r.activityBalance+r.temperatureScore+r.hrvBalance+r.previousDay+r.previousNight+
		r.recovery+r.restingHR+r.sleepBalance+r.regularity) / 9)
}

// DailyReadiness builds the readiness score of the day.
func DailyReadiness(day oura.Date, opts ...DataOption) oura.DailyReadiness {
	r := newRecipe(opts)
	p := r.who()
	ready := p.readiness(day)
	doc := oura.DailyReadiness{
		ID: p.id("daily_readiness", day, 0), Day: day, Timestamp: r.midnight(day), Score: r.score(ready.score()),
		TemperatureDeviation: optional(r, ready.temperature), TemperatureTrendDeviation: optional(r, ready.trend),
	}
	if !r.onlyRequired {
		doc.Contributors = ready.contributors()
	}
	return doc
}
