package ouratest

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// OAuthConfig is that of the application, for all scopes, with the names as its consent page takes them. It is what
// oauth.Moi.At(s.URL).Config returns, or that of oauth.Cloud under [WithCloud]. Set its RedirectURL to where your program
// listens.
func (s *Service) OAuthConfig() *oauth2.Config {
	redirect := "http://localhost:8080/callback"
	if len(s.cfg.redirectURLs) > 0 {
		redirect = s.cfg.redirectURLs[0]
	}
	return &oauth2.Config{
		ClientID: s.cfg.clientID, ClientSecret: s.cfg.clientSecret, RedirectURL: redirect, Scopes: s.cfg.family.scopes(),
		Endpoint: oauth2.Endpoint{
			AuthURL: s.URL + s.cfg.family.authorize, TokenURL: s.URL + s.cfg.family.token, AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

// RevokeURL is where grants are revoked, in any of the forms that are in use.
func (s *Service) RevokeURL() string { return s.URL + s.cfg.family.revoke }

// tokenError is a refusal of the token endpoint.
func tokenError(status int, code, description string) *answer {
	return jsonAnswer(status, map[string]string{"error": code, "error_description": description})
}

// tokenCall exchanges a code or a refresh token.
func (s *Service) tokenCall(r *http.Request) *answer {
	switch {
	case r.Method != http.MethodPost:
		return tokenError(http.StatusMethodNotAllowed, "invalid_request", "Use POST.")
	case r.ParseForm() != nil:
		return tokenError(http.StatusBadRequest, "invalid_request", "The body is not a form.")
	case r.URL.Path != s.cfg.family.token:
		return s.refuseStranger(r)
	case !s.knowsApplication(r):
		return s.wrongClient(s.cfg.family)
	}
	g, refusal := s.redeem(r.PostForm)
	if refusal != nil {
		return refusal
	}
	fields := map[string]any{
		"access_token": g.access, "token_type": "bearer", "expires_in": int64(s.cfg.expiresIn / time.Second),
		"refresh_token": g.refresh, "id_token": nil,
	}
	if !s.cfg.scopeInCallback {
		fields["scope"] = g.scope()
	}
	a := jsonAnswer(http.StatusOK, fields)
	a.header.Set("Cache-Control", "no-store")
	return a
}

// redeem uses up the code or the refresh token of a form.
func (s *Service) redeem(form url.Values) (*grant, *answer) {
	switch form.Get("grant_type") {
	case "authorization_code":
		c := s.grants.takeCode(form.Get("code"))
		if c != nil && c.redirectURL == form.Get("redirect_uri") && c.proves(form.Get("code_verifier")) {
			return s.grants.issue(c.user, c.scopes), nil
		}
		return nil, tokenError(http.StatusBadRequest, "invalid_grant", "The code is wrong, used or expired, or the redirect_uri is another.")
	case "refresh_token":
		g, used := s.grants.rotate(form.Get("refresh_token"))
		switch {
		case used: // the text was seen; that its code is invalid_grant is a belief
			return nil, tokenError(http.StatusBadRequest, "invalid_grant", "Refresh token already used.")
		case g == nil:
			return nil, tokenError(http.StatusBadRequest, "invalid_grant", "The refresh token is wrong or revoked.")
		}
		return g, nil
	default:
		return nil, tokenError(http.StatusBadRequest, "unsupported_grant_type", "Use authorization_code or refresh_token.")
	}
}

// refuseStranger is the token endpoint of the family that the application is not of. The live service was seen to refuse
// Moi's applications at Cloud, with these texts. The other way round is a belief: Moi's answer to a client that it does
// not know. A code does not survive either; a refresh token does.
func (s *Service) refuseStranger(r *http.Request) *answer {
	if r.PostForm.Get("grant_type") == "authorization_code" {
		s.grants.takeCode(r.PostForm.Get("code"))
		return tokenError(http.StatusUnauthorized, "invalid_client", "Invalid client")
	}
	if s.cfg.family == cloudFamily {
		return s.wrongClient(moiFamily)
	}
	return tokenError(http.StatusBadRequest, "invalid_request", "Invalid request")
}

// wrongClient is how the family's endpoints refuse a client id or a secret.
func (s *Service) wrongClient(at *family) *answer {
	return tokenError(at.wrongClient, "invalid_client", "Invalid client")
}

// knowsApplication reads the credentials from the form or from HTTP Basic.
func (s *Service) knowsApplication(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if !ok {
		return s.credentials(r.PostForm.Get("client_id"), r.PostForm.Get("client_secret"))
	}
	return s.credentials(unescape(id), unescape(secret))
}

// unescape undoes what x/oauth2 does to credentials, as RFC 6749 asks.
func unescape(s string) string {
	if v, err := url.QueryUnescape(s); err == nil {
		return v
	}
	return s
}

func (s *Service) credentials(id, secret string) bool {
	return id == s.cfg.clientID && subtle.ConstantTimeCompare([]byte(secret), []byte(s.cfg.clientSecret)) == 1
}

// revokeCall takes GET and POST with access_token, and the form of RFC 7009, which says 200 whatever the token was.
func (s *Service) revokeCall(r *http.Request) *answer {
	badForm := r.ParseForm() != nil
	token, access := r.PostForm.Get("token"), r.Form.Get("access_token")
	switch {
	case badForm:
		return tokenError(http.StatusBadRequest, "invalid_request", "The body is not a form.")
	case r.URL.Path != s.cfg.family.revoke: // nobody has recorded what the other family answers
		return tokenError(http.StatusBadRequest, "invalid_request", "Invalid request")
	case token != "" && !s.knowsApplication(r):
		return s.wrongClient(s.cfg.family)
	case token != "":
		s.grants.revoke(token)
	case access == "":
		return tokenError(http.StatusBadRequest, "invalid_request", "Give access_token, or token as in RFC 7009.")
	case !s.grants.revoke(access):
		return wrongToken()
	}
	return jsonAnswer(http.StatusOK, struct{}{})
}

// scopesAsked drops silently what the page does not take: unknown names, and those without its prefix or with another.
// None at all asks for everything. That the retired name spo2Daily is still taken is a belief.
func (s *Service) scopesAsked(at *family, asked string) []string {
	var known []string
	for name := range strings.FieldsSeq(asked) {
		name, ok := strings.CutPrefix(name, at.scopePrefix)
		if name == "spo2Daily" {
			name = "spo2"
		}
		if ok && slices.Contains(allScopes(), name) && !slices.Contains(known, name) {
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

// checkRedirect compares to the letter with what the application has registered.
func (s *Service) checkRedirect(target string) error {
	u, err := url.Parse(target)
	host := ""
	if err == nil && u.Scheme == "http" {
		host = u.Hostname()
	}
	switch {
	case host == "127.0.0.1": // registered or not
		return errors.New("invalid_request: the redirect_uri must not be on 127.0.0.1; use localhost")
	case slices.Contains(s.cfg.redirectURLs, target), len(s.cfg.redirectURLs) == 0 && host == "localhost":
		return nil
	}
	return errors.New("invalid_request: the redirect_uri is not one that the application has registered")
}
