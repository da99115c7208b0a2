package main

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/oura-go/sdk/oura"
)

// badRequestError is a mistake in the address, said to the person.
type badRequestError string

func (b badRequestError) Error() string { return string(b) }

// period is the days that a page is about. They are in the address, so that it can be kept and sent to others.
type period struct {
	First, Last oura.Date
	Days        int
}

// maxDays is two years.
const maxDays = 731

// periodOf reads from and to; without them it is the last 90 days.
func periodOf(r *http.Request) (period, error) {
	today := oura.Today(time.Local)
	last, err := dayOf(r, "to", today)
	if err != nil {
		return period{}, err
	}
	first, err := dayOf(r, "from", last.AddDays(-89))
	if err != nil {
		return period{}, err
	}
	p := period{First: first, Last: last, Days: last.DaysSince(first) + 1}
	switch {
	case p.Days < 1:
		return p, badRequestError(fmt.Sprintf("The first day, %v, is after the last, %v.", first, last))
	case p.Days > maxDays:
		return p, badRequestError(fmt.Sprintf("That are %d days, and at most %d fit on this page.", p.Days, maxDays))
	default:
		return p, nil
	}
}

// dayOf reads a day from the address.
func dayOf(r *http.Request, name string, fallback oura.Date) (oura.Date, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return fallback, nil
	}
	d, err := oura.ParseDate(text)
	if err != nil {
		return d, badRequestError(fmt.Sprintf("%q is not a day. Write it like %v.", text, fallback))
	}
	if d.Year < 2000 || d.Year > 2200 {
		return d, badRequestError("There can be no data in the days of this address.")
	}
	return d, nil
}

// choice is a period that is often wanted.
type choice struct {
	Name    string
	URL     string
	Current bool
}

func (p period) Choices() []choice {
	today := oura.Today(time.Local)
	var all []choice
	for _, c := range []struct {
		name string
		days int
	}{{"30 days", 30}, {"90 days", 90}, {"A year", 365}} {
		first := today.AddDays(1 - c.days)
		all = append(all, choice{c.name, fmt.Sprintf("?from=%v&to=%v", first, today), p.First == first && p.Last == today})
	}
	return all
}

// weekly is from how many days on the mean of a week is shown, since more than that would not fit on a phone.
const weekly = 62

// step is how many days a mean is of.
func (p period) step() int {
	if p.Days > weekly {
		return 7
	}
	return 1
}

// Says is what the charts show.
func (p period) Says() string {
	if p.step() > 1 {
		return fmt.Sprintf("%d days: a point for each day, and the mean of each week", p.Days)
	}
	return fmt.Sprintf("%d days, each by itself", p.Days)
}

func (p period) column() string {
	if p.step() > 1 {
		return "Week to"
	}
	return "Day"
}

// bucket is a day, or the days of a week.
type bucket struct{ First, Last oura.Date }

func (b bucket) days() int { return b.Last.DaysSince(b.First) + 1 }

func (p period) buckets() []bucket { return p.each(p.step()) }

// each divides the period so that the last part is whole.
func (p period) each(step int) []bucket {
	var all []bucket
	for last := p.Last; !last.Before(p.First); last = last.AddDays(-step) {
		first := last.AddDays(1 - step)
		if first.Before(p.First) {
			first = p.First
		}
		all = append(all, bucket{first, last})
	}
	slices.Reverse(all)
	return all
}

// middle is where a bucket is in a chart whose unit is a day.
func (p period) middle(b bucket) float64 {
	return float64(b.First.DaysSince(p.First)) + float64(b.days())/2
}
