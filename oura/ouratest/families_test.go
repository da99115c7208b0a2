package ouratest_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// An application of one family is refused by the other: with the answers of the live service, a refresh with 400, an
// exchange with 401, which uses up the code.
func TestFamilies(t *testing.T) {
	t.Parallel()
	const cloud, moi = "/oauth/token", "/oauth/v2/ext/oauth-token"
	for name, tt := range map[string]struct {
		opts       []ouratest.ServiceOption
		own, other string
	}{
		"cloud": {nil, cloud, moi},
		"moi":   {[]ouratest.ServiceOption{ouratest.WithMoi()}, moi, cloud},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := service(t, tt.opts...)
			ctx, right := through(t, s), s.OAuthConfig()
			if right.Endpoint.TokenURL != s.URL+tt.own {
				t.Errorf("the token endpoint is %s", right.Endpoint.TokenURL)
			}
			wrong := *right
			wrong.Endpoint.TokenURL = s.URL + tt.other

			token, err := oauth.Exchange(ctx, right, codeOf(t, s, right))
			if err != nil {
				t.Fatal(err)
			}
			_, err = wrong.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
			if e, ok := errors.AsType[*oauth2.RetrieveError](err); !ok || e.Response.StatusCode != http.StatusBadRequest || e.ErrorCode != "invalid_request" {
				t.Errorf("a refresh at the other family: %v", err)
			}
			next, err := right.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
			if err != nil {
				t.Errorf("the refresh token did not survive the mistake: %v", err)
			}

			code := codeOf(t, s, right)
			_, err = oauth.Exchange(ctx, &wrong, code)
			if e, ok := errors.AsType[*oauth.TokenError](err); !ok || e.StatusCode != http.StatusUnauthorized {
				t.Errorf("an exchange at the other family: %v", err)
			}
			if _, err := oauth.Exchange(ctx, right, code); tokenCode(err) != "invalid_grant" {
				t.Errorf("the code survived the mistake: %v", err)
			}

			authorize := strings.Replace(right.AuthCodeURL("state"), strings.Replace(tt.own, "token", "authorize", 1), strings.Replace(tt.other, "token", "authorize", 1), 1)
			if _, err := s.Consent(authorize); err == nil {
				t.Error("somebody consented on a page of the other family")
			}
			if resp := get(t, s.HTTPClient(), authorize); resp.StatusCode != http.StatusBadRequest {
				t.Errorf("the other family's page: %d", resp.StatusCode)
			}
			revoke := strings.Replace(s.RevokeURL(), strings.Replace(tt.own, "token", "revoke", 1), strings.Replace(tt.other, "token", "revoke", 1), 1)
			form := url.Values{"token": {next.RefreshToken}, "client_id": {right.ClientID}, "client_secret": {right.ClientSecret}}
			resp, err := s.HTTPClient().PostForm(revoke, form)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			client, err := oura.NewClient(oura.WithBaseURL(s.URL), oura.WithHTTPClient(s.HTTPClient()), oura.WithAccessToken(next.AccessToken))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.PersonalInfo(t.Context()); err != nil || resp.StatusCode != http.StatusBadRequest {
				t.Errorf("revoked at the other family: %d, %v", resp.StatusCode, err)
			}
			if resp := get(t, s.HTTPClient(), s.URL+"/.well-known/oauth-authorization-server"); resp.StatusCode != http.StatusOK {
				t.Errorf("discovery: %d", resp.StatusCode)
			}
		})
	}
}
