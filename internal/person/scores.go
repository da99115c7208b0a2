package person

import (
	"reflect"

	"github.com/oura-go/sdk/api"
)

// rate scores each contributor around a value.
func rate[C any](d *dice, around float64) (contributors C) {
	v := reflect.ValueOf(&contributors).Elem()
	for _, field := range v.Fields() {
		field.Set(reflect.ValueOf(new(percent(around + 7*d.normal()))))
	}
	return contributors
}

// mean is the score that contributors make.
func mean[C any](contributors C) int {
	v, sum := reflect.ValueOf(contributors), 0.0
	for _, field := range v.Fields() {
		sum += float64(field.Elem().Int())
	}
	return percent(sum / float64(v.NumField()))
}

// sleepScore rates a night. How long the person slept counts most.
func (p *Person) sleepScore(day api.Date, z sleeping) (api.SleepContributors, int) {
	hours := float64(z.times.asleep()) / 3600
	enough := 100 - 22*max(0, 7.5-hours) - 10*max(0, hours-9)
	c := rate[api.SleepContributors](p.dice("sleep score", day), 40+max(0, enough)/2)
	*c.TotalSleep = percent(enough)
	return c, mean(c)
}

// DailySleep makes the sleep score of the day, which is that of its night.
func (p *Person) DailySleep(day api.Date) api.DailySleep {
	c, score := p.sleepScore(day, p.sleeping("night", day, p.bedtime(p.night(day))))
	doc := api.DailySleep{ID: p.id("daily_sleep", day, 0), Day: day, Timestamp: day.In(p.Location), Score: p.score(score)}
	if !p.OnlyRequired {
		doc.Contributors = c
	}
	return doc
}

// DailyReadiness makes the readiness score of the day, in which the score of the night before has its part.
func (p *Person) DailyReadiness(day api.Date) api.DailyReadiness {
	_, night := p.sleepScore(day, p.sleeping("night", day, p.night(day)))
	d := p.dice("readiness", day)
	c := rate[api.ReadinessContributors](d, 84)
	*c.PreviousNight = night
	deviation := round(0.25*d.normal(), 2)
	doc := api.DailyReadiness{
		ID: p.id("daily_readiness", day, 0), Day: day, Timestamp: day.In(p.Location), Score: p.score(mean(c)),
		TemperatureDeviation: optional(p, deviation), TemperatureTrendDeviation: optional(p, round(deviation/3+0.05*d.normal(), 2)),
	}
	if !p.OnlyRequired {
		doc.Contributors = c
	}
	return doc
}
