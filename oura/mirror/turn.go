package mirror

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/oura-go/sdk/oura"
)

// run finishes the pass that was interrupted, if there is one, and makes another unless that began after Sync was called.
func (p *passing) run(ctx context.Context) error {
	scope, granted := p.collection.Scope, p.options.granted
	if granted != nil && scope != "" && !slices.Contains(granted, scope) {
		return p.refused(ctx, scope)
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

// fresh reports whether what this Sync has to do was begun after it was called, and done.
func (p *passing) fresh() bool {
	st := p.state
	return st.pass == 0 && (st.readPass > p.called || st.lookPass > p.called && !p.due())
}

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
	return p.save(ctx, "note a missing scope")
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

// read makes or finishes the pass under way.
func (p *passing) read(ctx context.Context) error {
	p.report.First, p.report.Last = p.state.days()
	if p.kind.series {
		return p.readSeries(ctx)
	}
	return p.readDocuments(ctx)
}
