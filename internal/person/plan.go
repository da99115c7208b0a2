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

// nap is an early afternoon's; whether there is one is for hasNap to say.
func (p *Person) nap(day api.Date) span {
	d := p.dice("nap", day)
	start := p.wall(day, 13*60+20+d.intn(70))
	return span{start, start.Add(time.Duration(5*(5+d.intn(6))) * time.Minute)}
}

func (p *Person) hasNap(day api.Date) bool { return p.dice("has nap", day).chance(0.08) }

// workout is a late afternoon's.
func (p *Person) workout(day api.Date) span {
	d := p.dice("workout", day)
	start := p.wall(day, 16*60+30+d.intn(75))
	return span{start, start.Add(time.Duration(5*(6+d.intn(7))) * time.Minute)}
}

func (p *Person) hasWorkout(day api.Date) bool {
	likely := 0.2
	switch day.Weekday() {
	case time.Tuesday, time.Thursday, time.Saturday:
		likely = 0.85
	}
	return p.dice("has workout", day).chance(likely * min(p.vigour, 1.1))
}

// session is a quiet moment around noon.
func (p *Person) session(day api.Date) span {
	d := p.dice("session", day)
	start := p.wall(day, 11*60+45+d.intn(60))
	return span{start, start.Add(time.Duration(5*(1+d.intn(4))) * time.Minute)}
}

func (p *Person) hasSession(day api.Date) bool { return p.dice("has session", day).chance(0.3) }

// charging is when the ring is off the finger.
func (p *Person) charging(day api.Date) span {
	d := p.dice("charging", day)
	start := p.wall(day, p.charge+5*d.intn(4))
	return span{start, start.Add(time.Duration(5*(7+d.intn(4))) * time.Minute)}
}

// startsRest tells the periods of rest mode: two or three short ones a year.
func (p *Person) startsRest(day api.Date) bool {
	const every = 150
	return (dayNumber(day)+int(p.seed%every))%every == 0
}

func (p *Person) hasTag(day api.Date) bool { return p.dice("has tag", day).chance(0.25) }
func (p *Person) hasEnhancedTag(day api.Date) bool {
	return p.dice("has enhanced tag", day).chance(0.35)
}
func (p *Person) hasVO2Max(day api.Date) bool { return day.Weekday() == time.Monday }

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
