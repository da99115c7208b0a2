package oura

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/text"
)

const redacted = "[redacted]"

// verificationKey finds the verification token of a request in its context.
type verificationKey struct{}

// guard keeps a verification token, which is in the body of the request, out of errors that quote the response.
func guard(ctx context.Context, verificationToken string) context.Context {
	return context.WithValue(ctx, verificationKey{}, verificationToken)
}

// secretsOf are the credentials of an authorized request, the verification token
// in its body, and its query, should the service repeat it.
func secretsOf(req *http.Request) []string {
	if req == nil {
		return nil
	}
	verification, _ := req.Context().Value(verificationKey{}).(string)
	return []string{
		strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "),
		req.Header.Get("X-Client-Secret"),
		verification,
		req.URL.RawQuery,
		req.URL.Query().Get("next_token"),
	}
}

// redact replaces secrets in a text that somebody else wrote.
func redact(s string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) >= 6 { // a shorter one is a test's, and part of too many words
			s = strings.ReplaceAll(s, secret, redacted)
		}
	}
	return s
}

// causeText is an error's text for our own message: without the secrets, and
// without the parts of well-known errors that carry a URL or a token endpoint's
// answer.
func causeText(err error, secrets []string) string {
	shown := err.Error()
	for e := range tree(err) {
		var safe string
		switch e := e.(type) { //nolint:errorlint // walks the tree itself
		case *url.Error:
			safe = e.Op + ": " + causeText(e.Err, secrets)
		case *oauth2.RetrieveError:
			safe = "the token endpoint refused"
			if e.Response != nil {
				safe = fmt.Sprintf("the token endpoint answered %d", e.Response.StatusCode)
			}
			if e.ErrorCode != "" {
				safe += " " + text.Clip(e.ErrorCode, 64)
			}
		default:
			continue
		}
		shown = strings.ReplaceAll(shown, e.Error(), safe)
	}
	return text.Clip(redact(shown, secrets), text.MaxDetail)
}

// tree yields err and all that it wraps, outermost first.
func tree(err error) func(yield func(error) bool) {
	return func(yield func(error) bool) { walk(err, yield) }
}

func walk(err error, yield func(error) bool) bool {
	if err == nil {
		return true
	}
	if !yield(err) {
		return false
	}
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
	case interface{ Unwrap() error }:
		return walk(e.Unwrap(), yield)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if !walk(inner, yield) {
				return false
			}
		}
	}
	return true
}
