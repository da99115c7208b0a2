package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura/mirror"
)

// reconciler does what no event asks for: it makes the copy of who joins, reads everybody's last days again, forgets who
// has left, and refreshes tokens ahead of time. Several share the work.
func (f *fleet) reconciler(ctx context.Context) error {
	var g errgroup.Group
	often := min(time.Minute, f.cfg.reconcileEvery/10)
	g.Go(func() error { return f.every(ctx, time.Hour, "tokens not kept fresh", f.keepFresh) })
	for _, first := range []bool{true, false} { // who joins does not wait for the others
		g.Go(func() error {
			return f.every(ctx, often, "not everybody visited", func(ctx context.Context) error { return f.visitAll(ctx, first) })
		})
	}
	g.Go(func() error { return f.every(ctx, often, "not everybody forgotten", f.forgetLeavers) })
	return g.Wait()
}

// every calls do now and at the interval until ctx ends.
func (f *fleet) every(ctx context.Context, interval time.Duration, failure string, do func(context.Context) error) error {
	for again := true; again; again = pause(ctx, interval) {
		f.warn(ctx, failure, do(ctx))
	}
	return nil
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
		// The only copy of a grant: it is worth more than a quick end.
		if unsaved, ok := errors.AsType[*oauth.SaveError](failure); ok {
			err = errors.Join(err, f.rescue(ctx, user, unsaved))
		}
	}
	return err
}

func (f *fleet) rescue(ctx context.Context, user string, unsaved *oauth.SaveError) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	for {
		err := f.grants.For(user).Save(ctx, unsaved.Token)
		if err == nil || !pause(ctx, time.Second) {
			return err
		}
	}
}

const (
	lease        = 10 * time.Minute // a visit's, after which the next may begin, should the process have died
	visitsAtOnce = 8
)

// visited is the key under which Redis keeps, for all reconcilers, that a person is not due. A Redis that has lost its
// data makes everybody due, at the pace of the reconcilers.
func (f *fleet) visited(user string) string { return "fleet:" + f.cfg.stream + ":visited:" + user }

// visitAll visits everybody who is due: those of whom there is no copy yet, or the others.
func (f *fleet) visitAll(ctx context.Context, first bool) error {
	copied, err := f.copied(ctx)
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
		user := grant.UserID
		if copied[user] == first || !grant.DeadSince.IsZero() { // the grant: until the person has consented again
			continue
		}
		if due, err := f.redis.SetNX(ctx, f.visited(user), "", lease).Result(); err != nil {
			return err
		} else if !due {
			continue
		}
		visits.Go(func() error {
			f.warn(ctx, "visit failed", f.sync(ctx, user, first))
			return nil
		})
		pause(ctx, time.Minute/time.Duration(f.cfg.reconcilePerMinute))
	}
	return nil
}

// sync makes a person's copy, or brings it to what the service has. Then they are not due for a while.
func (f *fleet) sync(ctx context.Context, user string, first bool) error {
	ctx, cancel := context.WithTimeout(ctx, lease)
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
	report, err := f.mirror.Person(user).Sync(ctx, client, mirror.Only(f.cfg.dataTypes...), consent)
	f.metrics.synced(report, first, err == nil)
	if err == nil || errors.Is(err, oauth.ErrReauthorize) {
		err = errors.Join(err, f.redis.Expire(ctx, f.visited(user), f.cfg.reconcileEvery).Err())
	}
	return err
}

// copied is the set of those of whom there is a copy.
func (f *fleet) copied(ctx context.Context) (map[string]bool, error) {
	people, err := f.mirror.People(ctx)
	set := make(map[string]bool, len(people))
	for _, user := range people {
		set[user] = true
	}
	return set, err
}

// forgetLeavers removes everything of those who have a copy and no grant any more. Grants are listed after copies, so
// that nobody who joins meanwhile is taken for one who has left.
func (f *fleet) forgetLeavers(ctx context.Context) error {
	left, err := f.copied(ctx)
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
		if err := f.redis.Del(ctx, f.visited(user)).Err(); err != nil {
			return err
		}
		rows, err := f.mirror.Person(user).Forget(ctx)
		if err != nil {
			return err
		}
		f.log.InfoContext(ctx, "somebody has left and is forgotten", slog.Int("rows", rows))
	}
	return nil
}
