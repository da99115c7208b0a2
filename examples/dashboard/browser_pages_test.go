package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/oura-go/sdk/oura"
)

// The night has ticks on full hours, stages that fill the chart, all contributors, bars that are as long as they say,
// and the person's normal beside it.
func (b *browser) nightTest(t *testing.T) {
	yesterday := oura.Today(time.Local).AddDays(-1)
	b.open(fmt.Sprintf("/?day=%v", yesterday))
	b.heads("Night of " + nightName(yesterday))
	if n := value[int](b, `document.querySelectorAll("figure").length`); n != 3 {
		t.Errorf("the night has %d charts, want 3", n)
	}
	for _, label := range value[[]string](b, `[...document.querySelectorAll(".x span")].map(e => e.textContent)`) {
		if !strings.HasSuffix(label, ":00") {
			t.Errorf("a tick is at %s, want full hours", label)
		}
	}
	for _, color := range []string{"deep", "light", "rem", "awake", "pulse", "hrv"} {
		lines := fmt.Sprintf(`[...document.querySelectorAll(".chart path")].filter(p => p.style.color === "var(--%s)" && p.getTotalLength() > 10).length`, color)
		if value[int](b, lines) == 0 {
			t.Errorf("nothing is %s", color)
		}
	}

	// Each row of the stages is a quarter of the chart, none is empty, and connectors stand upright.
	rows := value[[]float64](b, `["awake", "rem", "light", "deep"].map(c => {
		const chart = document.querySelector(".chart").getBoundingClientRect();
		const bar = [...document.querySelectorAll(".area")].find(p => p.style.color === "var(--" + c + ")").getBoundingClientRect();
		return ((bar.top + bar.bottom) / 2 - chart.top) / chart.height;
	})`)
	for i, at := range rows {
		if want := (float64(i) + 0.5) / 4; math.Abs(at-want) > 0.01 {
			t.Errorf("row %d of the stages is at %.2f of the chart, want %.2f", i, at, want)
		}
	}
	connectors := value[string](b, `document.querySelector(".chart .line").getAttribute("d")`)
	if connectors == "" || strings.ContainsAny(connectors, "LHhl") {
		t.Errorf("connectors are %q, want upright lines", connectors)
	}

	bars := value[[]float64](b, `[...document.querySelectorAll(".parts li")].map(li => {
		const [all, part] = [li.querySelector(".bar"), li.querySelector(".bar span")].map(e => e.getBoundingClientRect());
		return Math.abs(100 * part.width / all.width - Number(li.querySelector("b").textContent));
	})`)
	if len(bars) != 7+9 || slices.Max(bars) > 0.5 {
		t.Errorf("bars are off by %v per cent, want 16 that are right", bars)
	}
	for _, text := range value[[]string](b, `[...document.querySelectorAll(".tiles > div")].map(e => e.textContent)`) {
		if !strings.Contains(text, "Usually") || !strings.Contains(text, "Median") {
			t.Errorf("a tile without the person's normal: %q", text)
		}
	}

	b.do(chromedp.Click(chromedp.CSS("figure summary")), chromedp.WaitVisible(chromedp.CSS("figure details table")))
	if rows := value[int](b, `document.querySelector("figure details table").rows.length`); rows < 10 {
		t.Errorf("the table of the hypnogram has %d rows", rows)
	}
	b.click(`a[rel="prev"]`)
	b.heads("Night of ")
	b.open(fmt.Sprintf("/?day=%v", oura.Today(time.Local).AddDays(2)))
	if got := b.text(".notice"); got != "This night is still to come." {
		t.Errorf("a night of the future says %q", got)
	}
	b.photograph("future-night")
}

// The period is in the address and changes the charts; days are behind the means, and axes fit them.
func (b *browser) trendsTest(t *testing.T) {
	b.screen(1280, 900)
	b.open("/trends")
	const charts = `[...document.querySelectorAll(".chart")].map(c => c.innerHTML).join()`
	seen := []string{value[string](b, charts)}
	days := value[int](b, `document.querySelector(".dots").getAttribute("d").split("M").length - 1`)
	weeks := value[int](b, `document.querySelector(".line").getAttribute("d").split(/[ML]/).length - 1`)
	if days < 60 || days > 90 || weeks != 13 {
		t.Errorf("90 days have %d points and a line of %d, want a point a day and a week", days, weeks)
	}
	for i, extent := range value[[]float64](b, `[...document.querySelectorAll(".chart")].map(c => {
		const chart = c.getBoundingClientRect(), dots = [...c.querySelectorAll(".dots, .area")].map(p => p.getBBox());
		return (Math.max(...dots.map(d => d.y + d.height)) - Math.min(...dots.map(d => d.y))) / 100;
	})`) {
		if extent < 0.6 || extent > 1.001 {
			t.Errorf("chart %d: the values take %.2f of the height", i, extent)
		}
	}

	b.click(".period nav a:nth-child(3)")
	seen = append(seen, value[string](b, charts))
	if got := b.text(".sub"); !strings.HasPrefix(got, "365 days") {
		t.Errorf("a year is %q", got)
	}
	last := oura.Today(time.Local).AddDays(-2)
	b.do(
		chromedp.SetValue(chromedp.CSS(`input[name="from"]`), last.AddDays(-9).String()),
		chromedp.SetValue(chromedp.CSS(`input[name="to"]`), last.String()),
	)
	b.click(".period button")
	if got, at := b.text(".sub"), value[string](b, "location.search"); !strings.HasPrefix(got, "10 days") || !strings.Contains(at, "to="+last.String()) {
		t.Errorf("ten days are %q at %s", got, at)
	}
	seen = append(seen, value[string](b, charts))
	if seen[0] == seen[1] || seen[1] == seen[2] {
		t.Error("periods have the same charts")
	}

	// The address is all that it takes to see the same again.
	address := value[string](b, "location.pathname + location.search")
	b.open("/year")
	b.open(address)
	if value[string](b, charts) != seen[2] {
		t.Errorf("%s shows something else the second time", address)
	}
}

// A day says its date when it is pointed at, tapped, or reached by the keyboard.
func (b *browser) yearTest(t *testing.T) {
	const shown = `[...document.querySelectorAll(".tip")].filter(e => e.checkVisibility({visibilityProperty: true})).map(e => e.textContent)`
	day := oura.Today(time.Local).AddDays(-40)
	cell := chromedp.CSS(fmt.Sprintf(`label:has([value="%v"])`, day))
	says := func(how string, day oura.Date) {
		t.Helper()
		if got := value[[]string](b, shown); len(got) != 1 || !strings.HasPrefix(got[0], longDay(day)+": ") {
			t.Errorf("%s: %q, want %s", how, got, longDay(day))
		}
	}
	b.screen(1280, 900)
	b.open("/year")
	if got := value[[]string](b, shown); len(got) != 0 {
		t.Errorf("before anything, %q are shown", got)
	}
	b.hover(cell)
	says("pointed at", day)
	b.open("/year")
	b.do(chromedp.Focus(chromedp.CSS(fmt.Sprintf(`[value="%v"]`, day))))
	says("focused", day)
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	says("by the keyboard", day.AddDays(1))

	b.screen(390, 844)
	b.open("/year")
	b.tap(cell)
	says("tapped", day)
	b.photograph("year-tapped")
	if height := value[int](b, "document.documentElement.scrollHeight"); height > 2000 {
		t.Errorf("on a phone the year is %d pixels long", height)
	}
	levels := value[map[string]string](b, `Object.fromEntries([...document.querySelectorAll(".month label")].map(e => [e.childNodes[1].data, e.className]))`)
	for score, want := range map[string]string{"92": "l5", "93": "l5", "79": "l3", "80": "l4"} {
		if got, ok := levels[score]; ok && got != want {
			t.Errorf("%s is %s, want %s", score, got, want)
		}
	}
	b.do(chromedp.Click(chromedp.CSS(fmt.Sprintf(`label:has([value="%v"]) a`, day)))) // and leads to its night
	b.do(chromedp.WaitVisible(chromedp.CSS("main .tiles")))
	b.heads("Night of " + nightName(day))
	b.screen(1280, 900)
}
