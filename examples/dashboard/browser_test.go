package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// connect goes through the consent page as a person does, who leaves these scopes out.
func (b *browser) connect(without ...string) {
	b.t.Helper()
	b.open("/")
	b.click(`a[href="/connect"]`)
	for _, scope := range without {
		b.do(chromedp.Click(chromedp.CSS(fmt.Sprintf("input[value=%q]", scope))))
	}
	b.allow()
}

// allow consents, and waits for the first copy.
func (b *browser) allow() {
	b.t.Helper()
	b.click(`button[value="allow"]`)
	b.site.syncs.Wait()
	b.open("/")
}

func TestBrowserConnectsAndShowsTheNight(t *testing.T) {
	b := newBrowser(t, newSite(t))
	b.open("/")
	b.picture("desktop-welcome")
	b.connect()
	if got := b.text(heading); !strings.HasPrefix(got, "Night to") {
		t.Fatalf("after consent the page is %q", got)
	}

	// Charts are there, each with lines in its colours, with words and with a table.
	if n := value[int](b, `document.querySelectorAll("figure").length`); n != 3 {
		t.Errorf("the night has %d charts, want 3", n)
	}
	for _, color := range []string{"deep", "light", "rem", "awake", "pulse", "hrv"} {
		lines := fmt.Sprintf(`[...document.querySelectorAll(".wide path")].filter(p => p.style.stroke === "var(--%s)" && p.getTotalLength() > 10).length`, color)
		if value[int](b, lines) == 0 {
			t.Errorf("no line is %s", color)
		}
	}
	if got := b.text("figure figcaption"); !strings.Contains(got, "Deep") {
		t.Errorf("the hypnogram is described as %q", got)
	}
	b.do(chromedp.Click(chromedp.CSS("figure summary")), chromedp.WaitVisible(chromedp.CSS("figure details table")))
	if rows := value[int](b, `document.querySelector("figure details table").rows.length`); rows < 10 {
		t.Errorf("the table of the hypnogram has %d rows", rows)
	}

	before := b.text(heading)
	b.click(`a[rel="prev"]`)
	if after := b.text(heading); after == before || value[string](b, "location.search") == "" {
		t.Errorf("the night before is %q at %q", after, value[string](b, "location.search"))
	}
}

// The period changes the charts, and is in the address.
func TestBrowserChangesThePeriod(t *testing.T) {
	b := newBrowser(t, newSite(t))
	b.connect()
	b.open("/trends")
	const firstChart = `document.querySelector("figure .wide svg").outerHTML`
	before := value[string](b, firstChart)
	b.click(".period nav a:nth-child(3)")
	year := value[string](b, firstChart)
	if year == before {
		t.Error("a year has the same chart as 90 days")
	}
	if got := b.text(".sub"); !strings.HasPrefix(got, "365 days") {
		t.Errorf("a year is %q", got)
	}
	last := oura.Today(time.Local).AddDays(-2)
	b.do(
		chromedp.SetValue(chromedp.CSS(`input[name="from"]`), last.AddDays(-9).String()),
		chromedp.SetValue(chromedp.CSS(`input[name="to"]`), last.String()),
	)
	b.click(".period button")
	if got, at := b.text(".sub"), value[string](b, "location.search"); !strings.HasPrefix(got, "10 days") || !strings.Contains(at, "to="+last.String()) {
		t.Errorf("ten days are %q at %s", got, at)
	}
	ten := value[string](b, firstChart)
	if ten == year {
		t.Error("ten days have the same chart as a year")
	}

	// The address is all that it takes to see the same again.
	address := value[string](b, "location.pathname + location.search")
	b.open("/year")
	b.open(address)
	if value[string](b, firstChart) != ten {
		t.Errorf("%s shows something else the second time", address)
	}
}

func TestBrowserMissingScope(t *testing.T) {
	b := newBrowser(t, newSite(t))
	b.connect("daily")
	if got := b.text("main"); !strings.Contains(got, "This is not shared") || !strings.Contains(got, "“daily”") {
		t.Errorf("without the scope the page says %q", got)
	}
	b.picture("desktop-missing-scope")

	// The page's button is the way out.
	b.click(`main a[href="/connect"]`)
	b.allow()
	if got := b.text(heading); !strings.HasPrefix(got, "Night to") {
		t.Errorf("after the second consent the page is %q", got)
	}
}

func TestBrowserDenied(t *testing.T) {
	b := newBrowser(t, newSite(t))
	b.open("/")
	b.click(`a[href="/connect"]`)
	b.click(`button[value="deny"]`)
	if got := b.text(heading); got != "You did not give access" {
		t.Errorf("the page is %q", got)
	}
}

func TestBrowserRateLimit(t *testing.T) {
	s := newSite(t)
	b := newBrowser(t, s)
	b.screen(390, 844)
	s.service.Fail("sleep", ouratest.RateLimited(10*time.Minute))
	b.connect()
	b.open("/?day=2026-01-02")
	if got := b.text("main"); !strings.Contains(got, "wait for 10 minutes") {
		t.Errorf("at the rate limit the page says %q", got)
	}
	if got := value[string](b, `document.querySelector("main a.button").getAttribute("href")`); got != "/?day=2026-01-02" {
		t.Errorf("the button leads to %q, and not to the page that was wanted", got)
	}
	b.picture("phone-rate-limit")
}

// A grant that has ended leaves what is known, and says how to go on.
func TestBrowserDeadGrant(t *testing.T) {
	s := newSite(t)
	b := newBrowser(t, s)
	b.connect()
	b.screen(390, 844)
	s.revokeAll(t)
	s.outdate()
	b.open("/year")
	s.syncs.Wait()
	b.open("/year")
	if got := b.text(".notice"); !strings.Contains(got, "Your connection has ended") {
		t.Errorf("when the grant is dead the page says %q", got)
	}
	b.picture("phone-dead-grant")
	b.click(`.notice a`)
	b.allow()
	if got := b.text(heading); !strings.HasPrefix(got, "Night to") {
		t.Errorf("after the second consent the page is %q", got)
	}
}
