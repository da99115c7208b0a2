package mirror

import (
	"context"
	"errors"
	"slices"
	"strings"

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
	s := &syncing{options: o, began: p.mirror.clock(), sandbox: p.userID == Sandbox}
	if done, err := s.recent(ctx, p); done || err != nil {
		return Report{}, err
	}
	if err := p.check(ctx, client); err != nil {
		return Report{}, err
	}
	chosen, err := o.chosen(client)
	if err != nil {
		return Report{}, err
	}
	if s.called, err = p.column(ctx, "ticket"); err != nil {
		return Report{}, err
	}
	s.plan = newPlan(chosen, o)
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
	done := false
	if h.waited {
		done, err = s.recent(kept, p)
	}
	if !done && err == nil {
		err = s.run(kept, chosen)
	}
	if cause := context.Cause(kept); err != nil && ctx.Err() == nil && cause != nil {
		err = cause // the lease is lost
	}
	return err
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
	failures, err := s.readAll(ctx, chosen)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx *tx, _ int64) error {
		if len(failures) == 0 {
			err := tx.exec(`UPDATE oura_mirror_people SET synced_at = ? WHERE person = ?`, s.began.UnixMilli(), s.person)
			if err != nil {
				return err
			}
		}
		return tx.sweep(s.person, s.m.clock())
	})
	return errors.Join(append(failures, databaseError("end", err))...)
}

// recent reports whether a Sync has returned nil that began within the time of Every.
func (s *syncing) recent(ctx context.Context, p *Person) (bool, error) {
	if s.options.every == 0 {
		return false, nil
	}
	last, err := p.Synced(ctx)
	return err == nil && s.began.Sub(last) < s.options.every, err
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
			scopes := strings.Join(o.granted, " ")
			n, err := tx.affected(`UPDATE oura_mirror_people SET consent = ? WHERE person = ? AND consent <> ?`, scopes, s.person, scopes)
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
