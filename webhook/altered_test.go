package webhook_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/oura-go/sdk/webhook"
)

// Whatever single thing of a signed delivery is altered, it does not get through: each bit and each cut of the body, each
// digit of signature and timestamp, and each way to move the border between timestamp and body, which nothing marks.
func TestAlteredDeliveries(t *testing.T) {
	t.Parallel()
	passed := 0
	h := &webhook.Handler{
		ClientSecret: secret, VerificationToken: token, Now: now, Logger: silent,
		Handle: func(context.Context, webhook.Event) error { passed++; return nil },
	}
	sent := 0
	forge := func(timestamp, signature, body string) {
		t.Helper()
		sent++
		if w := serve(h, post(headers(timestamp, signature), body)); w.Code != http.StatusUnauthorized && w.Code != http.StatusBadRequest {
			t.Errorf("timestamp %q, signature %q, body %q: status %d", timestamp, signature, body, w.Code)
		}
	}
	for i := range len(body) {
		for bit := range 8 {
			forge(timestamp, signature, body[:i]+string([]byte{body[i] ^ 1<<bit})+body[i+1:])
		}
		forge(timestamp, signature, body[:i])
		forge(timestamp, signature, body[i+1:])
		forge(timestamp, signature, body[:i]+body[i+1:])
		for _, added := range []string{" ", "\x00", "}", body[i : i+1]} {
			forge(timestamp, signature, body[:i]+added+body[i:])
		}
	}
	forge(timestamp, signature, body+"\n")
	digits := func(s, alphabet string, each func(string)) {
		for i := range len(s) {
			for _, digit := range alphabet {
				if s[i] != byte(digit) {
					each(s[:i] + string(digit) + s[i+1:])
				}
			}
			each(s[:i] + s[i+1:])
			each(s[:i])
		}
	}
	digits(signature, "0123456789ABCDEF", func(s string) { forge(timestamp, s, body) })
	digits(signature, "0123456789abcdefg", func(s string) {
		if !strings.EqualFold(s, signature) { // either case is right
			forge(timestamp, s, body)
		}
	})
	digits(timestamp, "0123456789", func(s string) { forge(s, signature, body) })
	for i := range timestamp {
		forge(timestamp[:i], signature, timestamp[i:]+body)
	}
	for i := 1; i < len(body); i++ {
		forge(timestamp+body[:i], signature, body[i:])
	}
	forge(timestamp+body, signature, "")
	if passed > 0 || sent < 4006 {
		t.Errorf("%d of %d altered deliveries reached the handler", passed, sent)
	}
	if w := serve(h, post(headers(timestamp, signature), body)); w.Code != http.StatusOK || passed != 1 {
		t.Errorf("the delivery itself: status %d", w.Code)
	}
}
