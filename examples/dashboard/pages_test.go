package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
)

func TestPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)

	get(t, browser, s.home+"/trends").want(t, http.StatusOK, `href="/connect"`) // sent to the beginning
	if got := s.connect(t, browser); got.path != "/" || got.status != http.StatusOK {
		t.Fatalf("after consent the browser is at %s: %d", got.path, got.status)
	}
	yesterday := oura.Today(time.Local).AddDays(-1)
	for path, want := range map[string]struct {
		text   string
		charts int
	}{
		"/": {"Night to", 3},
		fmt.Sprintf("/?day=%v", yesterday.AddDays(-30)): {yesterday.AddDays(-30).String(), 3},
		"/?day=2001-01-01":                      {"No night was recorded", 0},
		"/trends":                               {"a point for each week", 4},
		"/trends?from=2001-01-01&to=2001-02-01": {"There are no data", 0},
		fmt.Sprintf("/trends?from=%v&to=%v", yesterday.AddDays(-6), yesterday): {"7 days, a point for each day", 4},
		"/activity":              {"Workouts", 2},
		"/year":                  {"Sleep score", 0},
		"/year?measure=activity": {"Activity score", 0},
		fmt.Sprintf("/year?to=%v", yesterday.AddDays(-200)): {yesterday.AddDays(-200).In(time.UTC).Format("Year to January 2006"), 0},
		"/year?to=2001-05-01":                               {"There are no data in this year", 0},
	} {
		got := get(t, browser, s.home+path)
		got.want(t, http.StatusOK, want.text)
		if n := strings.Count(got.text, "<figure>"); n != want.charts {
			t.Errorf("%s has %d charts, want %d", path, n, want.charts)
		}
		// Each chart has a summary in words and a table of its numbers.
		if n := strings.Count(got.text, " as a table</summary>"); n != want.charts {
			t.Errorf("%s has %d tables, want one for each of %d charts", path, n, want.charts)
		}
	}
	get(t, browser, s.home+"/nowhere").want(t, http.StatusNotFound, "no such page")
}

func TestDaysThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	s.connect(t, browser)
	for path, want := range map[string]string{
		"/?day=tomorrow":                          "is not a day",
		"/trends?from=2026-03-02&to=2026-03-01":   "is after the last",
		"/activity?from=2015-01-01&to=2026-03-01": "at most 731",
		"/year?measure=luck":                      "no such measure",
		"/year?to=0001-01-01":                     "There can be no data",
	} {
		get(t, browser, s.home+path).want(t, http.StatusBadRequest, want)
	}
}
