package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura/ouratest"
)

func TestConsentThatFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	callback, err := s.service.Deny(s.consentPage(t, browser))
	if err != nil {
		t.Fatal(err)
	}
	get(t, browser, callback).want(t, http.StatusForbidden, "You did not give access")

	get(t, browser, s.home+"/callback?code=stolen&state=guessed").want(t, http.StatusBadRequest, "This link does not lead anywhere")
}

func TestConsentThatGivesNoToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	s.service.FailOnce("token", ouratest.ServerError(503))
	if got := s.connect(t, browser); got.status != http.StatusBadGateway || !strings.Contains(got.text, `href="/connect">Try again`) {
		t.Errorf("%d %s", got.status, got.text)
	}
	get(t, browser, s.home+"/").want(t, http.StatusOK, "Connect your ring")
}

func TestGrantOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	service := ouratest.NewService(ouratest.WithHistory(40))
	t.Cleanup(service.Close)
	tokens := t.TempDir()
	browser := visitor(t)
	first := serve(t, service, tokens)
	first.connect(t, browser)

	// The same browser, a month later, at a new process: the access token has expired, the grant has not.
	service.Advance(31 * 24 * time.Hour)
	second := serve(t, service, tokens)
	second.take(t, browser, first)
	s := len(service.Requests())
	get(t, browser, second.home+"/year").want(t, http.StatusOK, "on average")
	second.outdate()
	get(t, browser, second.home+"/year").want(t, http.StatusOK, "on average")
	second.syncs.Wait()
	if len(service.Requests()) == s {
		t.Error("the new process does not ask what is new")
	}
	get(t, browser, second.home+"/year").want(t, http.StatusOK, "Copied from Oura at")
}

func TestDeadGrant(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	s.connect(t, browser)
	s.revokeAll(t)
	s.outdate()
	get(t, browser, s.home+"/")
	s.syncs.Wait()
	got := get(t, browser, s.home+"/")
	got.want(t, http.StatusOK, "Your connection has ended")
	got.want(t, http.StatusOK, "Stages") // what is known is shown
}

// revokeAll is the person who ends the application's grants in their account.
func (s *site) revokeAll(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no grants", err)
	}
	for _, file := range files {
		token, err := oauth.NewFileStore(file).Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := oauth.Revoke(s.oauthContext(t.Context()), s.callback.Config, token); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	s.connect(t, browser)
	press := func(from string) answer {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.home+"/disconnect", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", from)
		return do(t, browser, req)
	}
	press("cross-site").want(t, http.StatusForbidden, "") // a page elsewhere
	get(t, browser, s.home+"/").want(t, http.StatusOK, "in bed from")

	s.service.Fail("revoke", ouratest.ServerError(503)) // the grant must not be forgotten here while it lives on there
	press("same-origin").want(t, http.StatusBadGateway, `href="/">Try again`)
	get(t, browser, s.home+"/").want(t, http.StatusOK, "in bed from")
	s.service.Fail("revoke", ouratest.Fault{})
	press("same-origin").want(t, http.StatusOK, "Your ring is disconnected")
	get(t, browser, s.home+"/").want(t, http.StatusOK, "Connect your ring")
}
