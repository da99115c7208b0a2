package oauth

import "golang.org/x/oauth2"

// Family is one of Oura's sets of endpoints. An application belongs to the
// family whose portal it was registered in, and the other family refuses it.
//
// AuthStyle is never autodetected, so that a code or a refresh token is sent
// once: the zero value sends the client's credentials in the form body.
//
// There is no discovery, on purpose: a fetched document would choose where
// secrets go. For endpoints of your own (a proxy, a fake service) fill in a
// Family.
type Family struct {
	oauth2.Endpoint
	// RevokeURL is where [Revoke] and [Disconnect] end a grant.
	RevokeURL string
	// RevokeStyle is the form in which RevokeURL takes a token.
	RevokeStyle RevokeStyle
}

// RevokeStyle is the form of a revocation request.
type RevokeStyle int

const (
	// RevokeForm is RFC 7009: a POST with the refresh token (the access token
	// where there is none) and the client's credentials in its form. It is the
	// zero value.
	RevokeForm RevokeStyle = iota
	// RevokeQuery is a POST with the access token in the query, the form that
	// Oura documents for the Cloud endpoints.
	RevokeQuery
)

// Cloud is the default family and the only one documented.
var Cloud = Family{
	Endpoint: oauth2.Endpoint{ //nolint:gosec // addresses, no credentials
		AuthURL:   "https://cloud.ouraring.com/oauth/authorize",
		TokenURL:  "https://api.ouraring.com/oauth/token",
		AuthStyle: oauth2.AuthStyleInParams,
	},
	RevokeURL:   "https://api.ouraring.com/oauth/revoke",
	RevokeStyle: RevokeQuery,
}

// Moi is the family of applications registered in the newer portal. It accepts
// PKCE beside the client secret.
var Moi = Family{
	Endpoint: oauth2.Endpoint{ //nolint:gosec // addresses, no credentials
		AuthURL:   "https://moi.ouraring.com/oauth/v2/ext/oauth-authorize",
		TokenURL:  "https://moi.ouraring.com/oauth/v2/ext/oauth-token",
		AuthStyle: oauth2.AuthStyleInParams,
	},
	RevokeURL:   "https://moi.ouraring.com/oauth/v2/ext/oauth-revoke",
	RevokeStyle: RevokeForm,
}
