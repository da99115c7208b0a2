package main

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/go-analyze/charts"
)

// picture is a chart with what it says in words and in numbers. There are two drawings of it, for wide and narrow
// screens, as text in a drawing that shrinks cannot be read; the style sheet shows one.
type picture struct {
	Title        string
	Summary      string // for people who do not see the chart, and below it for all
	Wide, Narrow template.HTML
	Legend       []key
	Columns      []string
	Rows         [][]string
}

// ID is of the caption, by which the drawings are labelled.
func (p picture) ID() string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' {
			return c
		}
		return '-'
	}, strings.ToLower(p.Title))
}

// key explains a colour.
type key struct{ Name, Color string }

// curve is one line, or one colour of a bar. A NaN is a gap. The colour is a variable of the style sheet.
type curve struct {
	Name, Color string
	Values      []float64
	Pale        bool // drawn, and left out of the legend
}

// drawing is what can be said about the axes of a chart.
type drawing struct {
	Labels []string // below the chart; some of them are shown
	Scale  scale    // of the values; zero: what fits them
	Format func(float64) string
	Width  float64 // of lines; 0: thin
}

// names are the colours of the style sheet. The library wants numbers, so each name gets one, and the drawing gets the
// names back: so a chart follows the page into the dark.
var names = []string{
	"axis", "grid", "text", "sleep", "readiness", "deep", "light", "rem", "awake", "pulse", "hrv", "steps", "high", "medium", "low", "pale",
}

func numbered(name string) charts.Color {
	for i, n := range names {
		if n == name {
			return charts.ColorRGB(1, 2, uint8(i))
		}
	}
	panic("the style sheet has no colour " + name)
}

var renamed = func() *strings.Replacer {
	var pairs []string
	for i, name := range names {
		pairs = append(pairs, fmt.Sprintf("rgb(1,2,%d)", i), "var(--"+name+")")
	}
	return strings.NewReplacer(append(pairs, "font-family:'Roboto Medium',sans-serif", "font-family:inherit")...)
}()

func theme(curves []curve) charts.ColorPalette {
	var colors []charts.Color
	for _, c := range curves {
		colors = append(colors, numbered(c.Color))
	}
	return charts.MakeTheme(charts.ThemeOption{
		AxisStrokeColor: numbered("axis"), AxisSplitLineColor: numbered("grid"), TextColor: numbered("text"),
		BackgroundColor: charts.ColorTransparent, SeriesColors: colors,
	})
}

// lines draws curves over time.
func (p *picture) lines(d drawing, curves ...curve) error {
	if d.Scale == (scale{}) {
		d.Scale = scaleOf(curves)
	}
	return p.draw(curves, func(canvas *charts.Painter, labels int) error {
		o := charts.NewLineChartOptionWithData(values(curves))
		o.Theme = theme(curves)
		o.Padding = charts.NewBox(0, 8, 8, 0)
		o.Symbol = charts.Symbol{Shape: charts.SymbolNone}
		o.LineStrokeWidth = max(d.Width, 2.5)
		o.Legend.Show = new(false)
		o.XAxis = charts.XAxisOption{
			Labels: d.Labels, LabelCount: even(len(d.Labels), labels), BoundaryGap: new(false), LabelFontStyle: charts.FontStyle{FontSize: fontSize},
		}
		o.YAxis = []charts.YAxisOption{d.axis()}
		return canvas.LineChart(o)
	})
}

// bars draws curves on top of each other.
func (p *picture) bars(d drawing, curves ...curve) error {
	d.Scale = stackedScaleOf(curves)
	return p.draw(curves, func(canvas *charts.Painter, labels int) error {
		o := charts.NewBarChartOptionWithData(values(curves))
		o.Theme = theme(curves)
		o.Padding = charts.NewBox(0, 8, 8, 0)
		o.StackSeries = new(true)
		o.BarSize = 0.75
		o.Legend.Show = new(false)
		o.CategoryAxis = charts.CategoryAxisOption{
			Labels: some(d.Labels, labels), LabelCount: len(d.Labels), LabelFontStyle: charts.FontStyle{FontSize: fontSize},
		}
		o.ValueAxis = []charts.ValueAxisOption{d.axis()}
		return canvas.BarChart(o)
	})
}

const fontSize = 10.5 // points

func (d drawing) axis() charts.ValueAxisOption {
	return charts.ValueAxisOption{
		Min: &d.Scale.min, Max: &d.Scale.max, RangeValuePaddingScale: new(0.0), LabelCount: d.Scale.labels(),
		ValueFormatter: d.Format, SplitLineShow: new(true), LabelFontStyle: charts.FontStyle{FontSize: fontSize},
	}
}

// values are those of the curves, with gaps as the library wants them.
func values(curves []curve) [][]float64 {
	all := make([][]float64, len(curves))
	for i, c := range curves {
		all[i] = make([]float64, len(c.Values))
		for j, v := range c.Values {
			if math.IsNaN(v) {
				v = charts.GetNullValue()
			}
			all[i][j] = v
		}
	}
	return all
}

// draw makes both drawings, and the legend.
func (p *picture) draw(curves []curve, on func(canvas *charts.Painter, labels int) error) error {
	for _, size := range []struct {
		width, height, labels int
		to                    *template.HTML
	}{{880, 260, 8, &p.Wide}, {350, 220, 4, &p.Narrow}} {
		canvas := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: size.width, Height: size.height})
		if err := on(canvas, size.labels); err != nil {
			return err
		}
		svg, err := canvas.Bytes()
		if err != nil {
			return err
		}
		// The frame around it is an image with a name; what the drawing is made of says nothing to a screen reader.
		hidden := strings.Replace(string(svg), "<svg ", `<svg aria-hidden="true" focusable="false" `, 1)
		*size.to = template.HTML(renamed.Replace(hidden)) //nolint:gosec // made of numbers, and of labels that are made here
	}
	for _, c := range curves {
		if !c.Pale {
			p.Legend = append(p.Legend, key{c.Name, c.Color})
		}
	}
	if len(p.Legend) < 2 {
		p.Legend = nil // the title says it
	}
	return nil
}
