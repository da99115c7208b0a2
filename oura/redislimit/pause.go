package redislimit

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// extend makes a pause as long as asked for, and never shorter, and returns what
// is left of it in milliseconds. A length, not an instant: clocks differ.
var extend = redis.NewScript(`
local left, asked = redis.call("PTTL", KEYS[1]), tonumber(ARGV[1])
if left >= asked then
  return left
end
redis.call("SET", KEYS[1], "1", "PX", asked)
return asked
`)

func (l *Limiter) pauseKey() string { return "oura:" + l.name + ":pause" }

// PauseUntil holds all requests of the application, in all processes, until t.
// It is never shortened: an earlier t changes nothing. While Redis cannot be
// told, it holds this process.
func (l *Limiter) PauseUntil(t time.Time) {
	if l.paused(t, true) {
		l.publish(context.Background())
	}
}

// paused notes a pause and reports whether it is a longer one.
func (l *Limiter) paused(t time.Time, tell bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !t.After(l.state.PausedUntil) || !t.After(time.Now()) {
		return false
	}
	l.state.PausedUntil = t
	l.unpublished = l.unpublished || tell
	close(l.changed)
	l.changed = make(chan struct{})
	return true
}

// publish tells Redis of the pause, if Redis is not known to be away.
func (l *Limiter) publish(ctx context.Context) {
	l.mu.Lock()
	left := time.Until(l.state.PausedUntil)
	l.unpublished = l.unpublished && left > 0
	skip := !l.unpublished || l.state.Away && time.Now().Before(l.probe)
	l.mu.Unlock()
	if skip {
		return
	}
	timed, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	err := extend.Run(timed, l.rdb, []string{l.pauseKey()}, max(1, left.Milliseconds())).Err()
	switch {
	case err == nil:
		l.mu.Lock()
		defer l.mu.Unlock()
		l.unpublished = false
	case ctx.Err() == nil:
		l.away(err)
	}
}

func (l *Limiter) left() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, time.Until(l.state.PausedUntil))
}
