package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

var (
	// ErrReauthorize means that the grant is dead: it was revoked, its refresh token was used elsewhere, or it has none
	// and has expired. Send the person to consent again.
	ErrReauthorize = errors.New("oauth: the grant is dead: send the person to consent again")
	// ErrNoToken means that the store is empty: nobody has consented yet, or the grant was deleted.
	ErrNoToken = errors.New("oauth: the store holds no token: ask for consent first")
	// ErrWrongGrant means that the stored grant came from another token endpoint than the configuration's. Nothing was
	// sent. Configure the family that the grant came from, take the grant along with [WithMovedFrom], or ask for
	// consent.
	ErrWrongGrant = errors.New("oauth: the stored grant belongs to another token endpoint than the configured one")
	// ErrJustRefreshed is what [TokenSource.Refresh] returns for a rejected token that is less than 60 seconds old:
	// another refresh would not cure what the service has against it.
	ErrJustRefreshed = errors.New("oauth: the rejected token was refreshed less than 60 s ago: refreshing again will not help")
	// ErrState means that a callback does not belong to a consent that was asked for here: its state is missing or
	// another, or it was used already. Its code must not be exchanged. Let the person begin again.
	ErrState = errors.New("oauth: the callback's state is not the one that was sent: begin the consent again")
	// ErrConsentDenied means that the person said no. It is matched by the *[ConsentError] of "access_denied".
	ErrConsentDenied = errors.New("oauth: the person denied consent")
	// ErrNoCode means that a callback brings no code, or several.
	ErrNoCode = errors.New("oauth: the callback has no code: begin the consent again")
	// ErrCodeUsed means that a callback's code was exchanged before. It is good for one exchange, and a second may void
	// the grant of the first.
	ErrCodeUsed = errors.New("oauth: the callback's code was used already")
	// ErrPaste means that nothing was pasted, or not the address of a callback ([WithPaste]).
	ErrPaste = errors.New("oauth: the pasted line is not the address that failed to load: paste the whole of it, with code= and state= in it")
	// ErrIssuer means that a callback's "iss" is not the issuer of the family: its code was made by another
	// authorization server (RFC 9207), and was not sent.
	ErrIssuer = errors.New("oauth: the callback's iss is not the issuer of the family, and its code was not sent: begin the consent again, and check the Family")

	errNilOption = errors.New("oauth: an option is nil; leave it out")
	errNoConfig  = &ConfigError{Field: "Config", Problem: "is nil"}
)

// ConfigError is a mistake in a configuration, found before anything is sent.
type ConfigError struct {
	// Field is what has to change, such as "RedirectURL", "Scopes" or "Endpoint.TokenURL".
	Field string
	// Problem says what is wrong with it and what cures it.
	Problem string
}

// Error says field and problem.
func (e *ConfigError) Error() string {
	return "oauth: the configuration's " + e.Field + " " + e.Problem
}

// ConsentError is a callback that brings an error instead of a code.
type ConsentError struct {
	// Code and Description are the callback's "error" and "error_description", bounded and on one line.
	Code, Description string
}

// Error says code and description.
func (e *ConsentError) Error() string {
	return described("oauth: consent was not given: "+e.Code, "", e.Description)
}

// Is matches [ErrConsentDenied] where the person said no.
func (e *ConsentError) Is(target error) bool {
	return target == ErrConsentDenied && e.Code == "access_denied"
}

// TokenError is a response of a token or revocation endpoint that grants nothing. What it holds is bounded, and the
// client's own secrets are replaced in it, should the service echo them.
//
// "invalid_grant" of a refresh arrives wrapped together with [ErrReauthorize]. "invalid_client", "invalid_request" and
// "unauthorized_client" are mistakes of the configuration, which no repetition cures; the text of the error that wraps
// the TokenError says what to check, and names the other [Family] where the application may be one of its. Status 429
// and from 500 pass.
type TokenError struct {
	// StatusCode is the HTTP status: 2xx where the response holds no usable token, 3xx where it wanted to redirect,
	// which is never followed.
	StatusCode int
	// Code and Description are the response's "error" and "error_description", empty where it has none. For a response
	// that is no token and no error, Description says what is wrong with it.
	Code, Description string
	// RetryAfter is how long the service asks to wait, 0 where it does not say. In a refusal that a [TokenSource]
	// remembers it is how long the source sends nothing.
	RetryAfter time.Duration

	tokenUsed bool // the response says that the refresh token was used before
}

// Error says the status, the code and the description.
func (e *TokenError) Error() string {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode)))
	text := described("oauth: the endpoint answered "+status, e.Code, e.Description)
	if e.RetryAfter > 0 {
		text += " (retry after " + e.RetryAfter.String() + ")"
	}
	return text
}

// described adds what a response says of an error.
func described(text, code, description string) string {
	if code != "" {
		text += ", " + code
	}
	if description != "" {
		text += ": " + description
	}
	return text
}

// dead reports whether the response says that a refresh token is no longer good.
func (e *TokenError) dead() bool {
	if e.tokenUsed && e.misconfigured() {
		return true
	}
	return e.Code == "invalid_grant" &&
		(e.StatusCode == http.StatusBadRequest || e.StatusCode == http.StatusUnauthorized)
}

// misconfigured reports whether the same request would be refused tomorrow too.
func (e *TokenError) misconfigured() bool {
	return e.StatusCode >= 300 && e.StatusCode < 500 &&
		e.StatusCode != http.StatusRequestTimeout && e.StatusCode != http.StatusTooManyRequests
}

// SaveError says that a new grant could not be stored. Token is the only copy of it; a [TokenSource] keeps it too, and
// its next call saves it without another refresh. Mend the store (disk full, read-only, database away) and call again,
// or store Token by other means.
//
// It is redacted under every verb, in JSON and in slog.
type SaveError struct {
	// Token is the new grant. Do not log it.
	Token *oauth2.Token
	// Err is the store's last error.
	Err error
}

// Error says what the store said, without the token's values.
func (e *SaveError) Error() string {
	const text = "oauth: the new token could not be saved"
	if e.Err == nil {
		return text
	}
	s := scrubber{}
	if e.Token != nil {
		s = newScrubber(e.Token.AccessToken, e.Token.RefreshToken)
	}
	return text + ": " + s.clean(e.Err.Error())
}

// Unwrap returns the store's error.
func (e *SaveError) Unwrap() error { return e.Err }

// Format writes the error's text under every verb.
func (e SaveError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// LogValue is the error's text.
func (e SaveError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// MarshalJSON writes the error's text as a string.
func (e SaveError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }
