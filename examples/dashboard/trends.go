package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/oura-go/sdk/oura"
)

// periodView is a page with charts of a period.
type periodView struct {
	period
	Pictures []*picture
	Workouts *workoutsView // of the activity page
}

// byDay holds a value for each day; a day without one is a gap.
type byDay map[oura.Date]float64

// put leaves out what is not known.
func put[N ~int](v byDay, d oura.Date, n *N, unit float64) {
	if n != nil {
		v[d] += float64(*n) / unit
	}
}

// trends shows scores, stages of sleep, and the heart over months.
func (a *app) trends(ctx context.Context, s standing, r *http.Request) (page, error) {
	p, err := periodOf(r)
	if err != nil {
		return page{}, err
	}
	sleep, err := s.scores(ctx, measures[0], p.First, p.Last)
	readiness, err2 := s.scores(ctx, measures[1], p.First, p.Last)
	nights, err3 := days[oura.Sleep](ctx, s, p.First, p.Last)
	if err := errors.Join(err, err2, err3); err != nil {
		return page{}, err
	}
	deep, light, rem, lowest, hrv := byDay{}, byDay{}, byDay{}, byDay{}, byDay{}
	for _, d := range nights {
		if oura.Or(d.Type, oura.SleepTypeLongSleep) != oura.SleepTypeLongSleep {
			continue
		}
		put(deep, d.Day, d.DeepSleepDuration, 3600)
		put(light, d.Day, d.LightSleepDuration, 3600)
		put(rem, d.Day, d.REMSleepDuration, 3600)
		put(lowest, d.Day, d.LowestHeartRate, 1)
		put(hrv, d.Day, d.AverageHRV, 1)
	}
	v := periodView{period: p}
	v.lines("Scores", whole, curve{"Sleep", "sleep", sleep}, curve{"Readiness", "readiness", readiness})
	v.bars("Hours asleep", hours, curve{"Deep", "deep", deep}, curve{"REM", "rem", rem}, curve{"Light", "light", light})
	v.lines("Lowest heart rate at night", in("bpm"), curve{"Lowest heart rate", "pulse", lowest})
	v.lines("Heart rate variability at night", in("ms"), curve{"HRV", "hrv", hrv})
	return page{Title: "Trends", Name: "trends", View: &v}, nil
}

// curve is a value over the period, in a colour of the style sheet.
type curve struct {
	Name, Color string
	Days        byDay
}

// over is the mean of each bucket; of a single day it is the day's value.
func (c curve) over(buckets []bucket) []float64 {
	var means []float64
	for _, b := range buckets {
		var of []float64
		for d := b.First; !d.After(b.Last); d = d.AddDays(1) {
			if x, ok := c.Days[d]; ok {
				of = append(of, x)
			}
		}
		means = append(means, mean(of))
	}
	return means
}

// lines draws means as lines, with the days behind them. The axis fits the days.
func (v *periodView) lines(title string, format func(float64) string, curves ...curve) {
	p, days, places := v.picture(title, format, curves), v.each(1), []float64(nil)
	var all []float64
	for _, c := range curves {
		all = append(all, c.over(days)...)
	}
	p.axis(scaleOf(all), whole)
	for _, d := range days {
		places = append(places, v.middle(d))
	}
	if v.step() > 1 {
		for _, c := range curves {
			p.dots(c.Color, places, c.over(days))
		}
	}
	places = nil
	for _, b := range v.buckets() {
		places = append(places, v.middle(b))
	}
	for _, c := range curves {
		p.line(c.Color, places, c.over(v.buckets()))
	}
	v.keep(p, all)
}

// round shortens the durations of an axis.
var round = strings.NewReplacer("\u00a000\u00a0min", "", "0\u00a0min", "0")

// bars draws means on top of each other, and the sum of each day in front of them.
func (v *periodView) bars(title string, format func(float64) string, curves ...curve) {
	p, buckets, days := v.picture(title, format, curves), v.buckets(), v.each(1)
	sum, places := make([]float64, len(days)), make([]float64, len(days))
	bottom := make([]float64, len(buckets))
	for i, d := range days {
		places[i] = v.middle(d)
		for _, c := range curves {
			sum[i] += c.Days[d.First]
		}
		if sum[i] == 0 {
			sum[i] = math.NaN()
		}
	}
	p.axis(scaleOf(append([]float64{0}, sum...)), func(v float64) string { return round.Replace(format(v)) })
	for _, c := range curves {
		p.draw("area", c.Color, func(add func(string, ...any)) {
			for i, value := range c.over(buckets) {
				if !math.IsNaN(value) {
					left, wide := float64(buckets[i].First.DaysSince(v.First)), float64(buckets[i].days())
					p.box(add, left+0.12*wide, left+0.88*wide, bottom[i], bottom[i]+value)
					bottom[i] += value
				}
			}
		})
	}
	if v.step() > 1 {
		p.dots("ink", places, sum)
	}
	v.keep(p, sum)
}

// keep adds a picture in which there is a value.
func (v *periodView) keep(p *picture, values []float64) {
	if len(known(values)) > 0 {
		v.Pictures = append(v.Pictures, p)
	}
}

// picture begins one of the period, with its means in words and its values as a table.
func (v *periodView) picture(title string, format func(float64) string, curves []curve) *picture {
	p := &picture{Title: title, Columns: []string{v.column()}, width: float64(v.Days)}
	for i := v.Days - 1; i >= 0; i -= (v.Days + 6) / 7 {
		p.X = append(p.X, tick{p.x(float64(i) + 0.5), v.First.AddDays(i).In(time.UTC).Format("2 Jan")})
	}
	buckets := v.buckets()
	for _, b := range buckets {
		p.Rows = append(p.Rows, []string{b.Last.In(time.UTC).Format("2 Jan 2006")})
	}
	var means []string
	for _, c := range curves {
		p.Columns = append(p.Columns, c.Name)
		values := c.over(buckets)
		for i, value := range values {
			p.Rows[i] = append(p.Rows[i], format(value))
		}
		means = append(means, fmt.Sprintf("%s %s", c.Name, format(mean(values))))
		p.Legend = append(p.Legend, key{c.Name, c.Color})
	}
	if len(curves) == 1 { // the title says of what
		means, p.Legend = []string{format(mean(curves[0].over(v.each(1))))}, nil
	}
	p.Summary = "On average: " + strings.Join(means, ", ") + "."
	return p
}
