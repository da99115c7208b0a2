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
	for _, e := range tree(err) {
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

// tree is err and all that it wraps, outer ones before what they wrap.
func tree(err error) []error {
	all := []error{err}
	for i := 0; i < len(all); i++ {
		switch e := all[i].(type) { //nolint:errorlint // walks the tree itself
		case interface{ Unwrap() error }:
			all = append(all, e.Unwrap())
		case interface{ Unwrap() []error }:
			all = append(all, e.Unwrap()...)
		}
	}
	return all
}
