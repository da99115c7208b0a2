package redislimit

import (
	"context"
	"log/slog"
	"math"
	"time"

	"golang.org/x/time/rate"
)

// try takes one request of a budget, from Redis or, where it is away, from the
// local share, or says how long to wait before the next try. Its errors are
// those of the context.
func (l *Limiter) try(ctx context.Context, b budget) (time.Duration, error) {
	timeout := l.mayAsk()
	if timeout == 0 {
		return l.tryLocal(b), nil
	}
	d, err := l.tryShared(ctx, b, timeout)
	switch {
	case err == nil:
		l.back()
		if d == 0 {
			l.count(b, false)
		}
		return d, nil
	case ctx.Err() != nil:
		return 0, contextError(ctx)
	}
	l.away(err)
	return l.tryLocal(b), nil
}

func (l *Limiter) tryShared(ctx context.Context, b budget, timeout time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if l.isUncounted(b.key) {
		// What was sent from local shares was not counted here, and a Redis that
		// has lost its data offers a burst anew: begin with nothing.
		if _, err := l.buckets.AllowAtMost(ctx, b.key, b.shared, b.shared.Burst); err != nil {
			return 0, err
		}
		l.counted(b.key)
	}
	if b.key == l.app.key {
		left, err := l.rdb.PTTL(ctx, l.pauseKey()).Result()
		if err != nil {
			return 0, err
		}
		if left > 0 { // negative: there is none
			l.paused(time.Now().Add(left), false)
			return left, nil
		}
	}
	res, err := l.buckets.Allow(ctx, b.key, b.shared)
	switch {
	case err != nil:
		return 0, err
	case res.Allowed > 0:
		return 0, nil
	}
	// Never zero, so that a rounding error does not make for a busy loop.
	return max(res.RetryAfter, time.Millisecond), nil
}

// tryLocal takes one request of this process's share.
func (l *Limiter) tryLocal(b budget) time.Duration {
	d := l.takeLocal(b)
	if d == 0 {
		l.count(b, true)
	}
	return d
}

func (l *Limiter) takeLocal(b budget) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	share := l.local[b.key]
	if share == nil {
		share = rate.NewLimiter(b.share, b.shareBurst)
		share.AllowN(now, b.shareBurst) // it starts empty
		l.local[b.key] = share
		l.uncounted[b.key] = true
	}
	if share.AllowN(now, 1) {
		return 0
	}
	missing := 1 - share.TokensAt(now)
	return time.Duration(math.Ceil(missing/float64(b.share)*1e6)) * time.Microsecond
}

// mayAsk returns how long to wait for an answer of Redis, 0 where it is not to be
// asked. While it is away, one caller at a time looks whether it is back, and not
// for long: the local share is not to go unused meanwhile.
func (l *Limiter) mayAsk() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.state.Away {
		return l.timeout
	}
	now := time.Now()
	if now.Before(l.probe) {
		return 0
	}
	timeout := min(l.timeout, max(l.probeInterval(), shortestProbe))
	l.probe = now.Add(timeout + l.probeInterval()) // nobody else meanwhile
	return timeout
}

// shortestProbe is what an answer may always take.
const shortestProbe = 50 * time.Millisecond

// probeInterval is how often to look for Redis. It bounds for how long some
// processes have the shared limit again while others still use their shares.
func (l *Limiter) probeInterval() time.Duration { return l.app.shared.Period / 300 }

// look bounds a sleep, so that what can only be found by looking is found.
func (l *Limiter) look() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state.Away || l.unpublished {
		return l.probeInterval()
	}
	return math.MaxInt64
}

func (l *Limiter) away(err error) {
	l.mu.Lock()
	now := time.Now()
	l.probe = now.Add(l.probeInterval())
	first := !l.state.Away
	l.state.Err = err
	if first {
		l.state.Away, l.state.AwaySince = true, now
		clear(l.local)
		l.uncounted[l.app.key] = true
	}
	l.mu.Unlock()
	if first {
		l.logger.Warn("oura rate limit: Redis is away, using this process's share",
			slog.Int("replicas", l.replicas), slog.Any("error", err))
		l.tell(Change{Away: true, At: now, Err: err})
	}
}

func (l *Limiter) back() {
	l.mu.Lock()
	was, since := l.state.Away, l.state.AwaySince
	now := time.Now()
	if was {
		l.state.Away, l.state.AwaySince, l.state.Err = false, time.Time{}, nil
		clear(l.local)
	}
	l.mu.Unlock()
	if was {
		l.logger.Info("oura rate limit: Redis is back", slog.Duration("away", now.Sub(since)))
		l.tell(Change{At: now})
	}
}

func (l *Limiter) tell(c Change) {
	if l.onChange != nil {
		l.onChange(c)
	}
}

func (l *Limiter) isUncounted(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.uncounted[key]
}

func (l *Limiter) counted(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.uncounted, key)
}
