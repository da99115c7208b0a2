package transport

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RateLimit is what the X-RateLimit headers of an answer say. A header that is
// absent or unreadable leaves its field zero.
type RateLimit struct {
	Limit, Remaining int
	Window           time.Duration
	Reset            time.Time
	Tier             string
}

// ParseRateLimit reads the X-RateLimit headers. Their names are written in the
// canonical form of net/http: any other costs an allocation, in every answer.
func ParseRateLimit(h http.Header) RateLimit {
	var r RateLimit
	r.Limit = count(h.Get("X-Ratelimit-Limit"))
	r.Remaining = count(h.Get("X-Ratelimit-Remaining"))
	if n, ok := digits(h.Get("X-Ratelimit-Window")); ok {
		r.Window = seconds(n)
	}
	if n, ok := digits(h.Get("X-Ratelimit-Reset")); ok && n > 0 {
		const firstMillis = 1e11 // as seconds, that is the year 5138
		switch {
		case n < firstMillis:
			r.Reset = time.Unix(n, 0)
		case n < 1000*firstMillis:
			r.Reset = time.UnixMilli(n)
		}
	}
	r.Tier = Printable(h.Get("X-Ratelimit-Tier"), 64)
	return r
}

// delay is the wait that an answer asks for: Retry-After, else the reset of the
// rate limit, else none.
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
	if d, ok := ParseRetryAfter(after, now); ok {
		return d, true
	}
	if resp.StatusCode == http.StatusTooManyRequests && r.Reset.After(now) {
		return r.Reset.Sub(now), true
	}
	return 0, false
}

// ParseRetryAfter reads whole seconds or an HTTP date. What is negative, in the
// past or unreadable counts as absent; what exceeds a Duration is the longest.
func ParseRetryAfter(v string, now time.Time) (d time.Duration, ok bool) {
	v = strings.TrimSpace(v)
	if v == "" {
		return 0, false // nearly always; an error of ParseTime would cost allocations
	}
	if n, ok := digits(v); ok {
		return seconds(n), true
	}
	date, err := http.ParseTime(v)
	if err != nil || !date.After(now) {
		return 0, false
	}
	return date.Sub(now), true
}

// digits reads a number without sign; one too large for an int64 is the largest.
func digits(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return math.MaxInt64, true
	}
	return n, true
}

func count(s string) int {
	n, _ := digits(s)
	return int(min(n, math.MaxInt32))
}

func seconds(n int64) time.Duration {
	if n > int64(math.MaxInt64/time.Second) {
		return math.MaxInt64
	}
	return time.Duration(n) * time.Second
}

// Printable keeps at most n bytes of printable ASCII, for header values that
// end up in errors and logs.
func Printable(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), n)]
}
