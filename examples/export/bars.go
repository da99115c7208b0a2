package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars show how far each collection is through the days of the export. Where there is no terminal nothing is drawn.
type bars struct {
	*mpb.Progress
	from time.Time
	days int64
}

func newBars(f *folder) *bars {
	var out io.Writer = os.Stderr
	if info, err := os.Stderr.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		out = nil // draws nothing
	}
	days := int64(f.To.Sub(f.From) / (24 * time.Hour))
	return &bars{mpb.New(mpb.WithOutput(out), mpb.WithWidth(40)), f.From, max(days, 1)}
}

// bar is one collection's.
type bar struct {
	*mpb.Bar
	bars      *bars
	documents *atomic.Int64
}

func (b *bars) add(name string) bar {
	documents := new(atomic.Int64)
	count := func(decor.Statistics) string { return fmt.Sprintf("%d documents", documents.Load()) }
	return bar{b.AddBar(b.days,
		mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.Percentage(decor.WCSyncSpace), decor.Any(count, decor.WCSyncSpace), decor.OnAbort(decor.Name(""), " stopped")),
	), b, documents}
}

// show is told of each page: how many documents there are now, and the instant of the last one.
func (b bar) show(documents int, at time.Time) {
	b.documents.Store(int64(documents))
	day := int64(at.Sub(b.bars.from) / (24 * time.Hour))
	b.SetCurrent(min(max(day, 0), b.bars.days-1)) // the last day is for end, as it ends the bar
}

func (b bar) end(p progress) {
	b.documents.Store(int64(p.Documents))
	if p.Done {
		b.SetCurrent(b.bars.days)
	} else {
		b.Abort(false)
	}
}
