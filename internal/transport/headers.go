package transport

import (
	"math"
	"net/http"
	"time"

	"github.com/oura-go/sdk/internal/header"
)

// Cleaner knows what must not be repeated.
type Cleaner interface {
	// Clean makes a text that somebody else wrote fit for an error or a log: at most n bytes that can be printed, without
	// the credentials that the request has carried so far.
	Clean(foreign string, n int) string
}

// RateLimit is what the X-RateLimit headers of a response say. A header that is absent or unreadable leaves its field
// zero.
type RateLimit struct {
	Limit, Remaining int
	Window           time.Duration
	Reset            time.Time
	Tier             string
}

// maxTier bounds what a response can make us keep.
const maxTier = 64

// ParseRateLimit reads the X-RateLimit headers; the tier is what clean makes of it. Their names are written in the
// canonical form of net/http: any other costs an allocation, in every response.
func ParseRateLimit(h http.Header, clean Cleaner) RateLimit {
	var r RateLimit
	r.Limit = count(h.Get("X-Ratelimit-Limit"))
	r.Remaining = count(h.Get("X-Ratelimit-Remaining"))
	if n, ok := header.Number(h.Get("X-Ratelimit-Window")); ok {
		r.Window = header.Seconds(n)
	}
	if n, ok := header.Number(h.Get("X-Ratelimit-Reset")); ok && n > 0 {
		const firstMillis = 1e11 // as seconds, that is the year 5138
		switch {
		case n < firstMillis:
			r.Reset = time.Unix(n, 0)
		case n < 1000*firstMillis:
			r.Reset = time.UnixMilli(n)
		}
	}
	if tier := h.Get("X-Ratelimit-Tier"); tier != "" {
		r.Tier = clean.Clean(tier, maxTier)
	}
	return r
}

// delay is the wait that a response asks for: Retry-After, else the reset of the rate limit, else none.
func (r RateLimit) delay(resp *http.Response) (d time.Duration, asked bool) {
	after := resp.Header.Get("Retry-After")
	if after == "" && r.Reset.IsZero() {
		return 0, false // nearly always: no clock is looked at
	}
	// Counting from the service's clock makes a local clock that is off harmless.
	now := time.Now()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		now = date
	}
	if d, ok := header.RetryAfter(after, now); ok {
		return d, true
	}
	if resp.StatusCode == http.StatusTooManyRequests && r.Reset.After(now) {
		return r.Reset.Sub(now), true
	}
	return 0, false
}

func count(s string) int {
	n, _ := header.Number(s)
	return int(min(n, math.MaxInt32))
}
