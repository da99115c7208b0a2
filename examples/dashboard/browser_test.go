package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/oura-go/sdk/oura/ouratest"
)

// connect goes through the consent page as a person does, who leaves these scopes out.
func (b *browser) connect(without ...string) {
	b.t.Helper()
	b.open("/")
	b.click(`a[href="/connect"]`)
	b.allow(without...)
}

// allow consents, and waits for the first copy.
func (b *browser) allow(without ...string) {
	b.t.Helper()
	for _, scope := range without {
		b.do(chromedp.Click(chromedp.CSS(fmt.Sprintf("input[value=%q]", scope))))
	}
	b.click(`button[value="allow"]`)
	b.site.syncs.Wait()
	b.open("/")
}

// heads fails unless the heading begins so.
func (b *browser) heads(want string) {
	b.t.Helper()
	if got := b.text(heading); !strings.HasPrefix(got, want) {
		b.t.Errorf("the page is %q, want %q", got, want)
	}
}

// showsNight fails unless the page is that of a night; which is the latest depends on the hour.
func (b *browser) showsNight() {
	b.t.Helper()
	if got := b.text("main"); !strings.Contains(got, "in bed from") {
		b.t.Errorf("the page is no night: %.200s", got)
	}
}

// The pages of somebody who is connected, in one browser.
func TestBrowserPages(t *testing.T) {
	b := newBrowser(t, newSite(t, aYear))
	b.connect()
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"night", b.nightTest},
		{"trends", b.trendsTest},
		{"year", b.yearTest},
		{"screens", b.screensTest},
		{"keyboard", b.keyboardTest},
		{"names", b.namesTest},
	} {
		t.Run(test.name, func(t *testing.T) {
			b.t = t
			test.run(t)
		})
	}
	b.t = t
}

// From the first visit to the last one.
func TestBrowserConsent(t *testing.T) {
	s := newSite(t)
	b := newBrowser(t, s)
	b.open("/")
	b.photograph("welcome")

	b.click(`a[href="/connect"]`)
	b.click(`button[value="deny"]`)
	b.heads("You did not give access")
	b.photograph("denied")

	b.click(`main a[href="/connect"]`)
	b.allow("daily")
	b.heads("This is not shared")
	if got := b.text("main"); !strings.Contains(got, "“daily”") {
		t.Errorf("without the scope the page says %q", got)
	}
	b.photograph("missing-scope")

	b.click(`main a[href="/connect"]`) // the page's button is the way out
	b.allow("workout")
	b.showsNight()
	b.open("/activity")
	if got := b.text("main"); !strings.Contains(got, "Your workouts are not shared") {
		t.Errorf("without workouts the page says %q", got)
	}
	b.photograph("no-workouts")

	// Disconnect asks, and can be left; then it confirms.
	b.click(`footer a[href="/disconnect"]`)
	b.heads("Disconnect your ring?")
	b.photograph("disconnect")
	b.click(`main a[href="/"]`)
	b.showsNight()
	b.click(`footer a[href="/disconnect"]`)
	b.click(`main button`)
	b.heads("Your ring is disconnected")
	b.photograph("disconnected")
	b.open("/")
	b.heads("Your nights, months and year")
}

// A first copy shows how far it is and goes on to the page by itself; and what goes wrong is said.
func TestBrowserStates(t *testing.T) {
	s := newSite(t)
	b := newBrowser(t, s)
	hold := 5 * time.Second // one collection, so that the page is seen; the others may take longer
	if os.Getenv("DASHBOARD_SCREENSHOTS") != "" {
		hold *= 5
	}
	s.service.Delay("workout", hold)
	b.open("/")
	b.click(`a[href="/connect"]`)
	b.click(`button[value="allow"]`)
	b.heads("Copying your data")
	b.do(chromedp.WaitReady(chromedp.CSS("progress")))
	b.photograph("copying")
	b.do(chromedp.WaitVisible(chromedp.CSS("main .tiles"))) // nobody presses anything
	b.showsNight()

	// A grant that has ended leaves what is known.
	s.service.Delay("workout", 0)
	s.revokeAll(t)
	s.outdate()
	b.open("/year")
	s.syncs.Wait()
	b.open("/year")
	if got := b.text(".notice"); !strings.Contains(got, "Your connection has ended") {
		t.Errorf("the page says %q, want how to go on", got)
	}
	b.heads("Year to")
	b.photograph("dead-grant")

	// Without a copy it is the page, and its button leads to what was wanted. Connecting again begins a new copy.
	s.service.Fail("daily_sleep", ouratest.RateLimited(10*time.Minute))
	b.click(`.notice a`)
	b.allow()
	b.open("/?day=2026-01-02")
	b.heads("Too many requests for now")
	if got := b.text("main"); !strings.Contains(got, "wait for 10\u00a0min") {
		t.Errorf("at the rate limit the page says %q", got)
	}
	if got := value[string](b, `document.querySelector("main a.button").getAttribute("href")`); got != "/?day=2026-01-02" {
		t.Errorf("the button leads to %q, and not to the page that was wanted", got)
	}
	b.photograph("rate-limit")

	b.open("/nowhere")
	b.heads("There is no such page")
	b.photograph("not-found")
	b.click(`header a[href="/trends"]`) // the navigation is still there
}
