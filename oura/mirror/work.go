package mirror

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/oura-go/sdk/oura"
)

// syncing is one Sync that has the person.
type syncing struct {
	*held
	options syncOptions
	began   time.Time
	called  int64 // the newest ticket when Sync was called
	waited  bool  // for another Sync
	sandbox bool  // where each request gets all of the sample data, whatever the days
	states  map[string]*state

	mu     sync.Mutex // guards what collections that are read side by side share
	report Report
	plan   plan
}

// passing is the work on one collection.
type passing struct {
	*syncing
	collection oura.Collection
	kind       *kind
	state      *state
	report     CollectionReport
}

// span is what the next pass reads: all days of the copy, or those since the last one and the trailing window. It ends
// with tomorrow in UTC, which may be today where the person is.
func (p *passing) span(now time.Time) (first, last oura.Date, whole bool) {
	st, o := p.state, p.options
	last = oura.DateOf(now.UTC()).AddDays(1)
	if !p.kind.series && p.kind.dayKey == "" {
		return oura.Date{}, oura.Date{}, true
	}
	since := dateOf(st.since)
	switch {
	case p.sandbox:
		since, whole = firstDay, true
	case st.since == "":
		since, whole = firstDay, true
		if !o.since.IsZero() {
			since = o.since
		}
	case !o.since.IsZero() && o.since.Before(since):
		since, whole = o.since, true
	}
	whole = whole || o.whole >= 0 && now.Sub(time.UnixMilli(st.wholeAt)) >= o.whole
	if whole {
		return earlier(since, last), last, true
	}
	trail := o.documents
	if p.kind.series {
		trail = o.series
	}
	first = earlier(dateOf(st.reached), last).AddDays(-trail)
	if first.Before(since) {
		first = since
	}
	return earlier(first, last), last, false
}

// shelf is the collection within a transaction.
func (p *passing) shelf(tx *tx) shelf { return shelf{tx: tx, person: p.person, kind: p.kind} }

// save writes the state.
func (p *passing) save(ctx context.Context, what string) error {
	return databaseError(what, p.write(ctx, func(tx *tx, _ int64) error {
		return tx.save(p.person, p.kind.path, p.state)
	}))
}

// asked counts the requests of a page, or of an error in its place.
func (p *passing) asked(info oura.ResponseInfo, err error) {
	n := info.Attempts
	if e, ok := errors.AsType[*oura.Error](err); ok {
		n = e.Attempts
	}
	p.report.Requests += n
	p.mu.Lock()
	defer p.mu.Unlock()
	p.syncing.report.Requests += n
}

// show tells the progress.
func (p *passing) show(day oura.Date, rows int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.reached(p.kind.path, p.state, day, rows)
	if p.options.progress != nil {
		p.options.progress(Status{
			Collection: p.kind.path, Day: day, Share: p.plan.share(),
			Requests: p.syncing.report.Requests, Rows: p.plan.rows,
		})
	}
}
