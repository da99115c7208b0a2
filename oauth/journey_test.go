package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// TestJourney is what a person and a program do with each other over the life of a grant, against the fake service
// over real HTTP: consent with fewer scopes than asked, reading, a missing scope, expiry, a token that the service
// withdraws early, and goodbye.
func TestJourney(t *testing.T) {
	t.Parallel()
	service := ouratest.NewService(ouratest.WithExpiresIn(time.Hour))
	t.Cleanup(service.Close)
	cfg := service.OAuthConfig()
	cfg.RedirectURL = redirectURL(t, "localhost")
	store := oauth.NewFileStore(t.TempDir() + "/token.json")

	browser := oauth.WithBrowser(func(ctx context.Context, address string) error {
		back, err := service.ConsentAs(service.User(), address, oauth.ScopeDaily, oauth.ScopePersonal)
		if err != nil {
			return err
		}
		forged := strings.Replace(back, "state=", "state=forged", 1)
		denied, err := service.Deny(address)
		if err != nil {
			return err
		}
		go func() { // the browser comes back while Login serves
			for _, url := range []string{forged, back, back, denied} {
				req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
				if resp, err := http.DefaultClient.Do(req); err == nil {
					_ = resp.Body.Close()
				}
			}
		}()
		return nil
	})
	token, err := oauth.Login(t.Context(), cfg, store, browser, oauth.WithOutput(&strings.Builder{}))
	if err != nil {
		t.Fatal(err)
	}
	if n := tokenRequests(service); n != 1 {
		t.Errorf("%d exchanges of one code", n)
	}
	if missing := oauth.MissingScopes(token, oauth.ScopeDaily, oauth.ScopeHeartRate); len(missing) != 1 || missing[0] != oauth.ScopeHeartRate {
		t.Errorf("missing scopes: %v", missing)
	}

	source, err := oauth.NewTokenSource(t.Context(), cfg, store)
	if err != nil {
		t.Fatal(err)
	}
	client, err := oura.NewClient(oura.WithBaseURL(service.URL), oura.WithTokenSource(source))
	if err != nil {
		t.Fatal(err)
	}
	yesterday := oura.DateOf(service.Now()).AddDays(-1)
	if days, err := oura.Collect(client.DailySleep.List(t.Context(), oura.Days(yesterday, yesterday))); err != nil || len(days) != 1 {
		t.Errorf("%d days, %v", len(days), err)
	}
	_, err = client.HeartRate.Latest(t.Context())
	if e, ok := errors.AsType[*oura.Error](err); !ok || !errors.Is(err, oura.ErrMissingScope) || e.Scope != oauth.ScopeHeartRate {
		t.Errorf("without the scope: %v", err)
	}
	if n := tokenRequests(service); n != 1 {
		t.Errorf("%d requests to the token endpoint: a missing scope is not refreshed", n)
	}

	service.Advance(2 * time.Hour) // the service's clock only: to it the token has expired, to the program it has not
	if _, err := client.PersonalInfo(t.Context()); err != nil {
		t.Errorf("after the service withdrew the token: %v", err)
	}
	renewed, err := store.Load(t.Context())
	if err != nil || renewed.RefreshToken == token.RefreshToken || tokenRequests(service) != 2 {
		t.Errorf("the store holds the same grant after a refresh: %v, %d requests", err, tokenRequests(service))
	}

	family := oauth.Family{Endpoint: cfg.Endpoint, RevokeURL: service.RevokeURL(), RevokeStyle: oauth.RevokeQuery}
	if err := oauth.Disconnect(t.Context(), cfg, store, oauth.WithFamily(family)); err != nil {
		t.Errorf("Disconnect: %v", err)
	}
	if _, err := store.Load(t.Context()); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("after Disconnect the store says %v", err)
	}
	if _, err := client.PersonalInfo(t.Context()); !errors.Is(err, oura.ErrUnauthorized) {
		t.Errorf("after Disconnect: %v", err)
	}
}

func tokenRequests(s *ouratest.Service) (n int) {
	for _, r := range s.Requests() {
		if strings.HasSuffix(r.URL.Path, "token") {
			n++
		}
	}
	return n
}
