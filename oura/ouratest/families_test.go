package ouratest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// refusal is what a token endpoint says.
type refusal struct {
	Status            int
	Code, Description string
}

func refused(err error) refusal {
	if e, ok := errors.AsType[*oauth.TokenError](err); ok {
		return refusal{e.StatusCode, e.Code, e.Description}
	}
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return refusal{e.Response.StatusCode, e.ErrorCode, e.ErrorDescription}
	}
	return refusal{}
}

// An application of one family is refused by the token endpoint of the other, which uses up a code.
func TestFamilies(t *testing.T) {
	t.Parallel()
	stranger := refusal{http.StatusUnauthorized, "invalid_client", "Invalid client"}
	for name, tt := range map[string]struct {
		opts             []ouratest.ServiceOption
		own, other       oauth.Family
		refresh, mistake refusal // at the other's endpoint; at the own one, with a wrong secret
	}{
		"default": {nil, oauth.Moi, oauth.Cloud, refusal{http.StatusBadRequest, "invalid_request", "Invalid request"}, stranger},
		"moi": {
			[]ouratest.ServiceOption{ouratest.WithCloud(), ouratest.WithMoi()}, oauth.Moi, oauth.Cloud,
			refusal{http.StatusBadRequest, "invalid_request", "Invalid request"}, stranger,
		},
		"cloud": {
			[]ouratest.ServiceOption{ouratest.WithCloud()}, oauth.Cloud, oauth.Moi,
			stranger, refusal{http.StatusBadRequest, "invalid_client", "Invalid client"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := service(t, tt.opts...)
			ctx, right, other := through(t, s), s.OAuthConfig(), tt.other.At(s.URL)
			id, secret := s.AppCredentials()
			own := tt.own.At(s.URL)
			if diff := cmp.Diff(own.Config(id, secret, right.RedirectURL, oauth.AllScopes()...), right, cmpopts.IgnoreUnexported(oauth2.Config{})); diff != "" || s.RevokeURL() != own.RevokeURL {
				t.Errorf("not the family's configuration: %s", diff)
			}
			wrong := *right
			wrong.Endpoint.TokenURL = other.TokenURL

			token, err := oauth.Exchange(ctx, right, codeOf(t, s, right))
			if err != nil {
				t.Fatal(err)
			}
			_, err = wrong.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
			if diff := cmp.Diff(tt.refresh, refused(err)); diff != "" {
				t.Errorf("a refresh at the other family: %s", diff)
			}
			next, err := right.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
			if err != nil {
				t.Fatalf("the refresh token did not survive the mistake: %v", err)
			}
			_, err = right.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
			if diff := cmp.Diff(refusal{http.StatusBadRequest, "invalid_grant", "Refresh token already used."}, refused(err)); diff != "" {
				t.Errorf("used again: %s", diff)
			}

			code := codeOf(t, s, right)
			_, err = oauth.Exchange(ctx, &wrong, code)
			if diff := cmp.Diff(stranger, refused(err)); diff != "" {
				t.Errorf("an exchange at the other family: %s", diff)
			}
			if _, err := oauth.Exchange(ctx, right, code); tokenCode(err) != "invalid_grant" {
				t.Errorf("the code survived the mistake: %v", err)
			}
			wrong = *right
			wrong.ClientSecret = "wrong"
			_, err = oauth.Exchange(ctx, &wrong, codeOf(t, s, right))
			if diff := cmp.Diff(tt.mistake, refused(err)); diff != "" {
				t.Errorf("a wrong secret: %s", diff)
			}

			form := url.Values{"token": {next.RefreshToken}, "client_id": {id}, "client_secret": {secret}}
			resp, err := s.HTTPClient().PostForm(other.RevokeURL, form)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if _, err := s.Client(oura.WithAccessToken(next.AccessToken)).PersonalInfo(t.Context()); err != nil || resp.StatusCode != http.StatusBadRequest {
				t.Errorf("revoked at the other family: %d, %v", resp.StatusCode, err)
			}
			if resp := get(t, s.HTTPClient(), s.URL+"/.well-known/oauth-authorization-server"); resp.StatusCode != http.StatusOK {
				t.Errorf("discovery: %d", resp.StatusCode)
			}
		})
	}
}

// What a consent page grants hangs on how the names are written, and not on the application.
func TestConsentPagesTakeTheirOwnNames(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		page oauth.Family
		ask  string
		want []string
	}{
		"Moi, prefixed":       {oauth.Moi, "extapi:daily extapi:spo2", []string{"daily", "spo2"}},
		"Moi, bare":           {oauth.Moi, "daily spo2", nil},
		"Moi, one of each":    {oauth.Moi, "daily extapi:spo2", []string{"spo2"}},
		"Moi, prefixed twice": {oauth.Moi, "extapi:extapi:daily", nil},
		"Moi, none":           {oauth.Moi, "", oauth.AllScopes()},
		"Cloud, bare":         {oauth.Cloud, "daily spo2", []string{"daily", "spo2"}},
		"Cloud, prefixed":     {oauth.Cloud, "extapi:daily", nil},
		"Cloud, none":         {oauth.Cloud, "", oauth.AllScopes()},
	} {
		for app, opts := range map[string][]ouratest.ServiceOption{"today": nil, "old": {ouratest.WithCloud()}} {
			t.Run(name+", "+app, func(t *testing.T) {
				t.Parallel()
				s := service(t, opts...)
				ctx, cfg := through(t, s), s.OAuthConfig()
				page := *cfg
				page.Endpoint.AuthURL = tt.page.At(s.URL).AuthURL
				page.Scopes = strings.Fields(tt.ask)
				token, err := oauth.Exchange(ctx, cfg, codeOf(t, s, &page))
				if err != nil {
					t.Fatal(err)
				}
				if token, err = cfg.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token(); err != nil {
					t.Fatal(err)
				}
				got := oauth.GrantedScopes(token)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
				if raw := strings.Fields(token.Extra("scope").(string)); slices.ContainsFunc(raw, func(name string) bool { return !strings.HasPrefix(name, "extapi:") }) {
					t.Errorf("granted names without the prefix: %v", raw)
				}
				// In a browser, Cloud's page leads to Moi's, which offers the same.
				resp := get(t, s.HTTPClient(), page.AuthCodeURL("state"))
				html, err := io.ReadAll(resp.Body)
				if err != nil || resp.StatusCode != http.StatusOK || resp.Request.URL.Path != "/oauth/v2/ext/oauth-authorize" {
					t.Fatalf("%s answers %d, %v", resp.Request.URL.Path, resp.StatusCode, err)
				}
				for _, name := range oauth.AllScopes() {
					if strings.Contains(string(html), `value="`+name+`"`) != slices.Contains(tt.want, name) {
						t.Errorf("the page is wrong about %s", name)
					}
				}
			})
		}
	}
}

// An empty grant is a good token that opens nothing.
func TestAnEmptyGrantReadsNoCollection(t *testing.T) {
	t.Parallel()
	s := service(t)
	cfg := s.OAuthConfig()
	cfg.Scopes = oauth.AllScopes() // bare, at Moi's page
	token, err := oauth.Exchange(through(t, s), cfg, codeOf(t, s, cfg))
	if err != nil {
		t.Fatal(err)
	}
	c := s.Client(oura.WithAccessToken(token.AccessToken))
	for _, collection := range []string{"daily_sleep", "sleep", "heartrate", "workout", "ring_configuration"} {
		if _, _, err := ask(t, c, collection, ""); !errors.Is(err, oura.ErrMissingScope) {
			t.Errorf("%s: %v", collection, err)
		}
	}
}

// The callback of both families has Moi's issuer, and one of callback and token response may be all that tells the scopes.
func TestCallbackAndTokenResponse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts     []ouratest.ServiceOption
		lacksOne bool
	}{
		"moi": {}, "cloud": {[]ouratest.ServiceOption{ouratest.WithCloud()}, false},
		"scope in the callback": {[]ouratest.ServiceOption{ouratest.WithScopeInCallback()}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := service(t, tt.opts...)
			cfg := s.OAuthConfig()
			back, err := s.ConsentAs(s.User(), cfg.AuthCodeURL("state"), "daily", "tag")
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(back)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			if q.Get("iss") != s.URL+"/oauth/v2/ext/oauth-anonymous" || q.Get("scope") != "extapi:daily extapi:tag" {
				t.Errorf("the callback has iss %s, scope %s", q.Get("iss"), q.Get("scope"))
			}
			resp, err := s.HTTPClient().PostForm(cfg.Endpoint.TokenURL, url.Values{
				"grant_type": {"authorization_code"}, "code": {q.Get("code")}, "redirect_uri": {cfg.RedirectURL},
				"client_id": {cfg.ClientID}, "client_secret": {cfg.ClientSecret},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var got map[string]any
			if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"access_token", "refresh_token"} {
				if got[key] == "" || got[key] == nil {
					t.Errorf("no %s", key)
				}
				delete(got, key)
			}
			want := map[string]any{"expires_in": 30 * 24 * 3600.0, "id_token": nil, "token_type": "bearer", "scope": "extapi:daily extapi:tag"}
			if tt.lacksOne {
				delete(want, "scope")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A page answers 400, and sends nobody back, where the redirect URL is not one that it takes.
func TestRedirectURLs(t *testing.T) {
	t.Parallel()
	registered := []ouratest.ServiceOption{ouratest.WithRedirectURLs("http://localhost:8910/callback", "http://127.0.0.1:8910/callback")}
	for name, tt := range map[string]struct {
		opts   []ouratest.ServiceOption
		target string
		want   int
	}{
		"localhost":                {nil, "http://localhost:1/x", http.StatusOK},
		"127.0.0.1":                {nil, "http://127.0.0.1:8910/callback", http.StatusBadRequest},
		"127.0.0.1, registered":    {registered, "http://127.0.0.1:8910/callback", http.StatusBadRequest},
		"registered":               {registered, "http://localhost:8910/callback", http.StatusOK},
		"a slash more":             {registered, "http://localhost:8910/callback/", http.StatusBadRequest},
		"a host that is elsewhere": {nil, "https://example.com/callback", http.StatusBadRequest},
	} {
		for page, family := range map[string]oauth.Family{"moi": oauth.Moi, "cloud": oauth.Cloud} {
			t.Run(name+", "+page, func(t *testing.T) {
				t.Parallel()
				s := service(t, tt.opts...)
				id, secret := s.AppCredentials()
				cfg := family.At(s.URL).Config(id, secret, tt.target, oauth.ScopeDaily)
				resp := get(t, s.HTTPClient(), cfg.AuthCodeURL("state"))
				html, _ := io.ReadAll(resp.Body)
				if resp.StatusCode != tt.want || strings.Contains(string(html), "invalid_request") != (tt.want == http.StatusBadRequest) {
					t.Errorf("the page answers %d: %s", resp.StatusCode, html)
				}
				if _, err := s.Consent(cfg.AuthCodeURL("state")); (err == nil) != (tt.want == http.StatusOK) {
					t.Errorf("consent: %v", err)
				}
			})
		}
	}
}
