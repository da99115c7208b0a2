package mirror

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/oura-go/sdk/oura"
)

// readDocuments reads the pages of the pass. A page and the cursor after it are one transaction, in which the ticket of
// the next page is drawn.
func (p *passing) readDocuments(ctx context.Context) error {
	st := p.state
	if st.cursor == allRead {
		return p.settle(ctx)
	}
	var opts []oura.CollectionOption
	ticket := st.pass
	switch first, last := st.days(); {
	case st.cursor != "":
		opts = append(opts, oura.Resume(st.cursor))
		var err error
		if ticket, err = p.ticket(ctx); err != nil {
			return err
		}
	case !last.IsZero():
		opts = append(opts, oura.Days(first, last))
	}
	for page, err := range p.collection.PagesJSON(ctx, opts...) {
		p.asked(page.Response, err)
		if err != nil {
			return err
		}
		if ticket, err = p.store(ctx, page, ticket); err != nil {
			return databaseError("store a page of "+p.kind.path, err)
		}
	}
	if st.pass == 0 {
		return nil // nothing was gone
	}
	return p.settle(ctx)
}

// store writes a page and returns the ticket of the next one.
func (p *passing) store(ctx context.Context, page oura.Page[json.RawMessage], ticket int64) (next int64, err error) {
	var newest oura.Date
	var counts [changed + 1]int
	documents := everyItem(page)
	err = p.write(ctx, func(tx *tx, drawn int64) error {
		next = drawn
		shelf := p.shelf(tx)
		for _, raw := range documents {
			it := itemOf(p.kind, raw)
			became, err := shelf.put(it, ticket)
			if err != nil {
				return err
			}
			counts[became]++
			if day := dateOf(it.day); day.After(newest) {
				newest = day
			}
		}
		if p.state.cursor = page.Next; page.Next == "" {
			p.state.cursor = allRead
			missing, err := p.unseen(tx)
			if err != nil {
				return err
			}
			if len(missing) == 0 {
				p.state.finish()
			}
		}
		return tx.save(p.person, p.kind.path, p.state)
	})
	if err != nil {
		return 0, err
	}
	p.report.New += counts[added]
	p.report.Changed += counts[changed]
	p.show(newest, len(documents))
	return next, nil
}

func (p *passing) unseen(tx *tx) ([]item, error) {
	return p.shelf(tx).unseen(p.state.pass, p.state.first, p.state.last, p.state.passWhole)
}

// settle asks once more for each document that should have been listed, and ends the pass.
func (p *passing) settle(ctx context.Context) error {
	var missing []item
	err := p.write(ctx, func(tx *tx, _ int64) (err error) {
		missing, err = p.unseen(tx)
		return err
	})
	if err != nil {
		return databaseError("look for what is gone of "+p.kind.path, err)
	}
	for _, it := range missing {
		if err := p.confirm(ctx, it); err != nil {
			return err
		}
	}
	p.state.finish()
	return p.save(ctx, "end "+p.kind.path)
}

// confirm removes a document that was not listed, unless the service still has it. It has moved to another day then. One
// without an id is gone when its days have none.
func (p *passing) confirm(ctx context.Context, missing item) error {
	ticket := p.state.pass
	var found *item
	if missing.id != "" {
		var err error
		if ticket, err = p.ticket(ctx); err != nil {
			return err
		}
		raw, err := p.collection.GetJSON(ctx, missing.id)
		if p.asked(oura.ResponseInfo{Attempts: 1}, err); err != nil && !errors.Is(err, oura.ErrNotFound) {
			return err
		}
		if err == nil {
			found = new(itemOf(p.kind, raw))
		}
	}
	return databaseError("store what became of a document of "+p.kind.path, p.write(ctx, func(tx *tx, _ int64) error {
		shelf := p.shelf(tx)
		if found != nil {
			became, err := shelf.put(*found, ticket)
			if became == changed || became == added {
				p.report.Changed++
			}
			if err != nil || found.key == missing.key {
				return err
			}
		}
		became, err := shelf.bury(missing.key, ticket, p.m.clock())
		if became == changed && found == nil {
			p.report.Gone++
		}
		return err
	}))
}

// readSeries reads the rows of the pass. The cursor is the first day that is not complete; what follows is read again
// after an interruption, a day at most.
func (p *passing) readSeries(ctx context.Context) error {
	st := p.state
	_, last := st.days()
	for s, err := range stretches(ctx, p.collection, st.place(), last.AddDays(1), p.sandbox) {
		p.asked(s.page.Response, err)
		if err != nil {
			return err
		}
		if err := p.replace(ctx, s.complete, s.until); err != nil {
			return databaseError("store a page of "+p.kind.path, err)
		}
		p.show(s.until, len(s.page.Data)+len(s.page.Errors))
	}
	return nil
}

// replace stores complete days, and the day from which to go on.
func (p *passing) replace(ctx context.Context, complete []day, until oura.Date) error {
	st := p.state
	from := st.place()
	_, last := st.days()
	if !from.Before(until) && len(complete) == 0 {
		return nil
	}
	counts := p.report
	err := p.write(ctx, func(tx *tx, _ int64) error {
		if err := p.shelf(tx).replace(complete, from, until, st.pass, &counts); err != nil {
			return err
		}
		if st.cursor = until.String(); until.After(last) {
			st.finish()
		}
		return tx.save(p.person, p.kind.path, st)
	})
	if err == nil {
		p.report = counts
	}
	return err
}
