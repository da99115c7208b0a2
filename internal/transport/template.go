package transport

import (
	"net/url"
	"strings"
)

// Template is the path of a request with ids replaced by names, safe to print
// and of few distinct values: /v2/usercollection/sleep/{document_id}. What it
// does not know becomes {…}.
func Template(u *url.URL) string {
	path := u.EscapedPath() // an escaped slash stays within its segment
	rest, ok := strings.CutPrefix(path, "/v2/")
	if !ok {
		return hide("", strings.TrimPrefix(path, "/"))
	}
	prefix := "/v2"
	if r, ok := strings.CutPrefix(rest, "sandbox/"); ok {
		prefix, rest = "/v2/sandbox", r
	}
	if r, ok := strings.CutPrefix(rest, "usercollection/"); ok {
		name, id, found := strings.Cut(r, "/")
		if !isName(name) {
			return hide(prefix+"/usercollection", r)
		}
		if !found || id == "" {
			return strings.TrimSuffix(path, "/") // no allocation for the common case
		}
		return idOnly(prefix+"/usercollection/"+name, "/{document_id}", id)
	}
	if isSubscription(path) {
		prefix = subscriptions
		rest = strings.TrimPrefix(path[len(subscriptions):], "/")
		if rest == "" {
			return prefix
		}
		if r, ok := strings.CutPrefix(rest, "renew/"); ok && r != "" {
			return idOnly(prefix+"/renew", "/{id}", r)
		}
		return idOnly(prefix, "/{id}", rest)
	}
	return hide(prefix, rest)
}

const subscriptions = "/v2/webhook/subscription"

// IsSubscription reports whether the application itself, not a person's token,
// is asked for: such requests carry the application's credentials.
func IsSubscription(u *url.URL) bool { return isSubscription(u.EscapedPath()) }

// IsRenewal reports whether path is that of a subscription's renewal, the one
// PUT that can be repeated.
func IsRenewal(u *url.URL) bool {
	return strings.HasPrefix(u.EscapedPath(), subscriptions+"/renew/")
}

func isSubscription(path string) bool {
	rest, ok := strings.CutPrefix(path, subscriptions)
	return ok && (rest == "" || rest[0] == '/')
}

// idOnly appends the name of an id in place of the first segment of rest.
func idOnly(prefix, id, rest string) string {
	_, more, _ := strings.Cut(rest, "/")
	return hide(prefix+id, more)
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

// isName tells a collection's name from anything that could be data.
func isName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
