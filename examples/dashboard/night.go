package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
)

// nightView is one night.
type nightView struct {
	Day              oura.Date
	Date             string // the day in words
	Earlier, Later   string // addresses; "" where there is nothing
	Night            *oura.Sleep
	When             string
	Tiles            []tile
	Pictures         []picture
	Sleep, Readiness []part
}

// tile is a number that says much.
type tile struct{ Name, Value, Unit string }

// part is one contributor to a score, 1 to 100.
type part struct {
	Name  string
	Value int
}

// night shows the night that ended on a day; without one, the latest of a week.
func (a *app) night(ctx context.Context, s standing, r *http.Request) (page, error) {
	today := oura.Today(time.Local)
	last, err := dayOf(r, "day", today)
	if err != nil {
		return page{}, err
	}
	first := last
	if r.URL.Query().Get("day") == "" {
		first = last.AddDays(-6)
	}
	docs, err := days[oura.Sleep](ctx, s, first, last)
	if err != nil {
		return page{}, err
	}
	v := nightView{Day: last, Night: latestNight(docs)}
	if v.Night != nil {
		v.Day = v.Night.Day
	}
	v.Date = longDay(v.Day)
	v.Earlier = fmt.Sprintf("?day=%v", v.Day.AddDays(-1))
	if v.Day.Before(today) {
		v.Later = fmt.Sprintf("?day=%v", v.Day.AddDays(1))
	}
	if v.Night == nil {
		return page{Title: "Night to " + v.Date, Name: "night", View: v}, nil
	}
	if err := v.fill(ctx, s); err != nil {
		return page{}, err
	}
	return page{Title: "Night to " + v.Date, Name: "night", View: v}, nil
}

// latestNight is the night of the latest day that has one.
func latestNight(docs []oura.Sleep) *oura.Sleep {
	days := map[oura.Date][]oura.Sleep{}
	for _, d := range docs {
		days[d.Day] = append(days[d.Day], d)
	}
	for _, day := range slices.Backward(slices.SortedFunc(maps.Keys(days), oura.Date.Compare)) {
		if night, ok := oura.MainSleep(days[day]); ok {
			return &night
		}
	}
	return nil
}

func (v *nightView) fill(ctx context.Context, s standing) error {
	n := v.Night
	v.When = n.BedtimeStart.Format("15:04") + " to now"
	if n.BedtimeEnd != nil {
		v.When = n.BedtimeStart.Format("15:04") + " to " + n.BedtimeEnd.Format("15:04")
	}
	v.Tiles = []tile{{"Asleep", clock(n.TotalSleepDuration), "h"}, {"In bed", clock(&n.TimeInBed), "h"}}
	if n.LowestHeartRate != nil {
		v.Tiles = append(v.Tiles, tile{"Lowest heart rate", fmt.Sprint(*n.LowestHeartRate), "bpm"})
	}
	if n.AverageHRV != nil {
		v.Tiles = append(v.Tiles, tile{"Average HRV", fmt.Sprint(*n.AverageHRV), "ms"})
	}
	for d, err := range mirror.Days[oura.DailySleep](ctx, s.Me, v.Day, v.Day) {
		if err != nil {
			return err
		}
		v.Tiles = append([]tile{{"Sleep score", score(d.Score), "of 100"}}, v.Tiles...)
		k := d.Contributors
		v.Sleep = parts("Total sleep", k.TotalSleep, "Efficiency", k.Efficiency, "Restfulness", k.Restfulness, "REM sleep", k.REMSleep,
			"Deep sleep", k.DeepSleep, "Latency", k.Latency, "Timing", k.Timing)
	}
	for d, err := range mirror.Days[oura.DailyReadiness](ctx, s.Me, v.Day, v.Day) {
		if err != nil {
			return err
		}
		v.Tiles = append(v.Tiles, tile{"Readiness", score(d.Score), "of 100"})
		k := d.Contributors
		v.Readiness = parts("Previous night", k.PreviousNight, "Sleep balance", k.SleepBalance, "Activity balance", k.ActivityBalance,
			"Body temperature", k.BodyTemperature, "Resting heart rate", k.RestingHeartRate, "HRV balance", k.HRVBalance,
			"Recovery index", k.RecoveryIndex)
	}
	return v.draw()
}

func (v *nightView) draw() error {
	stages, err := hypnogram(v.Night)
	if err != nil {
		return err
	}
	pulse, err := overNight("Heart rate", "bpm", "pulse", v.Night.HeartRate, math.Min, "lowest")
	if err != nil {
		return err
	}
	hrv, err := overNight("Heart rate variability", "ms", "hrv", v.Night.HRV, math.Max, "highest")
	if err != nil {
		return err
	}
	for _, p := range []*picture{stages, pulse, hrv} {
		if p != nil {
			v.Pictures = append(v.Pictures, *p)
		}
	}
	return nil
}

// clock is a number of seconds as hours and minutes.
func clock(seconds *oura.Seconds) string {
	if seconds == nil {
		return "–"
	}
	return fmt.Sprintf("%d:%02d", *seconds/3600, *seconds%3600/60)
}

func score(n *int) string {
	if n == nil {
		return "–"
	}
	return fmt.Sprint(*n)
}

// parts takes names and values in turn, and leaves out what is not known.
func parts(pairs ...any) []part {
	var all []part
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		if v, _ := pairs[i+1].(*int); v != nil {
			all = append(all, part{name, *v})
		}
	}
	return all
}

func longDay(d oura.Date) string { return d.In(time.UTC).Format("Monday, 2 January 2006") }
