package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// AuthCodeURL returns the address of the consent page and the random state in it. Keep the state in the person's
// session and hand it to [CallbackCode]. [Login] and [Callback] do all of this by themselves.
//
// Scope names are written as the consent page at cfg's AuthURL wants them ([FamilyOf]), each once, whether the
// configuration holds them bare, with the prefix or by a retired name. Names that this version does not know are
// written likewise. At an address of neither family all stay as they are. [CheckConsent] reports what is wrong with a
// configuration: call it first. Of a nil one the address is empty. A nil option is left out, since there is no error to
// return.
//
// The redirect URL is sent exactly as configured: the service compares it character by character with the registered
// one. For PKCE, where the family has it ([Moi]), pass [oauth2.S256ChallengeOption] here and [oauth2.VerifierOption] to
// [Exchange].
func AuthCodeURL(cfg *oauth2.Config, opts ...oauth2.AuthCodeOption) (consentURL, state string) {
	state = rand.Text()
	if cfg == nil {
		return "", state
	}
	opts = slices.DeleteFunc(slices.Clone(opts), func(o oauth2.AuthCodeOption) bool { return o == nil })
	if f, err := FamilyOf(cfg); err == nil {
		return consentPage(f, cfg, state, opts), state
	}
	return cfg.AuthCodeURL(state, opts...), state
}

// consentPage writes the scopes as the family wants them, also where an option sets them.
func consentPage(f Family, cfg *oauth2.Config, state string, opts []oauth2.AuthCodeOption) string {
	names := cfg.Scopes
	if set := optionValues(opts).Get("scope"); set != "" {
		names = []string{set}
	}
	if written := writtenScopes(f.ScopePrefix, names); len(written) > 0 {
		opts = append(slices.Clip(opts), oauth2.SetAuthURLParam("scope", strings.Join(written, " ")))
	}
	return cfg.AuthCodeURL(state, opts...)
}

// CheckState compares a callback's state with the one that was sent, in constant time. An empty one never matches. The
// error is [ErrState].
func CheckState(sent, received string) error {
	if sent == "" || received == "" || subtle.ConstantTimeCompare([]byte(sent), []byte(received)) != 1 {
		return ErrState
	}
	return nil
}

// CallbackCode returns the code of a callback whose state is the one that was sent. The errors, in this order, are
// [ErrState], *[ConsentError] and [ErrNoCode]. Exchange a code once, and before that hand the callback's "iss", where
// it has one, to [Family.CheckIssuer].
func CallbackCode(r *http.Request, state string) (string, error) {
	got, err := attempt{state: state}.read(r.URL.RawQuery)
	return got.code, err
}

// attempt is one consent asked for: what its callback is checked against.
type attempt struct {
	family          Family
	state, verifier string
}

// granted is what a callback brings: a code, and the scopes that were granted where it says so.
type granted struct{ code, scope string }

// begin returns the address of the consent page and the attempt.
func begin(f Family, cfg *oauth2.Config, pkce bool) (string, attempt) {
	a := attempt{family: f, state: rand.Text()}
	var opts []oauth2.AuthCodeOption
	if pkce {
		a.verifier = oauth2.GenerateVerifier()
		opts = append(opts, oauth2.S256ChallengeOption(a.verifier))
	}
	return consentPage(f, cfg, a.state, opts), a
}

// read checks a callback's query: state, issuer, error and code, in this order.
func (a attempt) read(rawQuery string) (granted, error) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil || len(query["state"]) != 1 {
		return granted{}, ErrState
	}
	if err := CheckState(a.state, query.Get("state")); err != nil {
		return granted{}, err
	}
	for _, iss := range query["iss"] {
		if err := a.family.CheckIssuer(iss); err != nil {
			return granted{}, err
		}
	}
	if code := query.Get("error"); code != "" {
		s := newScrubber(query.Get("code"), a.state)
		return granted{}, &ConsentError{Code: s.clean(code), Description: s.clean(query.Get("error_description"))}
	}
	if codes := query["code"]; len(codes) != 1 || codes[0] == "" {
		return granted{}, ErrNoCode
	}
	return granted{query.Get("code"), query.Get("scope")}, nil
}

func (a attempt) exchange(ctx context.Context, cfg *oauth2.Config, got granted) (*oauth2.Token, error) {
	var opts []oauth2.AuthCodeOption
	if a.verifier != "" {
		opts = append(opts, oauth2.VerifierOption(a.verifier))
	}
	return exchange(ctx, cfg, got.code, got.scope, opts)
}

// CheckConsent reports what makes a consent fail before it begins: a *[ConfigError] for URLs that are none, endpoints
// of neither family, a redirect URL on 127.0.0.1 where the consent page refuses it, scopes that do not exist, or none.
// [Login] and [Callback] call it themselves.
func CheckConsent(cfg *oauth2.Config) error {
	_, err := checkConsent(context.Background(), cfg, nil)
	return err
}

// checkConsent is CheckConsent for the family given, where there is one, and returns the family.
func checkConsent(ctx context.Context, cfg *oauth2.Config, given *Family) (Family, error) {
	if _, err := newEndpoint(ctx, cfg); err != nil {
		return Family{}, err
	}
	if err := checkURL("Endpoint.AuthURL", cfg.Endpoint.AuthURL); err != nil {
		return Family{}, err
	}
	f, err := chosenFamily(cfg, given)
	if err != nil {
		return Family{}, err
	}
	if err := checkRedirect(f, cfg.RedirectURL); err != nil {
		return Family{}, err
	}
	names := scopeNames(cfg.Scopes)
	if len(names) == 0 {
		return Family{}, &ConfigError{Field: "Scopes", Problem: "are empty: name them, or ask for oauth.AllScopes()"}
	}
	for _, name := range names {
		if !slices.Contains(AllScopes(), name) && !slices.Contains(partnerScopes, name) {
			return Family{}, &ConfigError{
				Field: "Scopes", Problem: fmt.Sprintf("name %.40q, which the API does not have: use the constants of oauth, such as oauth.ScopeDaily", name),
			}
		}
	}
	return f, nil
}

func checkRedirect(f Family, redirectURL string) error {
	if redirectURL == "" {
		return &ConfigError{Field: "RedirectURL", Problem: "is empty: set the one that is registered for the application, character by character"}
	}
	u, err := url.Parse(redirectURL)
	if err != nil || u.Scheme == "" {
		return &ConfigError{Field: "RedirectURL", Problem: "is no URL: set the one that is registered for the application, character by character"}
	}
	// Moi's consent page is the one that wants the prefix.
	if ip := net.ParseIP(u.Hostname()); f.ScopePrefix != "" && ip != nil && ip.IsLoopback() {
		return &ConfigError{
			Field: "RedirectURL", Problem: "is on " + ip.String() + ", which Oura refuses: register and configure the same URL on localhost",
		}
	}
	return nil
}
