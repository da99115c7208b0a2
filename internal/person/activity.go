package person

import (
	"math"
	"time"

	"github.com/oura-go/sdk/api"
)

// minute is what a minute of a class takes: no less than the first number, and less than the second.
type minute struct{ met, steps [2]float64 }

var minutes = map[api.ActivityClass]minute{
	api.ActivityClassNonWear:  {met: [2]float64{0.1, 0.1}},
	api.ActivityClassRest:     {met: [2]float64{0.9, 1.0}},
	api.ActivityClassInactive: {met: [2]float64{1.1, 1.5}},
	api.ActivityClassLow:      {[2]float64{1.6, 2.9}, [2]float64{15, 45}},
	api.ActivityClassMedium:   {[2]float64{3.0, 5.9}, [2]float64{80, 115}},
	api.ActivityClassHigh:     {[2]float64{6.1, 9.4}, [2]float64{120, 165}},
}

// moving adds up a day of activity, five minutes at a time.
type moving struct {
	classes    []byte
	met        []float64
	seconds    map[api.ActivityClass]api.Seconds
	metMinutes map[api.ActivityClass]float64
	kcal       float64 // beyond rest
	steps      float64
	alerts     int
	inactive   int // five-minute spans in a row
}

// DailyActivity makes a civil day's activity, from 04:00 to 04:00.
func (p *Person) DailyActivity(day api.Date) api.DailyActivity {
	start, end := p.wall(day, 4*60), p.wall(day.AddDays(1), 4*60)
	elapsed := 1.0
	if !p.Until.IsZero() && p.Until.Before(end) {
		full := end.Sub(start)
		end = start.Add(max(p.Until.Sub(start), 0).Truncate(5 * time.Minute))
		elapsed = float64(end.Sub(start)) / float64(full)
	}
	m := p.moving(day, start, end)

	active := int(math.Round(m.kcal))
	walked := int(math.Round(m.kcal * 1000 / (0.75 * p.weight)))
	targetKcal := 50 * int(math.Round(p.vigour*9))
	targetMeters := int(float64(targetKcal)*1000/(0.75*p.weight)) / 100 * 100
	doc := api.DailyActivity{
		ID: p.id("daily_activity", day, 0), Day: day, Timestamp: start,
		ActiveCalories: active, TotalCalories: active + int(elapsed*24*p.weight),
		EquivalentWalkingDistance: walked, Steps: int(math.Round(m.steps)), InactivityAlerts: m.alerts,
		TargetCalories: targetKcal, TargetMeters: targetMeters, MetersToTarget: targetMeters - walked,

		NonWearTime:        m.seconds[api.ActivityClassNonWear],
		RestingTime:        m.seconds[api.ActivityClassRest],
		SedentaryTime:      m.seconds[api.ActivityClassInactive],
		LowActivityTime:    m.seconds[api.ActivityClassLow],
		MediumActivityTime: m.seconds[api.ActivityClassMedium],
		HighActivityTime:   m.seconds[api.ActivityClassHigh],

		SedentaryMETMinutes:      int(math.Round(m.metMinutes[api.ActivityClassInactive])),
		LowActivityMETMinutes:    int(math.Round(m.metMinutes[api.ActivityClassLow])),
		MediumActivityMETMinutes: int(math.Round(m.metMinutes[api.ActivityClassMedium])),
		HighActivityMETMinutes:   int(math.Round(m.metMinutes[api.ActivityClassHigh])),
	}
	if average, _, ok := summary(m.met); ok {
		doc.AverageMETMinutes = round(average, 5)
	}
	doc.MET = api.Sample{Interval: 60, Items: gapped(p.dice("met gaps", day), m.met, p.Gaps), Timestamp: start}
	if p.OnlyRequired {
		return doc
	}
	doc.Class5Min = new(string(m.classes))
	score, contributors := rated[api.ActivityContributors](p.dice("activity score", day), 84)
	doc.Score, doc.Contributors = p.score(score), contributors
	return doc
}

// moving goes through the day in steps of five minutes.
func (p *Person) moving(day api.Date, start, end time.Time) moving {
	d := p.dice("moving", day)
	plan, next := p.outline(day), p.outline(day.AddDays(1))
	n := int(end.Sub(start) / (5 * time.Minute))
	m := moving{
		classes: make([]byte, 0, n), met: make([]float64, 0, 5*n),
		seconds: map[api.ActivityClass]api.Seconds{}, metMinutes: map[api.ActivityClass]float64{},
	}
	for i := range n {
		t := start.Add(time.Duration(i) * 5 * time.Minute)
		m.add(d, p, p.classAt(d, t, plan, next))
	}
	return m
}

// classAt says what the person does at the time.
func (p *Person) classAt(d *dice, t time.Time, plan, next outline) api.ActivityClass {
	switch {
	case plan.charging.contains(t):
		return api.ActivityClassNonWear
	case plan.night.contains(t), next.night.contains(t), plan.nap.contains(t), plan.session.contains(t):
		return api.ActivityClassRest
	case plan.workout.contains(t):
		if p.intensity(plan.day) == api.WorkoutIntensityHard {
			return api.ActivityClassHigh
		}
		return api.ActivityClassMedium
	}
	switch v := d.float() / p.vigour; {
	case v < 0.03:
		return api.ActivityClassMedium
	case v < 0.28:
		return api.ActivityClassLow
	case v < 0.93:
		return api.ActivityClassInactive
	default:
		return api.ActivityClassRest
	}
}

// add counts five minutes of a class.
func (m *moving) add(d *dice, p *Person, class api.ActivityClass) {
	m.classes = append(m.classes, byte(class))
	m.seconds[class] += epochSeconds
	takes := minutes[class]
	for range 5 {
		met := round(d.between(takes.met[0], takes.met[1]), 1)
		m.met = append(m.met, met)
		m.metMinutes[class] += met
		if met > 1.5 {
			m.kcal += (met - 1) * 3.5 * p.weight / 200
		}
		if takes.steps[1] > 0 {
			m.steps += d.between(takes.steps[0], takes.steps[1])
		}
	}
	m.inactive++
	if class != api.ActivityClassInactive {
		m.inactive = 0
	} else if m.inactive%10 == 0 { // 50 minutes without moving
		m.alerts++
	}
}
