package main

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/oura-go/sdk/oura"
)

func TestLinesAreWhereTheirValuesAre(t *testing.T) {
	t.Parallel()
	p := &picture{width: 4}
	p.axis(scale{60, 90, 10}, whole)
	places, gap := []float64{0, 1, 2, 3, 4}, math.NaN()
	p.line("pulse", places, []float64{60, 75, gap, 90, gap})
	p.dots("hrv", places, []float64{60, gap, 90, gap, 60})
	p.line("pale", places, []float64{gap, gap, gap, gap, gap})
	p.draw("area", "deep", func(add func(string, ...any)) { p.box(add, 1, 2, 60, 75) })
	want := []mark{
		{"line", "pulse", "M0.00 100.00L25.00 50.00"},
		{"dots", "pulse", "M75.00 0.00h0"}, // it has a gap on both sides
		{"dots", "hrv", "M0.00 100.00h0M50.00 0.00h0M100.00 100.00h0"},
		{"area", "deep", "M25.00 100.00H50.00V50.00H25.00Z"},
	}
	if diff := cmp.Diff(want, p.Marks); diff != "" {
		t.Error(diff)
	}
	ticks := []tick{{0, "60"}, {100. / 3, "70"}, {200. / 3, "80"}, {100, "90"}}
	if diff := cmp.Diff(ticks, p.Y, cmpopts.EquateApprox(0, 0.001)); diff != "" {
		t.Error(diff)
	}
}

func TestBarsStandOnEachOther(t *testing.T) {
	t.Parallel()
	first := oura.Date{Year: 2026, Month: time.March, Day: 1}
	v := periodView{period: period{First: first, Last: first.AddDays(1), Days: 2}}
	v.bars("Sleep", hours,
		curve{"Deep", "deep", byDay{first: 1}},
		curve{"Light", "light", byDay{first: 3, first.AddDays(1): 2}})
	v.bars("Nothing", hours, curve{"Deep", "deep", byDay{}})
	if len(v.Pictures) != 1 {
		t.Fatalf("there are %d charts, want none without values", len(v.Pictures))
	}
	want := []mark{
		{"area", "deep", "M6.00 100.00H44.00V75.00H6.00Z"},
		{"area", "light", "M6.00 75.00H44.00V0.00H6.00ZM56.00 100.00H94.00V50.00H56.00Z"},
	}
	if diff := cmp.Diff(want, v.Pictures[0].Marks); diff != "" {
		t.Error(diff)
	}
	if got := v.Pictures[0].Y[4].Text; got != "4\u00a0h" {
		t.Errorf("the highest label is %q", got)
	}
}

// Ticks are on the hours of the clock where the person slept, whatever their zone.
func TestNightTicks(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, time.March, 1, 22, 45, 30, 0, time.FixedZone("", 5*3600+1800))
	n := &oura.Sleep{BedtimeStart: begin, TimeInBed: 2 * 3600}
	want := []tick{{100 * 870. / 7200, "23:00"}, {100 * 4470. / 7200, "00:00"}}
	if diff := cmp.Diff(want, overNight(n, "Stages").X, cmpopts.EquateApprox(0, 0.001)); diff != "" {
		t.Error(diff)
	}
}
