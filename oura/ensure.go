package oura

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

// renewBefore is how long before its end a subscription is renewed.
const renewBefore = 7 * 24 * time.Hour

// EnsureReport says what [Subscriptions.Ensure] did and found. Each wanted subscription is in one list at most: in none
// if what it needed failed.
type EnsureReport struct {
	Created   []Subscription // were missing, or listed although the service says that there is no such subscription
	Updated   []Subscription // had another callback and were taken over; renewed, too, if they were about to end
	Renewed   []Subscription // were about to end
	Unchanged []Subscription // need nothing; another replica may have made them a moment ago
	Foreign   []Subscription // have another callback, and the request does not say TakeOver; left alone, and an error
}

// Ensure creates, updates or renews until every wanted subscription stands: exists, has the wanted callback, and does
// not end within 7 days. It does not delete what is not wanted; [Subscriptions.Prune] does.
//
// A subscription may be listed although the service says that there is none when asked to renew it, and would end in
// silence. A new one is created in its place and reported as Created. Should the service refuse that because of the one
// it lists (409), which has the wanted callback and is still not renewed, Ensure deletes that one. It deletes no other.
//
// A subscription with another callback is left alone, as staging and production share the subscriptions of their
// application. It is reported as Foreign and is an error, an [ErrInvalidRequest] that wraps a
// *[SubscriptionConflictError], unless the request says TakeOver. One that has the wanted callback is not changed for
// the sake of its verification token, which the service does not tell.
//
// Several replicas may run it at once: in the end there is one subscription for each pair of event type and data type,
// and each replica reports it. A create or update whose outcome is unknown is followed by a List, and done
// again only if that shows that it was not carried out, as often and as far apart as the [RetryPolicy] says.
//
// A failure does not stop it, except a refusal of the credentials and the end of ctx. The errors are joined, each an
// *[Error], and the report says what was done nevertheless. Wanted subscriptions that are
// incomplete, or two for the same pair, are an [ErrInvalidRequest] before anything is sent.
//
// The receiver must be serving before: the service asks it for a handshake.
func (s *Subscriptions) Ensure(ctx context.Context, wanted ...SubscriptionRequest) (EnsureReport, error) {
	if err := s.checkWanted(wanted); err != nil || len(wanted) == 0 {
		return EnsureReport{}, err
	}
	all, err := s.List(ctx)
	if err != nil {
		return EnsureReport{}, err
	}
	e := ensuring{Subscriptions: s, all: all, denied: map[string]bool{}}
	var errs []error
	for _, r := range wanted {
		err := e.one(ctx, r)
		if err != nil {
			errs = append(errs, fmt.Errorf("%v: %w", r.pair(), err))
		}
		if ctx.Err() != nil || errors.Is(err, ErrUnauthorized) {
			break // the others would fare no better
		}
	}
	return e.report, errors.Join(errs...)
}

// checkWanted names every mistake, by the place of the request.
func (s *Subscriptions) checkWanted(wanted []SubscriptionRequest) error {
	var errs []error
	first := map[pair]int{}
	for i, r := range wanted {
		if err := r.check(s.core.cfg.plainHTTP()); err != nil {
			errs = append(errs, invalidRequest(http.MethodPost, subscriptionsPath, "wanted subscription %d: %v", i+1, err))
			continue
		}
		if before, twice := first[r.pair()]; twice {
			errs = append(errs, invalidRequest(http.MethodPost, subscriptionsPath,
				"wanted subscriptions %d and %d are both for %v, and there can be one; leave one of them out", before, i+1, r.pair()))
			continue
		}
		first[r.pair()] = i + 1
	}
	return errors.Join(errs...)
}

// outcome is what a wanted subscription needed, or found.
type outcome int

const (
	foreign outcome = iota
	created
	updated
	renewed
	unchanged
)

func (r *EnsureReport) add(o outcome, sub Subscription) {
	list := [...]*[]Subscription{
		foreign: &r.Foreign, created: &r.Created, updated: &r.Updated, renewed: &r.Renewed, unchanged: &r.Unchanged,
	}[o]
	*list = append(*list, sub)
}

// ensuring is one call of Ensure.
type ensuring struct {
	*Subscriptions
	all    []Subscription  // as listed last
	denied map[string]bool // ids of which the service said that there is no such subscription
	report EnsureReport
}

// one makes one wanted subscription stand.
func (e *ensuring) one(ctx context.Context, r SubscriptionRequest) error {
	doubt := unchanged // of a request that failed and may have been carried out: what a later look at it means
	again := false
	for try := 1; ; try++ {
		sub, did, err := e.step(ctx, r)
		if err == nil {
			if did == unchanged {
				did = doubt
			}
			e.report.add(did, sub)
			return nil
		}
		failure, ok := errors.AsType[*Error](err)
		gone := errors.Is(err, ErrNotFound) && did != created // ended since it was listed
		renewal := did == renewed                             // is retried by the request path
		if !ok || !gone && (renewal || unsettled(ctx, err) == nil) {
			return err
		}
		if !gone && failure.StatusCode != http.StatusConflict {
			doubt = did
		}

		all, listErr := e.List(ctx)
		if listErr != nil {
			return err // tells more
		}
		e.all = all
		have, found := find(all, r)
		ours := have.CallbackURL == r.CallbackURL
		if found && (ours && !endsSoon(have) || !ours && !r.TakeOver) {
			continue // there is nothing to send, so nothing to wait for
		}
		if gone && !again {
			again = true
			continue // creating it is no repetition
		}
		policy := e.core.cfg.retry
		pause := failure.RetryAfter
		if pause <= 0 {
			pause = policy.Backoff(try)
		}
		if try >= policy.MaxAttempts || failure.RetryAfter > policy.MaxRetryAfter || !wait.Fits(ctx, pause) {
			return err
		}
		if wait.Sleep(ctx, pause) != nil {
			return endedContext(ctx, failure.Path)
		}
	}
}

// step does the one thing that is next, and returns what it was.
func (e *ensuring) step(ctx context.Context, r SubscriptionRequest) (sub Subscription, did outcome, err error) {
	have, found := find(e.all, r)
	switch {
	case !found:
		sub, err = e.create(ctx, r)
		return sub, created, err
	case have.CallbackURL != r.CallbackURL && !r.TakeOver:
		e.report.add(foreign, have)
		return have, foreign, e.conflict(invalidRequest(http.MethodPost, subscriptionsPath, "left alone"), have, r)
	case have.CallbackURL != r.CallbackURL:
		sub, err = e.update(ctx, have.ID, r)
		if err == nil && endsSoon(sub) {
			sub, err = e.renew(ctx, have.ID)
		}
		return sub, updated, err
	case endsSoon(have) && e.denied[have.ID]:
		return e.replace(ctx, r, have)
	case endsSoon(have):
		sub, err = e.renew(ctx, have.ID)
		return sub, renewed, err
	default:
		return have, unchanged, nil
	}
}

func endsSoon(sub Subscription) bool { return time.Until(sub.ExpirationTime) < renewBefore }

// renew remembers whether the service knows the id.
func (e *ensuring) renew(ctx context.Context, id string) (Subscription, error) {
	sub, err := e.Renew(ctx, id)
	e.denied[id] = errors.Is(err, ErrNotFound)
	return sub, err
}

// replace creates what is listed, has the callback of r, and is said not to exist. Where the list turns out to be right,
// it looks once more, and then makes room: a subscription that is not renewed delivers for 7 days at most.
func (e *ensuring) replace(ctx context.Context, r SubscriptionRequest, have Subscription) (Subscription, outcome, error) {
	sub, err := e.create(ctx, r)
	if !isConflict(err) {
		return sub, created, err
	}
	if sub, err = e.renew(ctx, have.ID); !e.denied[have.ID] {
		return sub, renewed, err
	}
	if err = e.Delete(ctx, have.ID); err != nil && !errors.Is(err, ErrNotFound) {
		return Subscription{}, renewed, err
	}
	if sub, err = e.create(ctx, r); isConflict(err) {
		err = fmt.Errorf("the service lists it, and neither renews nor replaces it: %w", err)
	}
	return sub, created, err
}

func isConflict(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusConflict
}
