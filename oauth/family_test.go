package oauth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// askedScopes are the names in the address of a consent page.
func askedScopes(t *testing.T, address string) []string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(u.Query().Get("scope"))
}

// However the names are written, each consent page gets its own, once.
func TestScopeNamesAreThoseOfTheConsentPage(t *testing.T) {
	t.Parallel()
	own := oauth.Family{Endpoint: oauth2.Endpoint{AuthURL: "https://own.test/a", TokenURL: "https://own.test/t"}, ScopePrefix: "x:"}
	bare, prefixed := []string{"daily", "spo2"}, []string{"extapi:daily", "extapi:spo2"}
	for name, test := range map[string]struct {
		family oauth.Family
		want   []string
	}{
		"moi": {oauth.Moi, prefixed}, "cloud": {oauth.Cloud, bare},
		"moi elsewhere": {oauth.Moi.At("http://127.0.0.1:8080/"), prefixed}, "cloud elsewhere": {oauth.Cloud.At("https://proxy.test/oura"), bare},
		"the mix": {oauth.Family{Endpoint: oauth2.Endpoint{AuthURL: oauth.Cloud.AuthURL, TokenURL: oauth.Moi.TokenURL}}, bare},
	} {
		for _, written := range [][]string{
			{"daily", "spo2"}, {"extapi:daily", "extapi:spo2"}, {"daily", "extapi:spo2Daily", "extapi:daily"}, {"daily extapi:extapi:spo2"}, {"", "daily", "spo2", "spo2Daily"},
		} {
			cfg := test.family.Config("id", "secret", "http://localhost:8910/callback", written...)
			cfg.Scopes = written // as somebody who knows nothing of families writes them
			address, _ := oauth.AuthCodeURL(cfg)
			if diff := cmp.Diff(test.want, askedScopes(t, address)); diff != "" {
				t.Errorf("%s, %q (-want +got):\n%s", name, written, diff)
			}
			cfg.Scopes = nil
			address, _ = oauth.AuthCodeURL(cfg, oauth2.SetAuthURLParam("scope", strings.Join(written, " ")))
			if diff := cmp.Diff(test.want, askedScopes(t, address)); diff != "" {
				t.Errorf("%s, %q by an option (-want +got):\n%s", name, written, diff)
			}
		}
		if name == "the mix" {
			continue
		}
		cfg := test.family.Config("id", "secret", "http://localhost:8910/callback", "daily", "spo2Daily")
		if diff := cmp.Diff(test.want, askedScopes(t, cfg.AuthCodeURL("state"))); diff != "" {
			t.Errorf("%s, the configuration's own AuthCodeURL (-want +got):\n%s", name, diff)
		}
		if cfg.ClientID != "id" || cfg.ClientSecret != "secret" || cfg.RedirectURL != "http://localhost:8910/callback" || cfg.Endpoint != test.family.Endpoint {
			t.Errorf("%s: not the configuration asked for", name)
		}
	}
	cfg := own.Config("id", "secret", "http://localhost:8910/callback", "extapi:daily")
	if address, _ := oauth.AuthCodeURL(cfg); !cmp.Equal(askedScopes(t, address), []string{"x:daily"}) {
		t.Errorf("a family of one's own: %q", askedScopes(t, address))
	}
}

func TestFamilyOf(t *testing.T) {
	t.Parallel()
	endpoint := func(auth, token string) *oauth2.Config {
		return &oauth2.Config{Endpoint: oauth2.Endpoint{AuthURL: auth, TokenURL: token, AuthStyle: oauth2.AuthStyleInHeader}}
	}
	proxy := oauth.Cloud.At("https://proxy.test/oura")
	if proxy.RevokeURL != "https://proxy.test/oura/oauth/revoke" || proxy.Issuer != "https://proxy.test/oura/oauth/v2/ext/oauth-anonymous" {
		t.Errorf("At() = %+v", proxy)
	}
	for name, test := range map[string]struct {
		cfg  *oauth2.Config
		want oauth.Family // but for its Endpoint
	}{
		"moi":        {endpoint(oauth.Moi.AuthURL, oauth.Moi.TokenURL), oauth.Moi},
		"cloud":      {endpoint(oauth.Cloud.AuthURL, oauth.Cloud.TokenURL), oauth.Cloud},
		"a proxy":    {endpoint(proxy.AuthURL, proxy.TokenURL), proxy},
		"advertised": {endpoint("https://api.ouraring.com/v2/oauth/authorize", "https://api.ouraring.com/v2/oauth/token"), oauth.Cloud.At("https://api.ouraring.com/v2")},
		"the mix": {endpoint(oauth.Cloud.AuthURL, oauth.Moi.TokenURL), oauth.Family{
			RevokeURL: oauth.Moi.RevokeURL, RevokeStyle: oauth.RevokeForm, Issuer: oauth.Moi.Issuer,
		}},
		"no token URL of a family": {endpoint(oauth.Moi.AuthURL, "https://own.test/t"), oauth.Family{ScopePrefix: "extapi:", Issuer: oauth.Moi.Issuer}},
	} {
		got, err := oauth.FamilyOf(test.cfg)
		if test.want.Endpoint = test.cfg.Endpoint; err != nil || got != test.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, test.want)
		}
	}
	for _, cfg := range []*oauth2.Config{nil, {}, endpoint("https://own.test/login", "https://own.test/token"), endpoint("/oauth/authorize", ""), endpoint("https://\x00/oauth/authorize", "")} {
		if _, err := oauth.FamilyOf(cfg); !isConfigError(err, "") {
			t.Errorf("FamilyOf() = %v, want a ConfigError", err)
		}
	}
}

// isConfigError reports whether err is one sentence about a field.
func isConfigError(err error, field string) bool {
	e, ok := errors.AsType[*oauth.ConfigError](err)
	return ok && (field == "" || e.Field == field) && !strings.Contains(e.Error(), "\n") && !strings.Contains(e.Error(), ". ")
}

func TestCheckIssuer(t *testing.T) {
	t.Parallel()
	proxy, other := oauth.Moi.At("https://proxy.test"), oauth.Family{Issuer: "https://other.test"}
	for _, test := range []struct {
		family oauth.Family
		iss    string
		want   error
	}{
		{oauth.Moi, oauth.Moi.Issuer, nil}, {oauth.Cloud, oauth.Moi.Issuer, nil},
		{oauth.Moi, oauth.Moi.Issuer + "/", oauth.ErrIssuer}, {oauth.Cloud, "https://cloud.ouraring.com", oauth.ErrIssuer}, {oauth.Moi, "", oauth.ErrIssuer},
		{oauth.Moi, proxy.Issuer, oauth.ErrIssuer}, {proxy, proxy.Issuer, nil}, {proxy, oauth.Moi.Issuer, nil},
		{other, oauth.Moi.Issuer, oauth.ErrIssuer}, {other, other.Issuer, nil}, {oauth.Family{}, "anything", nil},
	} {
		if err := test.family.CheckIssuer(test.iss); !errors.Is(err, test.want) {
			t.Errorf("%s at a family of %s: %v, want %v", test.iss, test.family.Issuer, err, test.want)
		}
	}
}
