package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/oura-go/sdk/oura"
)

// periodView is a page with charts of a period.
type periodView struct {
	period
	Pictures []picture
	Workouts *workoutsView // of the activity page
}

// byDay holds a value for each day; a day without one is a gap.
type byDay map[oura.Date]float64

// over is the mean of each bucket.
func (v byDay) over(buckets []bucket) []float64 {
	var means []float64
	for _, b := range buckets {
		var of []float64
		for d := b.First; !d.After(b.Last); d = d.AddDays(1) {
			if x, ok := v[d]; ok {
				of = append(of, x)
			}
		}
		means = append(means, mean(of))
	}
	return means
}

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
	sleep, err := measures[0].read(ctx, s, p.First, p.Last)
	if err != nil {
		return page{}, err
	}
	readiness, err := measures[1].read(ctx, s, p.First, p.Last)
	if err != nil {
		return page{}, err
	}
	nights, err := days[oura.Sleep](ctx, s, p.First, p.Last)
	if err != nil {
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
	buckets := p.buckets()
	scores := []curve{
		{Name: "Sleep", Color: "sleep", Values: sleep.over(buckets)},
		{Name: "Readiness", Color: "readiness", Values: readiness.over(buckets)},
	}
	pulse := curve{Name: "Lowest heart rate", Color: "pulse", Values: lowest.over(buckets)}
	variability := curve{Name: "HRV", Color: "hrv", Values: hrv.over(buckets)}
	return page{Title: "Trends", Name: "trends", View: &v}, errors.Join(
		v.add("Scores", buckets, drawing{Scale: scoreScaleOf(scores), Format: whole}, (*picture).lines, whole, scores...),
		v.add("Hours asleep", buckets, drawing{Format: whole}, (*picture).bars, hours,
			curve{Name: "Deep", Color: "deep", Values: deep.over(buckets)},
			curve{Name: "REM", Color: "rem", Values: rem.over(buckets)},
			curve{Name: "Light", Color: "light", Values: light.over(buckets)}),
		v.add("Lowest heart rate at night", buckets, drawing{Scale: wideScaleOf(10, pulse), Format: whole}, (*picture).lines, in("bpm"), pulse),
		v.add("Heart rate variability at night", buckets, drawing{Scale: wideScaleOf(20, variability), Format: whole}, (*picture).lines, in("ms"), variability),
	)
}

// add draws a chart of the period, with its means in words and its values as a table. Without any value there is none.
func (v *periodView) add(title string, buckets []bucket, d drawing, draw func(*picture, drawing, ...curve) error, format func(float64) string, curves ...curve) error {
	p := picture{Title: title, Columns: []string{"To"}}
	var means []string
	known := false
	for _, b := range buckets {
		d.Labels = append(d.Labels, b.label())
		p.Rows = append(p.Rows, []string{b.Last.String()})
	}
	for _, c := range curves {
		p.Columns = append(p.Columns, c.Name)
		for i, value := range c.Values {
			p.Rows[i] = append(p.Rows[i], format(value))
			known = known || !math.IsNaN(value)
		}
		means = append(means, fmt.Sprintf("%s %s", c.Name, format(mean(c.Values))))
	}
	if len(curves) == 1 {
		means = []string{format(mean(curves[0].Values))} // the title says of what
	}
	if !known {
		return nil
	}
	p.Summary = "On average: " + strings.Join(means, ", ") + "."
	if err := draw(&p, d, curves...); err != nil {
		return err
	}
	v.Pictures = append(v.Pictures, p)
	return nil
}
