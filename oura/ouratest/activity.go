package ouratest

import (
	"math"
	"time"

	"github.com/oura-go/sdk/oura"
)

// The MET between which a minute belongs to each class, by code.
var metRange = map[oura.ActivityClass][2]float64{
	oura.ActivityClassNonWear:  {0.1, 0.1},
	oura.ActivityClassRest:     {0.9, 1.0},
	oura.ActivityClassInactive: {1.1, 1.5},
	oura.ActivityClassLow:      {1.6, 2.9},
	oura.ActivityClassMedium:   {3.0, 5.9},
	oura.ActivityClassHigh:     {6.1, 9.4},
}

// moving adds up a day of activity, five minutes at a time.
type moving struct {
	classes    []byte
	met        []float64
	seconds    map[oura.ActivityClass]int
	metMinutes map[oura.ActivityClass]float64
	kcal       float64 // beyond rest
	steps      float64
	alerts     int
	inactive   int // five-minute spans in a row
}

// Day builds a civil day's activity, which is measured from 04:00 to 04:00: 24 hours, or 23 or 25 when the clocks
// change. The times by class add up to it and agree with the coded string, MET has an item for every minute, and MET
// minutes, calories and distance follow from MET. The night and the workout are where [Night] and [Workout] have them.
func Day(day oura.Date, opts ...DataOption) oura.DailyActivity {
	r := newRecipe(opts)
	p := r.who()
	start, end := wall(p.loc, day, 4*60), wall(p.loc, day.AddDays(1), 4*60)
	elapsed := 1.0
	if !r.until.IsZero() && r.until.Before(end) {
		full := end.Sub(start)
		end = start.Add(max(r.until.Sub(start), 0).Truncate(5 * time.Minute))
		elapsed = float64(end.Sub(start)) / float64(full)
	}
	m := p.moving(day, start, end)

	active := int(math.Round(m.kcal))
	walked := int(math.Round(m.kcal * 1000 / (0.75 * p.weight)))
	targetKcal := 50 * int(math.Round(p.vigour*9))
	targetMeters := int(float64(targetKcal)*1000/(0.75*p.weight)) / 100 * 100
	doc := oura.DailyActivity{
		ID: p.id("daily_activity", day, 0), Day: day, Timestamp: start,
		ActiveCalories: active, TotalCalories: active + int(elapsed*24*p.weight),
		EquivalentWalkingDistance: walked, Steps: int(m.steps), InactivityAlerts: m.alerts,
		TargetCalories: targetKcal, TargetMeters: targetMeters, MetersToTarget: targetMeters - walked,

		NonWearTime:        m.seconds[oura.ActivityClassNonWear],
		RestingTime:        m.seconds[oura.ActivityClassRest],
		SedentaryTime:      m.seconds[oura.ActivityClassInactive],
		LowActivityTime:    m.seconds[oura.ActivityClassLow],
		MediumActivityTime: m.seconds[oura.ActivityClassMedium],
		HighActivityTime:   m.seconds[oura.ActivityClassHigh],

		SedentaryMETMinutes:      int(math.Round(m.metMinutes[oura.ActivityClassInactive])),
		LowActivityMETMinutes:    int(math.Round(m.metMinutes[oura.ActivityClassLow])),
		MediumActivityMETMinutes: int(math.Round(m.metMinutes[oura.ActivityClassMedium])),
		HighActivityMETMinutes:   int(math.Round(m.metMinutes[oura.ActivityClassHigh])),
	}
	if mean, _, ok := summary(m.met); ok {
		doc.AverageMETMinutes = round(mean, 5)
	}
	doc.MET = oura.Sample{Interval: 60, Items: r.gapped(p.dice("met gaps", day), m.met), Timestamp: start}
	if r.onlyRequired {
		return doc
	}
	doc.Class5Min = new(string(m.classes))
	parts, score := p.activityScore(day, m, float64(active)/float64(targetKcal))
	doc.Contributors, doc.Score = parts, r.score(score)
	return doc
}

// moving goes through the day in steps of five minutes.
func (p *person) moving(day oura.Date, start, end time.Time) moving {
	d := p.dice("moving", day)
	plan, next := p.outline(day), p.outline(day.AddDays(1))
	n := int(end.Sub(start) / (5 * time.Minute))
	m := moving{
		classes: make([]byte, 0, n), met: make([]float64, 0, 5*n),
		seconds: map[oura.ActivityClass]int{}, metMinutes: map[oura.ActivityClass]float64{},
	}
	for i := range n {
		t := start.Add(time.Duration(i) * 5 * time.Minute)
		m.add(d, p, p.classAt(d, t, plan, next))
	}
	m.steps = math.Round(m.steps)
	return m
}

// classAt says what the person does at the time.
func (p *person) classAt(d *dice, t time.Time, plan, next outline) oura.ActivityClass {
	switch {
	case plan.charging.contains(t):
		return oura.ActivityClassNonWear
	case plan.night.contains(t), next.night.contains(t), plan.nap.contains(t), plan.session.contains(t):
		return oura.ActivityClassRest
	case plan.workout.contains(t):
		if p.intensity(plan.day) == oura.WorkoutIntensityHard {
			return oura.ActivityClassHigh
		}
		return oura.ActivityClassMedium
	}
	switch v := d.float() / p.vigour; {
	case v < 0.03:
		return oura.ActivityClassMedium
	case v < 0.28:
		return oura.ActivityClassLow
	case v < 0.93:
		return oura.ActivityClassInactive
	default:
		return oura.ActivityClassRest
	}
}

// add counts five minutes of a class.
func (m *moving) add(d *dice, p *person, class oura.ActivityClass) {
	m.classes = append(m.classes, byte(class))
	m.seconds[class] += epochSeconds
	span := metRange[class]
	for range 5 {
		met := round(d.between(span[0], span[1]), 1)
		m.met = append(m.met, met)
		m.metMinutes[class] += met
		if met > 1.5 {
			m.kcal += (met - 1) * 3.5 * p.weight / 200
		}
		switch class {
		case oura.ActivityClassLow:
			m.steps += d.between(15, 45)
		case oura.ActivityClassMedium:
			m.steps += d.between(80, 115)
		case oura.ActivityClassHigh:
			m.steps += d.between(120, 165)
		}
	}
	if class != oura.ActivityClassInactive {
		m.inactive = 0
		return
	}
	if m.inactive++; m.inactive == 10 { // 50 minutes without moving
		m.alerts, m.inactive = m.alerts+1, 0
	}
}

// activityScore rates the day, part by part; done is the share of the target that was reached.
func (p *person) activityScore(day oura.Date, m moving, done float64) (oura.ActivityContributors, int) {
	d := p.dice("activity score", day)
	awake := float64(m.seconds[oura.ActivityClassInactive] + m.seconds[oura.ActivityClassLow] +
		m.seconds[oura.ActivityClassMedium] + m.seconds[oura.ActivityClassHigh])
	c := oura.ActivityContributors{
		MeetDailyTargets:  new(percent(60 + 40*min(done, 1) + 4*d.normal())),
		MoveEveryHour:     new(percent(100 - 7*float64(m.alerts))),
		RecoveryTime:      new(percent(90 + 6*d.normal())),
		StayActive:        new(percent(120 - 60*float64(m.seconds[oura.ActivityClassInactive])/max(awake, 1))),
		TrainingFrequency: new(percent(82 + 8*d.normal())),
		TrainingVolume:    new(percent(80*p.vigour + 6*d.normal())),
	}
	sum := *c.MeetDailyTargets + *c.MoveEveryHour + *c.RecoveryTime + *c.StayActive + *c.TrainingFrequency + *c.TrainingVolume
	return c, percent(float64(sum) / 6)
}
