package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/oura-go/sdk/oura"
)

// month is a page of a calendar.
type month struct {
	Name  string
	URL   string // its trends
	Mean  string
	Weeks [][7]cell
}

// cell is a day of a month, or nothing.
type cell struct {
	Day   oura.Date
	Level int // 1 to 5; 0: there is no value
	Value string
}

// weekdays are the columns of a month.
func weekdays() []string {
	return []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
}

// monthOf lays the days out until the month ends, or the last day.
func monthOf(first, last oura.Date, values byDay, f fifths) month {
	if end := monthsFrom(first, 1).AddDays(-1); end.Before(last) {
		last = end
	}
	out := month{Name: monthName(first), URL: fmt.Sprintf("/trends?from=%v&to=%v", first, last)}
	var of []float64
	for d := first; !d.After(last); d = d.AddDays(1) {
		column := (int(d.Weekday()) + 6) % 7
		if len(out.Weeks) == 0 || column == 0 {
			out.Weeks = append(out.Weeks, [7]cell{})
		}
		x := cell{Day: d, Value: "–"}
		if value, ok := values[d]; ok {
			of = append(of, value)
			x.Level, x.Value = f.level(value), whole(value)
		}
		out.Weeks[len(out.Weeks)-1][column] = x
	}
	out.Mean = whole(mean(of))
	return out
}

// monthsFrom is the first day of the month that is n months after that of the day.
func monthsFrom(d oura.Date, n int) oura.Date {
	return oura.DateOf(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
}

func monthName(d oura.Date) string { return d.In(time.UTC).Format("January 2006") }

// fifths say where each fifth of the person's own days begins, but for the first. Scores are close together for most
// people, so colours for fixed ranges would be one colour.
type fifths [4]float64

func fifthsOf(values []float64) fifths {
	var f fifths
	if len(values) == 0 {
		return f
	}
	sorted := slices.Sorted(slices.Values(values))
	for i := range f {
		f[i] = sorted[len(sorted)*(i+1)/5]
	}
	return f
}

// level is 1 to 5.
func (f fifths) level(v float64) int {
	level := 1
	for _, from := range f {
		if v >= from {
			level++
		}
	}
	return level
}

// levelKey explains a colour.
type levelKey struct {
	Level int
	Text  string
}

// keys say which values each level has. Some may have none.
func (f fifths) keys(values []float64) []levelKey {
	lowest, highest := map[int]float64{}, map[int]float64{}
	for _, v := range values {
		l := f.level(v)
		if low, ok := lowest[l]; !ok || v < low {
			lowest[l] = v
		}
		highest[l] = max(highest[l], v)
	}
	var keys []levelKey
	for _, l := range slices.Sorted(maps.Keys(lowest)) {
		text := whole(lowest[l])
		if highest[l] > lowest[l] {
			text += " to " + whole(highest[l])
		}
		keys = append(keys, levelKey{l, text})
	}
	return keys
}
