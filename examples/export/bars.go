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
	"github.com/oura-go/sdk/oura/mirror"
)

// bars show how far each collection is through the days, in the order of the client, and below them how many of all
// requests are made. Where there is no terminal nothing is drawn.
type bars struct {
	*mpb.Progress
	from  oura.Date
	days  int64
	all   map[string]*mpb.Bar
	whole *mpb.Bar // in thousandths
	began time.Time
	first atomic.Int64 // of them, those of an earlier run
}

func newBars(collections []oura.Collection, from oura.Date) *bars {
	var out io.Writer = os.Stderr
	if info, err := os.Stderr.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		out = nil // draws nothing
	}
	b := &bars{
		Progress: mpb.New(mpb.WithOutput(out), mpb.WithWidth(26)), all: map[string]*mpb.Bar{}, began: time.Now(),
		from: from, days: int64(max(oura.Today(time.Local).DaysSince(from), 1)),
	}
	for _, c := range collections {
		b.all[c.Path] = b.add(c.Path, b.days, func(decor.Statistics) string { return "" })
	}
	b.whole = b.add("all requests", 1000, b.left)
	return b
}

func (b *bars) add(name string, total int64, text decor.DecorFunc) *mpb.Bar {
	return b.AddBar(total, mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.OnAbort(decor.Percentage(decor.WCSyncSpace), "stopped"), decor.Any(text, decor.WCSyncSpace)))
}

// left is how long the rest takes, if it is as fast as this run was until now.
func (b *bars) left(s decor.Statistics) string {
	done := s.Current - b.first.Load()
	if done <= 0 || s.Completed {
		return ""
	}
	return fmt.Sprintf("%v left", (time.Since(b.began) / time.Duration(done) * time.Duration(s.Total-s.Current)).Round(time.Second))
}

// page is told of each page.
func (b *bars) page(s mirror.Status) {
	if b.whole.Current() == 0 {
		b.first.Store(int64(1000 * s.Share))
	}
	if !s.Day.IsZero() {
		// The last day is for finish, as it ends the bar.
		b.all[s.Collection].SetCurrent(min(max(int64(s.Day.DaysSince(b.from)), 0), b.days-1))
	}
	b.whole.SetCurrent(int64(1000 * s.Share))
}

// finish draws what came to its end and what stopped, and waits until all is drawn.
func (b *bars) finish(report mirror.Report, err error) {
	for _, c := range report.Collections {
		if c.Err == nil && c.MissingScope == "" {
			b.all[c.Collection].SetCurrent(b.days)
		}
	}
	for _, bar := range b.all {
		bar.Abort(false) // which a bar at its end ignores
	}
	if err == nil {
		b.whole.SetCurrent(1000)
	}
	b.whole.Abort(false)
	b.Wait()
}
