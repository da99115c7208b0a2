package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/oura-go/sdk/oura"
)

// nightView is one night.
type nightView struct {
	Day              oura.Date // on which it ended
	Name             string    // the night in words
	Earlier, Later   string    // addresses; "" where there is nothing
	Absent           string    // why there is no night
	When             string
	Tiles            []tile
	Pictures         []*picture
	Sleep, Readiness []part
}

// night shows the night that ended on a day; without one, the latest.
func (a *app) night(ctx context.Context, s standing, r *http.Request) (page, error) {
	today := oura.Today(time.Local)
	day, err := dayOf(r, "day", today)
	if err != nil {
		return page{}, err
	}
	earlier, later, latest, err := s.nightsAround(ctx, day)
	if err == nil && r.URL.Query().Get("day") == "" && latest.Before(day) && !latest.IsZero() {
		day = latest
		earlier, later, _, err = s.nightsAround(ctx, day)
	}
	if err != nil {
		return page{}, err
	}
	nights, err := s.nights(ctx, day.AddDays(-normalDays), day)
	if err != nil {
		return page{}, err
	}
	v := nightView{Day: day, Name: "Night of " + nightName(day), Earlier: nightURL(earlier), Later: nightURL(later)}
	if day == today {
		v.Name = "Last night, " + nightName(day)
	}
	night, ok := nights[day]
	delete(nights, day)
	switch {
	case ok:
		v.fill(night, slices.Collect(maps.Values(nights)))
	case day.After(today):
		v.Absent = "This night is still to come."
	case day == today:
		v.Absent = "This night is not here yet. It comes when the ring has synchronised with the Oura app."
	default:
		v.Absent = "No night was recorded for this day. The ring may have been off."
	}
	return page{Title: v.Name, Name: "night", View: v}, nil
}

// nightsAround asks the copy in SQL for the nights before and after a day, and for the last of all; zero if there is none.
func (s standing) nightsAround(ctx context.Context, day oura.Date) (earlier, later, latest oura.Date, err error) {
	var all [3]sql.Null[oura.Date]
	err = s.db.QueryRowContext(ctx, `SELECT max(day) FILTER (WHERE day < ?1), min(day) FILTER (WHERE day > ?1), max(day)
		FROM oura_sleep WHERE coalesce(type, '') NOT IN ('rest', 'deleted')`, day.String()).Scan(&all[0], &all[1], &all[2])
	return all[0].V, all[1].V, all[2].V, err
}

// nights are what is known of each night that was recorded.
func (s standing) nights(ctx context.Context, first, last oura.Date) (map[oura.Date]values, error) {
	sleep, err := days[oura.Sleep](ctx, s, first, last)
	scores, err2 := days[oura.DailySleep](ctx, s, first, last)
	readiness, err3 := days[oura.DailyReadiness](ctx, s, first, last)
	byDay := map[oura.Date][]oura.Sleep{}
	for _, d := range sleep {
		byDay[d.Day] = append(byDay[d.Day], d)
	}
	all := map[oura.Date]values{}
	for day, docs := range byDay {
		if main, ok := oura.MainSleep(docs); ok {
			all[day] = values{sleep: main}
		}
	}
	for _, d := range scores {
		if v, ok := all[d.Day]; ok {
			v.score = d
			all[d.Day] = v
		}
	}
	for _, d := range readiness {
		if v, ok := all[d.Day]; ok {
			v.readiness = d
			all[d.Day] = v
		}
	}
	return all, errors.Join(err, err2, err3)
}

func (v *nightView) fill(night values, before []values) {
	n := &night.sleep
	end := "now"
	if n.BedtimeEnd != nil {
		end = n.BedtimeEnd.Format("15:04")
	}
	v.When = fmt.Sprintf("%v to %v, in bed from %s to %s", v.Day.AddDays(-1).Weekday(), v.Day.Weekday(), n.BedtimeStart.Format("15:04"), end)
	v.Tiles = night.tiles(before)
	v.Sleep, v.Readiness = night.sleepParts(), night.readinessParts()
	for _, p := range []*picture{
		hypnogram(n),
		series(n, "Heart rate", "bpm", "pulse", n.HeartRate, math.Min, "lowest"),
		series(n, "Heart rate variability", "ms", "hrv", n.HRV, math.Max, "highest"),
	} {
		if p != nil {
			v.Pictures = append(v.Pictures, p)
		}
	}
}

func nightURL(day oura.Date) string {
	if day.IsZero() {
		return ""
	}
	return fmt.Sprintf("/?day=%v", day)
}

// nightName is both dates of a night, by the day on which it ended: 27 to 28 November 2026.
func nightName(day oura.Date) string {
	evening, form := day.AddDays(-1), "2"
	switch {
	case evening.Year != day.Year:
		form = "2 January 2006"
	case evening.Month != day.Month:
		form = "2 January"
	}
	return evening.In(time.UTC).Format(form) + " to " + day.In(time.UTC).Format("2 January 2006")
}

func longDay(d oura.Date) string { return d.In(time.UTC).Format("Monday, 2 January 2006") }
