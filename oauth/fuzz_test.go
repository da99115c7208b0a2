package oauth

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/oura-go/sdk/internal/header"
)

// What DecodeToken reads, EncodeToken writes in a form that says the same, and
// nothing that it refuses is shown in its error.
func FuzzDecodeToken(f *testing.F) {
	for _, seed := range []string{
		`{"access_token":"a","token_type":"bearer","refresh_token":"r","expiry":"2026-03-01T12:00:00.5+02:00","expires_in":86400}`,
		`{"access_token":"a","scope":"extapi:daily spo2","token_url":"https://x.test/token","version":1,"mine":{"n":12345678901234567890}}`,
		`{"refresh_token":"r","scope":["daily",1],"expires_in":"86400.0","expiry":null}`,
		`{"access_token":"a","version":2}`, `{"access_token":"a","refr`, `[]`, `null`, "", "oura-sealed:1:abc.def",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		token, err := DecodeToken(stored)
		if err != nil {
			if errors.Is(err, ErrNoToken) {
				t.Errorf("%q is taken for an empty store", stored)
			}
			return
		}
		if token.AccessToken == "" && token.RefreshToken == "" {
			t.Fatal("a token without tokens")
		}
		first, err := EncodeToken(token)
		if err != nil {
			t.Fatalf("EncodeToken: %v", err)
		}
		again, err := DecodeToken(first)
		if err != nil {
			t.Fatalf("DecodeToken of what EncodeToken wrote: %v", err)
		}
		if !sameGrant(token, again) || !token.Expiry.Equal(again.Expiry) || token.ExpiresIn != again.ExpiresIn {
			t.Error("the grant is another after a round trip")
		}
		if second, err := EncodeToken(again); err != nil || !bytes.Equal(first, second) {
			t.Errorf("encoded again it is %q, was %q, %v", second, first, err)
		}
	})
}

// Whatever the endpoint answers is a token that fits a header and the store, or an
// error that shows nothing and fits a log.
func FuzzReadAnswer(f *testing.F) {
	const secret = "secret-of-the-client"
	for _, seed := range []string{
		`{"access_token":"new","refresh_token":"rotated","expires_in":86400.0,"scope":"extapi:daily"}`,
		`{"access_token":"a\r\nX: y","refresh_token":"rotated","token_type":"mac x","expires_in":"-1"}`,
		`{"error":"invalid_grant","error_description":"` + secret + `"}`,
		`{"expires_in":1e999,"scope":["a",{}],"access_token":null}`,
		"access_token=new&refresh_token=rotated", "error=" + secret, "<html>" + secret, "", `{"access_token":"new","refr`,
	} {
		for _, status := range []int{200, 307, 400, 503} {
			f.Add(status, []byte(seed), "17")
			f.Add(status, []byte(seed), "70000000000")
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, retry string) {
		r := &reply{
			status: status, header: http.Header{"Retry-After": {retry}}, body: body, cut: len(body)%7 == 0,
			scrubber: newScrubber(secret),
		}
		a, err := readAnswer(r)
		if (a == nil) == (err == nil) {
			t.Fatalf("an answer and an error, or neither: %v", err)
		}
		refused, ok := errors.AsType[*TokenError](err)
		if err != nil && !ok {
			t.Fatalf("%T is not a TokenError", err)
		}
		if a != nil {
			refused = a.refused
			if a.AccessToken != "" && !header.IsWord(a.AccessToken) || !header.IsWord(a.TokenType) {
				t.Error("not fit for a header")
			}
			if (a.AccessToken == "") != (a.refused != nil) || a.AccessToken == "" && a.RefreshToken == "" {
				t.Error("an answer that grants nothing")
			}
			if a.ExpiresIn < 0 || a.ExpiresIn > maxLifetime {
				t.Errorf("a life of %d s", a.ExpiresIn)
			}
			stored, err := EncodeToken(a.token("https://oura.test/token", nil))
			if err != nil {
				t.Fatalf("EncodeToken: %v", err)
			}
			if _, err := DecodeToken(stored); err != nil {
				t.Errorf("what was stored cannot be read: %v", err)
			}
		}
		if refused != nil {
			text := refused.Error()
			if strings.Contains(text, secret) || strings.ContainsAny(text, "\r\n\x00\x1b") || len(text) > 4000 {
				t.Errorf("%q is not fit for a log", text)
			}
			if refused.RetryAfter < 0 { // a wait longer than a Duration must not come out as a negative one
				t.Errorf("RetryAfter = %s", refused.RetryAfter)
			}
		}
	})
}
