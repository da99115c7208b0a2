package person

import (
	"math"
	"time"

	"github.com/oura-go/sdk/api"
)

// intensity is that of the day's workout.
func (p *Person) intensity(day api.Date) api.WorkoutIntensity {
	return pick(p.dice("intensity", day), api.WorkoutIntensityEasy, api.WorkoutIntensityModerate,
		api.WorkoutIntensityModerate, api.WorkoutIntensityHard)
}

// Workout makes a workout in the late afternoon of the day.
func (p *Person) Workout(day api.Date) api.Workout {
	s, d := p.workout(day), p.dice("workout details", day)
	minutes := s.end.Sub(s.start).Minutes()
	kind := pick(d, "running", "walking", "cycling", "strengthTraining")
	level := p.intensity(day)
	met := map[api.WorkoutIntensity]float64{
		api.WorkoutIntensityEasy: 4, api.WorkoutIntensityModerate: 6, api.WorkoutIntensityHard: 9,
	}[level]
	doc := api.Workout{
		ID: p.id("workout", day, 0), Day: day, Activity: kind, Intensity: enum(p, level),
		Source:        enum(p, pick(d, api.WorkoutSourceAutodetected, api.WorkoutSourceConfirmed, api.WorkoutSourceManual)),
		StartDatetime: s.start, EndDatetime: s.end,
		Calories: optional(p, round(met*3.5*p.weight/200*minutes, 3)),
	}
	if pace, moves := map[string]float64{"running": 1.05, "walking": 1, "cycling": 3}[kind]; moves {
		doc.Distance = optional(p, round(pace*met*1000/60*minutes, 1))
	}
	if d.chance(0.2) {
		doc.Label = optional(p, "with friends")
	}
	return doc
}

// Session makes a quiet moment around noon of the day, with samples over all of it.
func (p *Person) Session(day api.Date) api.Session {
	s, d := p.session(day), p.dice("session details", day)
	doc := api.Session{
		ID: p.id("session", day, 0), Day: day, StartDatetime: s.start, EndDatetime: s.end,
		Type: enum(p, pick(d, api.SessionTypeMeditation, api.SessionTypeBreathing, api.SessionTypeRelaxation)),
		Mood: optional(p, enum(p, pick(d, api.SessionMoodGood, api.SessionMoodGreat, api.SessionMoodSame))),
	}
	if p.OnlyRequired || p.NoReadings {
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
	sample := func(values []float64) *api.Sample {
		return &api.Sample{Interval: interval, Items: gapped(d, values, p.Gaps), Timestamp: s.start}
	}
	doc.HeartRate, doc.HeartRateVariability, doc.MotionCount = sample(bpm), sample(hrv), sample(motion)
	return doc
}

// stamp is a time that may lack its offset.
func (p *Person) stamp(t time.Time) api.LocalDateTime {
	if p.NoOffset {
		_, east := t.Zone()
		return api.LocalDateTime{Wall: t.UTC().Add(time.Duration(east) * time.Second)}
	}
	return api.LocalDateTimeOf(t)
}

var tagCodes = []string{"tag_generic_coffee", "tag_generic_alcohol", "tag_generic_lateMeal", "tag_generic_stress", "tag_generic_travel"}

// Tag makes a tag of the older form, set on the day.
func (p *Person) Tag(day api.Date) api.Tag {
	d := p.dice("tag", day)
	return api.Tag{
		ID: p.id("tag", day, 0), Day: day, Tags: []string{pick(d, tagCodes...)},
		Text: optional(p, "after lunch"), Timestamp: p.stamp(p.wall(day, 12*60+d.intn(180))),
	}
}

// EnhancedTag makes a tag that lasts half an hour, set on the day.
func (p *Person) EnhancedTag(day api.Date) api.EnhancedTag {
	d := p.dice("enhanced tag", day)
	start := p.wall(day, 15*60+d.intn(240))
	doc := api.EnhancedTag{
		ID: p.id("enhanced_tag", day, 0), StartDay: day, StartTime: p.stamp(start),
		TagTypeCode: optional(p, pick(d, tagCodes...)),
		EndDay:      optional(p, day), EndTime: optional(p, p.stamp(start.Add(30*time.Minute))),
	}
	if d.chance(0.3) {
		doc.TagTypeCode = optional(p, "custom")
		doc.CustomName, doc.Comment = optional(p, "choir practice"), optional(p, "sang the second part")
	}
	return doc
}

// RestModePeriod makes three days of rest mode that begin on the day.
func (p *Person) RestModePeriod(day api.Date) api.RestModePeriod {
	start := p.wall(day, 9*60+p.dice("rest mode", day).intn(120))
	end := p.wall(day.AddDays(2), 20*60)
	doc := api.RestModePeriod{
		ID: p.id("rest_mode_period", day, 0), StartDay: day, StartTime: optional(p, start),
		Episodes: []api.RestModeEpisode{{Tags: []string{"tag_generic_sick"}, Timestamp: start}},
	}
	if !p.InProgress && (p.Until.IsZero() || !p.Until.Before(end)) {
		doc.EndDay, doc.EndTime = optional(p, day.AddDays(2)), optional(p, end)
	}
	return doc
}
