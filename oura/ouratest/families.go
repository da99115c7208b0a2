package ouratest

import "net/http"

// family is one of Oura's two sets of OAuth endpoints, as paths.
type family struct{ authorize, token, revoke string }

var (
	cloudFamily = &family{"/oauth/authorize", "/oauth/token", "/oauth/revoke"}
	moiFamily   = &family{"/oauth/v2/ext/oauth-authorize", "/oauth/v2/ext/oauth-token", "/oauth/v2/ext/oauth-revoke"}
)

// WithMoi registers the application in the newer portal: its endpoints are those of the Moi family. The service has
// both families, and each refuses applications of the other as the live ones do: a refresh with 400, an exchange with
// 401, and the code is gone.
func WithMoi() ServiceOption { return func(c *serviceConfig) { c.family = moiFamily } }

// oauthCall answers everything that is not under /v2.
func (s *Service) oauthCall(r *http.Request, _ []byte) answer {
	own, other := cloudFamily, moiFamily
	if s.cfg.family == moiFamily {
		own, other = other, own
	}
	switch r.URL.Path {
	case own.authorize:
		return s.authorize(r)
	case own.token:
		return s.faulty(r, "token", "", func() (page, answer) { return page{}, s.tokenCall(r) })
	case own.revoke:
		return s.faulty(r, "revoke", "", func() (page, answer) { return page{}, s.revokeCall(r) })
	case other.authorize:
		return htmlText(http.StatusBadRequest, "The client_id is not that of an application here.")
	case other.token:
		return s.refuseStranger(r)
	case other.revoke:
		return tokenError(http.StatusBadRequest, "invalid_request", "The client is not known here.")
	case "/.well-known/oauth-authorization-server":
		return jsonAnswer(http.StatusOK, map[string]any{
			"issuer": s.URL, "authorization_endpoint": s.URL + own.authorize, "token_endpoint": s.URL + own.token,
			"revocation_endpoint": s.RevokeURL(), "scopes_supported": allScopes(), "response_types_supported": []string{"code"},
			"grant_types_supported":                 []string{"authorization_code", "refresh_token"},
			"code_challenge_methods_supported":      []string{"S256"},
			"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
		})
	default:
		return detail(http.StatusNotFound, "Not Found")
	}
}

// refuseStranger is the token endpoint of the family that the application is not of. A code does not survive the
// mistake; a refresh token does.
func (s *Service) refuseStranger(r *http.Request) answer {
	if err := r.ParseForm(); err == nil && r.PostForm.Get("grant_type") == "authorization_code" {
		s.grants.takeCode(r.PostForm.Get("code"), s.Now())
		return tokenError(http.StatusUnauthorized, "invalid_client", "The client is not known here.")
	}
	return tokenError(http.StatusBadRequest, "invalid_request", "The client is not known here.")
}
