package oura

import (
	"cmp"
	"container/list"
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/oura-go/sdk/internal/wait"
)

// Waiter is all that a limiter must be: Wait blocks until one request may be sent, or returns an error, which ends the
// request. A *rate.Limiter of golang.org/x/time is one.
//
// Wait must be safe for concurrent use and return when ctx ends. Its error comes to the caller inside an *[Error] of
// kind [ErrRateLimited], or of the kind whose sentinel it matches; one that is an *Error keeps its RetryAfter, and that
// of a *rate.Limiter is worked out.
type Waiter interface {
	Wait(ctx context.Context) error
}

// Pauser is optional beside [Waiter]. A 429 of the application tier, or of no tier, calls PauseUntil, and the limiter
// holds all who share it until t. With a bare Waiter, and for a 429 of the token tier, the pause stays in the client.
type Pauser interface {
	PauseUntil(t time.Time)
}

const (
	defaultLimit = 5000          // requests in the window, for every application
	maxLimit     = 1_000_000_000 // any more is a mistake
)

// Limiter keeps an application within the service's rate limit: no 5 minutes ever see more requests than the limit,
// however many goroutines and clients share it. Up to a tenth of the limit passes at once after a quiet time, the rest
// evenly from there: of 5,000, the limit where [WithLimitPer5Minutes] says no other, 490 at once and 15 a second.
// Requests pass in the order in which they came.
//
// It is safe for concurrent use, and useful without NewLimiter. Share one among all clients that use the same
// application, with [WithLimiter]; it knows of one process only.
type Limiter struct {
	limit int   // 0: defaultLimit
	err   error // an option was wrong

	mu          sync.Mutex
	bucket      *rate.Limiter
	used        usage
	pausedUntil time.Time
	queue       list.List // of *waiter, next to pass in front
}

// waiter is one Wait that could not pass at once. Only the front of the queue sleeps until a token is there and takes
// it when it passes: tokens taken ahead would all be spent at once when a pause ends, on top of a full bucket.
type waiter struct {
	ahead int           // how many are before it, at most
	wake  chan struct{} // something changed: look again
}

// LimiterOption is an option of [NewLimiter].
type LimiterOption interface{ limiter(l *Limiter) error }

type limiterOption func(*Limiter) error

func (f limiterOption) limiter(l *Limiter) error { return f(l) }

// WithLimitPer5Minutes is the limit that Oura granted the application, in requests per 5 minutes, where it is not the
// usual 5,000. It is from 1 to 1,000,000,000.
func WithLimitPer5Minutes(requests int) LimiterOption {
	return limiterOption(func(l *Limiter) error {
		if requests < 1 || requests > maxLimit {
			return badOption("WithLimitPer5Minutes(%d): give the requests that Oura allows in 5 minutes, from 1 to %d", requests, maxLimit)
		}
		l.limit = requests
		return nil
	})
}

// NewLimiter returns a limiter of which nothing is used yet. A wrong option is an [ErrInvalidRequest] that names it:
// [NewClient] returns it when it is given the limiter, and so does every Wait.
func NewLimiter(opts ...LimiterOption) *Limiter {
	l := new(Limiter)
	for i, o := range opts {
		if o == nil {
			l.err = badOption("NewLimiter: option %d is nil; leave it out", i+1)
			break
		}
		if l.err = o.limiter(l); l.err != nil {
			break
		}
	}
	return l
}

// Wait blocks until a request may be sent. It fails at once, with an *[Error] of kind [ErrRateLimited] that says how
// long the wait would be, if that is longer than the context lasts. An ended context gives its own error.
func (l *Limiter) Wait(ctx context.Context) error {
	if l.err != nil {
		return l.err
	}
	if ctx.Err() != nil {
		return wait.ContextError(ctx)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.queue.Len() == 0 && l.take(time.Now()) {
		return nil
	}

	// The channel is made here, not with the Limiter, so that a Limiter made outside a testing/synctest bubble works
	// within one.
	w := &waiter{ahead: l.queue.Len(), wake: make(chan struct{}, 1)}
	place := l.queue.PushBack(w)
	defer l.leave(place)
	for {
		now := time.Now()
		first := l.queue.Front() == place
		if first && l.take(now) {
			return nil
		}
		d := l.delay(now, w.ahead)
		if !wait.Fits(ctx, d) {
			return tooLong(d, nil)
		}
		if !first {
			d = math.MaxInt64 // woken when its turn comes
		}
		l.mu.Unlock()
		err := wait.SleepOr(ctx, d, w.wake)
		l.mu.Lock()
		if err != nil {
			return err
		}
	}
}

// take passes one request if there is no pause and a token is there.
func (l *Limiter) take(now time.Time) bool {
	passes := !now.Before(l.pausedUntil) && l.tokens().AllowN(now, 1)
	if passes {
		l.used.add(now)
	}
	return passes
}

// tokens is the bucket, full at first use.
func (l *Limiter) tokens() *rate.Limiter {
	if l.bucket == nil {
		burst, refill := shares(cmp.Or(l.limit, defaultLimit))
		l.bucket = rate.NewLimiter(rate.Limit(refill/limitWindow.Seconds()), burst)
	}
	return l.bucket
}

// shares divides the limit of a window: a bucket of so many tokens, refilled by so many in a window, lets through at
// most burst + refill requests in any window, wherever it begins. A tenth is for the burst, and 1 of 500 is spare, for
// requests that arrive bunched together.
func shares(limit int) (burst int, refill float64) {
	spare := limit / 500
	burst = max(1, limit/10-spare)
	refill = float64(limit - burst - spare)
	if limit == 1 {
		refill = 0.99 // a second request within the window would need a whole token
	}
	return burst, refill
}

// delay is how long the next request has to wait that has others ahead of it.
func (l *Limiter) delay(now time.Time, ahead int) time.Duration {
	start := now
	if l.pausedUntil.After(now) {
		start = l.pausedUntil
	}
	d := start.Sub(now)
	if missing := float64(ahead+1) - l.tokens().TokensAt(start); missing > 0 {
		// Never zero, so that the front does not spin on a rounding error.
		refill := time.Duration(math.Ceil(missing/float64(l.tokens().Limit())*1e6)) * time.Microsecond
		d += min(refill, math.MaxInt64-d)
	}
	return d
}

// leave takes a waiter out of the queue and tells the new front that it is one.
func (l *Limiter) leave(place *list.Element) {
	wasFirst := l.queue.Front() == place
	l.queue.Remove(place)
	if next := l.queue.Front(); wasFirst && next != nil {
		w := next.Value.(*waiter) //nolint:forcetypeassert // the queue holds nothing else
		w.ahead = 0
		w.signal()
	}
}

func (w *waiter) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // it has not looked since the last signal
	}
}

// PauseUntil holds all requests until t. A pause is never shortened: an earlier t changes nothing. Waits that now
// outlast their context fail at once.
func (l *Limiter) PauseUntil(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !t.After(l.pausedUntil) {
		return
	}
	l.pausedUntil = t
	ahead := 0
	for e := l.queue.Front(); e != nil; e = e.Next() {
		w := e.Value.(*waiter) //nolint:forcetypeassert // the queue holds nothing else
		w.ahead = ahead
		w.signal()
		ahead++
	}
}

// LimiterStats is the state of a [Limiter] at one instant.
type LimiterStats struct {
	Limit       int       // requests that may pass in 5 minutes
	Used        int       // requests that passed in the last 5 minutes; up to a second longer, as it counts by seconds
	Remaining   int       // Limit less Used: what is left of these 5 minutes, most of it evenly over time
	Available   int       // what of it passes at once; 0 while others wait
	PausedUntil time.Time // zero if there is no pause
}

// Stats is for monitoring: by the time it is read, it may have changed.
func (l *Limiter) Stats() LimiterStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	var s LimiterStats
	now := time.Now()
	s.Limit, s.Used = cmp.Or(l.limit, defaultLimit), l.used.count(now)
	s.Remaining = max(0, s.Limit-s.Used)
	if l.pausedUntil.After(now) {
		s.PausedUntil = l.pausedUntil
	}
	if l.queue.Len() == 0 {
		s.Available = int(max(0, l.tokens().TokensAt(now)))
	}
	return s
}

// refusedWait adds to the error of a *rate.Limiter the wait that it refused, which it does not tell by itself.
func refusedWait(ctx context.Context, w Waiter, err error) error {
	l, ok := w.(*rate.Limiter)
	if !ok || ctx.Err() != nil || l.Burst() < 1 || l.Limit() <= 0 {
		return err
	}
	missing := (1 - l.Tokens()) / float64(l.Limit()) * float64(time.Second)
	return tooLong(time.Duration(min(max(missing, 0), math.MaxInt64/2)), err)
}
