package refusal

import (
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/text"
)

// Redact replaces secrets in a text that somebody else wrote.
func Redact(s string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) >= 6 { // a shorter one is a test's, and part of too many words
			s = strings.ReplaceAll(s, secret, "[redacted]")
		}
	}
	return s
}

// Cause is an error's text for our own message: without the secrets, and without the parts of well-known errors
// that carry a URL or a token endpoint's answer.
func Cause(err error, secrets []string) string {
	shown := err.Error()
	for e := range tree(err) {
		var safe string
		switch e := e.(type) { //nolint:errorlint // walks the tree itself
		case *url.Error:
			safe = e.Op + ": " + Cause(e.Err, secrets)
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
	return text.Clip(Redact(shown, secrets), text.MaxDetail)
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
