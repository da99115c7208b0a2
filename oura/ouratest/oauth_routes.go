package ouratest

import (
	"net/http"
	"net/url"
	"strings"
)

// oauthCall answers everything that is not under /v2.
func (s *Service) oauthCall(r *http.Request, _ []byte) answer {
	switch path := r.URL.Path; path {
	case moiFamily.authorize:
		return s.authorize(r)
	case cloudFamily.authorize:
		return s.forward(r.URL.Query())
	case moiFamily.token, cloudFamily.token:
		return s.faulty(r, "token", "", func() (page, answer) { return page{}, s.tokenCall(r) })
	case moiFamily.revoke, cloudFamily.revoke:
		return s.faulty(r, "revoke", "", func() (page, answer) { return page{}, s.revokeCall(r) })
	case "/.well-known/oauth-authorization-server":
		own := s.cfg.family
		return jsonAnswer(http.StatusOK, map[string]any{
			"issuer": s.URL + issuer, "authorization_endpoint": s.URL + own.authorize, "token_endpoint": s.URL + own.token,
			"revocation_endpoint": s.RevokeURL(), "scopes_supported": own.scopes(), "response_types_supported": []string{"code"},
			"grant_types_supported":                          []string{"authorization_code", "refresh_token"},
			"code_challenge_methods_supported":               []string{"S256"},
			"token_endpoint_auth_methods_supported":          []string{"client_secret_post", "client_secret_basic"},
			"authorization_response_iss_parameter_supported": true,
		})
	default:
		return detail(http.StatusNotFound, "Not Found")
	}
}

// forward is Cloud's consent page, which sends the browser on to Moi's. How it hands over the scopes is a belief: bare
// names are granted that way, and of prefixed ones one report says that they are dropped and another that they are taken.
// Here they are dropped, because with a second prefix Moi's page does not know them. That it refuses by itself what
// Moi's page would refuse is a belief too.
func (s *Service) forward(q url.Values) answer {
	if _, err := s.readAuthorization(cloudFamily, q); err != nil {
		return htmlText(http.StatusBadRequest, err.Error())
	}
	names := strings.Fields(q.Get("scope"))
	for i, name := range names {
		names[i] = extapi + name
	}
	q.Set("scope", strings.Join(names, " "))
	return answer{status: http.StatusFound, header: http.Header{"Location": {s.URL + moiFamily.authorize + "?" + q.Encode()}}}
}
