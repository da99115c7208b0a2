package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

var (
	// ErrState means that a callback is not the answer to a consent that was
	// asked for here: its state is missing or another, or it was used already.
	// Its code must not be exchanged. Let the person begin again.
	ErrState = errors.New("oauth: the callback's state is not the one that was sent: begin the consent again")
	// ErrConsentDenied means that the person said no. It is matched by the
	// *[ConsentError] of "access_denied".
	ErrConsentDenied = errors.New("oauth: the person denied consent")
	// ErrNoCode means that a callback brings no code, or several.
	ErrNoCode = errors.New("oauth: the callback has no code: begin the consent again")
	// ErrCodeUsed means that a callback's code was exchanged before. It is good
	// for one exchange, and a second may void the grant of the first.
	ErrCodeUsed = errors.New("oauth: the callback's code was used already")
)

// ConsentError is a callback that brings an error instead of a code.
type ConsentError struct {
	// Code and Description are the callback's "error" and "error_description",
	// bounded and on one line.
	Code, Description string
}

// Error says code and description.
func (e *ConsentError) Error() string {
	text := "oauth: consent was not given: " + e.Code
	if e.Description != "" {
		text += ": " + e.Description
	}
	return text
}

// Is matches [ErrConsentDenied] where the person said no.
func (e *ConsentError) Is(target error) bool {
	return target == ErrConsentDenied && e.Code == "access_denied"
}

// AuthCodeURL returns the address of the consent page and the random state in
// it. Keep the state in the person's session and hand it to [CallbackCode].
// [Login] and [Callback] do all of this by themselves.
//
// Scope names are written as the consent page at cfg's AuthURL wants them ([FamilyOf]), each once, whether the
// configuration holds them bare, with the prefix or by a retired name. At an address of neither family they stay as they
// are. [CheckConsent] reports what is wrong with a configuration.
//
// The redirect URL is sent exactly as configured: the service compares it
// character by character with the registered one. For PKCE, where the family
// has it ([Moi]), pass [oauth2.S256ChallengeOption] here and
// [oauth2.VerifierOption] to [Exchange].
func AuthCodeURL(cfg *oauth2.Config, opts ...oauth2.AuthCodeOption) (consentURL, state string) {
	state = rand.Text()
	if f, err := FamilyOf(cfg); err == nil {
		return f.authCodeURL(cfg, state, opts), state
	}
	return cfg.AuthCodeURL(state, opts...), state
}

// authCodeURL writes the scopes as the family wants them, also where an option sets them.
func (f Family) authCodeURL(cfg *oauth2.Config, state string, opts []oauth2.AuthCodeOption) string {
	names := cfg.Scopes
	if set := optionValues(opts).Get("scope"); set != "" {
		names = []string{set}
	}
	if written := writtenScopes(f.ScopePrefix, names); len(written) > 0 {
		opts = append(opts[:len(opts):len(opts)], oauth2.SetAuthURLParam("scope", strings.Join(written, " ")))
	}
	return cfg.AuthCodeURL(state, opts...)
}

// CheckState compares a callback's state with the one that was sent, in constant
// time. An empty one never matches. The error is [ErrState].
func CheckState(sent, received string) error {
	if sent == "" || received == "" || subtle.ConstantTimeCompare([]byte(sent), []byte(received)) != 1 {
		return ErrState
	}
	return nil
}

// CallbackCode returns the code of a callback whose state is the one that was
// sent. The errors, in this order, are [ErrState], *[ConsentError] and
// [ErrNoCode]. Exchange a code once.
func CallbackCode(r *http.Request, state string) (string, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(query["state"]) != 1 {
		return "", ErrState
	}
	if err := CheckState(state, query.Get("state")); err != nil {
		return "", err
	}
	if code := query.Get("error"); code != "" {
		s := newScrubber(query.Get("code"), state)
		return "", &ConsentError{Code: s.clean(code), Description: s.clean(query.Get("error_description"))}
	}
	if codes := query["code"]; len(codes) != 1 || codes[0] == "" {
		return "", ErrNoCode
	}
	return query.Get("code"), nil
}

// attempt is one consent asked for: what its callback is checked against.
type attempt struct{ state, verifier string }

// begin returns the address of the consent page and the attempt.
func begin(cfg *oauth2.Config, pkce bool, opts []oauth2.AuthCodeOption) (string, attempt) {
	var a attempt
	if pkce {
		a.verifier = oauth2.GenerateVerifier()
		opts = append([]oauth2.AuthCodeOption{oauth2.S256ChallengeOption(a.verifier)}, opts...)
	}
	address, state := AuthCodeURL(cfg, opts...)
	a.state = state
	return address, a
}

func (a attempt) exchange(ctx context.Context, cfg *oauth2.Config, code string) (*oauth2.Token, error) {
	if a.verifier == "" {
		return Exchange(ctx, cfg, code)
	}
	return Exchange(ctx, cfg, code, oauth2.VerifierOption(a.verifier))
}

// CheckConsent reports what a consent cannot work with: a *[ConfigError].
func CheckConsent(cfg *oauth2.Config) error { return checkConsent(context.Background(), cfg) }

// checkConsent checks what the consent needs of a configuration.
func checkConsent(ctx context.Context, cfg *oauth2.Config) error {
	if _, err := newEndpoint(ctx, cfg); err != nil {
		return err
	}
	if err := checkURL("Endpoint.AuthURL", cfg.Endpoint.AuthURL); err != nil {
		return err
	}
	if cfg.RedirectURL == "" {
		return fmt.Errorf("oauth: the configuration has no RedirectURL: set the one that is registered for the application, character by character")
	}
	return nil
}
