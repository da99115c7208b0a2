package main

import (
	"math"
	"slices"

	"github.com/oura-go/sdk/oura"
)

// tile is a number that says much, beside the person's own normal.
type tile struct {
	Name, Value string
	Usual       *usual // nil: there are too few nights to tell
}

// usual is where the values of the last month are: half of them are from Low to High.
type usual struct {
	Low, Median, High string
	From, Width       float64 // of that half on a line from the lowest value to the highest, in per cent
	Middle, Now       float64
}

const (
	normalDays = 30 // before the night
	enough     = 7  // of them
)

// values are what is known of a night. A document that is missing is an empty one.
type values struct {
	sleep     oura.Sleep
	score     oura.DailySleep
	readiness oura.DailyReadiness
}

// measured is what the page says of a night at a glance.
var measured = []struct {
	name   string
	format func(float64) string
	of     func(values) float64
}{
	{"Sleep score", whole, func(v values) float64 { return number(v.score.Score) }},
	{"Readiness score", whole, func(v values) float64 { return number(v.readiness.Score) }},
	{"Asleep", hours, func(v values) float64 { return number(v.sleep.TotalSleepDuration) / 3600 }},
	{"In bed", hours, func(v values) float64 { return number(&v.sleep.TimeInBed) / 3600 }},
	{"Deep sleep", hours, func(v values) float64 { return number(v.sleep.DeepSleepDuration) / 3600 }},
	{"REM sleep", hours, func(v values) float64 { return number(v.sleep.REMSleepDuration) / 3600 }},
	{"Lowest heart rate", in("bpm"), func(v values) float64 { return number(v.sleep.LowestHeartRate) }},
	{"Average HRV", in("ms"), func(v values) float64 { return number(v.sleep.AverageHRV) }},
}

// tiles leave out what was not measured in the night.
func (v values) tiles(before []values) []tile {
	var all []tile
	for _, m := range measured {
		var month []float64
		for _, b := range before {
			month = append(month, m.of(b))
		}
		if now := m.of(v); !math.IsNaN(now) {
			all = append(all, tile{m.name, m.format(now), usualOf(known(month), now, m.format)})
		}
	}
	return all
}

func usualOf(sorted []float64, now float64, format func(float64) string) *usual {
	if len(sorted) < enough {
		return nil
	}
	low, median, high := quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)
	left, right := min(now, sorted[0]), max(now, sorted[len(sorted)-1])
	place := func(v float64) float64 { return 100 * (v - left) / max(right-left, 1e-9) }
	return &usual{format(low), format(median), format(high), place(low), place(high) - place(low), place(median), place(now)}
}

// part is one contributor to a score, 1 to 100; nil if it is not known.
type part struct {
	Name  string
	Value *int
}

func parts(all ...part) []part {
	return slices.DeleteFunc(all, func(p part) bool { return p.Value == nil })
}

func (v values) sleepParts() []part {
	k := v.score.Contributors
	return parts(part{"Total sleep", k.TotalSleep}, part{"Efficiency", k.Efficiency}, part{"Restfulness", k.Restfulness},
		part{"REM sleep", k.REMSleep}, part{"Deep sleep", k.DeepSleep}, part{"Latency", k.Latency}, part{"Timing", k.Timing})
}

func (v values) readinessParts() []part {
	k := v.readiness.Contributors
	return parts(part{"Previous night", k.PreviousNight}, part{"Sleep balance", k.SleepBalance},
		part{"Sleep regularity", k.SleepRegularity}, part{"Previous day activity", k.PreviousDayActivity},
		part{"Activity balance", k.ActivityBalance}, part{"Body temperature", k.BodyTemperature},
		part{"Resting heart rate", k.RestingHeartRate}, part{"HRV balance", k.HRVBalance}, part{"Recovery index", k.RecoveryIndex})
}
