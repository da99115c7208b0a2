package redislimit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/oura-go/sdk/oura"
)

// budget is a bucket, in Redis or in part here.
type budget struct {
	key         string
	rate, burst int           // requests in a period, and at once
	period      time.Duration // the window
	interval    time.Duration // between two requests, once the bucket is empty
}

// newBudget divides what a window allows into a burst b and a refill r, so that 2 b + r, a restart of Redis included,
// stays within it.
func newBudget(requests int, window time.Duration) (budget, error) {
	const (
		refillPart = 0.96
		burstPart  = 0.018
	)
	burst := max(1, int(burstPart*float64(requests)))
	refill := min(int(refillPart*float64(requests)), requests-2*burst)
	if refill < 1 || window < time.Second {
		return budget{}, fmt.Errorf("redislimit: a limit of %d requests in %s cannot be kept: "+
			"give at least 3 requests and a second", requests, window)
	}
	return budget{rate: refill, burst: burst, period: window, interval: window / time.Duration(refill)}, nil
}

// share is the part of the bucket that one of so many processes has while Redis is away.
func (b budget) share(replicas int) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(float64(b.rate)/b.period.Seconds()/float64(replicas)), max(1, b.burst/replicas))
}

// bound is the bucket as a limiter in this process. It refills a little faster, so as not to refuse what Redis allows
// only because clocks run differently.
func (b budget) bound() *rate.Limiter {
	const spare = 1.01
	return rate.NewLimiter(rate.Limit(spare*float64(b.rate)/b.period.Seconds()), b.burst+1)
}

// hash keeps what names a token out of Redis, should it be the token itself.
func hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// tooLong refuses a wait, in the client's own terms.
func tooLong(d time.Duration) error {
	return &oura.Error{RetryAfter: d, Detail: "the wait for the rate limit would outlast the context"}
}

// fits reports whether a wait ends before the context does.
func fits(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > d
}

// sleep ends after d, when woken, or with the context.
func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
		return contextError(ctx)
	}
	return nil
}

// contextError is the error of an ended context, and its cause besides.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || cause == err { //nolint:errorlint // identity: without a cause of its own, Cause is Err
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
