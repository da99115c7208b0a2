// Package header reads and checks values of HTTP headers.
package header

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// IsWord reports whether s can stand in a header as one word: not empty, visible ASCII.
func IsWord(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return s != ""
}

// Printable keeps at most n bytes of printable ASCII, for header values that end up in errors and logs.
func Printable(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), n)]
}

// RetryAfter reads whole seconds or an HTTP date. What is negative, in the past or unreadable counts as absent; what
// exceeds a Duration is the longest.
func RetryAfter(v string, now time.Time) (d time.Duration, ok bool) {
	v = strings.TrimSpace(v)
	if v == "" {
		return 0, false // nearly always; an error of ParseTime would cost allocations
	}
	if n, ok := Number(v); ok {
		return Seconds(n), true
	}
	date, err := http.ParseTime(v)
	if err != nil || !date.After(now) {
		return 0, false
	}
	return date.Sub(now), true
}

// Number reads digits without a sign; a number too large for an int64 is the largest.
func Number(s string) (int64, bool) {
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

// Seconds is n seconds, or the longest Duration.
func Seconds(n int64) time.Duration {
	if n > int64(math.MaxInt64/time.Second) {
		return math.MaxInt64
	}
	return time.Duration(n) * time.Second
}
