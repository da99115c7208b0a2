package oauth

import (
	"errors"
	"fmt"
	"time"
)

// A refusal is remembered for firstRefusal, and for twice as long each time that it is repeated, up to longestRefusal.
const (
	firstRefusal   = 30 * time.Second
	longestRefusal = 10 * time.Minute
)

// refusal is what a source remembers of a refresh that no waiting cures, so that a program that asks for a token at
// each of its requests does not ask the service as often.
type refusal struct {
	of     fingerprint // of the refresh token that was refused
	err    error
	length time.Duration
	end    time.Time
}

// incurable reports whether err is a refusal of the application's configuration: neither waiting nor repeating cures
// those.
func incurable(err error) bool {
	refused, ok := errors.AsType[*TokenError](err)
	if !ok || refused.dead() || !refused.misconfigured() {
		return false
	}
	return refused.Code == "invalid_client" || refused.Code == "invalid_request" || refused.Code == "unauthorized_client"
}

// after is the refusal to remember once the service has refused a refresh token, perhaps not for the first time.
func (r refusal) after(refreshToken string, err error) refusal {
	next := refusal{of: fingerprintOf(refreshToken), err: err, length: firstRefusal}
	if next.of == r.of {
		next.length = min(2*r.length, longestRefusal)
	}
	next.end = wallTime().Add(next.length)
	return next
}

// inForce returns the refusal as long as a refresh token is not to be sent again, and nil where it is to be tried.
func (r refusal) inForce(refreshToken string) error {
	rest := time.Until(r.end)
	if rest <= 0 || rest > r.length || r.of != fingerprintOf(refreshToken) {
		return nil
	}
	refused := TokenError{}
	if answered, ok := errors.AsType[*TokenError](r.err); ok {
		refused = *answered
	}
	refused.RetryAfter = rest
	return &guarded{cause: &refused, text: fmt.Sprintf(
		"%s; nothing was sent: this refusal is remembered for another %s, or until the configuration or the stored grant changes",
		r.err, rest.Round(time.Second))}
}
