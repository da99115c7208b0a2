package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/oura-go/sdk/oura"
)

// yearView is twelve months as calendars whose days have colours.
type yearView struct {
	Last           string // month
	Earlier, Later string // addresses; "" where there is nothing
	Measures       []choice
	Name           string // of the measure
	Months         []month
	Levels         []levelKey
	Best           string
	Mean           string // "" if there is no value
}

// measure is what the colours say.
type measure struct {
	key, name string
	read      func(ctx context.Context, s standing, first, last oura.Date) (byDay, error)
}

var measures = []measure{
	{"sleep", "Sleep score", daily(func(d oura.DailySleep) (oura.Date, *int) { return d.Day, d.Score })},
	{"readiness", "Readiness score", daily(func(d oura.DailyReadiness) (oura.Date, *int) { return d.Day, d.Score })},
	{"activity", "Activity score", daily(func(d oura.DailyActivity) (oura.Date, *int) { return d.Day, d.Score })},
}

// daily reads a value of each day.
func daily[T any](value func(T) (oura.Date, *int)) func(context.Context, standing, oura.Date, oura.Date) (byDay, error) {
	return func(ctx context.Context, s standing, first, last oura.Date) (byDay, error) {
		v := byDay{}
		docs, err := days[T](ctx, s, first, last)
		for _, d := range docs {
			day, n := value(d)
			put(v, day, n, 1)
		}
		return v, err
	}
}

// year shows a score over twelve months. The last of them is that of the day in the address, or the current one.
func (a *app) year(ctx context.Context, s standing, r *http.Request) (page, error) {
	m := measures[0]
	if wanted := r.URL.Query().Get("measure"); wanted != "" {
		i := slices.IndexFunc(measures, func(m measure) bool { return m.key == wanted })
		if i < 0 {
			return page{}, badRequestError("There is no such measure.")
		}
		m = measures[i]
	}
	today := oura.Today(time.Local)
	to, err := dayOf(r, "to", today)
	if err != nil {
		return page{}, err
	}
	first, last := monthsFrom(to, -11), monthsFrom(to, 1).AddDays(-1)
	values, err := m.read(ctx, s, first, last)
	if err != nil {
		return page{}, err
	}

	address := func(m measure, to oura.Date) string { return fmt.Sprintf("?to=%v&measure=%s", to, m.key) }
	v := yearView{Name: m.name, Last: monthName(to), Earlier: address(m, first.AddDays(-1))}
	if last.Before(today) {
		v.Later = address(m, monthsFrom(to, 13).AddDays(-1))
	}
	for _, other := range measures {
		v.Measures = append(v.Measures, choice{other.name, address(other, last), other.key == m.key})
	}
	if last.After(today) {
		last = today
	}
	v.fill(first, last, values)
	return page{Title: "Year to " + v.Last, Name: "year", View: v}, nil
}

func (v *yearView) fill(first, last oura.Date, values byDay) {
	maps.DeleteFunc(values, func(d oura.Date, _ float64) bool { return d.Before(first) || d.After(last) }) // as the sandbox sends
	best, all := oura.Date{}, []float64{}
	for d, value := range values {
		all = append(all, value)
		if best.IsZero() || value > values[best] || value == values[best] && d.After(best) {
			best = d
		}
	}
	if len(all) == 0 {
		return
	}
	v.Mean = whole(mean(all))
	v.Best = fmt.Sprintf("%s on %s", whole(values[best]), longDay(best))
	fifths := fifthsOf(all)
	v.Levels = fifths.keys(all)
	for d := first; !d.After(last); d = monthsFrom(d, 1) {
		v.Months = append(v.Months, monthOf(d, last, values, fifths))
	}
}
