package oura

import (
	"net/url"
	"strings"
	"testing"
)

func TestPatternOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in, want              string
		subscription, renewal bool
	}{
		{"/v2/usercollection/sleep", "/v2/usercollection/sleep", false, false},
		{"/v2/usercollection/sleep/", "/v2/usercollection/sleep", false, false},
		{"/v2/usercollection/vO2_max/id", "/v2/usercollection/vO2_max/{document_id}", false, false},
		{"/v2/usercollection/sleep/a%2Fb", "/v2/usercollection/sleep/{document_id}", false, false},
		{"/v2/usercollection/sleep/id/notes/7", "/v2/usercollection/sleep/{document_id}/{…}/{…}", false, false},
		{"/v2/usercollection/personal_info", "/v2/usercollection/personal_info", false, false},
		{"/v2/usercollection/a@b.example", "/v2/usercollection/{…}", false, false},
		{"/v2/sandbox/usercollection/sleep", "/v2/sandbox/usercollection/sleep", false, false},
		{"/v2/sandbox/usercollection/sleep/id", "/v2/sandbox/usercollection/sleep/{document_id}", false, false},
		{"/v2/webhook/subscription", "/v2/webhook/subscription", true, false},
		{"/v2/webhook/subscription/", "/v2/webhook/subscription", true, false},
		{"/v2/webhook/subscription/id", "/v2/webhook/subscription/{id}", true, false},
		{"/v2/webhook/subscription/renew", "/v2/webhook/subscription/{id}", true, false},
		{"/v2/webhook/subscription/renew/id", "/v2/webhook/subscription/renew/{id}", true, true},
		{"/v2/webhook/subscription/renew/id/x", "/v2/webhook/subscription/renew/{id}/{…}", true, true},
		{"/v2/sandbox/webhook/subscription/renew/id", "/v2/webhook/subscription/renew/{id}", true, true},
		{"/v2/webhook/subscriptions", "/v2/{…}/{…}", false, false},
		{"/v2/partner/42", "/v2/{…}/{…}", false, false},
		{"/v3/x", "/{…}/{…}", false, false},
		{"/v2", "/{…}", false, false},
		{"/", "/", false, false},
		{"", "/", false, false},
	}
	for _, tt := range tests {
		u, err := url.Parse("https://h" + tt.in + "?secret=1")
		if err != nil {
			t.Fatal(err)
		}
		if got := patternOf(u); got != tt.want {
			t.Errorf("patternOf(%q) = %q, want %q", tt.in, got, tt.want)
		}
		pattern := patternOf(u)
		if s, r := isSubscription(pattern), strings.HasPrefix(pattern, renewalPath); s != tt.subscription || r != tt.renewal {
			t.Errorf("%q: subscription %t, renewal %t; want %t, %t", tt.in, s, r, tt.subscription, tt.renewal)
		}
	}
}
