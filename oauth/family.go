package oauth

import (
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// Family is one of Oura's sets of endpoints. An application belongs to the family whose portal it was registered in:
// [Moi] for those of today's portal, https://developer.ouraring.com/applications, and [Cloud] for some of the closed
// one.
//
// AuthStyle is never autodetected, so that a code or a refresh token is sent once: the zero value sends the client's
// credentials in the form body.
//
// There is no discovery, on purpose: a fetched document would choose where secrets go. For a proxy or a fake service
// that serves a family's paths use [Family.At]; for paths of your own fill in a Family.
type Family struct {
	oauth2.Endpoint
	// RevokeURL is where [Revoke] and [Disconnect] end a grant.
	RevokeURL string
	// RevokeStyle is the form in which RevokeURL takes a token.
	RevokeStyle RevokeStyle
	// ScopePrefix is what AuthURL wants before every scope name. Names without it are dropped there without a word, and
	// the grant is empty.
	ScopePrefix string
	// Issuer is what a callback's "iss" has to be, where it has one (RFC 9207). It is not checked where Issuer is empty.
	Issuer string
}

// RevokeStyle is the form of a revocation request.
type RevokeStyle int

const (
	// RevokeForm is RFC 7009: a POST with the refresh token (the access token where there is none) and the client's
	// credentials in its form. It is the zero value.
	RevokeForm RevokeStyle = iota
	// RevokeQuery is a POST with the access token in the query, the form that Oura documents for [Cloud].
	RevokeQuery
)

// issuer is in the callbacks of both families.
const issuer = "https://moi.ouraring.com/oauth/v2/ext/oauth-anonymous"

// Moi is the default: the family of applications registered in today's portal. It accepts PKCE beside the client
// secret, and refuses redirect URLs on 127.0.0.1: register one on localhost.
var Moi = Family{
	Endpoint: oauth2.Endpoint{ //nolint:gosec // addresses, no credentials
		AuthURL:   "https://moi.ouraring.com/oauth/v2/ext/oauth-authorize",
		TokenURL:  "https://moi.ouraring.com/oauth/v2/ext/oauth-token",
		AuthStyle: oauth2.AuthStyleInParams,
	},
	RevokeURL:   "https://moi.ouraring.com/oauth/v2/ext/oauth-revoke",
	RevokeStyle: RevokeForm,
	ScopePrefix: scopePrefix,
	Issuer:      issuer,
}

// Cloud is the older family, which still serves some applications of the portal that has closed. It refuses every
// application of today's portal, and a code that is sent to it is lost.
var Cloud = Family{
	Endpoint: oauth2.Endpoint{ //nolint:gosec // addresses, no credentials
		AuthURL:   "https://cloud.ouraring.com/oauth/authorize",
		TokenURL:  "https://api.ouraring.com/oauth/token",
		AuthStyle: oauth2.AuthStyleInParams,
	},
	RevokeURL:   "https://api.ouraring.com/oauth/revoke",
	RevokeStyle: RevokeQuery,
	Issuer:      issuer,
}

// Config returns the configuration of an application. Write the scopes as this package does ([ScopeDaily],
// [AllScopes]); the configuration holds them as the family's consent page wants them, so that its own AuthCodeURL is
// right too.
//
// redirectURL is the one that is registered for the application, character by character. [CheckConsent] reports what is
// wrong with a configuration; [Login] and [Callback] do so before they send anything.
func (f Family) Config(id, secret, redirectURL string, scopes ...string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: id, ClientSecret: secret, RedirectURL: redirectURL, Endpoint: f.Endpoint,
		Scopes: writtenScopes(f.ScopePrefix, scopes),
	}
}

// At returns the family as another host serves it, such as a proxy or a fake service: the same paths below base
// ("https://proxy.example/oura"). Its issuer moves too; [Family.CheckIssuer] accepts the real one as well, which a
// proxy does not replace.
func (f Family) At(base string) Family {
	for _, address := range []*string{&f.AuthURL, &f.TokenURL, &f.RevokeURL, &f.Issuer} {
		if *address != "" {
			*address = strings.TrimSuffix(base, "/") + pathOf(*address)
		}
	}
	return f
}

// FamilyOf returns the family of a configuration, found by its URLs: [Moi] or [Cloud], or one of them at another host
// where the URLs end in its paths ([Family.At]). Scope names and issuer are those of the consent page at AuthURL, and
// revocation follows TokenURL, because a consent at Cloud's page and the exchange at Moi's endpoint work together.
//
// The error is a *[ConfigError] where AuthURL is of neither family: fill in a [Family], and hand it to [WithFamily] or
// to the [Callback].
func FamilyOf(cfg *oauth2.Config) (Family, error) {
	if cfg == nil {
		return Family{}, errNoConfig
	}
	found, ok := familyBy(cfg.Endpoint.AuthURL, familyAuthURL)
	if !ok {
		return Family{}, &ConfigError{
			Field:   "Endpoint.AuthURL",
			Problem: "is of neither oauth.Moi nor oauth.Cloud: use oauth.Moi.Config, or say which family it is with oauth.WithFamily or Callback.Family",
		}
	}
	found.Endpoint = cfg.Endpoint
	issuing, _ := familyBy(cfg.Endpoint.TokenURL, familyTokenURL)
	found.RevokeURL, found.RevokeStyle = issuing.RevokeURL, issuing.RevokeStyle
	return found, nil
}

// chosenFamily is the one that the caller gives, else the one that the URLs tell. What the caller gives wins, but not
// over the consent pages that are known: those have no other scope names.
func chosenFamily(cfg *oauth2.Config, given *Family) (Family, error) {
	found, err := FamilyOf(cfg)
	if given == nil || cfg == nil {
		return found, err
	}
	if page := cfg.Endpoint.AuthURL; (page == Moi.AuthURL || page == Cloud.AuthURL) && found.ScopePrefix != given.ScopePrefix {
		return Family{}, &ConfigError{Field: "Endpoint", Problem: "is of another family than the one given: use the Config of that Family"}
	}
	return *given, nil
}

// FamilyOption is what [WithFamily] returns, for [Login], [Revoke] and [Disconnect].
type FamilyOption struct{ family Family }

// WithFamily says whose scope names, issuer and revocation count, where the configuration's URLs do not tell
// ([FamilyOf]): endpoints with paths of your own. The URLs of consent page and token endpoint stay the configuration's.
func WithFamily(f Family) FamilyOption { return FamilyOption{f} }

// familyBy finds the family, and the host that serves it, by one of its addresses.
func familyBy(address string, of func(Family) string) (Family, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return Family{}, false
	}
	for _, f := range []Family{Moi, Cloud} {
		if address == of(f) {
			return f, true
		}
		if below, ok := strings.CutSuffix(u.Path, pathOf(of(f))); ok {
			return f.At((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: below}).String()), true
		}
	}
	return Family{}, false
}

func familyAuthURL(f Family) string  { return f.AuthURL }
func familyTokenURL(f Family) string { return f.TokenURL }

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}

// CheckIssuer compares the "iss" of a callback that has one with the family's (RFC 9207): one of another host means
// that the code was made elsewhere and is not to be sent here. The error is [ErrIssuer]. [Login] and [Callback] check
// it themselves.
func (f Family) CheckIssuer(received string) error {
	if f.Issuer == "" || received == f.Issuer || received == issuer && pathOf(f.Issuer) == pathOf(issuer) {
		return nil
	}
	return ErrIssuer
}
