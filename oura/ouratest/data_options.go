package ouratest

import (
	"errors"
	"fmt"
	"time"

	"github.com/oura-go/sdk/internal/person"
)

// DataOption changes what a builder makes. Each builder heeds the options that mean something for its documents and
// ignores the others, so one list of options can go to all of them. An option that is nil, or has an impossible value, is
// an error of [StartService]; a builder, which has no error to return, panics with its text.
type DataOption func(*person.Recipe) error

// always is an option that cannot fail.
func always[T any](set func(*T)) func(*T) error {
	return func(v *T) error { set(v); return nil }
}

// configure has options change what they are for.
func configure[T any, O ~func(*T) error](what *T, opts []O) error {
	for i, o := range opts {
		if o == nil {
			return fmt.Errorf("ouratest: option %d is nil; leave it out", i+1)
		}
		if err := o(what); err != nil {
			return err
		}
	}
	return nil
}

// who makes documents as the options say.
func who(opts []DataOption) *person.Person {
	var r person.Recipe
	if err := configure(&r, opts); err != nil {
		panic(err)
	}
	return person.New(r)
}

// WithPerson makes the document one of the named person. Each has habits of their own: bedtime, fitness, resting heart
// rate. Without it, documents are those of one and the same person.
func WithPerson(name string) DataOption { return always(func(r *person.Recipe) { r.Name = name }) }

// WithZone is where the person lives: instants carry its UTC offset, across changes of daylight-saving time too. The
// default is UTC.
func WithZone(loc *time.Location) DataOption {
	return func(r *person.Recipe) error {
		if loc == nil {
			return errors.New("ouratest: WithZone: the location is nil; leave the option out for UTC")
		}
		r.Location = loc
		return nil
	}
}

// WithBedtime makes [Sleep] and [Nap] last from start to end, in whole seconds; stages, samples and durations follow. The
// end must be after the start.
func WithBedtime(start, end time.Time) DataOption {
	start, end = start.Truncate(time.Second), end.Truncate(time.Second)
	return func(r *person.Recipe) error {
		if !start.Before(end) {
			return errors.New("ouratest: WithBedtime: the end must be after the start")
		}
		r.Start, r.End = start, end
		return nil
	}
}

// WithGaps makes about this share of samples gaps (NaN, null in JSON), and leaves about this share of rows out of
// [HeartRates] and [RingBatteryLevels]. Live sleep has 0.11. The share is at least 0 and less than 1.
func WithGaps(share float64) DataOption {
	return func(r *person.Recipe) error {
		if !(share >= 0 && share < 1) {
			return fmt.Errorf("ouratest: WithGaps(%v): the share must be at least 0 and less than 1", share)
		}
		r.Gaps, r.SleepGaps = share, share
		return nil
	}
}

// WithoutScore makes the score null, as on days with too little data.
func WithoutScore() DataOption { return always(func(r *person.Recipe) { r.NoScore = true }) }

// WithoutReadings is the ring that measured nothing: a sleep has no heart rate, no HRV and 255 as its lowest heart
// rate; the average of a [DailySpO2] is 0.0; a [Session] has no samples.
func WithoutReadings() DataOption { return always(func(r *person.Recipe) { r.NoReadings = true }) }

// WithoutID leaves the id out of [DailyCardiovascularAge], as many live answers do.
func WithoutID() DataOption { return always(func(r *person.Recipe) { r.NoID = true }) }

// WithoutTimestampUnix leaves timestamp_unix out of rows, as many live answers do.
func WithoutTimestampUnix() DataOption { return always(func(r *person.Recipe) { r.NoUnix = true }) }

// WithSharedTimestamps gives about one row in thirty of [HeartRates] and [RingBatteryLevels] a second one with the same
// timestamp and another value: rows have no key, and whoever takes the timestamp for one loses some.
func WithSharedTimestamps() DataOption {
	return always(func(r *person.Recipe) { r.SharedTimestamps = true })
}

// WithoutOffset leaves the UTC offset out of the times of [Tag] and [EnhancedTag], which may lack it.
func WithoutOffset() DataOption { return always(func(r *person.Recipe) { r.NoOffset = true }) }

// WithOnlyRequired makes every value null that may be null.
func WithOnlyRequired() DataOption { return always(func(r *person.Recipe) { r.OnlyRequired = true }) }

// WithUnknownEnums gives every enum a value that no version of the SDK knows: "made_up".
func WithUnknownEnums() DataOption { return always(func(r *person.Recipe) { r.UnknownEnums = true }) }

// WithoutEnd is a sleep or a rest mode period that has not ended: its end is null, and so is what follows from the end.
func WithoutEnd() DataOption { return always(func(r *person.Recipe) { r.InProgress = true }) }

// sleepGaps gives sleeps the share of gaps that live ones have.
func sleepGaps(r *person.Recipe) error { r.SleepGaps = 0.11; return nil }
