package oura

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/oura-go/sdk/internal/refusal"
	"github.com/oura-go/sdk/internal/text"
)

// Prune deletes the subscriptions that owned says are yours and for whose pair of event type and data type there is no
// wanted one. Of wanted only EventType and DataType count; with none, all that are owned are deleted. It returns what
// it deleted; one that was gone already is not among it.
//
// Mind what owned is asked: all subscriptions of the application, those of other deployments included. Comparing the
// callback is the usual way. As with [Subscriptions.Ensure], failures are joined and do not keep it from the rest.
func (s *Subscriptions) Prune(ctx context.Context, owned func(Subscription) bool, wanted ...SubscriptionRequest) ([]Subscription, error) {
	if owned == nil {
		return nil, invalidRequest(http.MethodDelete, subscriptionPath,
			"Prune: owned is nil; pass a function that tells your subscriptions from those of other deployments")
	}
	keep := map[pair]bool{}
	var errs []error
	for i, r := range wanted {
		keep[r.pair()] = true
		if err := r.pair().check(); err != nil {
			errs = append(errs, invalidRequest(http.MethodDelete, subscriptionPath, "wanted subscription %d: %v", i+1, err))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	all, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	var deleted []Subscription
	for _, sub := range all {
		if keep[sub.pair()] || !owned(sub) {
			continue
		}
		err := s.Delete(ctx, sub.ID)
		switch {
		case err == nil:
			deleted = append(deleted, sub)
		case !errors.Is(err, ErrNotFound):
			name := refusal.Redact(sub.pair().String(), text.MaxName, s.core.cfg.secrets()...)
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		if ctx.Err() != nil || errors.Is(err, ErrUnauthorized) {
			break
		}
	}
	return deleted, errors.Join(errs...)
}
