package person

import (
	"iter"
	"time"

	"github.com/oura-go/sdk/api"
)

// Item is one document or row, not necessarily made yet.
type Item struct {
	ID    string
	At    time.Time // what its collection is filtered and ordered by; zero: always in range
	Build func() any
}

// Set yields the items of one collection that are at or after a time, in order, after those without an instant. It is
// safe for concurrent use.
type Set func(from time.Time) iter.Seq[Item]

// Get returns the item with the id, which is not empty.
func (s Set) Get(id string) (it Item, ok bool) {
	for it = range s(time.Time{}) {
		if it.ID == id {
			return it, true
		}
	}
	return Item{}, false
}

// Latest returns the last item at or before now; a zero now is the end of time.
func (s Set) Latest(now time.Time) (last Item, ok bool) {
	for _, from := range []time.Time{now.AddDate(0, 0, -1), {}} { // a day is enough for what is generated
		for it := range s(from) {
			if !now.IsZero() && it.At.After(now) {
				break
			}
			last, ok = it, true
		}
		if ok {
			break
		}
	}
	return last, ok
}

// Year returns the person's data by collection: a number of days until now. Nothing of it is kept: documents are made
// when they are asked for.
func (p *Person) Year(days int, now func() time.Time) map[string]Set {
	first := api.DateOf(now().In(p.Location)).AddDays(1 - days)
	return p.sets(first, func() reach {
		until := now()
		return reach{last: api.DateOf(until.UTC()).AddDays(1), rows: until, until: until}
	})
}

// Days returns the person's data by collection of whole days, the last one included: all of them are over.
func (p *Person) Days(first, last api.Date) map[string]Set {
	return p.sets(first, func() reach { return reach{last: last, rows: last.AddDays(1).In(p.Location)} })
}

// reach is where data ends.
type reach struct {
	last  api.Date  // the last day that can have a document
	rows  time.Time // rows are before it
	until time.Time // what comes after it has not happened yet; zero: everything has
}

func (p *Person) sets(first api.Date, end func() reach) map[string]Set {
	sets := map[string]Set{
		"heartrate":          series(p.heartRates, func(r api.HeartRate) time.Time { return r.Timestamp }, first.In(p.Location), end),
		"ring_battery_level": series(p.batteryLevels, func(r api.RingBatteryLevel) time.Time { return r.Timestamp }, first.In(p.Location), end),
		"ring_configuration": func(time.Time) iter.Seq[Item] {
			return func(yield func(Item) bool) {
				yield(Item{ID: p.ring(), Build: func() any { return p.RingConfiguration() }})
			}
		},
	}
	for collection, plans := range plans {
		sets[collection] = p.documents(collection, plans, first, end)
	}
	return sets
}

// series is the rows from a first instant.
func series[T any](between func(from, to time.Time) iter.Seq[T], at func(T) time.Time, first time.Time, end func() reach) Set {
	return func(from time.Time) iter.Seq[Item] {
		if from.Before(first) {
			from = first
		}
		return func(yield func(Item) bool) {
			for row := range between(from, end().rows) {
				if !yield(Item{At: at(row), Build: func() any { return row }}) {
					return
				}
			}
		}
	}
}

// documents is those from a first day.
func (p *Person) documents(collection string, plans []plan, first api.Date, end func() reach) Set {
	return func(from time.Time) iter.Seq[Item] {
		return func(yield func(Item) bool) {
			sofar, end := *p, end()
			sofar.Until = end.until
			day := first
			if early := api.DateOf(from.UTC()).AddDays(-2); !from.IsZero() && early.After(day) {
				day = early
			}
			for ; !day.After(end.last); day = day.AddDays(1) {
				for n, plan := range plans {
					if plan.has != nil && !plan.has(p, day) {
						continue
					}
					place := plan.place(p, day)
					if place.start.Before(from) || !sofar.Until.IsZero() && place.end.After(sofar.Until) {
						continue
					}
					if !yield(Item{ID: p.id(collection, day, n), At: place.start, Build: func() any { return plan.build(&sofar, day) }}) {
						return
					}
				}
			}
		}
	}
}

// Document makes a document of a collection that has one every day, or could have one on any; ok is false for others.
func (p *Person) Document(collection string, day api.Date) (doc any, ok bool) {
	plans, ok := plans[collection]
	if !ok {
		return nil, false
	}
	return plans[0].build(p, day), true
}

// plan is one document that a day can have.
type plan struct {
	has   func(*Person, api.Date) bool // nil: every day has it
	place func(*Person, api.Date) span // starts at what the document is filtered by, and ends when it appears
	build func(*Person, api.Date) any
}

var plans = map[string][]plan{
	"daily_activity":           {{nil, by(4, 5), build((*Person).DailyActivity)}},
	"daily_cardiovascular_age": {{nil, byMorning, build((*Person).DailyCardiovascularAge)}},
	"daily_readiness":          {{nil, byMorning, build((*Person).DailyReadiness)}},
	"daily_resilience":         {{nil, byMorning, build((*Person).DailyResilience)}},
	"daily_sleep":              {{nil, byMorning, build((*Person).DailySleep)}},
	"daily_spo2":               {{nil, byMorning, build((*Person).DailySpO2)}},
	"daily_stress":             {{nil, byMorning, build((*Person).DailyStress)}},
	"enhanced_tag":             {{(*Person).hasEnhancedTag, tagged(func(p *Person, day api.Date) api.LocalDateTime { return p.EnhancedTag(day).StartTime }), build((*Person).EnhancedTag)}},
	"rest_mode_period":         {{(*Person).startsRest, by(12, 0), build((*Person).RestModePeriod)}},
	"session":                  {{(*Person).hasSession, (*Person).session, build((*Person).Session)}},
	"sleep": {
		{nil, endOf((*Person).night), build((*Person).Sleep)},
		{(*Person).hasNap, endOf((*Person).nap), build((*Person).Nap)},
	},
	"sleep_time": {{nil, byMorning, build((*Person).SleepTime)}},
	"tag":        {{(*Person).hasTag, tagged(func(p *Person, day api.Date) api.LocalDateTime { return p.Tag(day).Timestamp }), build((*Person).Tag)}},
	"vO2_max":    {{(*Person).hasVO2Max, by(11, 0), build((*Person).VO2Max)}},
	"workout":    {{(*Person).hasWorkout, (*Person).workout, build((*Person).Workout)}},
}

// by is a document of the day that appears at a time where the person lives.
func by(hour, minute int) func(*Person, api.Date) span {
	return func(p *Person, day api.Date) span { return span{day.In(time.UTC), p.wall(day, 60*hour+minute)} }
}

// tagged is a document that is filtered by its own time and appears in the evening.
func tagged(at func(*Person, api.Date) api.LocalDateTime) func(*Person, api.Date) span {
	return func(p *Person, day api.Date) span { return span{at(p, day).In(time.UTC), p.wall(day, 20*60)} }
}

// byMorning is a document of the day that appears when the night is over.
func byMorning(p *Person, day api.Date) span { return span{day.In(time.UTC), p.night(day).end} }

func endOf(sleep func(*Person, api.Date) span) func(*Person, api.Date) span {
	return func(p *Person, day api.Date) span {
		end := sleep(p, day).end
		return span{end, end}
	}
}

func build[T any](f func(*Person, api.Date) T) func(*Person, api.Date) any {
	return func(p *Person, day api.Date) any { return f(p, day) }
}
