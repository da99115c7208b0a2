package ouratest_test

import (
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// through is the context in which packages of x/oauth2's kind find the service's HTTP client.
func through(t testing.TB, s *ouratest.Service) context.Context {
	return context.WithValue(t.Context(), oauth2.HTTPClient, s.HTTPClient())
}

// codeOf consents and takes the code out of the callback.
func codeOf(t testing.TB, s *ouratest.Service, cfg *oauth2.Config, opts ...oauth2.AuthCodeOption) string {
	t.Helper()
	callback, err := s.Consent(cfg.AuthCodeURL("state", opts...))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(callback)
	if err != nil || u.Query().Get("state") != "state" || !strings.HasPrefix(callback, cfg.RedirectURL) {
		t.Fatalf("callback %q, %v", callback, err)
	}
	return u.Query().Get("code")
}

func tokenCode(err error) string {
	var e *oauth.TokenError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func retrieveCode(err error) string {
	var e *oauth2.RetrieveError
	if errors.As(err, &e) {
		return e.ErrorCode
	}
	return ""
}

func TestOAuthGrantLife(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithExpiresIn(24*time.Hour))
	ctx, cfg := through(t, s), s.OAuthConfig()
	token, err := oauth.Exchange(ctx, cfg, codeOf(t, s, cfg))
	if err != nil {
		t.Fatal(err)
	}
	if missing := oauth.MissingScopes(token, oauth.AllScopes()...); len(missing) > 0 || token.RefreshToken == "" {
		t.Errorf("missing %v", missing)
	}
	read := func(access string) error {
		c, err := oura.NewClient(oura.WithBaseURL(s.URL), oura.WithHTTPClient(s.HTTPClient()), oura.WithAccessToken(access), oura.WithRetry(oura.NoRetry))
		if err != nil {
			t.Fatal(err)
		}
		return second(c.PersonalInfo(t.Context()))
	}
	if err := read(token.AccessToken); err != nil {
		t.Error(err)
	}

	refresh := func(rt string) (*oauth2.Token, error) {
		return cfg.TokenSource(ctx, &oauth2.Token{RefreshToken: rt}).Token()
	}
	next, err := refresh(token.RefreshToken)
	if err != nil || next.RefreshToken == token.RefreshToken || next.AccessToken == token.AccessToken {
		t.Fatalf("refresh: %v, %v", next, err)
	}
	if _, err := refresh(token.RefreshToken); retrieveCode(err) != "invalid_grant" {
		t.Errorf("a refresh token works twice: %v", err)
	}
	wrong := *cfg
	wrong.ClientSecret = "wrong"
	if _, err := wrong.TokenSource(ctx, &oauth2.Token{RefreshToken: next.RefreshToken}).Token(); retrieveCode(err) != "invalid_client" {
		t.Errorf("wrong secret: %v", err)
	}

	s.Advance(25 * time.Hour)
	if err := read(next.AccessToken); !errors.Is(err, oura.ErrUnauthorized) {
		t.Errorf("after 25 h: %v", err)
	}
	if next, err = refresh(next.RefreshToken); err != nil || read(next.AccessToken) != nil {
		t.Errorf("refreshed after expiry: %v", err)
	}
	if err := oauth.Revoke(ctx, cfg, next); err != nil {
		t.Errorf("revoke: %v", err)
	}
	if err := read(next.AccessToken); !errors.Is(err, oura.ErrUnauthorized) {
		t.Errorf("after revocation: %v", err)
	}
	if _, err := refresh(next.RefreshToken); retrieveCode(err) != "invalid_grant" {
		t.Errorf("refresh after revocation: %v", err)
	}
}

func TestOAuthCodes(t *testing.T) {
	t.Parallel()
	s := service(t)
	ctx, cfg := through(t, s), s.OAuthConfig()
	code := codeOf(t, s, cfg)
	token, err := oauth.Exchange(ctx, cfg, code)
	if err != nil || token.ExpiresIn != 30*24*3600 && time.Until(token.Expiry) < 29*24*time.Hour {
		t.Fatalf("%v, %v", token, err)
	}
	if _, err := oauth.Exchange(ctx, cfg, code); tokenCode(err) != "invalid_grant" {
		t.Errorf("a code works twice: %v", err)
	}
	late := codeOf(t, s, cfg)
	s.Advance(10 * time.Minute)
	if _, err := oauth.Exchange(ctx, cfg, late); tokenCode(err) != "invalid_grant" {
		t.Errorf("a code of ten minutes ago: %v", err)
	}
	other := *cfg
	other.RedirectURL = "http://localhost:8080/callback/"
	if _, err := oauth.Exchange(ctx, &other, codeOf(t, s, cfg)); tokenCode(err) != "invalid_grant" {
		t.Errorf("another redirect URL: %v", err)
	}
	verifier := oauth2.GenerateVerifier()
	pkce := codeOf(t, s, cfg, oauth2.S256ChallengeOption(verifier))
	if _, err := oauth.Exchange(ctx, cfg, pkce); tokenCode(err) != "invalid_grant" {
		t.Errorf("no verifier: %v", err)
	}
	pkce = codeOf(t, s, cfg, oauth2.S256ChallengeOption(verifier))
	if _, err := oauth.Exchange(ctx, cfg, pkce, oauth2.VerifierOption(verifier)); err != nil {
		t.Errorf("PKCE: %v", err)
	}
	basic := *cfg
	basic.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if _, err := oauth.Exchange(ctx, &basic, codeOf(t, s, cfg)); err != nil {
		t.Errorf("HTTP Basic: %v", err)
	}
	s.FailOnce("token", ouratest.ServerError(503))
	code = codeOf(t, s, cfg)
	if _, err := oauth.Exchange(ctx, cfg, code); err == nil {
		t.Error("the fault of the token endpoint was not heeded")
	}
	if _, err := oauth.Exchange(ctx, cfg, code); err != nil {
		t.Errorf("a fault in place of the request used the code up: %v", err)
	}
	s.FailOnce("token", ouratest.LostAnswer())
	code = codeOf(t, s, cfg)
	_, first := oauth.Exchange(ctx, cfg, code)
	if _, err := oauth.Exchange(ctx, cfg, code); first == nil || tokenCode(err) != "invalid_grant" {
		t.Errorf("a lost answer did not use the code up: %v, %v", first, err)
	}
}

func TestOAuthConsentErrors(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithRedirectURLs("https://app.example.com/callback"))
	cfg := s.OAuthConfig()
	if cfg.RedirectURL != "https://app.example.com/callback" {
		t.Errorf("RedirectURL %q", cfg.RedirectURL)
	}
	for name, change := range map[string]func(url.Values){
		"client":   func(q url.Values) { q.Set("client_id", "other") },
		"redirect": func(q url.Values) { q.Set("redirect_uri", "https://app.example.com/callback/") },
		"PKCE":     func(q url.Values) { q.Set("code_challenge", "x") },
	} {
		u, _ := url.Parse(cfg.AuthCodeURL("state"))
		q := u.Query()
		change(q)
		u.RawQuery = q.Encode()
		if _, err := s.Consent(u.String()); err == nil {
			t.Errorf("%s: consent was given", name)
		}
		resp := get(t, s.HTTPClient(), u.String())
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: the page answers %d", name, resp.StatusCode)
		}
	}
	denied, err := s.Deny(cfg.AuthCodeURL("state"))
	if err != nil || !strings.Contains(denied, "error=access_denied") || !strings.Contains(denied, "state=state") {
		t.Errorf("%s, %v", denied, err)
	}
}

func TestOAuthScopes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opts []ouratest.ServiceOption
		ask  []string
		want []string
	}{
		"all without names":  {nil, nil, oauth.AllScopes()},
		"unknown is dropped": {nil, []string{"daily", "made_up"}, []string{"daily"}},
		"retired name":       {nil, []string{"spo2Daily"}, []string{"spo2"}},
		"a smaller grant":    {[]ouratest.ServiceOption{ouratest.WithGrantedScopes("daily", "tag")}, []string{"daily", "spo2"}, []string{"daily"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := service(t, tt.opts...)
			cfg := s.OAuthConfig()
			cfg.Scopes = oauth.Moi.Config("", "", "", tt.ask...).Scopes
			token, err := oauth.Exchange(through(t, s), cfg, codeOf(t, s, cfg))
			if err != nil {
				t.Fatal(err)
			}
			got := oauth.GrantedScopes(token)
			slices.Sort(got)
			want := slices.Sorted(slices.Values(tt.want))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMissingScopesByCollection(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"daily_activity": "daily", "daily_readiness": "daily", "daily_sleep": "daily", "sleep": "daily", "sleep_time": "daily",
		"rest_mode_period": "daily", "daily_stress": "daily", "daily_spo2": "spo2", "daily_resilience": "stress",
		"daily_cardiovascular_age": "heart_health", "vO2_max": "heart_health", "ring_configuration": "ring_configuration",
		"ring_battery_level": "ring_configuration", "tag": "tag", "enhanced_tag": "tag", "heartrate": "heartrate",
		"workout": "workout", "session": "session",
	}
	s := service(t)
	for collection, scope := range want {
		others := slices.DeleteFunc(oauth.AllScopes(), func(name string) bool { return name == scope })
		for _, scopes := range [][]string{others, {scope}} {
			c := s.Client(oura.WithAccessToken(s.Token(scopes...).AccessToken))
			_, _, err := ask(t, c, collection, "")
			var e *oura.Error
			switch {
			case len(scopes) == 1 && err != nil:
				t.Errorf("%s with %s: %v", collection, scope, err)
			case len(scopes) > 1 && (!errors.As(err, &e) || e.Scope != scope || e.Detail != "Token is not authorized access "+scope+" scope."):
				t.Errorf("%s without %s: %v", collection, scope, err)
			}
		}
	}
	for scope, check := range map[string]func(oura.PersonalInfo) bool{
		"daily":    func(i oura.PersonalInfo) bool { return i.ID != "" && i.Email == nil && i.Age == nil && i.Weight == nil },
		"email":    func(i oura.PersonalInfo) bool { return i.Email != nil && i.Age == nil },
		"personal": func(i oura.PersonalInfo) bool { return i.Email == nil && i.Age != nil && i.Height != nil },
	} {
		info, err := s.Client(oura.WithAccessToken(s.Token(scope).AccessToken)).PersonalInfo(t.Context())
		if err != nil || !check(info) {
			t.Errorf("personal info with %s: %v", scope, err)
		}
	}
}

// TestConsentPage goes through the page as a browser does.
func TestConsentPage(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithUsers("ada", "ben"))
	cfg := s.OAuthConfig()
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Transport: s.HTTPClient().Transport, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp := get(t, browser, cfg.AuthCodeURL("st<at>e"))
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", resp.StatusCode, err)
	}
	for _, want := range []string{`<html lang="en">`, "<title>", "<label for=\"user\">", "<fieldset>", "<legend>", `value="allow"`, `value="deny"`, ">ben<", `value="spo2"`} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	labels := regexp.MustCompile(`<label><input type="checkbox" name="scope" value="(\w+)" checked> ([^<]+) <code>(\w+)</code></label>`).
		FindAllStringSubmatch(string(page), -1)
	if len(labels) != len(oauth.AllScopes()) {
		t.Errorf("%d scopes with a name for people, want %d", len(labels), len(oauth.AllScopes()))
	}
	for _, l := range labels {
		if scope, name, code := l[1], l[2], l[3]; scope != code || name == scope {
			t.Errorf("the label of %s is %q, with %s beside it", scope, name, code)
		}
	}
	ben := s.Users()[1]
	post := func(form url.Values) *url.URL {
		action := regexp.MustCompile(`action="([^"]*)"`).FindStringSubmatch(string(page))[1]
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+html.UnescapeString(action), strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		u, err := resp.Location()
		if err != nil {
			t.Fatalf("%d: %v", resp.StatusCode, err)
		}
		if u.Query().Get("state") != "st<at>e" {
			t.Errorf("state %q", u.Query().Get("state"))
		}
		return u
	}
	if u := post(url.Values{"decision": {"deny"}}); u.Query().Get("error") != "access_denied" || u.Query().Has("code") {
		t.Errorf("denied: %v", u)
	}
	u := post(url.Values{"decision": {"allow"}, "user": {ben.ID}, "scope": {"daily", "email", "made_up"}})
	token, err := oauth.Exchange(through(t, s), cfg, u.Query().Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	if got := oauth.GrantedScopes(token); !cmp.Equal([]string{"email", "daily"}, got) {
		t.Errorf("granted %v", got)
	}
	me, err := s.Client(oura.WithAccessToken(token.AccessToken)).PersonalInfo(t.Context())
	if err != nil || me.ID != ben.ID || *me.Email != "ben@example.com" {
		t.Errorf("%v, %v", me, err)
	}
}

func TestRevokeForms(t *testing.T) {
	t.Parallel()
	s := service(t)
	form := func(values url.Values) *http.Request {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.RevokeURL(), strings.NewReader(values.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return req
	}
	query := func(method, token string) *http.Request {
		req, _ := http.NewRequestWithContext(t.Context(), method, s.RevokeURL()+"?access_token="+token, nil)
		return req
	}
	id, secret := s.AppCredentials()
	a, b, c := s.Token().AccessToken, s.Token().AccessToken, s.Token()
	for _, tt := range []struct {
		name string
		req  *http.Request
		want int
	}{
		{"GET", query("GET", a), 200}, {"again", query("GET", a), 401},
		{"POST", query("POST", b), 200}, {"nothing", query("POST", ""), 400},
		{"RFC 7009, wrong client", form(url.Values{"token": {c.RefreshToken}, "client_id": {id}, "client_secret": {"x"}}), 401},
		{"RFC 7009", form(url.Values{"token": {c.RefreshToken}, "client_id": {id}, "client_secret": {secret}}), 200},
		{"RFC 7009, unknown token", form(url.Values{"token": {"x"}, "client_id": {id}, "client_secret": {secret}}), 200},
		{"its access token", query("GET", c.AccessToken), 401},
	} {
		resp, err := s.HTTPClient().Do(tt.req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, resp.StatusCode, tt.want)
		}
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opt  ouratest.ServiceOption
		tier string
	}{
		"application": {ouratest.WithRateLimit(3, time.Minute), "application"},
		"token":       {ouratest.WithTokenRateLimit(3, time.Minute), "access_token"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := service(t, tt.opt, ouratest.WithClock(func() time.Time { return suiteNow }))
			c := s.Client(quick()...)
			for range 3 {
				if _, err := c.PersonalInfo(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			s.Advance(20 * time.Second)
			_, err := c.PersonalInfo(t.Context())
			var e *oura.Error
			if !errors.As(err, &e) || !errors.Is(err, oura.ErrRateLimited) || e.RateLimit.Tier != tt.tier || e.RateLimit.Limit != 3 || e.RateLimit.Window != time.Minute {
				t.Fatalf("%v", err)
			}
			if e.RetryAfter != 40*time.Second || !e.RateLimit.Reset.Equal(s.Now().Add(40*time.Second)) {
				t.Errorf("retry after %v, reset %v", e.RetryAfter, e.RateLimit.Reset)
			}
			_, err = s.Client(oura.WithAccessToken(s.Token().AccessToken), oura.WithRetry(oura.NoRetry)).PersonalInfo(t.Context())
			if other := tt.tier == "access_token"; (err == nil) != other {
				t.Errorf("another token: %v", err)
			}
			s.Advance(e.RetryAfter)
			if _, err := c.With(oura.WithAccessToken(s.Token().AccessToken)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Client(quick()...).PersonalInfo(t.Context()); err != nil {
				t.Errorf("after the wait: %v", err)
			}
		})
	}
}

func get(t testing.TB, c *http.Client, address string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func TestNowIsTheWallClocks(t *testing.T) {
	t.Parallel()
	s := ouratest.NewService()
	defer s.Close()
	if now := s.Now().String(); strings.Contains(now, "m=") {
		t.Errorf("Now() = %s, want no monotonic reading", now)
	}
}
