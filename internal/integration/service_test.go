package integration

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// processHeader tells the service which process asks.
const processHeader = "X-Test-Process"

// service is a token endpoint as Oura's: refresh tokens are single use. It logs
// what it answered, to whom and when.
type service struct {
	*httptest.Server

	delay    time.Duration              // before it looks at a request
	lifetime int                        // of access tokens, in seconds; 0 is a day
	rotated  func(user string)          // runs when a token was traded, before the answer
	answered func(user string, pid int) // runs when the answer was sent

	mu     sync.Mutex
	live   map[string]int // the number of each user's good refresh token
	log    []rotation
	reused map[string]int // tries with a token that was used, by user
}

// rotation is one answer with a new grant.
type rotation struct {
	user string
	pid  int
	path string // of the token URL
	at   time.Time
}

func newService(t testing.TB) *service {
	t.Helper()
	s := &service{live: map[string]int{}, reused: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.token))
	t.Cleanup(s.Close)
	return s
}

func (s *service) token(w http.ResponseWriter, r *http.Request) {
	var user string
	var number int
	if _, err := fmt.Sscanf(r.PostFormValue("refresh_token"), "refresh %s %d", &user, &number); err != nil {
		http.Error(w, `{"error":"invalid_request"}`, http.StatusBadRequest)
		return
	}
	pid, _ := strconv.Atoi(r.Header.Get(processHeader))
	if s.delay > 0 {
		timer := time.NewTimer(s.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done(): // the process is gone: there is nobody to answer
			return
		}
	}
	s.mu.Lock()
	good := s.live[user] == number
	if good {
		s.live[user]++
		s.log = append(s.log, rotation{user, pid, r.URL.Path, time.Now()})
	} else {
		s.reused[user]++
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if !good {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	if s.rotated != nil {
		s.rotated(user)
	}
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"refresh_token":%q,"token_type":"bearer","expires_in":%d}`,
		accessToken(user, number+1), refreshToken(user, number+1), cmp.Or(s.lifetime, 86400))
	if s.answered != nil {
		_ = http.NewResponseController(w).Flush()
		s.answered(user, pid)
	}
}

func accessToken(user string, number int) string  { return fmt.Sprintf("access-%s-%d", user, number) }
func refreshToken(user string, number int) string { return fmt.Sprintf("refresh %s %d", user, number) }

// grant makes a user's first grant, with an expiry.
func (s *service) grant(user string, expiry time.Time) *oauth2.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live[user] = 1
	return &oauth2.Token{
		AccessToken: accessToken(user, 1), RefreshToken: refreshToken(user, 1), TokenType: "Bearer", Expiry: expiry,
	}
}

// count is how many grants were traded, and how many tries with a used token
// there were.
func (s *service) count() (rotations, reuses int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.reused {
		reuses += n
	}
	return len(s.log), reuses
}

// config is the application's at an origin.
func config(origin string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: "client-id", ClientSecret: "client-secret-5f1d6c0b9a",
		Endpoint: oauth2.Endpoint{TokenURL: origin + "/oauth/token"},
	}
}

// asProcess sends a process's number with each request.
type asProcess struct {
	pid  int
	next http.RoundTripper
}

func (p asProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(processHeader, strconv.Itoa(p.pid))
	return p.next.RoundTrip(r)
}
