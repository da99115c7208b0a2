package ouratest

import (
	"time"

	"github.com/oura-go/sdk/oura"
)

// DataOption changes what a builder makes. Each builder heeds the options that mean something for its documents and
// ignores the others, so one list of options can go to all of them.
type DataOption func(*recipe)

// recipe is what the options of one document say.
type recipe struct {
	person       string
	loc          *time.Location
	start, end   time.Time // of Bedtime
	gaps         float64
	noScore      bool
	noReadings   bool
	noID         bool
	noUnix       bool
	noOffset     bool
	onlyRequired bool
	unknownEnums bool
	inProgress   bool
	until        time.Time // what the service has not seen yet; zero: the day is over
}

func newRecipe(opts []DataOption) *recipe {
	r := &recipe{loc: time.UTC}
	for _, o := range opts {
		o(r)
	}
	return r
}

// Person makes the document one of the named person. Each has habits of their own: bedtime, fitness, resting heart
// rate. Without it, documents are those of one and the same person.
func Person(name string) DataOption { return func(r *recipe) { r.person = name } }

// Zone is where the person lives: instants carry its UTC offset, across changes of daylight-saving time too. The
// default is UTC. A nil location changes nothing.
func Zone(loc *time.Location) DataOption {
	return func(r *recipe) {
		if loc != nil {
			r.loc = loc
		}
	}
}

// Bedtime makes [Night] and [Nap] last from start to end, in whole seconds; stages, samples and durations follow. It
// panics unless the end is after the start.
func Bedtime(start, end time.Time) DataOption {
	start, end = start.Truncate(time.Second), end.Truncate(time.Second)
	if !start.Before(end) {
		panic("ouratest: Bedtime: the end must be after the start")
	}
	return func(r *recipe) { r.start, r.end = start, end }
}

// WithGaps makes about this share of samples gaps (NaN, null in JSON), and leaves about this share of rows out of
// [HeartRates] and [RingBatteryLevels]. Live sleep has 0.11. It panics unless 0 ≤ share < 1.
func WithGaps(share float64) DataOption {
	if !(share >= 0 && share < 1) {
		panic("ouratest: WithGaps: the share must be at least 0 and less than 1")
	}
	return func(r *recipe) { r.gaps = share }
}

// WithoutScore makes the score null, as on days with too little data.
func WithoutScore() DataOption { return func(r *recipe) { r.noScore = true } }

// WithoutReadings is the ring that measured nothing: a sleep has no heart rate, no HRV and 255 as its lowest heart
// rate; the average of a [DailySpO2] is 0.0; a [Session] has no samples.
func WithoutReadings() DataOption { return func(r *recipe) { r.noReadings = true } }

// WithoutID leaves the id out of [DailyCardiovascularAge], as many live answers do.
func WithoutID() DataOption { return func(r *recipe) { r.noID = true } }

// WithoutTimestampUnix leaves timestamp_unix out of rows, as many live answers do.
func WithoutTimestampUnix() DataOption { return func(r *recipe) { r.noUnix = true } }

// WithoutOffset leaves the UTC offset out of the times of [Tag] and [EnhancedTag], which may lack it.
func WithoutOffset() DataOption { return func(r *recipe) { r.noOffset = true } }

// OnlyRequired makes every value null that may be null.
func OnlyRequired() DataOption { return func(r *recipe) { r.onlyRequired = true } }

// UnknownEnums gives every enum a value that no version of the SDK knows: "made_up".
func UnknownEnums() DataOption { return func(r *recipe) { r.unknownEnums = true } }

// InProgress is a sleep or a rest mode period that has not ended: its end is null, and so is what follows from the end.
func InProgress() DataOption { return func(r *recipe) { r.inProgress = true } }

func until(t time.Time) DataOption { return func(r *recipe) { r.until = t } }

// unknownEnum is no value of any enum.
const unknownEnum = "made_up"

// enum replaces a value when unknown ones are asked for.
func enum[E ~string](r *recipe, v E) E {
	if r.unknownEnums {
		return unknownEnum
	}
	return v
}

// optional is nil when only required values are asked for.
func optional[T any](r *recipe, v T) *T {
	if r.onlyRequired {
		return nil
	}
	return &v
}

// score is optional, and also nil without a score.
func (r *recipe) score(v int) *int {
	if r.noScore {
		return nil
	}
	return optional(r, v)
}

// midnight is the first instant of the day where the person lives.
func (r *recipe) midnight(day oura.Date) time.Time { return day.In(r.loc) }

// wall is the instant at which the person's clock shows that many minutes after midnight of the day; negative ones are
// on the evening before.
func wall(loc *time.Location, day oura.Date, minutes int) time.Time {
	return time.Date(day.Year, day.Month, day.Day, 0, minutes, 0, 0, loc)
}
