package person

import (
	"iter"
	"math"
	"slices"
	"time"

	"github.com/oura-go/sdk/api"
)

// HeartRates makes the rows with from ≤ timestamp < to, in order.
func (p *Person) HeartRates(from, to time.Time) []api.HeartRate {
	return slices.Collect(p.heartRates(from, to))
}

// RingBatteryLevels makes the rows with from ≤ timestamp < to, in order.
func (p *Person) RingBatteryLevels(from, to time.Time) []api.RingBatteryLevel {
	return slices.Collect(p.batteryLevels(from, to))
}

// heartRates goes from night to night, and through the minutes between.
func (p *Person) heartRates(from, to time.Time) iter.Seq[api.HeartRate] {
	return func(yield func(api.HeartRate) bool) {
		last := api.DateOf(to.In(p.Location)).AddDays(2)
		for day := api.DateOf(from.In(p.Location)).AddDays(-1); day.Before(last); day = day.AddDays(1) {
			plan := p.outline(day)
			if !plan.nextBedtime.After(from) || !plan.night.start.Before(to) {
				continue
			}
			for row := range p.heartRatesOf(plan) {
				if row.Timestamp.Before(from) || p.drops(row.Timestamp) {
					continue
				}
				if !row.Timestamp.Before(to) {
					return
				}
				if !p.NoUnix {
					row.TimestampUnix = new(row.Timestamp.UnixMilli())
				}
				row.Source = enum(p, row.Source)
				if !yield(row) {
					return
				}
			}
		}
	}
}

// drops makes gaps that do not depend on where a range begins.
func (p *Person) drops(t time.Time) bool {
	return p.Gaps > 0 && (&dice{mix(uint64(t.Unix()))}).chance(p.Gaps) //nolint:gosec // the sign does not matter
}

// heartRatesOf are the rows from one bedtime to the next.
func (p *Person) heartRatesOf(plan outline) iter.Seq[api.HeartRate] {
	return func(yield func(api.HeartRate) bool) {
		row := func(t time.Time, bpm float64, source api.HeartRateSource) bool {
			return yield(api.HeartRate{Timestamp: t.UTC(), BPM: int(math.Round(bpm)), Source: source})
		}
		for i, bpm := range p.sleeping("night", plan.day, plan.night).bpm {
			if !row(plan.night.start.Add(time.Duration(i)*epochSeconds*time.Second), bpm, api.HeartRateSourceSleep) {
				return
			}
		}
		d := p.dice("heart rate", plan.day)
		mood := 0.0 // wanders, so that neighbours resemble each other
		for t := plan.night.end; t.Before(plan.nextBedtime); t = t.Add(time.Minute) {
			mood = 0.93*mood + 1.7*d.normal()
			bpm, source := p.restingBPM+17+mood, api.HeartRateSourceAwake
			switch {
			case plan.charging.contains(t):
				continue
			case plan.workout.contains(t):
				bpm, source = p.restingBPM+72+2*mood, api.HeartRateSourceWorkout
			case plan.session.contains(t):
				bpm, source = p.restingBPM+7+mood/2, api.HeartRateSourceSession
			case plan.nap.contains(t):
				bpm, source = p.restingBPM+4+mood/2, api.HeartRateSourceRest
			}
			if !row(t, max(bpm, 38), source) {
				return
			}
		}
	}
}

const batteryStep = 10 * time.Minute

func (p *Person) batteryLevels(from, to time.Time) iter.Seq[api.RingBatteryLevel] {
	return func(yield func(api.RingBatteryLevel) bool) {
		first := from.UTC().Truncate(batteryStep)
		if first.Before(from) {
			first = first.Add(batteryStep)
		}
		for t := first; t.Before(to); t = t.Add(batteryStep) {
			if p.drops(t) {
				continue
			}
			level, charging := p.battery(t)
			row := api.RingBatteryLevel{Timestamp: t, Level: level, Charging: optional(p, charging), InCharger: optional(p, charging)}
			if !p.NoUnix {
				row.TimestampUnix = new(t.UnixMilli())
			}
			if !yield(row) {
				return
			}
		}
	}
}

// battery is the charge at a time: full at the end of each day's charging, and a percent less for every hour since.
func (p *Person) battery(t time.Time) (level int, charging bool) {
	const full, perHour = 97.0, 1.05
	day := api.DateOf(t.In(p.Location))
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
