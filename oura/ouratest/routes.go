package ouratest

import (
	"net/http"
	"net/url"
	"strings"
)

const maxRequestBody = 1 << 20

// serve takes every request of the service.
func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		breakOff(w)
		return
	}
	defer s.work.Done()
	r.Body = http.MaxBytesReader(w, r.Body, maxRequestBody)
	if s.handler != nil && strings.HasPrefix(r.URL.Path, s.cfg.handlerPrefix) {
		s.handler.ServeHTTP(w, r)
		return
	}
	r, err := s.log.record(r)
	if err != nil {
		detail(http.StatusRequestEntityTooLarge, "The body is too large or broke off.").write(w)
		return
	}
	s.answer(r).write(w)
}

// answer finds who is to answer.
func (s *Service) answer(r *http.Request) *answer {
	if !strings.HasPrefix(r.URL.Path, "/v2/") {
		return s.oauthCall(r)
	}
	if refusal := s.limited(r); refusal != nil {
		return refusal
	}
	t := targetOf(r.URL.Path)
	switch {
	case t.name == "subscription":
		return s.faulty(r, t.name, "", func() *answer {
			if !s.credentials(r.Header.Get("X-Client-Id"), r.Header.Get("X-Client-Secret")) {
				return wrongCredentials()
			}
			return s.hooks.call(r, t.id)
		})
	case r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/usercollection/"):
		return noMethod()
	case t.name == "":
		return noPath()
	case t.sandbox:
		return s.faulty(r, t.name, "", func() *answer {
			return sandboxAnswer(t.spec, t.id, r.Header.Get("Authorization") != "")
		})
	}
	return s.faulty(r, t.name, t.scope(), func() *answer {
		g, refusal := s.grants.check(bearerToken(r))
		if refusal != nil {
			return refusal
		}
		return g.user.read(t, r.URL.Query(), g.has)
	})
}

// limited refuses a request that exceeds a budget.
func (s *Service) limited(r *http.Request) *answer {
	for _, budget := range []struct {
		limit

		tier, key string
	}{{s.cfg.tokenLimit, "access_token", "token " + bearerToken(r)}, {s.cfg.appLimit, "application", ""}} {
		if budget.window == 0 {
			continue
		}
		now := s.Now()
		if wait := s.meter.take(budget.key, budget.limit, now); wait > 0 {
			return tooMany(budget.tier, budget.n, budget.window, wait, now.Add(wait))
		}
	}
	return nil
}

// faulty answers a request of an endpoint as its faults say: in place of work, or after it.
func (s *Service) faulty(r *http.Request, endpoint, scope string, work func() *answer) *answer {
	a, err := s.cfg.endpoints[endpoint].serve(r.Context(), scope, work)
	if err != nil { // the caller has gone, or the service is closing
		return &answer{reset: true}
	}
	return a
}

func bearerToken(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// oauthCall answers everything that is not under /v2.
func (s *Service) oauthCall(r *http.Request) *answer {
	switch path := r.URL.Path; path {
	case moiFamily.authorize:
		return s.authorize(r)
	case cloudFamily.authorize:
		return s.forward(r.URL.Query())
	case moiFamily.token, cloudFamily.token:
		return s.faulty(r, "token", "", func() *answer { return s.tokenCall(r) })
	case moiFamily.revoke, cloudFamily.revoke:
		return s.faulty(r, "revoke", "", func() *answer { return s.revokeCall(r) })
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
		return noPath()
	}
}

// forward is Cloud's consent page, which sends the browser on to Moi's. How it hands over the scopes is a belief: bare
// names are granted that way, and of prefixed ones one report says that they are dropped and another that they are taken.
// Here they are dropped, because with a second prefix Moi's page does not know them. That it refuses by itself what
// Moi's page would refuse is a belief too.
func (s *Service) forward(q url.Values) *answer {
	if _, err := s.readAuthorization(cloudFamily, q); err != nil {
		return htmlText(http.StatusBadRequest, err.Error())
	}
	q.Set("scope", strings.Join(prefixed(extapi, strings.Fields(q.Get("scope"))), " "))
	return &answer{status: http.StatusFound, header: http.Header{"Location": {s.URL + moiFamily.authorize + "?" + q.Encode()}}}
}
