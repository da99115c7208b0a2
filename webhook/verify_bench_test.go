package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/oura-go/sdk/webhook"
)

// eventOf200Bytes is of the size that Oura sends.
func eventOf200Bytes() []byte {
	return []byte(strings.Replace(body, "8f9a", strings.Repeat("8", 200-len(body))+"8f9a", 1))
}

// The baseline is what no verification can do without.
func BenchmarkVerify(b *testing.B) {
	event := eventOf200Bytes()
	header := signed(timestamp, string(event))
	header.Set("Content-Type", "application/json")
	header.Set("User-Agent", "oura")
	header.Set("Accept-Encoding", "gzip")
	v := webhook.Verifier{ClientSecret: secret, Now: now}

	b.Run("baseline=hmac", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(timestamp))
			mac.Write(event)
			mac.Sum(nil)
		}
	})
	b.Run("Verifier", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := v.Verify(header, event); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestVerifyAllocations(t *testing.T) {
	event := eventOf200Bytes()
	if len(event) != 200 {
		t.Fatalf("the event has %d bytes", len(event))
	}
	header := signed(timestamp, string(event))
	v := webhook.Verifier{ClientSecret: secret, Now: now}
	allocs := testing.AllocsPerRun(100, func() {
		if err := v.Verify(header, event); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 8 {
		t.Errorf("Verify makes %v allocations, want at most 8", allocs)
	}
}
