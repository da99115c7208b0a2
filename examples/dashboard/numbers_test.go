package main

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

func TestScales(t *testing.T) {
	t.Parallel()
	gap := math.NaN()
	for name, test := range map[string]struct {
		of   []float64
		want scale
	}{
		"around the values": {[]float64{56, gap, 69}, scale{55, 70, 5}},
		"one value":         {[]float64{7}, scale{6, 8, 1}},
		"no values":         {[]float64{gap, gap}, scale{0, 1, 1}},
		"large values":      {[]float64{9000, 14000}, scale{9000, 14000, 1000}},
	} {
		if got := scaleOf(test.of); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	t.Parallel()
	evening := func(year int, month time.Month, day int) string {
		return nightName(oura.Date{Year: year, Month: month, Day: day})
	}
	for got, want := range map[string]string{
		whole(12684.4): "12,684", whole(math.NaN()): "–", in("bpm")(55.6): "56\u00a0bpm", in("ms")(math.NaN()): "–",
		duration(8*time.Hour + 55*time.Minute): "8\u00a0h\u00a055\u00a0min", duration(10 * time.Minute): "10\u00a0min",
		hours(1.999): "2\u00a0h\u00a000\u00a0min", hours(math.NaN()): "–", whole(mean(nil)): "–",
		whole(mean([]float64{1, math.NaN(), 3})): "2",
		evening(2026, time.November, 28):         "27 to 28 November 2026",
		evening(2026, time.November, 1):          "31 October to 1 November 2026",
		evening(2027, time.January, 1):           "31 December 2026 to 1 January 2027",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Colours are of steps that do not depend on the year's other days.
func TestLevels(t *testing.T) {
	t.Parallel()
	for score, want := range map[float64]int{0: 1, 59: 1, 60: 2, 69: 2, 70: 3, 79: 3, 80: 4, 89: 4, 90: 5, 92: 5, 93: 5, 100: 5} {
		if got := levelOf(score); got != want {
			t.Errorf("%v has level %d, want %d", score, got, want)
		}
	}
}

func TestUsual(t *testing.T) {
	t.Parallel()
	month := []float64{50, 52, 54, 56, 58, 60, 62, 64, 66}
	want := &usual{Low: "54", Median: "58", High: "62", From: 20, Width: 40, Middle: 40, Now: 100}
	if diff := cmp.Diff(want, usualOf(month, 70, whole)); diff != "" {
		t.Error(diff)
	}
	if got := usualOf(month[:enough-1], 70, whole); got != nil {
		t.Errorf("of six nights %+v is said to be usual", got)
	}
}
