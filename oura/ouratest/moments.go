package ouratest

import (
	"math"
	"time"

	"github.com/oura-go/sdk/oura"
)

// intensity is that of the day's workout.
func (p *person) intensity(day oura.Date) oura.WorkoutIntensity {
	return pick(p.dice("intensity", day), oura.WorkoutIntensityEasy, oura.WorkoutIntensityModerate,
		oura.WorkoutIntensityModerate, oura.WorkoutIntensityHard)
}

// Workout builds a workout in the late afternoon of the day. Calories and distance follow from its length and
// intensity.
func Workout(day oura.Date, opts ...DataOption) oura.Workout {
	r := newRecipe(opts)
	p := r.who()
	s, d := p.workout(day), p.dice("workout details", day)
	minutes := s.end.Sub(s.start).Minutes()
	kind := pick(d, "running", "walking", "cycling", "strengthTraining")
	level := p.intensity(day)
	met := map[oura.WorkoutIntensity]float64{
		oura.WorkoutIntensityEasy: 4, oura.WorkoutIntensityModerate: 6, oura.WorkoutIntensityHard: 9,
	}[level]
	doc := oura.Workout{
		ID: p.id("workout", day, 0), Day: day, Activity: kind, Intensity: enum(r, level),
		Source:        enum(r, pick(d, oura.WorkoutSourceAutodetected, oura.WorkoutSourceConfirmed, oura.WorkoutSourceManual)),
		StartDatetime: s.start, EndDatetime: s.end,
		Calories: optional(r, round(met*3.5*p.weight/200*minutes, 3)),
	}
	if pace, moves := map[string]float64{"running": 1.05, "walking": 1, "cycling": 3}[kind]; moves {
		doc.Distance = optional(r, round(pace*met*1000/60*minutes, 1))
	}
	if d.chance(0.2) {
		doc.Label = optional(r, "with friends")
	}
	return doc
}

// Session builds a quiet moment around noon of the day, with samples over all of it.
func Session(day oura.Date, opts ...DataOption) oura.Session {
	r := newRecipe(opts)
	p := r.who()
	s, d := p.session(day), p.dice("session details", day)
	doc := oura.Session{
		ID: p.id("session", day, 0), Day: day, StartDatetime: s.start, EndDatetime: s.end,
		Type: enum(r, pick(d, oura.SessionTypeMeditation, oura.SessionTypeBreathing, oura.SessionTypeRelaxation)),
		Mood: optional(r, enum(r, pick(d, oura.SessionMoodGood, oura.SessionMoodGreat, oura.SessionMoodSame))),
	}
	if r.onlyRequired || r.noReadings {
		return doc
	}
	const interval = 5
	n := s.seconds() / interval
	bpm, hrv, motion := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		bpm[i] = round(p.restingBPM+9-3*float64(i)/float64(n)+d.normal(), 1)
		hrv[i] = math.Round(max(8, p.hrv*(1+0.12*d.normal())))
		motion[i] = math.Floor(max(0, 1.2*d.normal()))
	}
	sample := func(values []float64) *oura.Sample {
		return &oura.Sample{Interval: interval, Items: r.gapped(d, values), Timestamp: s.start}
	}
	doc.HeartRate, doc.HeartRateVariability, doc.MotionCount = sample(bpm), sample(hrv), sample(motion)
	return doc
}

// stamp is a time that may lack its offset.
func (r *recipe) stamp(t time.Time) oura.LocalDateTime {
	at := oura.LocalDateTimeOf(t)
	if r.noOffset {
		wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
		at = oura.LocalDateTime{Wall: wall}
	}
	return at
}

var tagCodes = []string{"tag_generic_coffee", "tag_generic_alcohol", "tag_generic_lateMeal", "tag_generic_stress", "tag_generic_travel"}

// Tag builds a tag of the older form, set on the day. See [WithoutOffset].
func Tag(day oura.Date, opts ...DataOption) oura.Tag {
	r := newRecipe(opts)
	p := r.who()
	d := p.dice("tag", day)
	return oura.Tag{
		ID: p.id("tag", day, 0), Day: day, Tags: []string{pick(d, tagCodes...)},
		Text: optional(r, "after lunch"), Timestamp: r.stamp(wall(p.loc, day, 12*60+d.intn(180))),
	}
}

// EnhancedTag builds a tag that lasts half an hour, set on the day. See [WithoutOffset].
func EnhancedTag(day oura.Date, opts ...DataOption) oura.EnhancedTag {
	r := newRecipe(opts)
	p := r.who()
	d := p.dice("enhanced tag", day)
	start := wall(p.loc, day, 15*60+d.intn(240))
	doc := oura.EnhancedTag{
		ID: p.id("enhanced_tag", day, 0), StartDay: day, StartTime: r.stamp(start),
		TagTypeCode: optional(r, pick(d, tagCodes...)),
		EndDay:      optional(r, day), EndTime: optional(r, r.stamp(start.Add(30*time.Minute))),
	}
	if d.chance(0.3) {
		doc.TagTypeCode = optional(r, "custom")
		doc.CustomName, doc.Comment = optional(r, "choir practice"), optional(r, "sang the second part")
	}
	return doc
}

// RestModePeriod builds three days of rest mode that begin on the day. With [InProgress] they have no end yet.
func RestModePeriod(day oura.Date, opts ...DataOption) oura.RestModePeriod {
	r := newRecipe(opts)
	p := r.who()
	start := wall(p.loc, day, 9*60+p.dice("rest mode", day).intn(120))
	end := wall(p.loc, day.AddDays(2), 20*60)
	doc := oura.RestModePeriod{
		ID: p.id("rest_mode_period", day, 0), StartDay: day, StartTime: optional(r, start),
		Episodes: []oura.RestModeEpisode{{Tags: []string{"tag_generic_sick"}, Timestamp: start}},
	}
	if !r.inProgress {
		doc.EndDay, doc.EndTime = optional(r, day.AddDays(2)), optional(r, end)
	}
	return doc
}
