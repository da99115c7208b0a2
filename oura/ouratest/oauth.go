package ouratest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// OAuthConfig is that of the application, for all scopes. Set its RedirectURL to where your program listens.
func (s *Service) OAuthConfig() *oauth2.Config {
	redirect := "http://localhost:8080/callback"
	if len(s.cfg.redirectURLs) > 0 {
		redirect = s.cfg.redirectURLs[0]
	}
	return &oauth2.Config{
		ClientID: s.cfg.clientID, ClientSecret: s.cfg.clientSecret, RedirectURL: redirect, Scopes: allScopes(),
		Endpoint: oauth2.Endpoint{
			AuthURL: s.URL + s.cfg.family.authorize, TokenURL: s.URL + s.cfg.family.token, AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

// RevokeURL is where grants are revoked, in any of the forms that are in use.
func (s *Service) RevokeURL() string { return s.URL + s.cfg.family.revoke }

// tokenError is a refusal of the token endpoint.
func tokenError(status int, code, description string) answer {
	return jsonAnswer(status, map[string]string{"error": code, "error_description": description})
}

// tokenCall exchanges a code or a refresh token, both of which are used up by it.
func (s *Service) tokenCall(r *http.Request) answer {
	if r.Method != http.MethodPost {
		return tokenError(http.StatusMethodNotAllowed, "invalid_request", "Use POST.")
	}
	if err := r.ParseForm(); err != nil {
		return tokenError(http.StatusBadRequest, "invalid_request", "The body is not a form.")
	}
	if !s.knowsApplication(r) {
		return tokenError(http.StatusUnauthorized, "invalid_client", "The client id or secret is wrong.")
	}
	form := r.PostForm
	var g *grant
	switch form.Get("grant_type") {
	case "authorization_code":
		c := s.grants.takeCode(form.Get("code"), s.Now())
		if c == nil || c.redirectURL != form.Get("redirect_uri") || !c.proves(form.Get("code_verifier")) {
			return tokenError(http.StatusBadRequest, "invalid_grant", "The code is wrong, used or expired, or the redirect_uri is another.")
		}
		g = s.grants.issue(c.user, c.scopes)
	case "refresh_token":
		if g = s.grants.rotate(form.Get("refresh_token")); g == nil {
			return tokenError(http.StatusBadRequest, "invalid_grant", "The refresh token is wrong, used or revoked.")
		}
	default:
		return tokenError(http.StatusBadRequest, "unsupported_grant_type", "Use authorization_code or refresh_token.")
	}
	a := jsonAnswer(http.StatusOK, map[string]any{
		"access_token": g.access, "token_type": "bearer", "expires_in": int64(s.cfg.expiresIn / time.Second),
		"refresh_token": g.refresh, "scope": g.scope(s.cfg.scopePrefix),
	})
	a.header.Set("Cache-Control", "no-store")
	return a
}

// knowsApplication reads the credentials from the form or from HTTP Basic.
func (s *Service) knowsApplication(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if ok { // x/oauth2 escapes them, as RFC 6749 asks
		if v, err := url.QueryUnescape(id); err == nil {
			id = v
		}
		if v, err := url.QueryUnescape(secret); err == nil {
			secret = v
		}
	} else {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	return s.credentials(id, secret)
}

func (s *Service) credentials(id, secret string) bool {
	return id == s.cfg.clientID && subtle.ConstantTimeCompare([]byte(secret), []byte(s.cfg.clientSecret)) == 1
}

// proves checks the verifier of PKCE; without a challenge none is needed.
func (c *code) proves(verifier string) bool {
	if c.challenge == "" {
		return true
	}
	sum := sha256.Sum256([]byte(verifier))
	return c.challenge == base64.RawURLEncoding.EncodeToString(sum[:])
}

// revokeCall takes GET and POST with access_token, and the form of RFC 7009, which says 200 whatever the token was.
func (s *Service) revokeCall(r *http.Request) answer {
	if err := r.ParseForm(); err != nil {
		return tokenError(http.StatusBadRequest, "invalid_request", "The body is not a form.")
	}
	if token := r.PostForm.Get("token"); token != "" {
		if !s.knowsApplication(r) {
			return tokenError(http.StatusUnauthorized, "invalid_client", "The client id or secret is wrong.")
		}
		s.grants.revoke(token)
		return jsonAnswer(http.StatusOK, struct{}{})
	}
	token := r.Form.Get("access_token")
	switch {
	case token == "":
		return tokenError(http.StatusBadRequest, "invalid_request", "Give access_token, or token as in RFC 7009.")
	case !s.grants.revoke(token):
		return unauthorized("The access token is invalid, has expired or was revoked.")
	default:
		return jsonAnswer(http.StatusOK, struct{}{})
	}
}

// scopesAsked drops unknown names silently; none at all asks for everything.
func (s *Service) scopesAsked(asked string) []string {
	var known []string
	for name := range strings.FieldsSeq(asked) {
		name = strings.TrimPrefix(name, "extapi:")
		if name == "spo2Daily" { // its retired name
			name = "spo2"
		}
		if slices.Contains(allScopes(), name) && !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	if strings.TrimSpace(asked) == "" {
		known = allScopes()
	}
	if s.cfg.granted != nil {
		known = slices.DeleteFunc(known, func(name string) bool { return !slices.Contains(s.cfg.granted, name) })
	}
	return known
}

// knowsRedirect compares to the letter with what the application has registered.
func (s *Service) knowsRedirect(target string) bool {
	if len(s.cfg.redirectURLs) > 0 {
		return slices.Contains(s.cfg.redirectURLs, target)
	}
	u, err := url.Parse(target)
	return err == nil && u.Scheme == "http" && slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname())
}
