package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
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
	case errors.Is(err, oura.ErrServer) && errors.As(err, &e) && e.StatusCode == 0 && os.Getenv("OURA_SANDBOX") != "":
		return fmt.Errorf("the sandbox does not answer: %s. Without OURA_SANDBOX no network is needed.\n%w", e.Detail, err)
	default:
		return err
	}
}

// printWeek writes the last seven of the days, in less than 80 columns.
func printWeek(out io.Writer, days map[oura.Date]*day, today oura.Date) {
	const night, rest = "%7s%8s%8s%6s%7s%6s", "%7s%6s%9s\n"
	fmt.Fprintf(out, "%14s"+night+"%22s\n", "", "sleep", "", "", "", "", "", "heart rate (bpm)")
	fmt.Fprintf(out, "%-14s"+night+rest, "day", "score", "in bed", "asleep", "deep", "light", "REM", "steps", "rest", "range")
	dates := slices.SortedFunc(maps.Keys(days), oura.Date.Compare)
	for _, d := range dates[max(0, len(dates)-7):] {
		v := days[d]
		main, slept := oura.MainSleep(v.sleeps)
		text := fmt.Sprintf(night, number(v.score), hours(&main.TimeInBed), hours(main.TotalSleepDuration),
			hours(main.DeepSleepDuration), hours(main.LightSleepDuration), hours(main.REMSleepDuration))
		if d == today && !slept {
			text = "  not synced yet"
		}
		fmt.Fprintf(out, "%.3s %v%-42s"+rest, d.Weekday(), d, text, number(v.steps), number(main.LowestHeartRate), between(v))
	}
	fmt.Fprintln(out, "\nTimes are h:mm. Rest is the resting heart rate, the lowest of the night.")
}

// missing is what the ring or the service does not have.
const missing = "–"

func number(n *int) string {
	if n == nil {
		return missing
	}
	return fmt.Sprint(*n)
}

// hours writes seconds as h:mm.
func hours(seconds *oura.Seconds) string {
	if seconds == nil || *seconds == 0 {
		return missing
	}
	return fmt.Sprintf("%d:%02d", *seconds/3600, *seconds%3600/60)
}

func between(v *day) string {
	if v.lowest == 0 {
		return missing
	}
	return fmt.Sprintf("%d–%d", v.lowest, v.highest)
}
