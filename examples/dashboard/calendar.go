package main

import (
	"fmt"
	"time"

	"github.com/oura-go/sdk/oura"
)

// month is a page of a calendar.
type month struct {
	Name  string
	URL   string // its trends
	Mean  string
	Known bool // whether there is a value
	Weeks [][7]cell
}

// cell is a day of a month, or nothing.
type cell struct {
	Day   oura.Date
	Level int // 1 to 5; 0: there is no value
	Value string
}

// Date is the day in words.
func (c cell) Date() string { return longDay(c.Day) }

// URL is of what there is to see of the day.
func (c cell) URL() string { return nightURL(c.Day) }

// weekdays are the columns of a month.
func weekdays() []string {
	return []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
}

// monthOf lays the days out until the month ends, or the last day.
func monthOf(first, last oura.Date, values byDay) month {
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
			x.Level, x.Value = levelOf(value), whole(value)
		}
		out.Weeks[len(out.Weeks)-1][column] = x
	}
	out.Mean, out.Known = whole(mean(of)), len(of) > 0
	return out
}

// monthsFrom is the first day of the month that is n months after that of the day.
func monthsFrom(d oura.Date, n int) oura.Date {
	return oura.DateOf(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
}

func monthName(d oura.Date) string { return d.In(time.UTC).Format("January 2006") }

// level is a step of the scale of colours. The steps are the same for everybody and every year, so that a colour means
// the same score everywhere.
type level struct {
	From float64
	Text string
}

var levels = []level{{0, "below 60"}, {60, "60 to 69"}, {70, "70 to 79"}, {80, "80 to 89"}, {90, "90 to 100"}}

// levelOf is 1 to 5.
func levelOf(v float64) int {
	n := 1
	for n < len(levels) && v >= levels[n].From {
		n++
	}
	return n
}
