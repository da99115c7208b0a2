package ouratest

import (
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/oura-go/sdk/oura"
)

// generated is the data of one person from a first day until now. Nothing of it is kept: documents are made when they
// are asked for.
type generated struct {
	p       *person
	first   oura.Date
	now     func() time.Time
	options []DataOption
	gen     *generator
	ids     sync.Map // id to day and number; filled when the first id is asked for
	indexed sync.Mutex
	until   oura.Date // the last day in ids
}

// generator says which documents a day has.
type generator struct {
	collection string
	count      func(p *person, day oura.Date) int
	at         func(p *person, day oura.Date, n int) time.Time // order and filter
	seen       func(p *person, day oura.Date, n int) time.Time // when the document appears
	build      func(day oura.Date, n int, opts ...DataOption) any
}

func one(*person, oura.Date) int { return 1 }

func when(has func(*person, oura.Date) bool) func(*person, oura.Date) int {
	return func(p *person, day oura.Date) int {
		if has(p, day) {
			return 1
		}
		return 0
	}
}

func ofDay(_ *person, day oura.Date, _ int) time.Time { return dayInstant(day) }

// clock is an hour of the day where the person lives.
func clock(hour int) func(*person, oura.Date, int) time.Time {
	return func(p *person, day oura.Date, _ int) time.Time { return wall(p.loc, day, 60*hour) }
}

func waking(p *person, day oura.Date, _ int) time.Time { return p.night(day).end }

// daily is a collection with one document for each day, seen in the morning.
func daily[T any](name string, build func(oura.Date, ...DataOption) T) *generator {
	return &generator{collection: name, count: one, at: ofDay, seen: waking, build: single(build)}
}

func single[T any](build func(oura.Date, ...DataOption) T) func(oura.Date, int, ...DataOption) any {
	return func(day oura.Date, _ int, opts ...DataOption) any { return build(day, opts...) }
}

// some is a collection that has a document on some days, seen at an hour.
func some[T any](name string, has func(*person, oura.Date) bool, hour int, build func(oura.Date, ...DataOption) T) *generator {
	return &generator{collection: name, count: when(has), at: ofDay, seen: clock(hour), build: single(build)}
}

var generators = []*generator{
	{collection: "daily_activity", count: one, at: ofDay, build: single(Day),
		seen: func(p *person, day oura.Date, _ int) time.Time { return wall(p.loc, day, 4*60+5) }},
	daily("daily_cardiovascular_age", DailyCardiovascularAge),
	daily("daily_readiness", DailyReadiness),
	daily("daily_resilience", DailyResilience),
	daily("daily_sleep", DailySleep),
	daily("daily_spo2", DailySpO2),
	daily("daily_stress", DailyStress),
	daily("sleep_time", SleepTime),
	some("enhanced_tag", (*person).hasEnhancedTag, 20, EnhancedTag),
	some("tag", (*person).hasTag, 20, Tag),
	some("vO2_max", (*person).hasVO2Max, 11, VO2Max),
	{collection: "rest_mode_period", count: when((*person).startsRest), at: ofDay, seen: clock(12), build: restMode},
	{collection: "session", count: when((*person).hasSession), build: single(Session),
		at:   func(p *person, day oura.Date, _ int) time.Time { return p.session(day).start },
		seen: func(p *person, day oura.Date, _ int) time.Time { return p.session(day).end }},
	{collection: "workout", count: when((*person).hasWorkout), build: single(Workout),
		at:   func(p *person, day oura.Date, _ int) time.Time { return p.workout(day).start },
		seen: func(p *person, day oura.Date, _ int) time.Time { return p.workout(day).end }},
	{collection: "sleep", count: sleeps, at: sleepEnd, seen: sleepEnd, build: nightOrNap},
}

func sleeps(p *person, day oura.Date) int {
	if p.hasNap(day) {
		return 2
	}
	return 1
}

func sleepEnd(p *person, day oura.Date, n int) time.Time {
	if n == 0 {
		return p.night(day).end
	}
	return p.nap(day).end
}

func nightOrNap(day oura.Date, n int, opts ...DataOption) any {
	if n == 0 {
		return Night(day, opts...)
	}
	return Nap(day, opts...)
}

// restMode has no end while the period lasts.
func restMode(day oura.Date, _ int, opts ...DataOption) any {
	doc := RestModePeriod(day, opts...)
	if r := newRecipe(opts); doc.EndTime != nil && r.until.Before(*doc.EndTime) {
		doc.EndDay, doc.EndTime = nil, nil
	}
	return doc
}

// item is the n-th document of a day, if it can be seen yet.
func (g *generated) item(day oura.Date, n int) (item, bool) {
	now := g.now()
	if g.gen.seen(g.p, day, n).After(now) {
		return item{}, false
	}
	return item{
		id: g.p.id(g.gen.collection, day, n),
		at: g.gen.at(g.p, day, n),
		build: func() any {
			opts := append(slices.Clip(g.options), until(now))
			return g.gen.build(day, n, opts...)
		},
	}, true
}

func (g *generated) from(t time.Time) iter.Seq[item] {
	return func(yield func(item) bool) {
		start := g.first
		if !t.IsZero() {
			if d := oura.DateOf(t.UTC()).AddDays(-2); d.After(start) {
				start = d
			}
		}
		last := oura.DateOf(g.now().UTC()).AddDays(2)
		for day := start; day.Before(last); day = day.AddDays(1) {
			for n := range g.gen.count(g.p, day) {
				if it, ok := g.item(day, n); ok && !it.at.Before(t) && !yield(it) {
					return
				}
			}
		}
	}
}

// get knows an id by its day, so it has to go through all days once.
func (g *generated) get(id string) (item, bool) {
	type key struct {
		day oura.Date
		n   int
	}
	g.indexed.Lock()
	today := oura.DateOf(g.now().UTC()).AddDays(1)
	next := g.until.AddDays(1)
	if g.until.IsZero() {
		next = g.first
	}
	for ; !next.After(today); next = next.AddDays(1) {
		for n := range g.gen.count(g.p, next) {
			g.ids.Store(g.p.id(g.gen.collection, next, n), key{next, n})
		}
		g.until = next
	}
	g.indexed.Unlock()
	if k, ok := g.ids.Load(id); ok {
		k := k.(key) //nolint:forcetypeassert // stored above
		return g.item(k.day, k.n)
	}
	return item{}, false
}

// latest is for series alone.
func (g *generated) latest(time.Time) (item, bool) { return item{}, false }

// ringOf is the one ring of a person.
func ringOf(opts []DataOption) *added {
	a := new(added)
	_, it := entry(RingConfiguration(opts...))
	a.put(it)
	return a
}

// sleepGaps is the share of gaps in the samples of live sleep.
const sleepGaps = 0.11

// year is all data of one person: history days until now.
func year(p *person, history int, now func() time.Time, opts []DataOption) map[string]dataset {
	first := oura.DateOf(now().In(p.loc)).AddDays(1 - history)
	start := first.In(p.loc)
	opts = append(slices.Clip(opts), Person(p.name), Zone(p.loc), WithoutTimestampUnix(), WithoutID())
	sets := map[string]dataset{
		"heartrate":          heartRateRows(p, start, now, opts),
		"ring_battery_level": batteryRows(p, start, now, opts),
		"ring_configuration": ringOf(opts),
	}
	for _, g := range generators {
		own := opts
		if g.collection == "sleep" {
			own = append([]DataOption{WithGaps(sleepGaps)}, opts...)
		}
		sets[g.collection] = &generated{p: p, first: first, now: now, options: own, gen: g}
	}
	return sets
}
