package transport_test

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/internal/transport"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestParseRateLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   map[string]string
		want transport.RateLimit
	}{
		{"none", nil, transport.RateLimit{}},
		{"all", map[string]string{
			"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "12", "X-RateLimit-Window": "300",
			"X-RateLimit-Reset": "1795348800", "X-RateLimit-Tier": "application",
		}, transport.RateLimit{Limit: 5000, Remaining: 12, Window: 5 * time.Minute, Reset: noon, Tier: "application"}},
		{"milliseconds", map[string]string{"X-RateLimit-Reset": "1795348800000"}, transport.RateLimit{Reset: noon}},
		{"absurd", map[string]string{
			"X-RateLimit-Limit": "99999999999999999999", "X-RateLimit-Remaining": "-3", "X-RateLimit-Window": "99999999999999999999",
			"X-RateLimit-Reset": "99999999999999999999", "X-RateLimit-Tier": "a\tb\x00" + strings.Repeat("c", 99),
		}, transport.RateLimit{Limit: math.MaxInt32, Window: math.MaxInt64, Tier: "a b " + strings.Repeat("c", 60) + "…"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			for k, v := range tt.in {
				h.Set(k, v)
			}
			if diff := cmp.Diff(tt.want, transport.ParseRateLimit(h, &auth{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzRateLimit: whatever a header holds, the wait is none or a sane one.
//
//	go test -run '^$' -fuzz FuzzRateLimit -fuzztime 60s -fuzzminimizetime 10x ./internal/transport
func FuzzRateLimit(f *testing.F) {
	for _, s := range []string{"", "0", "120", "-1", "99999999999999999999", "1.5", "Sun, 22 Nov 2026 12:00:30 GMT", "Sunday, 22-Nov-26 12:01:00 GMT", "soon", strings.Repeat("c", 65)} {
		f.Add(s)
	}
	longest := 64 + len("…") // a tier that was cut ends in "…"
	f.Fuzz(func(t *testing.T, reset string) {
		h := http.Header{}
		for _, name := range []string{"Limit", "Remaining", "Window", "Reset", "Tier"} {
			h.Set("X-RateLimit-"+name, reset)
		}
		r := transport.ParseRateLimit(h, &auth{})
		if r.Limit < 0 || r.Remaining < 0 || r.Window < 0 || len(r.Tier) > longest {
			t.Errorf("ParseRateLimit(%q) = %+v", reset, r)
		}
		if !r.Reset.IsZero() && (r.Reset.Unix() < 0 || r.Reset.Year() > 5200) {
			t.Errorf("ParseRateLimit(%q): reset at %v", reset, r.Reset)
		}
	})
}
