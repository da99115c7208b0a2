package oauth_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// outcome is an answer of the token endpoint and what becomes of it.
type outcome struct {
	name   string
	status int
	header http.Header
	body   string
	hang   bool // no answer before the client gives up

	err     error             // to be matched, or
	refused *oauth.TokenError // its fields
	stored  string            // the refresh token in the store afterwards
}

const kept, rotated = "refresh-1-of-the-person", "rotated"

var outcomes = []outcome{
	{
		name: "invalid_grant, 400", status: 400, body: `{"error":"invalid_grant","error_description":"gone"}`,
		err: oauth.ErrReauthorize, refused: &oauth.TokenError{StatusCode: 400, Code: "invalid_grant", Description: "gone"}, stored: kept,
	},
	{
		name: "invalid_grant, 401", status: 401, body: `{"error":"invalid_grant"}`,
		err: oauth.ErrReauthorize, refused: &oauth.TokenError{StatusCode: 401, Code: "invalid_grant"}, stored: kept,
	},
	{
		name: "invalid_grant in a form", status: 400, body: "error=invalid_grant&error_description=gone",
		err: oauth.ErrReauthorize, refused: &oauth.TokenError{StatusCode: 400, Code: "invalid_grant", Description: "gone"}, stored: kept,
	},
	{
		name: "invalid_client", status: 401, body: `{"error":"invalid_client"}`,
		refused: &oauth.TokenError{StatusCode: 401, Code: "invalid_client"}, stored: kept,
	},
	{
		name: "invalid_request", status: 400, body: `{"error":"invalid_request"}`,
		refused: &oauth.TokenError{StatusCode: 400, Code: "invalid_request"}, stored: kept,
	},
	{
		name: "invalid_grant of a 403 is not a dead grant", status: 403, body: `{"error":"invalid_grant"}`,
		refused: &oauth.TokenError{StatusCode: 403, Code: "invalid_grant"}, stored: kept,
	},
	{
		name: "an error with status 200", status: 200, body: `{"error":"invalid_grant"}`,
		refused: &oauth.TokenError{StatusCode: 200, Code: "invalid_grant"}, stored: kept,
	},
	{
		name: "429", status: 429, header: http.Header{"Retry-After": {"17"}},
		refused: &oauth.TokenError{StatusCode: 429, RetryAfter: 17 * time.Second}, stored: kept,
	},
	{
		name: "429, negative", status: 429, header: http.Header{"Retry-After": {"-17"}},
		refused: &oauth.TokenError{StatusCode: 429}, stored: kept,
	},
	{
		name: "503 of a CDN", status: 503, body: "<html>busy</html>", header: http.Header{"Retry-After": {"soon"}},
		refused: &oauth.TokenError{StatusCode: 503}, stored: kept,
	},
	{name: "timeout", hang: true, err: context.DeadlineExceeded, stored: kept},
	{
		name: "HTML", status: 200, body: "<html>Welcome to the hotel</html>",
		refused: &oauth.TokenError{StatusCode: 200, Description: "the answer is not a JSON object"}, stored: kept,
	},
	{
		name: "empty", status: 200,
		refused: &oauth.TokenError{StatusCode: 200, Description: "the answer is not a JSON object"}, stored: kept,
	},
	{
		name: "no access token", status: 200, body: `{}`,
		refused: &oauth.TokenError{StatusCode: 200, Description: "the answer has no usable access_token"}, stored: kept,
	},
	{
		name: "an array", status: 200, body: `[{"access_token":"new","refresh_token":"rotated"}]`,
		refused: &oauth.TokenError{StatusCode: 200, Description: "the answer is not a JSON object"}, stored: kept,
	},
	{
		name: "torn between the tokens", status: 200, body: `{"access_token":"new","refresh_tok`,
		refused: &oauth.TokenError{StatusCode: 200, Description: "the answer is not a JSON object"}, stored: kept,
	},
	{
		name: "torn within a token", status: 200, body: `{"access_token":"new","refresh_token":"rota`,
		refused: &oauth.TokenError{StatusCode: 200, Description: "the answer is not a JSON object"}, stored: kept,
	},
	{
		name: "no refresh token", status: 200, body: `{"access_token":"new","expires_in":3600}`, stored: kept,
	},
	{
		name: "null refresh token", status: 200, body: `{"access_token":"new","refresh_token":null,"expires_in":3600}`, stored: kept,
	},
	{
		name: "no expires_in", status: 200, body: `{"access_token":"new","refresh_token":"rotated"}`, stored: rotated,
	},
	{
		name: "created", status: 201, body: `{"access_token":"new","refresh_token":"rotated"}`, stored: rotated,
	},
}

// TestOutcomesOfARefresh is the table of what the endpoint answers, what the
// caller gets, how many requests there are and what the store holds.
func TestOutcomesOfARefresh(t *testing.T) {
	t.Parallel()
	for _, test := range outcomes {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				s.before = test.before
				s.answer = test.answer
				store := newRecorder(t, expiredGrant(s))
				ts := newSource(t, s, store)
				token, err := ts.Token()
				test.check(t, token, err)
				if test.err == nil && errors.Is(err, oauth.ErrReauthorize) {
					t.Error("the grant is called dead")
				}
				if s.requests() != 1 {
					t.Errorf("%d requests, want 1", s.requests())
				}
				if got := load(t, store).RefreshToken; got != test.stored {
					t.Errorf("the store holds %q, want %q", got, test.stored)
				}
				if err != nil && store.saved() != 0 {
					t.Error("the store was touched")
				}
			})
		})
	}
}

// One request per refused exchange, too.
func TestOutcomesOfAnExchange(t *testing.T) {
	t.Parallel()
	for _, test := range outcomes {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if test.err == oauth.ErrReauthorize { //nolint:errorlint // the table's own value
					test.err = nil
				}
				s := newService()
				s.before = test.before
				s.answer = test.answer
				token, err := oauth.Exchange(s.context(t), config(fakeOrigin), "the-code")
				test.check(t, token, err)
				if s.requests() != 1 {
					t.Errorf("%d requests, want 1", s.requests())
				}
			})
		})
	}
}

func (o outcome) before(r *http.Request) {
	if o.hang {
		<-r.Context().Done()
	}
}

func (o outcome) answer(w http.ResponseWriter, _ url.Values) {
	if o.hang {
		return
	}
	maps.Copy(w.Header(), o.header)
	w.WriteHeader(o.status)
	_, _ = w.Write([]byte(o.body))
}

func (o outcome) check(t *testing.T, token *oauth2.Token, err error) {
	t.Helper()
	if o.err != nil && !errors.Is(err, o.err) {
		t.Errorf("error %v, want %v", err, o.err)
	}
	if o.refused != nil {
		if got, ok := errors.AsType[*oauth.TokenError](err); !ok || *got != *o.refused {
			t.Errorf("error %v, want %v", err, o.refused)
		}
	}
	if (token == nil) != (o.err != nil || o.refused != nil) {
		t.Errorf("a token and an error, or neither: %v", err)
	}
	if token != nil && token.AccessToken != "new" {
		t.Error("not the token of the answer")
	}
}

// hostile answers are of an attacker or of a bad day. None of them is followed or
// leaked, and none loses a rotation that it does tell of.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	const good = `{"access_token":"new","refresh_token":"rotated","expires_in":3600}`
	tests := []struct {
		name   string
		status int
		header http.Header
		body   string
		fails  bool
		stored string // refresh token
		expiry time.Duration
		scopes int
	}{
		{name: "text/plain", header: http.Header{"Content-Type": {"text/plain"}}, body: good, stored: rotated, expiry: time.Hour},
		{name: "form", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, body: good, stored: rotated, expiry: time.Hour},
		{name: "no type", header: http.Header{"Content-Type": {"/;;"}}, body: good, stored: rotated, expiry: time.Hour},
		{name: "byte order mark", body: "\xef\xbb\xbf" + good, stored: rotated, expiry: time.Hour},
		{name: "a fraction", body: `{"access_token":"new","refresh_token":"rotated","expires_in":86400.0}`, stored: rotated, expiry: 24 * time.Hour},
		{name: "a string", body: `{"access_token":"new","refresh_token":"rotated","expires_in":"86400.0"}`, stored: rotated, expiry: 24 * time.Hour},
		{name: "an exponent", body: `{"access_token":"new","refresh_token":"rotated","expires_in":8.64e4}`, stored: rotated, expiry: 24 * time.Hour},
		{name: "negative", body: `{"access_token":"new","refresh_token":"rotated","expires_in":-1}`, stored: rotated},
		{name: "zero", body: `{"access_token":"new","refresh_token":"rotated","expires_in":0}`, stored: rotated},
		{name: "beyond float64", body: `{"expires_in":1e999,"access_token":"new","refresh_token":"rotated"}`, stored: rotated},
		{name: "a real form", header: http.Header{"Content-Type": {"text/plain"}}, body: "access_token=new&refresh_token=rotated&expires_in=3600&scope=daily+spo2\n", stored: rotated, expiry: time.Hour, scopes: 2},
		{name: "huge", body: `{"access_token":"new","refresh_token":"rotated","expires_in":1e300}`, stored: rotated},
		{name: "infinite", body: `{"access_token":"new","refresh_token":"rotated","expires_in":"Inf"}`, stored: rotated},
		{name: "not a number", body: `{"access_token":"new","refresh_token":"rotated","expires_in":"NaN"}`, stored: rotated},
		{name: "a word", body: `{"access_token":"new","refresh_token":"rotated","expires_in":"soon"}`, stored: rotated},
		{name: "an object", body: `{"access_token":"new","refresh_token":"rotated","expires_in":{}}`, stored: rotated},
		{name: "scopes in an array", body: `{"access_token":"new","refresh_token":"rotated","scope":["extapi:daily","spo2",1]}`, stored: rotated, scopes: 2},
		{name: "other case", body: `{"Access_Token":"no","access_token":"new","refresh_token":"rotated","REFRESH_TOKEN":"no"}`, stored: rotated},
		{name: "line ends around", body: `{"access_token":"new\r\n","refresh_token":"rotated\r\n"}`, stored: rotated},
		{name: "8 MB after", body: `{"access_token":"new","refresh_token":"rotated","pad":"` + strings.Repeat("x", 8<<20) + `"}`, stored: rotated},
		{name: "torn after", body: `{"access_token":"new","refresh_token":"rotated","expires_i`, stored: rotated},
		{name: "duplicate keys", body: `{"access_token":"old","access_token":"new","refresh_token":"rotated"}`, stored: rotated},

		{name: "8 MB before", body: `{"pad":"` + strings.Repeat("x", 8<<20) + `","access_token":"new","refresh_token":"rotated"}`, fails: true, stored: kept},
		{name: "8 MB of nothing", body: strings.Repeat("{", 8<<20), fails: true, stored: kept},
		{name: "a page with a form", body: `<a href="/?a=b&access_token=new&refresh_token=rotated">`, fails: true, stored: kept},
		{name: "a request sent back", body: "client_id=id&refresh_token=rotated&grant_type=refresh_token", fails: true, stored: kept},
		{name: "arrays", body: `{"access_token":["new"],"refresh_token":["rotated"]}`, fails: true, stored: kept},
		{name: "an array, a rotation", body: `{"access_token":["new"],"refresh_token":"rotated"}`, fails: true, stored: rotated},
		{name: "CRLF within, a rotation", body: `{"access_token":"new\r\nX-Admin: yes","refresh_token":"rotated"}`, fails: true, stored: rotated},
		{name: "not ASCII, a rotation", body: `{"access_token":"né","refresh_token":"rotated"}`, fails: true, stored: rotated},
		{name: "empty, a rotation", body: `{"access_token":"","refresh_token":"rotated"}`, fails: true, stored: rotated},
		{name: "CRLF within", body: `{"access_token":"new\r\nX-Admin: yes"}`, fails: true, stored: kept},
		{name: "301", status: 301, header: http.Header{"Location": {"https://evil.test/?x=1"}}, fails: true, stored: kept},
		{name: "307", status: 307, header: http.Header{"Location": {"https://evil.test/?x=1"}}, fails: true, stored: kept},
		{name: "308", status: 308, header: http.Header{"Location": {fakeOrigin + "/oauth/token"}}, fails: true, stored: kept},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			s.answer = func(w http.ResponseWriter, _ url.Values) {
				maps.Copy(w.Header(), test.header)
				if test.status != 0 {
					w.WriteHeader(test.status)
				}
				_, _ = w.Write([]byte(test.body))
			}
			store := newRecorder(t, expiredGrant(s))
			ts := newSource(t, s, store)
			token, err := ts.Token()
			if (err != nil) != test.fails {
				t.Fatalf("Token() = %v, want an error: %t", err, test.fails)
			}
			if s.requests() != 1 {
				t.Errorf("%d requests, want 1", s.requests())
			}
			if got := load(t, store).RefreshToken; got != test.stored {
				t.Errorf("the store holds %q, want %q", got, test.stored)
			}
			if err != nil {
				refused, ok := errors.AsType[*oauth.TokenError](err)
				if !ok || refused.StatusCode != max(test.status, http.StatusOK) {
					t.Errorf("%v, want a TokenError of the answer's status", err)
				}
				if s.strays != 0 {
					t.Error("a redirect was followed")
				}
				if len(err.Error()) > 600 || strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), "evil.test") {
					t.Errorf("%q is not fit for a log", err)
				}
				return
			}
			if token.AccessToken != "new" || len(oauth.GrantedScopes(token)) != test.scopes {
				t.Error("not the token of the answer")
			}
			if left := time.Until(token.Expiry).Round(time.Minute); test.expiry == 0 && !token.Expiry.IsZero() || test.expiry != 0 && left != test.expiry {
				t.Errorf("expires at %s, want in %s", token.Expiry, test.expiry)
			}
			if _, err := ts.Token(); err != nil || s.requests() != 1 {
				t.Errorf("the next call: %v, %d requests", err, s.requests())
			}
		})
	}
}

// What a rotation without a usable access token left is good for the next call.
func TestRotationWithoutAccessToken(t *testing.T) {
	t.Parallel()
	s := newService()
	grant := expiredGrant(s)
	s.answer = func(w http.ResponseWriter, _ url.Values) {
		s.set(func(s *service) { s.used[s.live], s.live, s.answer = true, rotated, nil })
		_, _ = w.Write([]byte(`{"access_token":"a\r\nb","refresh_token":"` + rotated + `"}`))
	}
	store := newRecorder(t, grant)
	ts := newSource(t, s, store)
	if _, err := ts.Token(); err == nil {
		t.Fatal("no error")
	}
	token, err := ts.Token()
	if err != nil || token.AccessToken != accessToken(2) || s.reused() != 0 {
		t.Errorf("Token() = %v, %d reuses, want the next token", err, s.reused())
	}
}

// The client's own secrets come back in every way that servers are known to echo.
func TestEchoedSecretsAreReplaced(t *testing.T) {
	t.Parallel()
	secret := clientSecret + `/"&+é`
	refresh := `refresh/with"odd&+characters`
	echoes := map[string]func(string) string{
		"plain":   func(v string) string { return v },
		"escaped": url.QueryEscape,
		"path":    url.PathEscape,
		"later":   func(v string) string { return strings.Repeat("word ", 50) + v },
	}
	for name, echo := range echoes {
		for _, where := range []string{"error", "error_description"} {
			t.Run(name+" in "+where, func(t *testing.T) {
				t.Parallel()
				s := newService()
				s.answer = func(w http.ResponseWriter, form url.Values) {
					w.WriteHeader(http.StatusBadRequest)
					text := "got " + echo(form.Get("refresh_token")+form.Get("code")) + " and\r\n" + echo(form.Get("client_secret"))
					body := `{"` + where + `":` + jsonString(t, text) + `}`
					_, _ = w.Write([]byte(body))
				}
				cfg := config(fakeOrigin)
				cfg.ClientSecret = secret
				store := newRecorder(t, &oauth2.Token{AccessToken: "x", RefreshToken: refresh, Expiry: time.Now().Add(-time.Hour)})
				ts, err := oauth.NewTokenSource(s.context(t), cfg, store)
				if err != nil {
					t.Fatal(err)
				}
				_, err = ts.Token()
				assertNoSecret(t, err, secret[:12], refresh[:12], url.QueryEscape(refresh)[:12])
				_, err = oauth.Exchange(s.context(t), cfg, refresh)
				assertNoSecret(t, err, secret[:12], refresh[:12], url.QueryEscape(refresh)[:12])
			})
		}
	}
}

// A transport that tells all in its error.
type talkative struct{}

func (talkative) RoundTrip(r *http.Request) (*http.Response, error) {
	_ = r.ParseForm()
	return nil, errors.New("cannot send " + r.URL.String() + r.PostForm.Encode() + r.Header.Get("Authorization"))
}

func TestErrorsOfTheNetworkAreReplaced(t *testing.T) {
	t.Parallel()
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleInParams, oauth2.AuthStyleInHeader} {
		ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: talkative{}})
		cfg := config(fakeOrigin)
		cfg.Endpoint.AuthStyle = style
		_, err := oauth.Exchange(ctx, cfg, "code-of-the-person", oauth2.VerifierOption("verifier-of-the-person"))
		assertNoSecret(t, err, clientSecret, "code-of-the-person", "verifier-of-the-person")

		family := family(fakeOrigin)
		for _, family.RevokeStyle = range []oauth.RevokeStyle{oauth.RevokeForm, oauth.RevokeQuery} {
			err = oauth.Revoke(ctx, cfg, &oauth2.Token{AccessToken: accessToken(1), RefreshToken: refreshToken(1)}, oauth.WithFamily(family))
			assertNoSecret(t, err, clientSecret, accessToken(1), refreshToken(1))
		}
	}
}
