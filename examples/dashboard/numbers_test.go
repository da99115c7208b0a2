package main

import (
	"math"
	"testing"
	"time"
)

func TestScales(t *testing.T) {
	t.Parallel()
	gap := math.NaN()
	of := func(values ...float64) []curve { return []curve{{Values: values}} }
	for name, test := range map[string]struct{ got, want scale }{
		"around the values":         {scaleOf(of(56, gap, 69)), scale{55, 70, 5}},
		"one value":                 {scaleOf(of(7)), scale{6, 8, 1}},
		"no values":                 {scaleOf(of(gap, gap)), scale{0, 1, 1}},
		"large values":              {scaleOf(of(9000, 14000)), scale{9000, 14000, 1000}},
		"bars begin at zero":        {stackedScaleOf(of(5, 7)), scale{0, 8, 2}},
		"bars on top of each other": {stackedScaleOf([]curve{{Values: []float64{1, gap}}, {Values: []float64{2, 5}}}), scale{0, 5, 1}},
		"good scores":               {scoreScaleOf(of(84, 93)), scale{60, 100, 10}},
		"bad scores":                {scoreScaleOf(of(47, 93)), scale{40, 100, 10}},
		"very bad scores":           {scoreScaleOf(of(12, 93)), scale{0, 100, 20}},
		"values that hardly change": {wideScaleOf(10, curve{Values: []float64{55.6, 56.4}}), scale{50, 62, 2}},
		"values that change a lot":  {wideScaleOf(10, curve{Values: []float64{50, 80}}), scale{50, 80, 5}},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v, want %v", name, test.got, test.want)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		whole(12684.4): "12,684", whole(math.NaN()): "–", in("bpm")(55.6): "56 bpm", in("ms")(math.NaN()): "–",
		forPeople(90 * time.Second): "90 seconds", forPeople(10 * time.Minute): "10 minutes", forPeople(5 * time.Hour): "5 hours",
		hours(1.999): "2 h 00 min", hours(math.NaN()): "–", whole(mean(nil)): "–", whole(mean([]float64{1, math.NaN(), 3})): "2",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
