package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/oura-go/sdk/oura"
)

// requestsPerDay is about what a series needs. Of everything else a page holds months.
var requestsPerDay = map[string]float64{"heartrate": 1, "ring_battery_level": 1. / 6}

// bars show how far each collection is through the days of the export, in the order of the client, and below them how
// many of all requests are made. Where there is no terminal nothing is drawn.
type bars struct {
	*mpb.Progress
	from, began time.Time
	days        int64
	all         []*bar
	whole       *mpb.Bar     // in thousandths
	made        atomic.Int64 // requests of this run
}

// bar is one collection's.
type bar struct {
	*mpb.Bar
	bars                  *bars
	perDay                float64
	documents, pages, day atomic.Int64
	ended                 atomic.Bool
}

func newBars(f *folder, collections []oura.Collection) *bars {
	var out io.Writer = os.Stderr
	if info, err := os.Stderr.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		out = nil // draws nothing
	}
	days := max(int64(f.To.Sub(f.From)/(24*time.Hour)), 1)
	b := &bars{Progress: mpb.New(mpb.WithOutput(out), mpb.WithWidth(26)), from: f.From, began: time.Now(), days: days}
	for _, c := range collections {
		one := &bar{bars: b, perDay: requestsPerDay[c.Path]}
		one.Bar = b.add(c.Path, days, func(decor.Statistics) string { return fmt.Sprintf("%d documents", one.documents.Load()) })
		b.all = append(b.all, one)
	}
	b.whole = b.add("all requests", 1000, b.left)
	return b
}

func (b *bars) add(name string, total int64, text decor.DecorFunc) *mpb.Bar {
	return b.AddBar(total, mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.OnAbort(decor.Percentage(decor.WCSyncSpace), "stopped"), decor.Any(text, decor.WCSyncSpace)))
}

// requests are those that are made, of earlier runs too, and about how many are left.
func (b *bars) requests() (made, left float64) {
	for _, one := range b.all {
		made += float64(one.pages.Load())
		if !one.ended.Load() {
			left += 1 + float64(b.days-one.day.Load())*one.perDay
		}
	}
	return made, left
}

// left is how long the requests that are left take, if they are as fast as those of this run.
func (b *bars) left(decor.Statistics) string {
	made, left := b.made.Load(), 0.
	if _, left = b.requests(); made == 0 || left == 0 {
		return ""
	}
	return fmt.Sprintf("%v left", (time.Since(b.began) * time.Duration(left) / time.Duration(made)).Round(time.Second))
}

// show is told of each page: how far the collection is with it, and the instant of its last document, if it has one.
func (b *bar) show(p progress, at time.Time) {
	b.bars.made.Add(1)
	if !at.IsZero() {
		day := int64(at.Sub(b.bars.from) / (24 * time.Hour))
		b.day.Store(min(max(day, 0), b.bars.days-1)) // the last day is for end, as it ends the bar
	}
	b.draw(p, b.day.Load())
}

// end draws where a collection has stopped, or that it is done. What a failure leaves is still left for the next run.
func (b *bar) end(p progress, err error) {
	b.ended.Store(p.Done || withheld(err))
	if p.Done {
		b.draw(p, b.bars.days)
	} else {
		b.draw(p, b.day.Load())
		b.Abort(false)
	}
}

func (b *bar) draw(p progress, day int64) {
	b.documents.Store(int64(p.Documents))
	b.pages.Store(int64(p.Pages))
	b.SetCurrent(day)
	made, left := b.bars.requests()
	b.bars.whole.SetCurrent(min(int64(1000*made/max(made+left, 1)), 999))
}

// finish waits until everything is drawn.
func (b *bars) finish() {
	if _, left := b.requests(); left == 0 {
		b.whole.SetCurrent(1000)
	}
	b.whole.Abort(false) // which a bar at its end ignores
	b.Wait()
}
