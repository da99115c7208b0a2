package header_test

import (
	"math"
	"testing"
	"time"

	"github.com/oura-go/sdk/internal/header"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"1", time.Second, true},
		{" 120 ", 2 * time.Minute, true},
		{"0", 0, true},
		{"9223372036", 9223372036 * time.Second, true},
		{"9223372037", math.MaxInt64, true},
		{"99999999999999999999999", math.MaxInt64, true},
		{"Sun, 22 Nov 2026 12:00:30 GMT", 30 * time.Second, true},
		{"Sunday, 22-Nov-26 12:01:00 GMT", time.Minute, true}, // RFC 850
		{"Sun Nov 22 13:00:00 2026", time.Hour, true},         // asctime
		{"Fri, 31 Dec 9999 23:59:59 GMT", math.MaxInt64, true},
		{"Sun, 22 Nov 2026 12:00:00 GMT", 0, false}, // now
		{"Sun, 22 Nov 2026 11:59:59 GMT", 0, false},
		{"", 0, false},
		{"-1", 0, false},
		{"+1", 0, false},
		{"1.5", 0, false},
		{"1e3", 0, false},
		{"soon", 0, false},
		{"１", 0, false}, // a digit, but not one of HTTP's
	}
	for _, tt := range tests {
		got, ok := header.RetryAfter(tt.in, noon)
		if got != tt.want || ok != tt.ok {
			t.Errorf("RetryAfter(%q) = %v, %t; want %v, %t", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestIsWord(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"": false, "a-b_c.~!": true, "a b": false, "a\n": false, "a\x7f": false, "ä": false} {
		if got := header.IsWord(s); got != want {
			t.Errorf("IsWord(%q) = %t", s, got)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	if got := header.Printable("a\tbä\x00c d", 4); got != "abc " {
		t.Errorf("got %q", got)
	}
}

func TestSeconds(t *testing.T) {
	t.Parallel()
	if got := header.Seconds(90) - 90*time.Second + header.Seconds(math.MaxInt64); got != math.MaxInt64 {
		t.Errorf("got %v", got)
	}
}

// FuzzRetryAfter: whatever a header holds, the wait is none or a sane one.
//
//	go test -run '^$' -fuzz FuzzRetryAfter -fuzztime 60s -fuzzminimizetime 10x ./internal/header
func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "120", "-1", "99999999999999999999", "1.5", "Sun, 22 Nov 2026 12:00:30 GMT", "Sunday, 22-Nov-26 12:01:00 GMT", "soon"} {
		f.Add(s, int64(1795348800))
	}
	f.Fuzz(func(t *testing.T, after string, unix int64) {
		d, ok := header.RetryAfter(after, time.Unix(unix%1e11, 0))
		if d < 0 || !ok && d != 0 {
			t.Errorf("RetryAfter(%q) = %v, %t", after, d, ok)
		}
	})
}
