package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura/ouratest"
)

func TestTrouble(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		provoke func(*ouratest.Service)
		status  int
		heading string
	}{
		"rate limit":   {func(s *ouratest.Service) { s.Fail("sleep", ouratest.RateLimited(10*time.Minute)) }, http.StatusTooManyRequests, "wait for 10 minutes"},
		"membership":   {func(s *ouratest.Service) { s.Fail("sleep", ouratest.Forbidden()) }, http.StatusForbidden, "membership"},
		"outage":       {func(s *ouratest.Service) { s.Fail("sleep", ouratest.ServerError(500)) }, http.StatusBadGateway, "does not answer"},
		"not Oura":     {func(s *ouratest.Service) { s.Fail("sleep", ouratest.HTML(200)) }, http.StatusBadGateway, "does not answer"},
		"no new token": {func(s *ouratest.Service) { s.Advance(31 * 24 * time.Hour); s.Fail("token", ouratest.ServerError(503)) }, http.StatusBadGateway, "does not answer"},
		"cut off":      {func(s *ouratest.Service) { s.Fail("sleep", ouratest.Reset()) }, http.StatusBadGateway, "does not answer"},
		"other scopes": {func(s *ouratest.Service) { s.Fail("sleep", ouratest.MissingScope("heartrate")) }, http.StatusForbidden, "“heartrate”"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			browser := visitor(t)
			s.connect(t, browser)
			test.provoke(s.service)
			got := get(t, browser, s.home+"/")
			got.want(t, test.status, test.heading)
			if after := got.header.Get("Retry-After"); (after != "") != (test.status == http.StatusTooManyRequests) {
				t.Errorf("Retry-After is %q", after)
			}
		})
	}
}

func TestMissingScope(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	s.connect(t, browser, "workout")
	get(t, browser, s.home+"/trends").want(t, http.StatusForbidden, "“daily”")

	// A page shows what it may.
	s.connect(t, browser, "daily")
	get(t, browser, s.home+"/activity").want(t, http.StatusOK, "Your workouts are not shared")
}
