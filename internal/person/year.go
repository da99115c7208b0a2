package person

import (
	"time"

	"github.com/oura-go/sdk/api"
)

// Year returns the person's data by collection: a number of days until now. Nothing of it is kept: documents are made
// when they are asked for.
func (p *Person) Year(days int, now func() time.Time) map[string]Set {
	first := api.DateOf(now().In(p.Location)).AddDays(1 - days)
	sets := map[string]Set{
		"heartrate":          rows[api.HeartRate]{first.In(p.Location), now, p.heartRates, func(r api.HeartRate) time.Time { return r.Timestamp }},
		"ring_battery_level": rows[api.RingBatteryLevel]{first.In(p.Location), now, p.batteryLevels, func(r api.RingBatteryLevel) time.Time { return r.Timestamp }},
		"ring_configuration": ring{p},
	}
	for name, g := range generators {
		sets[name] = documents{p: p, collection: name, generator: g, first: first, now: now}
	}
	return sets
}

// Document makes a document of a collection that has one every day, or could have one on any; ok is false for others.
func (p *Person) Document(collection string, day api.Date) (doc any, ok bool) {
	g, ok := generators[collection]
	if !ok {
		return nil, false
	}
	return g.build(p, day, 0), true
}

var generators = map[string]generator{
	"daily_activity":           {always, midnightUTC, clock(4, 5), single((*Person).Day)},
	"daily_cardiovascular_age": {always, midnightUTC, sleepEnd, single((*Person).DailyCardiovascularAge)},
	"daily_readiness":          {always, midnightUTC, sleepEnd, single((*Person).DailyReadiness)},
	"daily_resilience":         {always, midnightUTC, sleepEnd, single((*Person).DailyResilience)},
	"daily_sleep":              {always, midnightUTC, sleepEnd, single((*Person).DailySleep)},
	"daily_spo2":               {always, midnightUTC, sleepEnd, single((*Person).DailySpO2)},
	"daily_stress":             {always, midnightUTC, sleepEnd, single((*Person).DailyStress)},
	"enhanced_tag":             {when((*Person).hasEnhancedTag), tagged(func(p *Person, day api.Date) api.LocalDateTime { return p.EnhancedTag(day).StartTime }), clock(20, 0), single((*Person).EnhancedTag)},
	"rest_mode_period":         {when((*Person).startsRest), midnightUTC, clock(12, 0), single((*Person).RestModePeriod)},
	"session":                  {when((*Person).hasSession), start((*Person).session), end((*Person).session), single((*Person).Session)},
	"sleep":                    {sleeps, sleepEnd, sleepEnd, nightOrNap},
	"sleep_time":               {always, midnightUTC, sleepEnd, single((*Person).SleepTime)},
	"tag":                      {when((*Person).hasTag), tagged(func(p *Person, day api.Date) api.LocalDateTime { return p.Tag(day).Timestamp }), clock(20, 0), single((*Person).Tag)},
	"vO2_max":                  {when((*Person).hasVO2Max), midnightUTC, clock(11, 0), single((*Person).VO2Max)},
	"workout":                  {when((*Person).hasWorkout), start((*Person).workout), end((*Person).workout), single((*Person).Workout)},
}

func always(*Person, api.Date) int { return 1 }

func when(has func(*Person, api.Date) bool) func(*Person, api.Date) int {
	return func(p *Person, day api.Date) int {
		if has(p, day) {
			return 1
		}
		return 0
	}
}

func sleeps(p *Person, day api.Date) int { return 1 + when((*Person).hasNap)(p, day) }

func midnightUTC(_ *Person, day api.Date, _ int) time.Time { return day.In(time.UTC) }

// clock is a time of the day where the person lives.
func clock(hour, minute int) func(*Person, api.Date, int) time.Time {
	return func(p *Person, day api.Date, _ int) time.Time { return p.wall(day, 60*hour+minute) }
}

func start(of func(*Person, api.Date) span) func(*Person, api.Date, int) time.Time {
	return func(p *Person, day api.Date, _ int) time.Time { return of(p, day).start }
}

func tagged(at func(*Person, api.Date) api.LocalDateTime) func(*Person, api.Date, int) time.Time {
	return func(p *Person, day api.Date, _ int) time.Time { return at(p, day).In(time.UTC) }
}

func end(of func(*Person, api.Date) span) func(*Person, api.Date, int) time.Time {
	return func(p *Person, day api.Date, _ int) time.Time { return of(p, day).end }
}

func sleepEnd(p *Person, day api.Date, n int) time.Time {
	if n == 0 {
		return p.night(day).end
	}
	return p.nap(day).end
}

func single[T any](build func(*Person, api.Date) T) func(*Person, api.Date, int) any {
	return func(p *Person, day api.Date, _ int) any { return build(p, day) }
}

func nightOrNap(p *Person, day api.Date, n int) any {
	if n == 0 {
		return p.Night(day)
	}
	return p.Nap(day)
}
