package redislimit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"github.com/oura-go/sdk/oura"
)

var (
	_ oura.Waiter = (*Limiter)(nil)
	_ oura.Pauser = (*Limiter)(nil)
	_ oura.Waiter = (*TokenLimiter)(nil)
	_ oura.Pauser = (*TokenLimiter)(nil)
)

// Limiter is one application's limit, shared by all processes that use the same Redis and the same [WithName]. It is an
// [oura.Waiter] and [oura.Pauser] for [oura.WithLimiter], and safe for concurrent use. It starts no goroutine and does
// not close its client.
//
// In a process, requests of the application, and those of one token, pass in the order in which they came, and one at a
// time asks Redis; across processes, whoever asks first.
type Limiter struct {
	core
	token budget
	line  *line
}

// New returns the limiter of an application that runs in a number of processes. Each falls back to that part of the
// limit while Redis is away, so say the highest number that there ever are at once: more processes than that would
// exceed the limit together.
//
// It does no I/O. The client must have ContextTimeoutEnabled, or calls would outlive their contexts. Redis 5 or newer,
// Cluster and Sentinel included.
func New(rdb redis.UniversalClient, replicas int, opts ...Option) (*Limiter, error) {
	switch {
	case rdb == nil:
		return nil, errors.New("redislimit: the Redis client is nil")
	case replicas < 1:
		return nil, errors.New("redislimit: say how many processes share the limit: at least 1")
	case !endsWithContext(rdb):
		return nil, errors.New("redislimit: set ContextTimeoutEnabled in the options of the Redis client: " +
			"without it, a call can outlive its context")
	}
	s := settings{
		name: "default", requests: 5000, window: 5 * time.Minute,
		timeout: time.Second, logger: slog.Default(), onChange: func(Change) {},
	}
	for i, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("redislimit: option %d is nil; leave it out", i+1)
		}
		if err := o.apply(&s); err != nil {
			return nil, err
		}
	}
	if s.perToken == 0 {
		s.perToken = s.requests
	}
	app, err := newBudget(s.requests, s.window)
	if err != nil {
		return nil, err
	}
	token, err := newBudget(s.perToken, s.window)
	if err != nil {
		return nil, err
	}
	app.key = "oura:" + s.name + ":application"
	return &Limiter{
		core: core{
			settings: s, rdb: rdb, replicas: replicas, app: app, guard: app.bound(),
			changed: make(chan struct{}), local: map[string]*rate.Limiter{},
			lines: map[string]*line{}, there: map[string]sight{},
		},
		token: token,
		line:  newLine(app),
	}, nil
}

// endsWithContext reports whether a client's calls end with their context. Of clients of other kinds it is taken for
// granted.
func endsWithContext(rdb redis.UniversalClient) bool {
	switch c := rdb.(type) {
	case *redis.Client:
		return c.Options().ContextTimeoutEnabled
	case *redis.ClusterClient:
		return c.Options().ContextTimeoutEnabled
	case *redis.Ring:
		return c.Options().ContextTimeoutEnabled
	}
	return true
}

// Wait blocks until a request may be sent. A wait that would outlast the context fails, as soon as that is known, with
// an *[oura.Error] of kind [oura.ErrRateLimited] that says how long it would be. An ended context gives its own error.
// That Redis is away is no error.
func (l *Limiter) Wait(ctx context.Context) error { return l.wait(ctx, l.line) }

// wait waits for the turn to ask, and then until a request of the line's budget passes.
func (c *core) wait(ctx context.Context, q *line) error {
	if err := c.takeTurn(ctx, q); err != nil {
		return err
	}
	defer q.pass()
	for {
		d, err := c.try(ctx, q.budget)
		if err != nil || d == 0 {
			return err
		}
		if !fits(ctx, d) {
			return tooLong(d)
		}
		bounded, changed := c.sleeping(q, d)
		if err := sleep(ctx, bounded, changed); err != nil {
			return err
		}
	}
}

// PauseUntil holds all requests of the application, in all processes, until t. A pause never becomes shorter: an
// earlier t changes nothing. While Redis is away, it holds this process.
func (l *Limiter) PauseUntil(t time.Time) {
	if l.paused(t, true) {
		l.publish(context.Background())
	}
}

// Stats returns the state.
func (l *Limiter) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.state
	s.Waiting = int(l.line.waiting.Load())
	if !s.PausedUntil.After(time.Now()) {
		s.PausedUntil = time.Time{}
	}
	return s
}

// For returns the limiter of one access token within the application's: a request waits for the token's own budget
// ([WithTokenLimit]) and then for the application's. tokenKey is what names the token in every process, such as the user's
// id, which Redis sees only as a hash. Make one where it is needed.
func (l *Limiter) For(tokenKey string) *TokenLimiter {
	b := l.token
	b.key = "oura:" + l.name + ":token:" + hash(tokenKey)
	return &TokenLimiter{limiter: l, budget: b}
}

// TokenLimiter is the limit of one access token and of its application. It is safe for concurrent use.
type TokenLimiter struct {
	limiter *Limiter
	budget  budget
}

// Wait is [Limiter.Wait] for the token and then for the application.
func (t *TokenLimiter) Wait(ctx context.Context) error {
	if err := t.wait(ctx); err != nil {
		return err
	}
	return t.limiter.Wait(ctx)
}

// wait is for the token alone.
func (t *TokenLimiter) wait(ctx context.Context) error {
	q := t.limiter.join(t.budget)
	defer t.limiter.quit(q)
	return t.limiter.wait(ctx, q)
}

// PauseUntil is [Limiter.PauseUntil]: the client calls it for what concerns the whole application, and holds itself for
// a 429 of its token.
func (t *TokenLimiter) PauseUntil(at time.Time) { t.limiter.PauseUntil(at) }
