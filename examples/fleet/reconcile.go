package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura/mirror"
)

// reconciler does what no event asks for: it makes the copy of who joins, reads everybody's last days again, forgets who
// has left, and refreshes tokens ahead of time. Several share the work.
func (f *fleet) reconciler(ctx context.Context) error {
	var work sync.WaitGroup
	often := min(time.Minute, f.cfg.reconcileEvery/10)
	work.Go(func() { f.every(ctx, time.Hour, "tokens not kept fresh", f.keepFresh) })
	for _, first := range []bool{true, false} { // who joins does not wait for the others
		work.Go(func() {
			f.every(ctx, often, "not everybody visited", func(ctx context.Context) error { return f.visitAll(ctx, first) })
		})
	}
	work.Go(func() { f.every(ctx, often, "not everybody forgotten", f.forgetLeavers) })
	work.Wait()
	return nil
}

// every calls do now and at the interval until ctx ends.
func (f *fleet) every(ctx context.Context, interval time.Duration, failure string, do func(context.Context) error) {
	for again := true; again; again = pause(ctx, interval) {
		f.warn(ctx, failure, do(ctx))
	}
}

// warn logs a failure, unless ctx has ended.
func (f *fleet) warn(ctx context.Context, failure string, err error) {
	if err != nil && ctx.Err() == nil {
		f.log.WarnContext(ctx, failure, slog.Any("error", err))
	}
}

// keepFresh refreshes tokens that end within two hours. Persons whose grant is dead are in the list of NeedConsent.
func (f *fleet) keepFresh(ctx context.Context) error {
	report, err := f.grants.KeepFresh(ctx, f.cfg.oauth(), 2*time.Hour, 8)
	if report == nil {
		return err
	}
	f.metrics.refreshes.WithLabelValues("ok").Add(float64(report.Refreshed))
	f.metrics.refreshes.WithLabelValues("failed").Add(float64(len(report.Errors)))
	f.log.InfoContext(ctx, "tokens kept fresh", slog.Int("refreshed", report.Refreshed),
		slog.Int("skipped", report.Skipped), slog.Int("failed", len(report.Errors)))
	for user, failure := range report.Errors {
		if unsaved, ok := errors.AsType[*oauth.SaveError](failure); ok {
			// The only copy of a grant: it is worth more than a quick end.
			saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			err = errors.Join(err, f.eventually(saving, "PostgreSQL", func(ctx context.Context) error {
				return f.grants.For(user).Save(ctx, unsaved.Token)
			}))
			cancel()
		}
	}
	return err
}

// visitsAtOnce bounds those of one reconciler.
const visitsAtOnce = 8

// visitAll visits everybody who is due: those of whom there is no copy yet, or the others. Of several reconcilers one
// visits, as the copy says when that was done last.
func (f *fleet) visitAll(ctx context.Context, first bool) error {
	listed := f.mirror.People
	if !first {
		listed = func(ctx context.Context) ([]string, error) { return f.mirror.Due(ctx, f.cfg.reconcileEvery) }
	}
	found, err := setOf(listed(ctx))
	if err != nil {
		return err
	}
	var visits errgroup.Group
	visits.SetLimit(visitsAtOnce)
	defer visits.Wait() //nolint:errcheck // they return none
	for grant, err := range f.grants.Users(ctx) {
		if err != nil {
			return err
		}
		if found[grant.UserID] == first || !grant.DeadSince.IsZero() { // the grant: until the person has consented again
			continue
		}
		visits.Go(func() error {
			err := f.sync(ctx, grant.UserID, first, mirror.Every(f.cfg.reconcileEvery), mirror.NoWait())
			if !errors.Is(err, mirror.ErrBusy) {
				f.warn(ctx, "visit failed", err)
			}
			return nil
		})
		pause(ctx, time.Minute/time.Duration(f.cfg.reconcilePerMinute))
	}
	return nil
}

// sync makes a person's copy, or brings it to what the service has.
func (f *fleet) sync(ctx context.Context, user string, first bool, opts ...mirror.SyncOption) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	client, err := f.client(user)
	if err != nil {
		return err
	}
	token, err := f.grants.For(user).Load(ctx)
	if err != nil {
		return err
	}
	consent := mirror.AskAgain() // where the service has not said what was granted
	if scopes := oauth.GrantedScopes(token); scopes != nil {
		consent = mirror.Granted(scopes...)
	}
	report, err := f.mirror.Person(user).Sync(ctx, client, append(opts, mirror.Only(f.cfg.dataTypes...), consent)...)
	f.metrics.synced(report, first, err == nil)
	return err
}

// forgetLeavers removes everything of those who have a copy and no grant any more. Grants are listed after copies, so
// that nobody who joins meanwhile is taken for one who has left.
func (f *fleet) forgetLeavers(ctx context.Context) error {
	left, err := setOf(f.mirror.People(ctx))
	if err != nil {
		return err
	}
	for grant, err := range f.grants.Users(ctx) {
		if err != nil {
			return err
		}
		delete(left, grant.UserID)
	}
	for user := range left {
		rows, err := f.mirror.Person(user).Forget(ctx)
		if err != nil {
			return err
		}
		f.log.InfoContext(ctx, "somebody has left and is forgotten", slog.Int("rows", rows))
	}
	return nil
}

func setOf(ids []string, err error) (map[string]bool, error) {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set, err
}
