package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/oura-go/sdk/oura"
)

// stages are from the bottom to the top, and awake is the highest.
var stages = []struct {
	phase       oura.SleepPhase
	name, color string
	took        func(*oura.Sleep) *oura.Seconds
}{
	{oura.SleepPhaseDeep, "Deep", "deep", func(n *oura.Sleep) *oura.Seconds { return n.DeepSleepDuration }},
	{oura.SleepPhaseLight, "Light", "light", func(n *oura.Sleep) *oura.Seconds { return n.LightSleepDuration }},
	{oura.SleepPhaseREM, "REM", "rem", func(n *oura.Sleep) *oura.Seconds { return n.REMSleepDuration }},
	{oura.SleepPhaseAwake, "Awake", "awake", func(n *oura.Sleep) *oura.Seconds { return n.AwakeTime }},
}

// overNight begins a picture whose width is the night, with ticks on full hours.
func overNight(n *oura.Sleep, title string, columns ...string) *picture {
	length := time.Duration(n.TimeInBed) * time.Second
	if n.BedtimeEnd != nil {
		length = max(length, n.BedtimeEnd.Sub(n.BedtimeStart))
	}
	for at := range n.Phases5Min() {
		length = max(length, at.Add(5*time.Minute).Sub(n.BedtimeStart))
	}
	p := &picture{Title: title, Columns: columns, width: max(length, time.Hour).Hours()}
	step := time.Hour
	if length > 12*time.Hour {
		step *= 2
	}
	begin := n.BedtimeStart
	sinceHour := time.Duration(begin.Minute())*time.Minute + time.Duration(begin.Second())*time.Second
	for at := begin.Add((time.Hour - sinceHour) % time.Hour); at.Sub(begin) <= length; at = at.Add(step) {
		p.X = append(p.X, tick{p.x(at.Sub(begin).Hours()), at.Format("15:04")})
	}
	return p
}

// hypnogram draws the stages of the night. It is nil if there are none.
func hypnogram(n *oura.Sleep) *picture {
	p := overNight(n, "Stages", "From", "Stage")
	p.scale = scale{0, float64(len(stages)), 1}
	row := map[oura.SleepPhase]float64{}
	var said []string
	for i, s := range stages {
		row[s.phase] = float64(i)
		p.Y = append(p.Y, tick{100 * (float64(i) + 0.5) / p.scale.max, s.name})
		said = append(said, s.name+" "+duration(seconds(s.took(n))))
	}
	p.Summary = strings.Join(said, ", ") + "."

	type stay struct { // in one stage
		from, to float64
		phase    oura.SleepPhase
	}
	var stays []stay
	for at, phase := range n.Phases5Min() {
		from := at.Sub(n.BedtimeStart).Hours()
		if len(stays) == 0 || stays[len(stays)-1].phase != phase {
			stays = append(stays, stay{from: from, phase: phase})
			p.Rows = append(p.Rows, []string{at.Format("15:04"), phase.String()})
		}
		stays[len(stays)-1].to = from + 5./60
	}
	if len(stays) == 0 {
		return nil
	}
	p.draw("line", "pale", func(add func(string, ...any)) {
		for i, s := range stays[1:] {
			before, known := row[stays[i].phase]
			if now, ok := row[s.phase]; ok && known { // others are stages that this version does not know
				add("M%.2f %.2fV%.2f", p.x(s.from), p.y(before+0.5), p.y(now+0.5))
			}
		}
	})
	for i, s := range stages {
		p.draw("area", s.color, func(add func(string, ...any)) {
			for _, stay := range stays {
				if stay.phase == s.phase {
					p.box(add, stay.from, stay.to, float64(i)+0.15, float64(i)+0.85)
				}
			}
		})
	}
	return p
}

// series draws a series of the night. It is nil if nothing was measured.
func series(n *oura.Sleep, title, unit, color string, s *oura.Sample, better func(a, b float64) float64, word string) *picture {
	if s == nil {
		return nil
	}
	p := overNight(n, title, "Time", unit)
	var places []float64
	best, bestAt := math.NaN(), ""
	for i, v := range s.Items {
		at := s.Timestamp.Add(time.Duration(float64(i) * s.Interval * float64(time.Second)))
		places = append(places, at.Sub(n.BedtimeStart).Hours())
		if math.IsNaN(v) {
			continue
		}
		p.Rows = append(p.Rows, []string{at.Format("15:04"), whole(v)})
		if math.IsNaN(best) || better(best, v) != best {
			best, bestAt = v, at.Format("15:04")
		}
	}
	if bestAt == "" {
		return nil
	}
	p.Summary = fmt.Sprintf("%s on average, %s %s at %s.", in(unit)(mean(s.Items)), word, whole(best), bestAt)
	p.axis(scaleOf(s.Items), whole)
	p.line(color, places, s.Items)
	return p
}
