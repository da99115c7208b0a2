package main

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/oura-go/sdk/oura"
)

// scale is the range of an axis, and how far apart its labels are.
type scale struct{ min, max, step float64 }

func (s scale) labels() int { return int(math.Round((s.max-s.min)/s.step)) + 1 }

// scaleOf is round numbers around values: at most seven labels, one, two or five apart, or ten or a hundred times that.
func scaleOf(values []float64) scale {
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) {
			lowest, highest = min(lowest, v), max(highest, v)
		}
	}
	if lowest > highest { // there are no values
		lowest, highest = 0, 1
	}
	if lowest == highest {
		lowest, highest = lowest-1, highest+1
	}
	for unit := 1.0; ; unit *= 10 {
		for _, step := range []float64{unit, 2 * unit, 5 * unit} {
			s := scale{math.Floor(lowest/step) * step, math.Ceil(highest/step) * step, step}
			if s.labels() <= 7 {
				return s
			}
		}
	}
}

// mean leaves gaps out; of nothing it is a gap.
func mean(values []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	return sum / float64(n)
}

// quantile is the value below which that share of them is. They are sorted, and at least one.
func quantile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

// known are the values that are no gaps, sorted.
func known(values []float64) []float64 {
	return slices.Sorted(slices.Values(slices.DeleteFunc(slices.Clone(values), math.IsNaN)))
}

// number is a value that may be missing: a gap.
func number[N ~int](n *N) float64 {
	if n == nil {
		return math.NaN()
	}
	return float64(*n)
}

func seconds(n *oura.Seconds) time.Duration { return oura.Or(n, 0).Duration() }

// whole is a number for people; a gap is a dash.
func whole(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return humanize.Comma(int64(math.Round(v)))
}

// in is a formatter of whole numbers with their unit, from which no line break parts them.
func in(unit string) func(float64) string {
	return func(v float64) string {
		if math.IsNaN(v) {
			return "–"
		}
		return whole(v) + "\u00a0" + unit
	}
}

// duration is how all pages write one: 8 h 55 min, in one piece.
func duration(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	if minutes < 60 {
		return fmt.Sprintf("%d\u00a0min", minutes)
	}
	return fmt.Sprintf("%d\u00a0h\u00a0%02d\u00a0min", minutes/60, minutes%60)
}

// hours is a number of hours as a duration.
func hours(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return duration(time.Duration(v * float64(time.Hour)))
}
