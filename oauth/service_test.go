package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

const (
	clientID     = "client-id"
	clientSecret = "client-secret-5f1d6c0b9a"
)

// service is a small authorization server that behaves as Oura's. It has both families, and an application that belongs
// to one. Scope names that are not the consent page's are dropped without a word, the other family burns codes, and codes
// and refresh tokens are single use: using one again is noted.
type service struct {
	mu sync.Mutex

	moi           bool   // the application is of today's portal
	redirect      string // the redirect URL that is registered; "" is any
	iss           string // of callbacks
	callbackScope bool   // the callback says what was granted, and the response does not

	// answer, where it is set, answers token requests in the place of the service.
	answer func(w http.ResponseWriter, form url.Values)
	// before runs before the service looks at a token request, after once it has
	// answered. Neither holds the lock.
	before, after func(r *http.Request)
	expiresIn     any    // of the next answers; nil leaves it out
	scope         string // granted, where it is not what was asked for
	deny          bool   // consent is denied
	pageStatus    int    // of the consent page, where it shows none
	revokeStatus  int
	revokeBody    string
	revoked       func(r *http.Request) // runs ahead of a revocation

	generation int
	live       string // the refresh token that is good
	used       map[string]bool
	codes      map[string]url.Values // the consent's query by code

	tokenRequests []url.Values
	revocations   []*http.Request
	reuses        int
	visits        int // to the consent page
	strays        int // requests to places where a token request has no business
}

func newService() *service {
	return &service{used: map[string]bool{}, codes: map[string]url.Values{}, expiresIn: 86400, revokeStatus: http.StatusOK}
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/oauth/authorize":
		s.authorize(w, r, "")
	case "/oauth/v2/ext/oauth-authorize":
		s.authorize(w, r, "extapi:")
	case "/oauth/token", "/oauth/v2/ext/oauth-token":
		s.token(w, r)
	case "/oauth/revoke", "/oauth/v2/ext/oauth-revoke":
		s.mu.Lock()
		defer s.mu.Unlock()
		_ = r.ParseForm()
		s.revocations = append(s.revocations, r)
		if s.revoked != nil {
			s.revoked(r)
		}
		w.WriteHeader(s.revokeStatus)
		_, _ = io.WriteString(w, s.revokeBody)
	default:
		s.set(func(s *service) { s.strays++ })
		http.NotFound(w, r)
	}
}

func (s *service) authorize(w http.ResponseWriter, r *http.Request, prefix string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.visits++
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case s.pageStatus != 0:
		w.WriteHeader(s.pageStatus)
		return
	case err != nil || s.redirect != "" && q.Get("redirect_uri") != s.redirect:
		http.Error(w, "<html>not registered</html>", http.StatusBadRequest)
		return
	case prefix != "" && back.Hostname() == "127.0.0.1":
		refuse(w, http.StatusBadRequest, "invalid_request")
		return
	}
	var granted []string
	for name := range strings.FieldsSeq(q.Get("scope")) {
		if bare := strings.TrimPrefix(name, "extapi:"); prefix+bare == name && bare != "spo2Daily" {
			granted = append(granted, "extapi:"+bare)
		}
	}
	q.Set("granted", strings.Join(granted, " "))
	v := url.Values{"state": {q.Get("state")}}
	if s.iss != "" {
		v.Set("iss", s.iss)
	}
	if s.callbackScope {
		v.Set("scope", q.Get("granted"))
	}
	if s.deny {
		v.Set("error", "access_denied")
		v.Set("error_description", "The person said no")
	} else {
		code := fmt.Sprintf("code-%d", len(s.codes)+1)
		s.codes[code] = q
		v.Set("code", code)
	}
	back.RawQuery = v.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (s *service) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	s.mu.Lock()
	before, after := s.before, s.after
	s.tokenRequests = append(s.tokenRequests, r.PostForm)
	answer := s.answer
	s.mu.Unlock()
	if before != nil {
		before(r)
	}
	if answer != nil {
		answer(w, r.PostForm)
	} else {
		s.grant(w, r)
	}
	if after != nil {
		after(r)
	}
}

func (s *service) grant(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	if id != clientID || secret != clientSecret {
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	if s.moi != strings.Contains(r.URL.Path, "/ext/") {
		if code := r.PostForm.Get("code"); code != "" {
			s.codes[code] = nil
			refuse(w, http.StatusUnauthorized, "invalid_client")
			return
		}
		refuse(w, http.StatusBadRequest, "invalid_request")
		return
	}
	scope := s.scope
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		asked := s.codes[r.PostForm.Get("code")]
		s.codes[r.PostForm.Get("code")] = nil
		challenge := "" // neither without the other
		if verifier := r.PostForm.Get("code_verifier"); verifier != "" {
			challenge = oauth2.S256ChallengeFromVerifier(verifier)
		}
		if asked == nil || asked.Get("redirect_uri") != r.PostForm.Get("redirect_uri") || asked.Get("code_challenge") != challenge {
			s.reuses++
			refuse(w, http.StatusBadRequest, "invalid_grant")
			return
		}
		if scope == "" {
			scope = asked.Get("granted")
		}
	case "refresh_token":
		token := r.PostForm.Get("refresh_token")
		if s.used[token] {
			s.reuses++
		}
		if token == "" || token != s.live {
			refuse(w, http.StatusBadRequest, "invalid_grant")
			return
		}
		s.used[token] = true
	default:
		refuse(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	s.generation++
	s.live = refreshToken(s.generation)
	body := map[string]any{
		"access_token": accessToken(s.generation), "token_type": "bearer", "refresh_token": s.live,
	}
	if s.expiresIn != nil {
		body["expires_in"] = s.expiresIn
	}
	if scope != "" && !s.callbackScope {
		body["scope"] = scope
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"error":%q,"error_description":"refused"}`, code)
}

func accessToken(n int) string  { return fmt.Sprintf("access-%d-of-the-person", n) }
func refreshToken(n int) string { return fmt.Sprintf("refresh-%d-of-the-person", n) }

func (s *service) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tokenRequests)
}

func (s *service) reused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reuses
}

// set changes the service while it runs.
func (s *service) set(change func(s *service)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// RoundTrip serves without a network, so that it works under fake time too.
func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	body := r.Body
	if body != nil && r.GetBody != nil {
		return nil, errors.New("the request's body can be rewound, so net/http may send it twice")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if body != nil {
		_ = body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	res := w.Result()
	res.Request = r
	return res, nil
}

// context gives the HTTP client that reaches the service without a network.
func (s *service) context(t testing.TB) context.Context {
	return context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: s})
}

const fakeOrigin = "https://oura.test"

// family is the service's, at an origin.
func family(origin string) oauth.Family {
	return oauth.Family{
		Endpoint:  oauth2.Endpoint{AuthURL: origin + "/oauth/authorize", TokenURL: origin + "/oauth/token"},
		RevokeURL: origin + "/oauth/revoke",
	}
}

func config(origin string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: clientID, ClientSecret: clientSecret, RedirectURL: "https://app.test/callback",
		Endpoint: family(origin).Endpoint, Scopes: oauth.AllScopes(),
	}
}
