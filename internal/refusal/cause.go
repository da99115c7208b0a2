package refusal

import (
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// Cause is an error's text without the parts of well-known errors that carry a URL or a token endpoint's response. What
// is left may be anybody's: [Redact] it.
func Cause(err error) string {
	shown := err.Error()
	for e := range tree(err) {
		var safe string
		switch e := e.(type) { //nolint:errorlint // walks the tree itself
		case *url.Error:
			safe = e.Op + ": " + Cause(e.Err)
		case *oauth2.RetrieveError:
			safe = "the token endpoint refused"
			if e.Response != nil {
				safe = fmt.Sprintf("the token endpoint answered %d", e.Response.StatusCode)
			}
			if len(e.ErrorCode) <= 64 && strings.Trim(e.ErrorCode, "abcdefghijklmnopqrstuvwxyz_") == "" {
				safe = strings.TrimSpace(safe + " " + e.ErrorCode) // as all that are registered; anything else may be a secret
			}
		default:
			continue
		}
		shown = strings.ReplaceAll(shown, e.Error(), safe)
	}
	return shown
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
