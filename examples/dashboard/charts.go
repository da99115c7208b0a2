package main

import (
	"fmt"
	"math"
	"strings"
)

// picture is a chart with what it says in words and in numbers. What is drawn is in per cent of the plot, which is as wide
// as the page has room for; the texts of its axes are beside it, so that they keep their size.
type picture struct {
	Title   string
	Summary string // for people who do not see the chart, and above it for all
	Legend  []key
	Marks   []mark
	X, Y    []tick
	Columns []string
	Rows    [][]string

	width float64 // of the plot: hours of a night, or days of a period
	scale scale
}

// mark is a path of one colour, which is a variable of the style sheet: so a chart follows the page into the dark.
type mark struct{ Kind, Color, Path string }

// tick is a text at an axis, in per cent from the left or the bottom.
type tick struct {
	At   float64
	Text string
}

// Down is the tick's place from the top, as in a drawing.
func (t tick) Down() float64 { return 100 - t.At }

// key explains a colour.
type key struct{ Name, Color string }

// ID is of the caption, by which the drawing is labelled.
func (p *picture) ID() string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' {
			return c
		}
		return '-'
	}, strings.ToLower(p.Title))
}

func (p *picture) x(v float64) float64 { return 100 * v / p.width }
func (p *picture) y(v float64) float64 { return 100 - 100*(v-p.scale.min)/(p.scale.max-p.scale.min) }

// axis labels the values.
func (p *picture) axis(s scale, format func(float64) string) {
	p.scale = s
	for i := range s.labels() {
		v := s.min + float64(i)*s.step
		p.Y = append(p.Y, tick{100 - p.y(v), format(v)})
	}
}

// draw adds a path that is made piece by piece; none if it has no piece.
func (p *picture) draw(kind, color string, pieces func(add func(format string, args ...any))) {
	var path strings.Builder
	pieces(func(format string, args ...any) { fmt.Fprintf(&path, format, args...) })
	if path.Len() > 0 {
		p.Marks = append(p.Marks, mark{kind, color, path.String()})
	}
}

// line joins values that follow each other without a gap. One that stands alone is a dot.
func (p *picture) line(color string, places, values []float64) {
	gap := func(i int) bool { return i < 0 || i >= len(values) || math.IsNaN(values[i]) }
	alone := make([]float64, len(values))
	p.draw("line", color, func(add func(string, ...any)) {
		for i, v := range values {
			alone[i] = math.NaN()
			switch {
			case gap(i):
			case gap(i-1) && gap(i+1):
				alone[i] = v
			case gap(i - 1):
				add("M%.2f %.2f", p.x(places[i]), p.y(v))
			default:
				add("L%.2f %.2f", p.x(places[i]), p.y(v))
			}
		}
	})
	p.dots(color, places, alone)
}

// dots marks each value.
func (p *picture) dots(color string, places, values []float64) {
	p.draw("dots", color, func(add func(string, ...any)) {
		for i, v := range values {
			if !math.IsNaN(v) {
				add("M%.2f %.2fh0", p.x(places[i]), p.y(v))
			}
		}
	})
}

// box fills a rectangle.
func (p *picture) box(add func(string, ...any), left, right, bottom, top float64) {
	add("M%.2f %.2fH%.2fV%.2fH%.2fZ", p.x(left), p.y(bottom), p.x(right), p.y(top), p.x(left))
}
