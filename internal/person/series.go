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
			today := p.outline(day)
			if !today.nextBedtime.After(from) || !today.night.start.Before(to) {
				continue
			}
			for _, row := range p.heartRatesOf(today) {
				if row.Timestamp.Before(from) || !row.Timestamp.Before(to) || p.drops(row.Timestamp) {
					continue
				}
				if !yield(row) {
					return
				}
				if p.twins(row.Timestamp) {
					row.BPM, row.Source = row.BPM+2, enum(p, api.HeartRateSourceLive)
					if !yield(row) {
						return
					}
				}
			}
		}
	}
}

// drops makes gaps that do not depend on where a range begins.
func (p *Person) drops(t time.Time) bool {
	return p.Gaps > 0 && (&dice{mix(uint64(t.Unix()))}).chance(p.Gaps) //nolint:gosec // the sign does not matter
}

// twins tells the rows whose timestamp another one has, too: about one in thirty.
func (p *Person) twins(t time.Time) bool {
	return p.SharedTimestamps && (&dice{mix(^uint64(t.Unix()))}).chance(1.0/30) //nolint:gosec // the sign does not matter
}

// unix is timestamp_unix, which many rows lack.
func (p *Person) unix(t time.Time) *int64 {
	if p.NoUnix {
		return nil
	}
	return new(t.UnixMilli())
}

// heartRatesOf makes the rows from one bedtime to the next.
func (p *Person) heartRatesOf(today outline) []api.HeartRate {
	var rows []api.HeartRate
	add := func(t time.Time, bpm float64, source api.HeartRateSource) {
		rows = append(rows, api.HeartRate{
			Timestamp: t.UTC(), TimestampUnix: p.unix(t), BPM: int(math.Round(bpm)), Source: enum(p, source),
		})
	}
	for i, bpm := range p.sleeping("night", today.day, today.night).bpm {
		add(today.night.start.Add(time.Duration(i)*epochSeconds*time.Second), bpm, api.HeartRateSourceSleep)
	}
	d := p.dice("heart rate", today.day)
	mood := 0.0 // wanders, so that neighbours resemble each other
	for t := today.night.end; t.Before(today.nextBedtime); t = t.Add(time.Minute) {
		mood = 0.93*mood + 1.7*d.normal()
		bpm, source := p.restingBPM+17+mood, api.HeartRateSourceAwake
		switch {
		case today.charging.contains(t):
			continue
		case today.workout.contains(t):
			bpm, source = p.restingBPM+72+2*mood, api.HeartRateSourceWorkout
		case today.session.contains(t):
			bpm, source = p.restingBPM+7+mood/2, api.HeartRateSourceSession
		case today.nap.contains(t):
			bpm, source = p.restingBPM+4+mood/2, api.HeartRateSourceRest
		}
		add(t, max(bpm, 38), source)
	}
	return rows
}

const batteryStep = 10 * time.Minute

func (p *Person) batteryLevels(from, to time.Time) iter.Seq[api.RingBatteryLevel] {
	return func(yield func(api.RingBatteryLevel) bool) {
		first := from.UTC().Add(batteryStep - 1).Truncate(batteryStep)
		for t := first; t.Before(to); t = t.Add(batteryStep) {
			level, charging := p.battery(t)
			row := api.RingBatteryLevel{
				Timestamp: t, TimestampUnix: p.unix(t), Level: level, Charging: optional(p, charging), InCharger: optional(p, charging),
			}
			switch {
			case p.drops(t):
				continue
			case !yield(row):
				return
			case p.twins(t):
				if row.Level = max(level-1, 0); !yield(row) {
					return
				}
			}
		}
	}
}

// battery is the charge at a time: full at the end of each day's charging, and a percent less for every hour since.
func (p *Person) battery(t time.Time) (level int, charging bool) {
	const full, perHour = 97.0, 1.05
	day := api.DateOf(t.In(p.Location))
	if t.Before(p.charging(day).start) {
		day = day.AddDays(-1)
	}
	now := p.charging(day)
	if !now.contains(t) {
		return clamp(full-perHour*t.Sub(now.end).Hours(), 0, 100), false
	}
	low := full - perHour*now.start.Sub(p.charging(day.AddDays(-1)).end).Hours()
	done := float64(t.Sub(now.start)) / float64(now.end.Sub(now.start))
	return clamp(low+(full-low)*done, 0, 100), true
}
