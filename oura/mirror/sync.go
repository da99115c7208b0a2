package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oura-go/sdk/oura"
)

// Sync brings the copy to what the service has. The first time it reads everything; then what is new, late, changed or
// gone: the days since the last Sync, and those before it that the service still amends ([Trailing]). What is gone is
// asked for once more before it is removed. What was interrupted goes on where it was.
//
// When it returns nil, the copy holds what the service listed. A collection whose scope the person did not grant is no
// error but is in the report, and not asked for again until the consent changes ([Granted], [AskAgain]). A collection
// that fails for itself, as with a 500, does not keep the others from being read; its error is returned in the end.
//
// One Sync of a person is under way at a time, whatever the number of processes: another waits, and reads what is left
// to do, or returns [ErrBusy] with [NoWait]. A client of another person is [ErrOtherPerson] before anything is written;
// each client is asked once whose it is. Requests wait for the client's limiter.
func (p *Person) Sync(ctx context.Context, client *oura.Client, opts ...SyncOption) (Report, error) {
	o, err := optionsOf(opts)
	if err != nil {
		return Report{}, err
	}
	if err := p.check(ctx, client); err != nil {
		return Report{}, err
	}
	chosen, err := o.chosen(client)
	if err != nil {
		return Report{}, err
	}
	called, err := p.ticket(ctx)
	if err != nil {
		return Report{}, err
	}
	s := &syncing{options: o, client: client, called: called, plan: newPlan(chosen, o)}
	for {
		err := p.held(ctx, s, chosen)
		if !errors.Is(err, ErrBusy) || o.noWait || ctx.Err() != nil {
			return s.report, err
		}
		s.report.Collections = nil // the lease was lost: what the other one does need not be done again
		s.waited = true
	}
}

// held runs s while it has the person.
func (p *Person) held(ctx context.Context, s *syncing, chosen []oura.Collection) error {
	h, err := p.hold(ctx, s.options.noWait)
	if err != nil {
		return err
	}
	s.held, s.waited = h, s.waited || h.waited
	defer h.release(ctx)
	kept, stop := h.keep(ctx)
	defer stop()
	err = s.run(kept, chosen)
	if cause := context.Cause(kept); err != nil && ctx.Err() == nil && cause != nil {
		err = cause // the lease is lost
	}
	return err
}

// ticket is the newest ticket that was drawn for the person; 0 where there is no copy.
func (p *Person) ticket(ctx context.Context) (n int64, err error) {
	err = p.mirror.patiently(ctx, func() error {
		return p.mirror.db.QueryRowContext(ctx, p.mirror.sql.bind(`SELECT ticket FROM oura_mirror_people WHERE user_id = ?`), p.userID).Scan(&n)
	})
	if errors.Is(err, errNoRows) {
		err = nil
	}
	return n, databaseError("look for the copy", err)
}

// syncing is one Sync that has the person.
type syncing struct {
	*held
	options syncOptions
	client  *oura.Client
	called  int64 // the newest ticket when Sync was called
	waited  bool  // for another Sync
	states  map[string]*state
	report  Report
	plan    plan
}

func (s *syncing) run(ctx context.Context, chosen []oura.Collection) (err error) {
	if s.states, err = s.m.states(ctx, s.person); err != nil {
		return err
	}
	if err := s.consent(ctx); err != nil {
		return databaseError("note the consent", err)
	}
	// What was never read comes first: a first copy that is interrupted again and again comes to its end so.
	slices.SortStableFunc(chosen, func(a, b oura.Collection) int { return s.copied(a) - s.copied(b) })
	var failures []error
	for _, c := range chosen {
		k := kindOf(c.Path)
		if k == nil {
			continue
		}
		p := &passing{syncing: s, collection: c, kind: k, state: s.states[c.Path], report: CollectionReport{Collection: c.Path}}
		if p.state == nil {
			p.state = new(state)
		}
		err := p.run(ctx)
		s.report.Requests += p.report.Requests
		s.report.Collections = append(s.report.Collections, p.report)
		s.plan.done(c.Path)
		switch {
		case err == nil:
		case skippable(err) && ctx.Err() == nil:
			failures = append(failures, fmt.Errorf("oura/mirror: %s: %w", c.Path, err))
		default:
			return fmt.Errorf("oura/mirror: %s: %w", c.Path, err)
		}
	}
	err = s.write(ctx, func(tx *tx, _ int64) error { return tx.sweep(s.person, s.m.clock()) })
	return errors.Join(append(failures, databaseError("sweep", err))...)
}

// copied is 1 for a collection that was read to the end at least once, and 0 otherwise.
func (s *syncing) copied(c oura.Collection) int {
	if st := s.states[c.Path]; st != nil && st.readPass != 0 {
		return 1
	}
	return 0
}

// consent forgets which scopes were missing where the consent is another than that of the last Sync.
func (s *syncing) consent(ctx context.Context) error {
	o := s.options
	if o.granted == nil && !o.askAgain {
		return nil
	}
	return s.write(ctx, func(tx *tx, _ int64) error {
		again := o.askAgain
		if o.granted != nil {
			n, err := tx.affected(`UPDATE oura_mirror_people SET consent = ? WHERE person = ? AND consent <> ?`, *o.granted, s.person, *o.granted)
			if err != nil {
				return err
			}
			again = again || n > 0
		}
		if !again {
			return nil
		}
		for _, st := range s.states {
			st.missing = ""
		}
		return tx.exec(`UPDATE oura_mirror_copies SET missing = '' WHERE person = ?`, s.person)
	})
}

// passing is the work on one collection.
type passing struct {
	*syncing
	collection oura.Collection
	kind       *kind
	state      *state
	report     CollectionReport
}

// run finishes the pass that was interrupted, if there is one, and makes another unless that began after Sync was called.
func (p *passing) run(ctx context.Context) error {
	if o := p.options.granted; o != nil && p.collection.Scope != "" && !strings.Contains(" "+*o+" ", " "+p.collection.Scope+" ") {
		return p.refused(ctx, p.collection.Scope)
	}
	if p.state.missing != "" {
		p.report.MissingScope = p.state.missing
		return nil
	}
	if p.waited && p.fresh() {
		p.report.Shared = true
		return nil
	}
	if err := p.resume(ctx); err != nil || p.fresh() {
		return p.sorted(ctx, err)
	}
	if news, err := p.news(ctx); err != nil || !news {
		return p.sorted(ctx, err)
	}
	if err := p.begin(ctx); err != nil {
		return err
	}
	return p.sorted(ctx, p.read(ctx))
}

// fresh reports whether a complete pass began after Sync was called.
func (p *passing) fresh() bool { return p.state.pass == 0 && p.state.readPass > p.called }

// sorted makes a missing scope a line of the report.
func (p *passing) sorted(ctx context.Context, err error) error {
	if !errors.Is(err, oura.ErrMissingScope) {
		return err
	}
	scope := p.collection.Scope
	if e, ok := errors.AsType[*oura.Error](err); ok && e.Scope != "" {
		scope = strings.TrimPrefix(e.Scope, "extapi:")
	}
	return p.refused(ctx, scope)
}

func (p *passing) refused(ctx context.Context, scope string) error {
	p.report.MissingScope = scope
	if p.state.missing == scope {
		return nil
	}
	p.state.missing = scope
	return databaseError("note a missing scope", p.write(ctx, func(tx *tx, _ int64) error {
		return tx.save(p.person, p.kind.path, p.state)
	}))
}

// resume goes on with a pass that was interrupted. A page token is not good for ever: what is too old, or refused, is
// begun anew.
func (p *passing) resume(ctx context.Context) error {
	const tokenAge = 12 * time.Hour
	st := p.state
	if st.pass == 0 {
		return nil
	}
	token := !p.kind.series && st.cursor != "" && st.cursor != allRead
	if token && p.m.clock().Sub(time.UnixMilli(st.passAt)) > tokenAge {
		st.drop()
		return nil
	}
	before := st.cursor
	err := p.read(ctx)
	if token && st.cursor == before && errors.Is(err, oura.ErrInvalidRequest) {
		st.drop()
		return nil
	}
	return err
}

// begin plans a pass and draws its ticket.
func (p *passing) begin(ctx context.Context) error {
	st, now := p.state, p.m.clock()
	first, last, whole := p.span(now)
	return databaseError("begin "+p.kind.path, p.write(ctx, func(tx *tx, ticket int64) error {
		st.begin(ticket, first, last, now, whole)
		return tx.save(p.person, p.kind.path, st)
	}))
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

func earlier(a, b oura.Date) oura.Date {
	if b.Before(a) {
		return b
	}
	return a
}

// read makes or finishes the pass under way.
func (p *passing) read(ctx context.Context) error {
	p.report.First, p.report.Last = p.state.days()
	if p.kind.series {
		return p.readSeries(ctx)
	}
	return p.readDocuments(ctx)
}

// shelf is the collection within a transaction.
func (p *passing) shelf(tx *tx) shelf { return shelf{tx: tx, person: p.person, kind: p.kind} }

// asked counts the requests of a page, or of an error in its place.
func (p *passing) asked(info oura.ResponseInfo, err error) {
	if e, ok := errors.AsType[*oura.Error](err); ok {
		p.report.Requests += e.Attempts
		return
	}
	p.report.Requests += info.Attempts
}

// show tells the progress.
func (p *passing) show(day oura.Date, rows int) {
	p.plan.reached(p.kind.path, p.state, day, rows)
	if p.options.progress != nil {
		p.options.progress(Status{
			Collection: p.kind.path, Day: day, Share: p.plan.share(),
			Requests: p.syncing.report.Requests + p.report.Requests, Rows: p.plan.rows,
		})
	}
}
