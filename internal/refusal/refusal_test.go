package refusal_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/refusal"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		detail string
		fields []refusal.Field
	}{
		"":                                  {},
		"<html>busy":                        {},
		`{"detail":"Document not found."}`:  {detail: "Document not found."},
		`{"detail":7,"message":"too much"}`: {detail: "too much"},
		`"bare"`:                            {detail: "bare"},
		" no upstream\n":                    {detail: "no upstream"},
		`[1,2]`:                             {},
		`{"detail":[{"loc":["query","ids",0],"type":"int_parsing","msg":"not an integer"},{"loc":5,"type":"odd"},{},7]}`: {
			fields: []refusal.Field{{Loc: "query.ids.0", Type: "int_parsing", Msg: "not an integer"}, {Type: "odd"}},
		},
	} {
		detail, fields := refusal.Read([]byte(body))
		if diff := cmp.Diff(want.fields, fields); detail != want.detail || diff != "" {
			t.Errorf("%s: detail %q, fields (-want +got):\n%s", body, detail, diff)
		}
	}
	_, many := refusal.Read([]byte(`{"detail":[` + strings.Repeat(`{"type":"a"},`, 500) + `{"type":"a"}]}`))
	if len(many) != 100 {
		t.Errorf("%d fields are kept", len(many))
	}
}

func TestMissingScope(t *testing.T) {
	t.Parallel()
	challenge := http.Header{"Www-Authenticate": {`Bearer error="insufficient_scope", scope="extapi:heart_health"`}}
	if scope, ok := refusal.MissingScope("", challenge); !ok || scope != "heart_health" {
		t.Errorf("got %q, %t", scope, ok)
	}
	if scope, ok := refusal.MissingScope("Token is not authorized access spo2 scope.", nil); !ok || scope != "spo2" {
		t.Errorf("got %q, %t", scope, ok)
	}
	if scope, ok := refusal.MissingScope("no", http.Header{}); ok {
		t.Errorf("got %q", scope)
	}
}

// Neither our secrets nor the URL and the response that well-known errors carry are in the text.
func TestCause(t *testing.T) {
	t.Parallel()
	network := &url.Error{Op: "Get", URL: "https://h/?next_token=s3cr3t", Err: errors.New("refused tok-12345")}
	other := &url.Error{Op: "Get", URL: "https://h/?q=s3cr3t", Err: errors.New("lost")}
	token := &oauth2.RetrieveError{Response: &http.Response{StatusCode: http.StatusBadRequest}, Body: []byte("s3cr3t"), ErrorCode: "invalid_grant"}
	got := refusal.Redact(refusal.Cause(fmt.Errorf("a: %w", errors.Join(network, other, token))), 500, "tok-12345", "abc")
	const want = "a: Get: refused [redacted] Get: lost the token endpoint answered 400 invalid_grant"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	const secret = "Ab/9+x<y-zü"
	for said, want := range map[string]string{
		"":                        "",
		"a bc":                    "a bc",
		"no " + secret + ".":      "no [redacted].",
		strings.ToUpper(secret):   "[redacted]",
		"Ab%2f9%2Bx%3Cy-z%C3%BC":  "[redacted]",
		"Ab%2F9+x%3Cy-z%C3%BC":    "[redacted]",
		`"Ab/9+x\u003cy-zü"`:      `"[redacted]"`,
		"one\nline\u202e \x00 of": "one line of",
		strings.Repeat("long", 9): "longlonglonglonglonglong…",
		strings.Repeat("x", 9000): "…",
	} {
		got := refusal.Redact(said, 24, secret, "bc")
		if got != want {
			t.Errorf("Redact(%.40q): got %q, want %q", said, got, want)
		}
	}
	if got := refusal.Redact(strings.Repeat("a", 4090)+" "+secret+secret, 1<<20, secret); strings.Contains(got, secret[:4]) {
		t.Errorf("the beginning of a secret is left: …%s", got[4080:])
	}
	coded := &oauth2.RetrieveError{ErrorCode: "S3cret"}
	if got := refusal.Cause(coded); got != "the token endpoint refused" {
		t.Errorf("got %q", got)
	}
}
