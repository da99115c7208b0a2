package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
)

// workoutsView is a table, or why there is none.
type workoutsView struct {
	List      []workoutRow
	More      int  // that are not in the list
	NotShared bool // the person has left the scope out
	CanChange bool // by connecting again
}

// maxWorkouts is how many are listed.
const maxWorkouts = 12

// activity shows steps, active time and workouts.
func (a *app) activity(ctx context.Context, s standing, r *http.Request) (page, error) {
	p, err := periodOf(r)
	if err != nil {
		return page{}, err
	}
	steps, high, medium, low := byDay{}, byDay{}, byDay{}, byDay{}
	daily, err := days[oura.DailyActivity](ctx, s, p.First, p.Last)
	if err != nil {
		return page{}, err
	}
	for _, d := range daily {
		put(steps, d.Day, &d.Steps, 1)
		put(high, d.Day, &d.HighActivityTime, 3600)
		put(medium, d.Day, &d.MediumActivityTime, 3600)
		put(low, d.Day, &d.LowActivityTime, 3600)
	}
	v := periodView{period: p}
	v.bars("Steps a day", whole, curve{"Steps", "steps", steps})
	v.bars("Active time a day", hours, curve{"High", "high", high}, curve{"Medium", "medium", medium}, curve{"Low", "low", low})
	v.Workouts, err = a.workouts(ctx, s, p)
	return page{Title: "Activity", Name: "activity", View: &v}, err
}

// workouts are the latest ones. That they are not shared is no reason to show nothing else.
func (a *app) workouts(ctx context.Context, s standing, p period) (*workoutsView, error) {
	if slices.Contains(s.Missing, oauth.ScopeWorkout) {
		return &workoutsView{NotShared: true, CanChange: a.callback != nil}, nil
	}
	all, err := days[oura.Workout](ctx, s, p.First, p.Last)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b oura.Workout) int { return b.StartDatetime.Compare(a.StartDatetime) })
	v := &workoutsView{More: max(len(all)-maxWorkouts, 0)}
	for _, w := range all[:len(all)-v.More] {
		v.List = append(v.List, rowOf(w))
	}
	return v, nil
}

// workoutRow is a workout as the table shows it.
type workoutRow struct{ Day, Activity, Intensity, Time, Energy string }

func rowOf(w oura.Workout) workoutRow {
	r := workoutRow{
		Day: w.Day.In(time.UTC).Format("2 Jan"), Activity: words(w.Activity), Intensity: string(w.Intensity), Energy: "–",
		Time: duration(w.EndDatetime.Sub(w.StartDatetime)),
	}
	if w.Calories != nil {
		r.Energy = in("kcal")(*w.Calories)
	}
	return r
}

// words makes "strength training" of "strengthTraining": activities are an open set of such names.
func words(name string) string {
	var out strings.Builder
	for _, c := range strings.ReplaceAll(name, "_", " ") {
		if unicode.IsUpper(c) {
			out.WriteByte(' ')
		}
		out.WriteRune(unicode.ToLower(c))
	}
	return strings.TrimSpace(out.String())
}
