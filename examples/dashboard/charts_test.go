package main

import (
	"fmt"
	"html/template"
	"math"
	"regexp"
	"strings"
	"testing"
)

type point struct{ x, y float64 }

// drawn are the outlines that have a colour of the style sheet, in order.
func drawn(t *testing.T, svg template.HTML, color string) (outlines [][]point) {
	t.Helper()
	paths := regexp.MustCompile(`(?s)<path d="([^"]*)" style="([^"]*)"/>`)
	for _, path := range paths.FindAllStringSubmatch(string(svg), -1) {
		if !strings.Contains(path[2], "var(--"+color+")") {
			continue
		}
		var outline []point
		for line := range strings.Lines(path[1]) {
			var p point
			if _, err := fmt.Sscanf(strings.TrimLeft(line, "ML "), "%f %f", &p.x, &p.y); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			outline = append(outline, p)
		}
		outlines = append(outlines, outline)
	}
	return outlines
}

// Drawings are rounded to whole pixels.
func near(a, b float64) bool { return math.Abs(a-b) <= 1 }

func TestLinesAreWhereTheirValuesAre(t *testing.T) {
	t.Parallel()
	p := &picture{Title: "Pulse"}
	err := p.lines(
		drawing{Labels: []string{"a", "b", "c", "d", "e"}, Scale: scale{60, 90, 10}, Format: plain},
		curve{Name: "Pulse", Color: "pulse", Values: []float64{60, 75, math.NaN(), 90, 60}},
	)
	if err != nil {
		t.Fatal(err)
	}
	for size, svg := range map[string]template.HTML{"wide": p.Wide, "narrow": p.Narrow} {
		got := drawn(t, svg, "pulse")
		if len(got) != 2 || len(got[0]) != 2 || len(got[1]) != 2 {
			t.Fatalf("%s: %v, want a line of two points, a gap, and another", size, got)
		}
		first, second, fourth, fifth := got[0][0], got[0][1], got[1][0], got[1][1]
		low, high := first.y, fourth.y
		if high >= low || !near(second.y, (low+high)/2) || fifth.y != low {
			t.Errorf("%s: %v; want 75 half way between 60 and 90, which is above", size, got)
		}
		step := (fifth.x - first.x) / 4
		if step <= 0 || !near(second.x, first.x+step) || !near(fourth.x, first.x+3*step) {
			t.Errorf("%s: %v; want five places in equal distances", size, got)
		}
	}
}

func TestBarsAreAsHighAsTheirValues(t *testing.T) {
	t.Parallel()
	p := &picture{Title: "Sleep"}
	err := p.bars(
		drawing{Labels: []string{"a", "b", "c"}, Format: plain},
		curve{Name: "Deep", Color: "deep", Values: []float64{1, 2, math.NaN()}},
		curve{Name: "Light", Color: "light", Values: []float64{2, 2, 1}},
	)
	if err != nil {
		t.Fatal(err)
	}
	for size, svg := range map[string]template.HTML{"wide": p.Wide, "narrow": p.Narrow} {
		deep, light := drawn(t, svg, "deep"), drawn(t, svg, "light")
		if len(deep) != 2 || len(light) != 3 {
			t.Fatalf("%s: %d deep and %d light bars, want 2 and 3", size, len(deep), len(light))
		}
		top := func(bar []point) float64 { return bar[0].y }
		bottom := func(bar []point) float64 { return bar[2].y }
		height := func(bar []point) float64 { return bottom(bar) - top(bar) }
		unit := height(deep[0])
		if unit < 10 || !near(height(deep[1]), 2*unit) || !near(height(light[0]), 2*unit) || !near(height(light[2]), unit) {
			t.Errorf("%s: deep %v, light %v; want heights in the proportion of the values", size, deep, light)
		}
		if bottom(light[0]) != top(deep[0]) || bottom(light[1]) != top(deep[1]) || bottom(light[2]) != bottom(deep[0]) {
			t.Errorf("%s: deep %v, light %v; want light on top of deep", size, deep, light)
		}
	}
}

func plain(v float64) string { return fmt.Sprint(v) }
