package ouratest

import "net/http"

// family is one of Oura's two sets of OAuth endpoints, as paths.
type family struct {
	authorize, token, revoke string
	scopePrefix              string // of the names that the consent page takes
	wrongClient              int    // status of invalid_client
}

const (
	extapi = "extapi:" // stands before granted names in every answer, whichever page the consent was given on
	issuer = "/oauth/v2/ext/oauth-anonymous"
)

var (
	moiFamily = &family{
		"/oauth/v2/ext/oauth-authorize", "/oauth/v2/ext/oauth-token", "/oauth/v2/ext/oauth-revoke", extapi, http.StatusUnauthorized,
	}
	cloudFamily = &family{"/oauth/authorize", "/oauth/token", "/oauth/revoke", "", http.StatusBadRequest}
)

// scopes are all names, as the consent page takes them.
func (f *family) scopes() []string { return prefixed(f.scopePrefix, allScopes()) }

func prefixed(prefix string, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = prefix + name
	}
	return out
}
