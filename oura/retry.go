package oura

import (
	"cmp"
	"time"

	"github.com/oura-go/sdk/internal/transport"
)

// RetryPolicy says how failed requests are retried. A zero field takes its default.
//
// Reads and the renewal of a subscription are retried after 429, 502, 503, 504, connection errors, timeouts of an
// attempt and responses that break off; all other requests after a 429 only, because it alone tells that nothing was
// done. The wait is what the service asks for (Retry-After, else X-RateLimit-Reset), else random between zero and a
// limit that doubles from MinDelay to MaxDelay. A wait that would outlast the context is not begun: the error comes at
// once.
type RetryPolicy struct {
	MaxAttempts        int           // with the first; default 4
	MinDelay, MaxDelay time.Duration // default 500 ms and 30 s
	MaxRetryAfter      time.Duration // default 5 min; if the service asks for more, the error comes at once, with what it asked for
}

// NoRetry sends each request once. A stale token is still replaced and the request replayed, which is no retry.
var NoRetry = RetryPolicy{MaxAttempts: 1}

func (p RetryPolicy) withDefaults() (transport.Policy, error) {
	if p.MaxAttempts < 0 || p.MinDelay < 0 || p.MaxDelay < 0 || p.MaxRetryAfter < 0 {
		return transport.Policy{}, badOption("WithRetry: %+v has a negative field; use NoRetry to send each request once", p)
	}
	out := transport.Policy{
		MaxAttempts:   cmp.Or(p.MaxAttempts, 4),
		MinDelay:      cmp.Or(p.MinDelay, 500*time.Millisecond),
		MaxRetryAfter: cmp.Or(p.MaxRetryAfter, 5*time.Minute),
	}
	out.MaxDelay = cmp.Or(p.MaxDelay, max(30*time.Second, out.MinDelay))
	if p.MinDelay > out.MaxDelay {
		return transport.Policy{}, badOption("WithRetry: MinDelay %v is above MaxDelay %v", p.MinDelay, p.MaxDelay)
	}
	out.MinDelay = min(out.MinDelay, out.MaxDelay) // a short MaxDelay alone is clear enough
	return out, nil
}
