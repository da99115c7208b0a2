package webhook_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/webhook"
)

func TestSign(t *testing.T) {
	t.Parallel()
	if got := webhook.Sign(secret, timestamp, []byte(body)); got != signature {
		t.Errorf("Sign = %s, want %s", got, signature)
	}
	if webhook.Sign(secret, timestamp, []byte(body+" ")) == signature || webhook.Sign(secret, timestamp[:10], []byte(body)) == signature {
		t.Error("the signature does not depend on timestamp and body")
	}
}

func TestVerifyAccepts(t *testing.T) {
	t.Parallel()
	seconds := timestamp[:10]
	tests := map[string]http.Header{
		"milliseconds":              headers(timestamp, signature),
		"lower-case hex":            headers(timestamp, strings.ToLower(signature)),
		"mixed-case hex":            headers(timestamp, signature[:32]+strings.ToLower(signature[32:])),
		"seconds":                   signed(seconds, body),
		"leading zero, as signed":   signed("0"+seconds, body),
		"lower-case header names":   {"x-oura-timestamp": {timestamp}, "x-oura-signature": {signature}},
		"an empty list under twins": {"X-Oura-Timestamp": {timestamp}, "x-oura-timestamp": {}, "X-Oura-Signature": {signature}},
	}
	for name, header := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := webhook.Verifier{ClientSecret: secret, Now: now}
			if err := v.Verify(header, []byte(body)); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header http.Header
		body   string
		want   []error
		says   string
	}{
		"no timestamp":          {http.Header{webhook.SignatureHeader: {signature}}, body, []error{webhook.ErrInvalidSignature}, "X-Oura-Timestamp is missing"},
		"no signature":          {http.Header{webhook.TimestampHeader: {timestamp}}, body, []error{webhook.ErrInvalidSignature}, "X-Oura-Signature is missing"},
		"two spellings":         {http.Header{"X-Oura-Timestamp": {timestamp}, "x-oura-timestamp": {timestamp}, webhook.SignatureHeader: {signature}}, body, []error{webhook.ErrInvalidSignature}, "came 2 times"},
		"wrong signature":       {headers(timestamp, strings.Repeat("0", 64)), body, []error{webhook.ErrInvalidSignature}, "under this client secret"},
		"not hex":               {headers(timestamp, strings.Repeat("g", 64)), body, []error{webhook.ErrInvalidSignature}, "64 hex digits"},
		"longer than a MAC":     {headers(timestamp, signature+"00"), body, []error{webhook.ErrInvalidSignature}, "64 hex digits"},
		"signed timestamp":      {signed("+"+timestamp, body), body, []error{webhook.ErrInvalidSignature}, "plain digits"},
		"overlong timestamp":    {signed(strings.Repeat("0", 6)+timestamp, body), body, []error{webhook.ErrInvalidSignature}, "plain digits"},
		"digits moved":          {headers(timestamp[:10], signature), timestamp[10:] + body, []error{webhook.ErrInvalidSignature}, "begins with a digit"},
		"an array":              {signed(timestamp, "["+body+"]"), "[" + body + "]", []error{webhook.ErrInvalidSignature, webhook.ErrMalformed}, "does not begin with {"},
		"nothing":               {signed(timestamp, ""), "", []error{webhook.ErrInvalidSignature, webhook.ErrMalformed}, "does not begin with {"},
		"old":                   {signed("1709000000", body), body, []error{webhook.ErrStale}, "ago"},
		"forged and old":        {headers("1709000000", signature), body, []error{webhook.ErrInvalidSignature}, "under this client secret"},
		"milliseconds as large": {signed("999999999999", body), body, []error{webhook.ErrStale}, "in the future"}, // 10^12-1 counts as seconds
		"small milliseconds":    {signed("1000000000000", body), body, []error{webhook.ErrStale}, "ago"},          // 2001
		"the largest":           {signed(strings.Repeat("9", 18), body), body, []error{webhook.ErrStale}, "in the future"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := webhook.Verifier{ClientSecret: secret, Now: now}.Verify(tt.header, []byte(tt.body))
			for _, sentinel := range []error{webhook.ErrInvalidSignature, webhook.ErrStale, webhook.ErrMalformed} {
				want := false
				for _, w := range tt.want {
					want = want || w == sentinel //nolint:errorlint // the identity of sentinels is meant
				}
				if errors.Is(err, sentinel) != want {
					t.Errorf("Verify = %v; matches %q: %v, want %v", err, sentinel, !want, want)
				}
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Verify = %v, want it to say %q", err, tt.says)
			}
			if err != nil && holdsSecret(err.Error(), timestamp, tt.body) {
				t.Errorf("the error gives a secret away: %v", err)
			}
		})
	}
}

func TestVerifyEmptySecret(t *testing.T) {
	t.Parallel()
	forged := headers(timestamp, webhook.Sign("", timestamp, []byte(body)))
	err := webhook.Verifier{Now: now}.Verify(forged, []byte(body))
	if !errors.Is(err, webhook.ErrInvalidSignature) || !strings.Contains(err.Error(), "ClientSecret is empty") {
		t.Errorf("Verify = %v, want ErrInvalidSignature", err)
	}
}

func TestVerifyTolerance(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tolerance, age time.Duration // an age below zero is in the future
		fresh          bool
	}{
		"default, now":             {0, 0, true},
		"default, two hours":       {0, 2 * time.Hour, true},
		"default, older":           {0, 2*time.Hour + time.Millisecond, false},
		"default, ahead":           {0, -5 * time.Minute, true},
		"default, further ahead":   {0, -5*time.Minute - time.Millisecond, false},
		"minute":                   {time.Minute, time.Minute, true},
		"minute, older":            {time.Minute, time.Minute + time.Millisecond, false},
		"minute, ahead":            {time.Minute, -time.Minute, true},
		"minute, further ahead":    {time.Minute, -time.Minute - time.Millisecond, false},
		"day":                      {24 * time.Hour, 24 * time.Hour, true},
		"day, ahead":               {24 * time.Hour, -5 * time.Minute, true},
		"day, further ahead":       {24 * time.Hour, -6 * time.Minute, false},
		"negative refuses all":     {-time.Second, 0, false},
		"negative refuses the old": {-time.Second, 2 * time.Second, false},
		"negative refuses ahead":   {-time.Second, -2 * time.Second, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := strconv.FormatInt(now().Add(-tt.age).UnixMilli(), 10)
			err := webhook.Verifier{ClientSecret: secret, Tolerance: tt.tolerance, Now: now}.Verify(signed(at, body), []byte(body))
			if tt.fresh && err != nil || !tt.fresh && !errors.Is(err, webhook.ErrStale) {
				t.Errorf("Verify = %v, want fresh: %v", err, tt.fresh)
			}
		})
	}
}

func TestVerifyDefaultClock(t *testing.T) {
	t.Parallel()
	v := webhook.Verifier{ClientSecret: secret}
	at := strconv.FormatInt(time.Now().Unix(), 10)
	if err := v.Verify(signed(at, body), []byte(body)); err != nil {
		t.Errorf("a delivery of this moment: %v", err)
	}
	if err := v.Verify(headers(timestamp, signature), []byte(body)); !errors.Is(err, webhook.ErrStale) {
		t.Errorf("a delivery of 2024: %v, want ErrStale", err)
	}
}
