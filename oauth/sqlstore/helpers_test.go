package sqlstore_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

const tokenURL = "https://oura.test/oauth/token"

var config = &oauth2.Config{
	ClientID: "client-id", ClientSecret: "client-secret-5f1d6c0b9a",
	Endpoint: oauth2.Endpoint{TokenURL: tokenURL},
}

// service is a token endpoint whose refresh tokens are single use. They look
// like "refresh USER 1".
type service struct {
	mu       sync.Mutex
	live     map[string]int // the number of each user's good refresh token
	requests int
	reuses   int
	before   func(user string) error // runs ahead of an answer; an error is an answer that never comes
	status   map[string]int          // refuses a user's refresh
	code     string                  // of those refusals; "" is "refused"
}

func newService() *service { return &service{live: map[string]int{}, status: map[string]int{}} }

// expired is a user's first grant, whose access token has ended.
func (s *service) expired(user string) *oauth2.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live[user] = 1
	return grantOf(user, 1, time.Now().Add(-time.Hour))
}

func grantOf(user string, number int, expiry time.Time) *oauth2.Token {
	t := &oauth2.Token{
		AccessToken: fmt.Sprintf("access-%s-%d", user, number), RefreshToken: fmt.Sprintf("refresh %s %d", user, number),
		TokenType: "Bearer", Expiry: expiry,
	}
	return t.WithExtra(map[string]any{"scope": "daily heartrate", "token_url": tokenURL})
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	var user string
	var number int
	if _, err := fmt.Sscanf(form.Get("refresh_token"), "refresh %s %d", &user, &number); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.requests++
	before := s.before
	s.mu.Unlock()
	if before != nil {
		if err := before(user); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if status := s.status[user]; status != 0 {
		return answer(r, status, fmt.Sprintf(`{"error":%q}`, cmp.Or(s.code, "refused"))), nil
	}
	if number != s.live[user] {
		s.reuses++
		return answer(r, http.StatusBadRequest, `{"error":"invalid_grant"}`), nil
	}
	s.live[user]++
	data, err := json.Marshal(map[string]any{
		"access_token":  fmt.Sprintf("access-%s-%d", user, number+1),
		"refresh_token": fmt.Sprintf("refresh %s %d", user, number+1), "expires_in": 86400, "token_type": "Bearer",
	})
	return answer(r, http.StatusOK, string(data)), err
}

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

func (s *service) asked() (requests, reuses int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests, s.reuses
}

// context gives the HTTP client that reaches the service.
func (s *service) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: s})
}

func newStore(t testing.TB, db *sql.DB, dialect sqlstore.Dialect, opts ...sqlstore.Option) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.New(db, dialect, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newSource(t testing.TB, s *service, store oauth.Store) *oauth.TokenSource {
	t.Helper()
	ts, err := oauth.NewTokenSource(s.context(t.Context()), config, store)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func save(t testing.TB, store oauth.Store, token *oauth2.Token) {
	t.Helper()
	if err := store.Save(t.Context(), token); err != nil {
		t.Fatalf("Save: %v", err)
	}
}

// wantStored fails unless the store holds a user's grant of that number.
func wantStored(t testing.TB, store oauth.Store, user string, number int) {
	t.Helper()
	token, err := store.Load(t.Context())
	if err != nil {
		t.Errorf("Load: %v", err)
		return
	}
	if want := fmt.Sprintf("refresh %s %d", user, number); token.RefreshToken != want {
		t.Errorf("the store holds %q, want %q", token.RefreshToken, want)
	}
}

func wantErr(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: error %v, want %v", what, got, want)
	}
}

// key is a sealing key made of one byte.
func key(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }
