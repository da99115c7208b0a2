package person

import (
	"time"

	"github.com/oura-go/sdk/api"
)

// A day is planned before any document is made of it, so that all documents and rows tell the same story: the night
// that daily_sleep scores is the one in sleep, the workout shows in activity and heart rate, and the ring measures
// nothing while it is charged.

// span is start ≤ t < end.
type span struct{ start, end time.Time }

func (s span) contains(t time.Time) bool { return !t.Before(s.start) && t.Before(s.end) }
func (s span) seconds() int              { return int(s.end.Sub(s.start) / time.Second) }

// night is the long sleep that ends on the day: a multiple of five minutes, to the clock of the person's zone.
func (p *Person) night(day api.Date) span {
	d := p.dice("night", day)
	late := 0.0
	if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
		late = 40
	}
	start := p.wall(day, p.toBed+int(late+22*d.normal()))
	start = start.Add(time.Duration(30*d.intn(2)) * time.Second)
	wake := p.wall(day, p.wake+int(late*1.2+18*d.normal()))
	return span{start, start.Add(wake.Sub(start).Truncate(5 * time.Minute))}
}

// The spans of a day that it may have, and the time in which the ring is off the finger.
func (p *Person) nap(day api.Date) span      { return p.around("nap", day, 13*60+20, 70, 5, 6) }
func (p *Person) workout(day api.Date) span  { return p.around("workout", day, 16*60+30, 75, 6, 7) }
func (p *Person) session(day api.Date) span  { return p.around("session", day, 11*60+45, 60, 1, 4) }
func (p *Person) charging(day api.Date) span { return p.around("charging", day, p.charge, 20, 7, 4) }

// around is a span that begins up to spread minutes after a time of the day, given in minutes, and lasts at least fives
// times five minutes, and up to more times longer.
func (p *Person) around(topic string, day api.Date, minutes, spread, fives, more int) span {
	d := p.dice(topic, day)
	start := p.wall(day, minutes+d.intn(spread))
	return span{start, start.Add(time.Duration(fives+d.intn(more)) * 5 * time.Minute)}
}

func (p *Person) hasNap(day api.Date) bool     { return p.dice("has nap", day).chance(0.08) }
func (p *Person) hasSession(day api.Date) bool { return p.dice("has session", day).chance(0.3) }
func (p *Person) hasTag(day api.Date) bool     { return p.dice("has tag", day).chance(0.25) }
func (p *Person) hasEnhancedTag(day api.Date) bool {
	return p.dice("has enhanced tag", day).chance(0.35)
}
func (p *Person) hasVO2Max(day api.Date) bool { return day.Weekday() == time.Monday }

func (p *Person) hasWorkout(day api.Date) bool {
	likely := 0.2
	switch day.Weekday() {
	case time.Tuesday, time.Thursday, time.Saturday:
		likely = 0.85
	}
	return p.dice("has workout", day).chance(likely * min(p.vigour, 1.1))
}

// startsRest tells the periods of rest mode: two or three short ones a year.
func (p *Person) startsRest(day api.Date) bool {
	const every = 150
	return (dayNumber(day)+int(p.seed%every))%every == 0
}

// passed is the share of a span that has happened: 0 to 1.
func (p *Person) passed(s span) float64 {
	if p.Until.IsZero() || !p.Until.Before(s.end) {
		return 1
	}
	return float64(max(p.Until.Sub(s.start), 0)) / float64(s.end.Sub(s.start))
}

// outline is the plan of the time from one bedtime to the next.
type outline struct {
	day                   api.Date
	night                 span
	nap, workout, session span // zero where there is none
	charging              span
	nextBedtime           time.Time
}

func (p *Person) outline(day api.Date) outline {
	o := outline{day: day, night: p.night(day), charging: p.charging(day), nextBedtime: p.night(day.AddDays(1)).start}
	if p.hasNap(day) {
		o.nap = p.nap(day)
	}
	if p.hasWorkout(day) {
		o.workout = p.workout(day)
	}
	if p.hasSession(day) {
		o.session = p.session(day)
	}
	return o
}

// bedtime is the planned span, unless the recipe has another.
func (p *Person) bedtime(planned span) span {
	if p.Start.IsZero() {
		return planned
	}
	return span{p.Start.In(p.Location), p.End.In(p.Location)}
}
