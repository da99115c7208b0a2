package main

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
)

func TestPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, aYear)
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
		"/": {"in bed from", 3},
		fmt.Sprintf("/?day=%v", yesterday.AddDays(-30)): {nightName(yesterday.AddDays(-30)), 3},
		"/?day=2001-01-01":                      {"No night was recorded", 0},
		"/trends":                               {"a point for each day, and the mean of each week", 4},
		"/trends?from=2001-01-01&to=2001-02-01": {"There are no data", 0},
		fmt.Sprintf("/trends?from=%v&to=%v", yesterday.AddDays(-6), yesterday): {"7 days, each by itself", 4},
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

// Every link leads to a page, and a night's to one that was recorded.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t, aYear)
	browser := visitor(t)
	s.connect(t, browser)
	seen := map[string]bool{}
	first := oura.DateOf(s.service.Now()).AddDays(-360)
	for _, from := range []string{"/", "/trends", "/activity", "/year", "/nowhere", "/disconnect", "/?day=2001-01-01", fmt.Sprintf("/?day=%v", first), fmt.Sprintf("/year?to=%v", first)} {
		page := get(t, browser, s.home+from)
		for _, link := range regexp.MustCompile(`<a [^>]*href="([^"#]*)"`).FindAllStringSubmatch(page.text, -1) {
			to := html.UnescapeString(link[1])
			if strings.HasPrefix(to, "?") {
				to = page.path + to
			}
			if seen[to] || to == "" {
				continue
			}
			seen[to] = true
			if from == "/year" && strings.HasPrefix(to, "/?day=") && len(seen)%10 > 0 { // some of the days will do
				continue
			}
			got := get(t, browser, s.home+to)
			if got.status != http.StatusOK || strings.Contains(got.text, "There are no data") {
				t.Errorf("%s leads to %s, where nothing is: %d", from, to, got.status)
			}
		}
	}
	if len(seen) < 300 {
		t.Errorf("there are only %d links", len(seen))
	}
}

func TestNightsThatAreNot(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	s.connect(t, browser)
	got := get(t, browser, fmt.Sprintf("%s/?day=%v", s.home, oura.Today(time.Local).AddDays(3)))
	got.want(t, http.StatusOK, "This night is still to come.")
	if strings.Contains(got.text, "have been off") || !strings.Contains(got.text, `rel="prev"`) || strings.Contains(got.text, `rel="next"`) {
		t.Errorf("a night of the future: %s", got.text)
	}
	got = get(t, browser, s.home+"/nowhere")
	got.want(t, http.StatusNotFound, `href="/trends"`)
}
