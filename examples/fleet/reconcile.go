package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
)

// reconciler does what no event asks for: it reads everybody's last days again, refreshes tokens ahead of time, and
// sweeps. Several share the work.
func (f *fleet) reconciler(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { f.every(ctx, time.Hour, "tokens not kept fresh", f.keepFresh); return nil })
	g.Go(func() error {
		f.every(ctx, time.Hour, "not swept", func(ctx context.Context) error {
			_, err := f.objects.sweep(ctx, maxEventAge)
			return err
		})
		return nil
	})
	g.Go(func() error {
		pace := min(time.Minute, f.cfg.reconcileEvery/10)
		f.every(ctx, pace, "nobody enrolled", func(ctx context.Context) error {
			return f.visits.enroll(ctx, f.cfg.reconcileEvery)
		})
		return nil
	})
	g.Go(func() error {
		f.every(ctx, time.Minute/time.Duration(f.cfg.reconcilePerMinute), "visit failed", f.visit)
		return nil
	})
	return g.Wait()
}

// every calls do now and at the interval until ctx ends.
func (f *fleet) every(ctx context.Context, interval time.Duration, failure string, do func(context.Context) error) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			f.log.WarnContext(ctx, failure, slog.Any("error", err))
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// keepFresh refreshes tokens that end within two hours. Persons whose grant is dead are in the list of NeedConsent.
func (f *fleet) keepFresh(ctx context.Context) error {
	report, err := f.grants.KeepFresh(ctx, f.cfg.oauth(), 2*time.Hour, 8)
	if report == nil {
		return err
	}
	f.metrics.refreshed(report.Refreshed, len(report.Errors))
	f.log.InfoContext(ctx, "tokens kept fresh", slog.Int("refreshed", report.Refreshed),
		slog.Int("skipped", report.Skipped), slog.Int("failed", len(report.Errors)))
	for user, failure := range report.Errors {
		var unsaved *oauth.SaveError
		if !errors.As(failure, &unsaved) {
			continue
		}
		// The only copy of a grant: it is worth more than a quick end.
		if saveErr := f.rescue(ctx, user, unsaved); saveErr != nil {
			err = errors.Join(err, saveErr)
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

// visit reconciles the person who has been due the longest, if anybody is.
func (f *fleet) visit(ctx context.Context) error {
	const lease = 10 * time.Minute
	user, err := f.visits.next(ctx, lease)
	if err != nil || user == "" {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lease)
	defer cancel()
	err = f.reconcile(ctx, user)
	switch {
	case errors.Is(err, oauth.ErrNoToken):
		return f.visits.forget(ctx, user)
	case errors.Is(err, oauth.ErrReauthorize):
		err = nil // until the person consents again
	case err != nil:
		f.metrics.reconciled(false)
		return err // and due again after the lease
	}
	f.metrics.reconciled(err == nil)
	return f.visits.done(ctx, user, f.cfg.reconcileEvery)
}

// reconcile stores what differs in a person's last days.
func (f *fleet) reconcile(ctx context.Context, user string) error {
	client, err := f.people.client(user)
	if err != nil {
		return err
	}
	since := oura.Today(time.UTC).AddDays(-f.cfg.reconcileDays)
	var errs []error
	for _, t := range slices.Sorted(slices.Values(f.cfg.dataTypes)) {
		ticket, err := f.objects.ticket(ctx)
		if err != nil {
			return err
		}
		known, err := f.objects.known(ctx, user, t, since)
		if err != nil {
			return err
		}
		collection, _ := keeps(client, t) // config.check knows that there is one
		malformed, err := differing(ctx, collection, f.cfg.reconcileDays, known, func(v version) error {
			put, err := f.objects.put(ctx, user, t, ticket, v)
			if put {
				f.metrics.found(t)
			}
			return err
		})
		if malformed > 0 {
			f.log.WarnContext(ctx, "documents could not be read", slog.String("data_type", string(t)), slog.Int("count", malformed))
		}
		switch {
		case err == nil:
		case errors.Is(err, oura.ErrMissingScope), errors.Is(err, oura.ErrForbidden): // the other types may be allowed
			f.metrics.notAllowed(t)
		case errors.Is(err, errUnstorable):
			errs = append(errs, fmt.Errorf("%s: %w", t, err))
		default:
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	return errors.Join(errs...)
}
