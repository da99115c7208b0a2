package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/oura-go/sdk/oura"
)

// day is a line of the report.
type day struct {
	score, steps    *int
	sleeps          []oura.Sleep // naps are among them
	lowest, highest int          // beats per minute over the day; 0 without data
}

// readWeek reads what the report shows of the days from first to last, both included.
func readWeek(ctx context.Context, client *oura.Client, first, last oura.Date) (map[oura.Date]*day, error) {
	days := map[oura.Date]*day{}
	at := func(d oura.Date) *day {
		if days[d] == nil {
			days[d] = &day{}
		}
		return days[d]
	}
	week := oura.Days(first, last)

	for score, err := range client.DailySleep.List(ctx, week) {
		if err != nil {
			return nil, explain(err)
		}
		at(score.Day).score = score.Score
	}
	for sleep, err := range client.Sleep.List(ctx, week) {
		if err != nil {
			return nil, explain(err)
		}
		at(sleep.Day).sleeps = append(at(sleep.Day).sleeps, sleep)
	}
	for activity, err := range client.DailyActivity.List(ctx, week) {
		if err != nil {
			return nil, explain(err)
		}
		at(activity.Day).steps = &activity.Steps
	}
	from, to := first.In(time.Local), last.AddDays(1).In(time.Local)
	for hr, err := range client.HeartRate.List(ctx, oura.Between(from, to)) {
		if err != nil {
			return nil, explain(err)
		}
		d := at(oura.DateOf(hr.Timestamp.Local()))
		if d.lowest == 0 || hr.BPM < d.lowest {
			d.lowest = hr.BPM
		}
		d.highest = max(d.highest, hr.BPM)
	}
	return days, nil
}

// explain tells what to do about the errors that a first run meets.
func explain(err error) error {
	var e *oura.Error
	switch {
	case errors.Is(err, oura.ErrMissingScope) && errors.As(err, &e):
		return fmt.Errorf("the token lacks the scope %q: ask for it when you authorize\n%w", e.Scope, err)
	case errors.Is(err, oura.ErrUnauthorized):
		return fmt.Errorf("the token is not accepted: is OURA_ACCESS_TOKEN an access token that has not expired?\n%w", err)
	default:
		return err
	}
}

// printWeek writes the last seven of the days.
func printWeek(out io.Writer, days map[oura.Date]*day) error {
	dates := slices.SortedFunc(maps.Keys(days), oura.Date.Compare)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "day\tscore\tin bed\tasleep\tdeep\tlight\tREM\tsteps\tresting heart rate\theart rate\t")
	for _, d := range dates[max(0, len(dates)-7):] {
		v := days[d]
		night, _ := oura.MainSleep(v.sleeps)
		fmt.Fprintf(w, "%s %v\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", d.Weekday().String()[:3], d,
			number(v.score), hours(&night.TimeInBed), hours(night.TotalSleepDuration), hours(night.DeepSleepDuration),
			hours(night.LightSleepDuration), hours(night.REMSleepDuration), number(v.steps), resting(night), between(v.lowest, v.highest))
	}
	return w.Flush()
}

func number(n *int) string {
	if n == nil {
		return "–"
	}
	return fmt.Sprint(*n)
}

// hours writes seconds as h:mm.
func hours(seconds *oura.Seconds) string {
	if seconds == nil || *seconds == 0 {
		return "–"
	}
	return fmt.Sprintf("%d:%02d", *seconds/3600, *seconds%3600/60)
}

func resting(night oura.Sleep) string {
	if night.LowestHeartRate == nil {
		return "–"
	}
	return fmt.Sprintf("%d bpm", *night.LowestHeartRate)
}

func between(lowest, highest int) string {
	if lowest == 0 {
		return "–"
	}
	return fmt.Sprintf("%d–%d bpm", lowest, highest)
}
