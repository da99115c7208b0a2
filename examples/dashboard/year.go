package main

import (
	"context"
	"database/sql"
	"fmt"
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
	Levels         []level
	Best           string
	Mean           string // "" if there is no value
}

// measure is what the colours say, and the view of the copy that has it.
type measure struct{ key, name, view string }

var measures = []measure{
	{"sleep", "Sleep score", "oura_daily_sleep"},
	{"readiness", "Readiness score", "oura_daily_readiness"},
	{"activity", "Activity score", "oura_daily_activity"},
}

// scores asks the copy in SQL, since of each document one number is wanted.
func (s standing) scores(ctx context.Context, m measure, first, last oura.Date) (byDay, error) {
	query := "SELECT day, score FROM " + m.view + " WHERE day BETWEEN ? AND ? AND score IS NOT NULL" //nolint:gosec // G202: a name from the table above
	rows, err := s.db.QueryContext(ctx, query, first.String(), last.String())
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := byDay{}
	for rows.Next() {
		var day oura.Date
		var score float64
		if err := rows.Scan(&day, &score); err != nil {
			return nil, err
		}
		all[day] = score
	}
	return all, rows.Err()
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
	values, err := s.scores(ctx, m, first, last)
	if err != nil {
		return page{}, err
	}

	address := func(m measure, to oura.Date) string { return fmt.Sprintf("?to=%v&measure=%s", to, m.key) }
	v := yearView{Name: m.name, Last: monthName(to), Levels: levels}
	var begin sql.Null[oura.Date]
	if err := s.db.QueryRowContext(ctx, "SELECT min(day) FROM "+m.view).Scan(&begin); err != nil {
		return page{}, err
	}
	if begin.Valid && begin.V.Before(first) {
		v.Earlier = address(m, first.AddDays(-1))
	}
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
	for d := first; !d.After(last); d = monthsFrom(d, 1) {
		v.Months = append(v.Months, monthOf(d, last, values))
	}
}
