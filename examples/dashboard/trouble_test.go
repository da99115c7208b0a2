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
		"rate limit":   {func(s *ouratest.Service) { s.Fail("sleep", ouratest.RateLimited(10*time.Minute)) }, http.StatusTooManyRequests, "wait for 10\u00a0min"},
		"membership":   {func(s *ouratest.Service) { s.Fail("sleep", ouratest.Forbidden()) }, http.StatusForbidden, "membership"},
		"outage":       {func(s *ouratest.Service) { s.Fail("sleep", ouratest.ServerError(500)) }, http.StatusBadGateway, "does not answer"},
		"not Oura":     {func(s *ouratest.Service) { s.Fail("sleep", ouratest.HTML(200)) }, http.StatusBadGateway, "does not answer"},
		"cut off":      {func(s *ouratest.Service) { s.Fail("sleep", ouratest.Reset()) }, http.StatusBadGateway, "does not answer"},
		"other scopes": {func(s *ouratest.Service) { s.Fail("sleep", ouratest.MissingScope("heartrate")) }, http.StatusForbidden, "“heartrate”"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			browser := visitor(t)
			test.provoke(s.service)
			got := s.connect(t, browser)
			got.want(t, test.status, test.heading)
			if after := got.header.Get("Retry-After"); (after != "") != (test.status == http.StatusTooManyRequests) {
				t.Errorf("Retry-After is %q", after)
			}
		})
	}
}

func TestNoNewToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	s.connect(t, browser)
	s.service.Advance(31 * 24 * time.Hour)
	s.service.Fail("token", ouratest.ServerError(503))
	s.outdate()
	get(t, browser, s.home+"/year")
	s.syncs.Wait()
	got := get(t, browser, s.home+"/year")
	got.want(t, http.StatusOK, "Oura does not answer")
	got.want(t, http.StatusOK, "on average")
}

// Trouble is said once; the next page tries again.
func TestTroubleEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	s.service.Fail("sleep", ouratest.ServerError(500))
	s.connect(t, browser).want(t, http.StatusBadGateway, "Oura does not answer")
	s.service.Fail("sleep", ouratest.Fault{})
	s.settled(t, browser, s.home+"/year").want(t, http.StatusOK, "on average")
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
