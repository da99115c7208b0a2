package ouratest

import (
	"iter"
	"math"
	"slices"
	"time"

	"github.com/oura-go/sdk/oura"
)

// HeartRates builds the rows with from ≤ timestamp < to, in order: about 1,100 a day, one every five minutes of sleep
// and one a minute otherwise, none while the ring is charged. At night they are the samples of [Night].
func HeartRates(from, to time.Time, opts ...DataOption) []oura.HeartRate {
	r := newRecipe(opts)
	return slices.Collect(r.heartRates(r.who(), from, to))
}

// RingBatteryLevels builds the rows with from ≤ timestamp < to, in order: one every ten minutes. The level falls by
// about a quarter a day and rises while the ring is charged.
func RingBatteryLevels(from, to time.Time, opts ...DataOption) []oura.RingBatteryLevel {
	r := newRecipe(opts)
	return slices.Collect(r.batteryLevels(r.who(), from, to))
}

// heartRates goes from night to night, and through the minutes between.
func (r *recipe) heartRates(p *person, from, to time.Time) iter.Seq[oura.HeartRate] {
	return func(yield func(oura.HeartRate) bool) {
		last := oura.DateOf(to.In(p.loc)).AddDays(2)
		for day := oura.DateOf(from.In(p.loc)).AddDays(-1); day.Before(last); day = day.AddDays(1) {
			plan := p.outline(day)
			if !plan.nextBedtime.After(from) || !plan.night.start.Before(to) {
				continue
			}
			for row := range p.heartRatesOf(plan) {
				if row.Timestamp.Before(from) || r.drops(row.Timestamp) {
					continue
				}
				if !row.Timestamp.Before(to) {
					return
				}
				if !r.noUnix {
					row.TimestampUnix = new(row.Timestamp.UnixMilli())
				}
				row.Source = enum(r, row.Source)
				if !yield(row) {
					return
				}
			}
		}
	}
}

// drops makes gaps that do not depend on where a range begins.
func (r *recipe) drops(t time.Time) bool {
	return r.gaps > 0 && (&dice{mix(uint64(t.Unix()))}).chance(r.gaps) //nolint:gosec // the sign does not matter
}

// heartRatesOf are the rows from one bedtime to the next.
func (p *person) heartRatesOf(plan outline) iter.Seq[oura.HeartRate] {
	return func(yield func(oura.HeartRate) bool) {
		row := func(t time.Time, bpm float64, source oura.HeartRateSource) bool {
			return yield(oura.HeartRate{Timestamp: t.UTC(), BPM: int(math.Round(bpm)), Source: source})
		}
		for i, bpm := range p.sleeping("night", plan.day, plan.night).bpm {
			if !row(plan.night.start.Add(time.Duration(i)*epochSeconds*time.Second), bpm, oura.HeartRateSourceSleep) {
				return
			}
		}
		d := p.dice("heart rate", plan.day)
		mood := 0.0 // wanders, so that neighbours resemble each other
		for t := plan.night.end; t.Before(plan.nextBedtime); t = t.Add(time.Minute) {
			mood = 0.93*mood + 1.7*d.normal()
			bpm, source := p.restingBPM+17+mood, oura.HeartRateSourceAwake
			switch {
			case plan.charging.contains(t):
				continue
			case plan.workout.contains(t):
				bpm, source = p.restingBPM+72+2*mood, oura.HeartRateSourceWorkout
			case plan.session.contains(t):
				bpm, source = p.restingBPM+7+mood/2, oura.HeartRateSourceSession
			case plan.nap.contains(t):
				bpm, source = p.restingBPM+4+mood/2, oura.HeartRateSourceRest
			}
			if !row(t, max(bpm, 38), source) {
				return
			}
		}
	}
}

const batteryStep = 10 * time.Minute

func (r *recipe) batteryLevels(p *person, from, to time.Time) iter.Seq[oura.RingBatteryLevel] {
	return func(yield func(oura.RingBatteryLevel) bool) {
		first := from.UTC().Truncate(batteryStep)
		if first.Before(from) {
			first = first.Add(batteryStep)
		}
		for t := first; t.Before(to); t = t.Add(batteryStep) {
			if r.drops(t) {
				continue
			}
			level, charging := p.battery(t)
			row := oura.RingBatteryLevel{Timestamp: t, Level: level, Charging: optional(r, charging), InCharger: optional(r, charging)}
			if !r.noUnix {
				row.TimestampUnix = new(t.UnixMilli())
			}
			if !yield(row) {
				return
			}
		}
	}
}

// battery is the charge at a time: full at the end of each day's charging, and a percent less for every hour since.
func (p *person) battery(t time.Time) (level int, charging bool) {
	const full, perHour = 97.0, 1.05
	day := oura.DateOf(t.In(p.loc))
	now := p.charging(day)
	if t.Before(now.start) {
		day = day.AddDays(-1)
		now = p.charging(day)
	}
	if t.Before(now.end) {
		before := p.charging(day.AddDays(-1)).end
		low := full - perHour*now.start.Sub(before).Hours()
		done := float64(t.Sub(now.start)) / float64(now.end.Sub(now.start))
		return clamp(low+(full-low)*done, 0, 100), true
	}
	return clamp(full-perHour*t.Sub(now.end).Hours(), 0, 100), false
}
