package main

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

// scale is the range of an axis, and how far apart its labels are.
type scale struct{ min, max, step float64 }

func (s scale) labels() int { return int(math.Round((s.max-s.min)/s.step)) + 1 }

// scaleOf is round numbers around the values of curves.
func scaleOf(curves []curve) scale {
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, c := range curves {
		for _, v := range c.Values {
			if !math.IsNaN(v) {
				lowest, highest = min(lowest, v), max(highest, v)
			}
		}
	}
	return around(lowest, highest)
}

// scoreScaleOf is up to 100, from a round number below the scores: on an axis that fits closer, every week would look
// like a change.
func scoreScaleOf(curves []curve) scale {
	switch lowest := scaleOf(curves).min; {
	case lowest >= 60:
		return scale{60, 100, 10}
	case lowest >= 40:
		return scale{40, 100, 10}
	default:
		return scale{0, 100, 20}
	}
}

// wideScaleOf is at least so wide, as values that hardly change should look like that.
func wideScaleOf(width float64, c curve) scale {
	s := scaleOf([]curve{c})
	if missing := width - (s.max - s.min); missing > 0 {
		return around(s.min-missing/2, s.max+missing/2)
	}
	return s
}

// stackedScaleOf begins at zero, as bars do, and holds the sum of the curves.
func stackedScaleOf(curves []curve) scale {
	highest := 0.0
	for i := range curves[0].Values {
		sum := 0.0
		for _, c := range curves {
			if v := c.Values[i]; !math.IsNaN(v) {
				sum += v
			}
		}
		highest = max(highest, sum)
	}
	return around(0, highest)
}

// around has at most seven labels, one, two or five apart, or ten or a hundred times that.
func around(lowest, highest float64) scale {
	if !(lowest <= highest) { // there are no values
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

// even is how many of n labels to show, at most so many, for them to be equally far apart.
func even(n, most int) int {
	for count := min(n, most); count > 3; count-- {
		if (n-1)%(count-1) == 0 {
			return count
		}
	}
	return min(n, most)
}

// some is at most so many of the labels, equally far apart, with nothing in between.
func some(labels []string, most int) []string {
	step := (len(labels) + most - 1) / most
	out := make([]string, len(labels))
	for i := 0; i < len(labels); i += step {
		out[i] = labels[i]
	}
	return out
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

// whole is a number for people; a gap is a dash.
func whole(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return humanize.Comma(int64(math.Round(v)))
}

// in is a formatter of whole numbers with their unit.
func in(unit string) func(float64) string {
	return func(v float64) string {
		if math.IsNaN(v) {
			return "–"
		}
		return whole(v) + " " + unit
	}
}

// hours is a number of hours for people.
func hours(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	minutes := int(math.Round(v * 60))
	return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
}
