package ouratest

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
)

//go:embed consent.html
var consentHTML string

var consentPage = template.Must(template.New("consent").Parse(consentHTML))

// scopeNames are what the consent page calls the scopes.
var scopeNames = map[string]string{
	"email":              "E-mail address",
	"personal":           "Age, sex, height and weight",
	"daily":              "Daily summaries and sleep",
	"heartrate":          "Heart rate through the day",
	"workout":            "Workouts",
	"tag":                "Tags",
	"session":            "Sessions",
	"spo2":               "Blood oxygen (SpO2)",
	"stress":             "Resilience to stress",
	"heart_health":       "Cardiovascular age and VO2 max",
	"ring_configuration": "Ring and its battery",
}

// choice is a scope that the person can leave out.
type choice struct{ Scope, Name string }

func choices(scopes []string) []choice {
	list := make([]choice, len(scopes))
	for i, scope := range scopes {
		list[i] = choice{scope, cmp.Or(scopeNames[scope], scope)}
	}
	return list
}

// authorize shows the consent page, which is Moi's, and takes its form.
func (s *Service) authorize(r *http.Request) *answer {
	a, err := s.readAuthorization(moiFamily, r.URL.Query())
	if err != nil {
		return htmlText(http.StatusBadRequest, err.Error())
	}
	switch {
	case r.URL.Query().Get("response_type") != "code":
		return a.back(url.Values{"error": {"unsupported_response_type"}})
	case r.Method != http.MethodPost:
		return s.showConsent(r, a)
	case r.ParseForm() != nil:
		return htmlText(http.StatusBadRequest, "The form cannot be read.")
	case r.PostForm.Get("decision") != "allow":
		return a.back(url.Values{"error": {"access_denied"}})
	}
	user, err := s.person(r.PostForm.Get("user"))
	if err != nil {
		return htmlText(http.StatusBadRequest, "There is no such person.")
	}
	return a.back(s.allow(a, user, r.PostForm["scope"]))
}

// readAuthorization refuses what must not lead to a redirect.
func (s *Service) readAuthorization(at *family, q url.Values) (authorization, error) {
	a := authorization{s.scopesAsked(at, q.Get("scope")), q.Get("redirect_uri"), q.Get("state"), q.Get("code_challenge")}
	switch {
	case q.Get("client_id") != s.cfg.clientID:
		return a, errors.New("the client_id is not that of the application")
	case a.challenge != "" && q.Get("code_challenge_method") != "S256":
		return a, errors.New("the code_challenge_method must be S256")
	}
	return a, s.checkRedirect(a.redirectURL)
}

// allow makes a code for what the person has ticked.
func (s *Service) allow(a authorization, user *User, ticked []string) url.Values {
	a.scopes = slices.DeleteFunc(slices.Clone(a.scopes), func(name string) bool { return !slices.Contains(ticked, name) })
	text := s.grants.putCode(&code{a, user.data, s.Now().Add(codeLifetime)})
	return url.Values{"code": {text}, "scope": {(&grant{scopes: a.scopes}).scope()}, "iss": {s.URL + issuer}}
}

// back sends the browser to the application. The redirect URL keeps the query that it has.
func (a authorization) back(values url.Values) *answer {
	return &answer{status: http.StatusFound, header: http.Header{"Location": {a.callback(values)}}}
}

func (a authorization) callback(values url.Values) string {
	if a.state != "" {
		values.Set("state", a.state)
	}
	u, err := url.Parse(a.redirectURL)
	if err != nil { // it was read before
		return a.redirectURL
	}
	q := u.Query()
	for name := range values {
		q.Set(name, values.Get(name))
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func (s *Service) showConsent(r *http.Request, a authorization) *answer {
	var out bytes.Buffer
	view := map[string]any{"Action": r.URL.RequestURI(), "Scopes": choices(a.scopes), "Users": s.Users()}
	if err := consentPage.Execute(&out, view); err != nil { // the template is fixed
		return htmlText(http.StatusInternalServerError, "The page cannot be written.")
	}
	return htmlBody(http.StatusOK, out.Bytes())
}

func htmlText(status int, text string) *answer {
	return htmlBody(status, []byte("<!doctype html><html lang=\"en\"><title>Error</title><h1>"+
		template.HTMLEscapeString(http.StatusText(status))+"</h1><p>"+template.HTMLEscapeString(text)+"</p></html>\n"))
}

func htmlBody(status int, body []byte) *answer {
	return &answer{status: status, body: body, header: http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Cache-Control":           {"no-store"},
		"Content-Security-Policy": {"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"},
	}}
}

// Consent is a person who opens the URL and allows everything that is asked for: it returns the URL to which the
// browser is sent back, with code and state. The person is the first one. The error says why a browser would have
// stayed on a page of the service.
func (s *Service) Consent(authURL string) (callbackURL string, err error) {
	return s.ConsentAs(s.User(), authURL)
}

// ConsentAs is [Service.Consent] of another person. If scopes are named, only those are ticked.
func (s *Service) ConsentAs(u *User, authURL string, scopes ...string) (callbackURL string, err error) {
	a, err := s.authorizationAt(authURL)
	if err != nil {
		return "", err
	}
	if len(scopes) == 0 {
		scopes = a.scopes
	}
	return a.callback(s.allow(a, u, scopes)), nil
}

// Deny is a person who opens the URL and refuses: it returns the URL to which the browser is sent back.
func (s *Service) Deny(authURL string) (callbackURL string, err error) {
	a, err := s.authorizationAt(authURL)
	if err != nil {
		return "", err
	}
	return a.callback(url.Values{"error": {"access_denied"}}), nil
}

func (s *Service) authorizationAt(authURL string) (authorization, error) {
	u, err := url.Parse(authURL)
	if err != nil {
		return authorization{}, errors.New("ouratest: the authorization URL cannot be read")
	}
	at := map[string]*family{moiFamily.authorize: moiFamily, cloudFamily.authorize: cloudFamily}[u.Path]
	if at == nil {
		return authorization{}, fmt.Errorf("ouratest: %s is not the path of a consent page; the application's is %s", u.Path, s.cfg.family.authorize)
	}
	a, err := s.readAuthorization(at, u.Query())
	if err != nil {
		return a, fmt.Errorf("ouratest: %w", err)
	}
	return a, nil
}
