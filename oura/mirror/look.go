package mirror

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/oura-go/sdk/oura"
)

// lookRows is how many rows a look at the newest ones compares: they fit into one page, also of a service whose pages
// are smaller than they are today.
const lookRows = 500

// news reports whether there is anything to read: always, but of a time series whose trailing window takes several pages.
// There, one page of the newest rows tells, until the window is due.
func (p *passing) news(ctx context.Context) (bool, error) {
	if !p.kind.series || p.due() {
		return true, nil
	}
	first, last, _ := p.span(p.m.clock())
	newest, err := p.newest(ctx, first)
	if err != nil || newest == nil {
		return true, err
	}
	ticket, err := p.ticket(ctx)
	if err != nil {
		return false, err
	}
	from, _ := instantOf(newest[0])
	for page, err := range p.collection.PagesJSON(ctx, oura.Between(from, last.AddDays(1).In(time.UTC))) {
		p.asked(page.Response, err)
		if err != nil {
			return false, err
		}
		same := page.Next == "" && len(page.Errors) == 0 && slices.EqualFunc(page.Data, newest, equalRows)
		if !same {
			return true, nil
		}
	}
	p.state.lookPass = ticket
	return false, p.save(ctx, "note that nothing is new in "+p.kind.path)
}

func equalRows(a, b json.RawMessage) bool { return string(a) == string(b) }

// due reports whether the days have to be read, whatever the newest rows are.
func (p *passing) due() bool {
	now := p.m.clock()
	_, _, whole := p.span(now)
	return whole || p.options.late >= 0 && now.Sub(time.UnixMilli(p.state.readAt)) >= p.options.late
}

// newest returns the rows of the copy from one instant on, lookRows or a few more, in the order in which they are listed.
// It is nil where the days since first have less than that, or have rows that cannot be placed.
func (p *passing) newest(ctx context.Context, first oura.Date) ([]json.RawMessage, error) {
	const query = `SELECT body FROM (
			SELECT day, body, sum("rows") OVER (ORDER BY day DESC) - "rows" AS newer
			FROM oura_mirror_series WHERE person = ? AND collection = ? AND day >= ?
		) AS days WHERE newer <= ? ORDER BY day`
	var all []json.RawMessage
	err := p.m.query(ctx, query, []any{p.person, p.kind.path, first.String(), lookRows}, func(rows *sql.Rows) error {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return err
		}
		ofDay, err := rowsOf(body)
		all = append(all, ofDay...)
		return err
	})
	if err != nil || len(all) <= lookRows {
		return nil, databaseError("read the newest rows", err)
	}
	from, ok := instantOf(all[len(all)-lookRows])
	for i, raw := range slices.Backward(all) {
		at, readable := instantOf(raw)
		switch {
		case !ok || !readable:
			return nil, nil
		case at.Before(from):
			return all[i+1:], nil
		}
	}
	return nil, nil // the rest is one instant
}
