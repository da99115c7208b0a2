package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// service is a small authorization server that behaves as Oura's: codes and
// refresh tokens are single use, and using one again is noted.
type service struct {
	mu sync.Mutex

	// answer, where it is set, answers token requests in the place of the service.
	answer func(w http.ResponseWriter, form url.Values)
	// before runs before the service looks at a token request, after once it has
	// answered. Neither holds the lock.
	before, after func(r *http.Request)
	expiresIn     any    // of the next answers; nil leaves it out
	scope         string // granted, where it is not what was asked for
	deny          bool   // consent is denied
	revokeStatus  int

	generation int
	live       string // the refresh token that is good
	used       map[string]bool
	codes      map[string]url.Values // the consent's query by code

	tokenRequests []url.Values
	revocations   []*http.Request
	reuses        int
	strays        int // requests to places where a token request has no business
}

func newService() *service {
	return &service{used: map[string]bool{}, codes: map[string]url.Values{}, expiresIn: 86400, revokeStatus: http.StatusOK}
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/oauth/authorize":
		s.authorize(w, r)
	case "/oauth/token":
		s.token(w, r)
	case "/oauth/revoke":
		s.mu.Lock()
		defer s.mu.Unlock()
		_ = r.ParseForm()
		s.revocations = append(s.revocations, r)
		w.WriteHeader(s.revokeStatus)
	default:
		s.set(func(s *service) { s.strays++ })
		http.NotFound(w, r)
	}
}

func (s *service) authorize(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		http.Error(w, "redirect_uri", http.StatusBadRequest)
		return
	}
	v := url.Values{"state": {q.Get("state")}}
	if s.deny {
		v.Set("error", "access_denied")
		v.Set("error_description", "The person said no")
	} else {
		s.generation++
		code := fmt.Sprintf("code-%d", s.generation)
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
	scope := s.scope
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		asked, ok := s.codes[r.PostForm.Get("code")]
		delete(s.codes, r.PostForm.Get("code"))
		challenge := "" // neither without the other
		if verifier := r.PostForm.Get("code_verifier"); verifier != "" {
			challenge = oauth2.S256ChallengeFromVerifier(verifier)
		}
		if !ok || asked.Get("redirect_uri") != r.PostForm.Get("redirect_uri") || asked.Get("code_challenge") != challenge {
			s.reuses++
			refuse(w, http.StatusBadRequest, "invalid_grant")
			return
		}
		if scope == "" {
			scope = "extapi:" + strings.ReplaceAll(asked.Get("scope"), " ", " extapi:")
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
	if scope != "" {
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
