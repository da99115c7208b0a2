package oura

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/oura-go/sdk/api"
)

// The operation of a request is named by its path with names in place of ids, as in
// /v2/usercollection/sleep/{document_id}: safe to print, and of few distinct values. It is in the request's Pattern,
// and decides about credential and retries.
const (
	root        = "/v2"
	sandboxRoot = root + "/sandbox"
	collections = "/usercollection/"

	subscriptionsPath = root + "/webhook/subscription"
	subscriptionPath  = subscriptionsPath + "/{id}"
	renewalPath       = subscriptionsPath + "/renew/{id}"
)

// operation marks a request with its operation.
func operation(pattern string) api.RequestEditorFn {
	return func(_ context.Context, req *http.Request) error {
		req.Pattern = pattern
		return nil
	}
}

// isSubscription reports whether the operation is the application's, not a person's: such requests carry the
// application's credentials.
func isSubscription(pattern string) bool {
	rest, ok := strings.CutPrefix(pattern, subscriptionsPath)
	return ok && (rest == "" || rest[0] == '/')
}

// leaveSandbox sends a request about subscriptions to the live service: the sandbox has none, and an application has
// only one set of them.
func leaveSandbox(req *http.Request) {
	if rest, ok := strings.CutPrefix(req.URL.Path, sandboxRoot); ok {
		req.URL.Path = root + rest
		req.URL.RawPath = strings.Replace(req.URL.RawPath, sandboxRoot, root, 1)
	}
}

// patternOf reads the operation from a URL, for requests of API(), which the generated client does not mark. A segment
// that it does not know becomes {…}.
func patternOf(u *url.URL) string {
	path := u.EscapedPath() // an escaped slash stays within its segment
	rest, ok := strings.CutPrefix(path, root+"/")
	if !ok {
		return hide("", strings.TrimPrefix(path, "/"))
	}
	prefix := root
	if r, ok := strings.CutPrefix(rest, "sandbox/"); ok {
		prefix, rest = sandboxRoot, r
	}
	if live := root + "/" + rest; isSubscription(live) { // the sandbox has none of its own
		rest = strings.TrimPrefix(live[len(subscriptionsPath):], "/")
		if rest == "" {
			return subscriptionsPath
		}
		if r, ok := strings.CutPrefix(rest, "renew/"); ok && r != "" {
			return idOnly(renewalPath, r)
		}
		return idOnly(subscriptionPath, rest)
	}
	if r, ok := strings.CutPrefix("/"+rest, collections); ok {
		name, id, found := strings.Cut(r, "/")
		switch {
		case !isName(name):
			return hide(prefix+strings.TrimSuffix(collections, "/"), r)
		case !found || id == "":
			return prefix + collections + name
		default:
			return idOnly(prefix+collections+name+"/{document_id}", id)
		}
	}
	return hide(prefix, rest)
}

// idOnly is the template of a path whose last name stands for the first segment of rest.
func idOnly(template, rest string) string {
	_, more, _ := strings.Cut(rest, "/")
	return hide(template, more)
}

// hide appends {…} for each segment of rest.
func hide(prefix, rest string) string {
	for segment := range strings.SplitSeq(rest, "/") {
		if segment != "" {
			prefix += "/{…}"
		}
	}
	if prefix == "" {
		return "/"
	}
	return prefix
}

const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// isName tells a collection's name from anything that could be data.
func isName(s string) bool { return s != "" && len(s) <= 64 && strings.Trim(s, nameLetters) == "" }
