package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/oura-go/sdk/oura"
)

// hypnogram draws the stages of the night, awake at the top. It is nil if there are none.
func hypnogram(n *oura.Sleep) (*picture, error) {
	type level struct {
		name, color string
		height      float64
		asleep      *oura.Seconds
	}
	levels := map[oura.SleepPhase]level{
		oura.SleepPhaseAwake: {"Awake", "awake", 4, n.AwakeTime},
		oura.SleepPhaseREM:   {"REM", "rem", 3, n.REMSleepDuration},
		oura.SleepPhaseLight: {"Light", "light", 2, n.LightSleepDuration},
		oura.SleepPhaseDeep:  {"Deep", "deep", 1, n.DeepSleepDuration},
	}
	order := []oura.SleepPhase{oura.SleepPhaseAwake, oura.SleepPhaseREM, oura.SleepPhaseLight, oura.SleepPhaseDeep}

	// A line from one stage to the next should stand upright, so each five minutes are many points.
	const points = 12
	p := &picture{Title: "Stages", Columns: []string{"From", "Stage"}}
	var labels []string
	path := curve{Color: "pale", Pale: true}
	byStage := make([]curve, len(order))
	for i, stage := range order {
		byStage[i] = curve{Name: levels[stage].name, Color: levels[stage].color}
	}
	var before oura.SleepPhase
	for at, stage := range n.Phases5Min() {
		if stage != before {
			p.Rows = append(p.Rows, []string{at.Format("15:04"), stage.String()})
			before = stage
		}
		height := math.NaN() // a stage that this version does not know
		if l, ok := levels[stage]; ok {
			height = l.height
		}
		for range points {
			labels = append(labels, at.Format("15:04"))
			path.Values = append(path.Values, height)
			for i, s := range order {
				v := math.NaN()
				if s == stage {
					v = height
				}
				byStage[i].Values = append(byStage[i].Values, v)
			}
		}
	}
	if len(labels) == 0 {
		return nil, nil
	}
	var said []string
	for _, stage := range order {
		said = append(said, levels[stage].name+" "+clock(levels[stage].asleep)+" h")
	}
	p.Summary = strings.Join(said, ", ") + "."
	d := drawing{Labels: labels, Scale: scale{0, 5, 1}, Width: 4, Format: func(v float64) string {
		i := 4 - int(math.Round(v))
		if i < 0 || i >= len(order) {
			return "" // room above and below
		}
		return levels[order[i]].name
	}}
	return p, p.lines(d, append([]curve{path}, byStage...)...)
}

// overNight draws a series of the night. It is nil if nothing was measured.
func overNight(title, unit, color string, s *oura.Sample, better func(a, b float64) float64, word string) (*picture, error) {
	if s == nil || len(s.Items) == 0 {
		return nil, nil
	}
	p := &picture{Title: title, Columns: []string{"Time", unit}}
	var labels []string
	best, bestAt := math.NaN(), ""
	for i, v := range s.Items {
		at := s.Timestamp.Add(time.Duration(float64(i) * s.Interval * float64(time.Second))).Format("15:04")
		labels = append(labels, at)
		if math.IsNaN(v) {
			continue
		}
		p.Rows = append(p.Rows, []string{at, whole(v)})
		if math.IsNaN(best) || better(best, v) != best {
			best, bestAt = v, at
		}
	}
	if bestAt == "" {
		return nil, nil
	}
	p.Summary = fmt.Sprintf("%s %s on average, %s %s at %s.", whole(mean(s.Items)), unit, word, whole(best), bestAt)
	return p, p.lines(drawing{Labels: labels, Format: whole}, curve{Name: title, Color: color, Values: s.Items})
}
