package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
