package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// heading is what every page has.
const heading = chromedp.CSS("h1")

// browser is a Chromium without a window, at a site.
type browser struct {
	context.Context
	t    *testing.T
	site *site

	mu     sync.Mutex
	hosts  map[string]bool // that were asked for anything
	errors []string        // of the console: what the Content-Security-Policy forbids is among them
}

// newBrowser skips the test where there is no Chromium. At its end, it checks that nothing was loaded from anywhere but
// the application and the service's consent page, and that no script or style failed.
func newBrowser(t *testing.T, s *site) *browser {
	t.Helper()
	program := chromium(t)
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
	}
	for _, flag := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
		"disable-component-update", "disable-sync",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{Context: ctx, t: t, site: s, hosts: map[string]bool{}}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the browser writes into its folder until it is gone
		if err := chromedp.Cancel(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Log(err)
		}
		b.check()
	})
	call(b, log.Enable, cdp.Empty{})
	call(b, network.Enable, network.EnableParams{})
	call(b, runtime.Enable, cdp.Empty{})
	b.screen(1280, 900)
	return b
}

// chromium is the program.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no Chromium to test with: install it, on Debian with apt-get install chromium")
	return ""
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && u.Host != "" {
			b.hosts[u.Host] = true
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork { // an error page has its status
			b.errors = append(b.errors, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	}
}

// check is for the end of a test.
func (b *browser) check() {
	b.mu.Lock()
	defer b.mu.Unlock()
	allowed := map[string]bool{}
	for _, address := range []string{b.site.home, b.site.service.URL} {
		u, err := url.Parse(address)
		if err != nil {
			b.t.Fatal(err)
		}
		allowed[u.Host] = true
		if !b.hosts[u.Host] {
			b.t.Errorf("nothing was loaded from %s: is the browser listened to?", u.Host)
		}
	}
	for host := range b.hosts {
		if !allowed[host] {
			b.t.Errorf("something was loaded from %s", host)
		}
	}
	if len(b.errors) > 0 {
		b.t.Errorf("the console says: %q", b.errors)
	}
}

// call sends a command of the protocol.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.Context, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.Context, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// find is what an action returns.
func find[T any](b *browser, a chromedp.Action[T]) T {
	b.t.Helper()
	v, err := chromedp.Run(b.Context, a)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// text is what a person reads there.
func (b *browser) text(selector chromedp.CSS) string {
	b.t.Helper()
	return find(b, chromedp.Text(selector))
}

// value is that of an expression.
func value[T any](b *browser, expression string) T {
	b.t.Helper()
	return find(b, chromedp.Evaluate[T](expression))
}

// leads does what leads to another page, and waits until that is there.
func (b *browser) leads(step chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.Context, step); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.WaitReady(heading))
}

// click presses what leads to another page.
func (b *browser) click(selector chromedp.CSS) {
	b.t.Helper()
	b.leads(chromedp.Click(selector))
}

// open goes to an address of the site.
func (b *browser) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.site.home+path), chromedp.WaitReady(heading))
}

// screen is how large it is, in CSS pixels. A narrow one is that of a phone, whose scroll bars take no room.
func (b *browser) screen(width, height int64) {
	b.t.Helper()
	var options []chromedp.EmulateViewportOption
	if width < 600 {
		options = append(options, chromedp.EmulateMobile)
	}
	b.do(chromedp.EmulateViewport(width, height, options...))
}

// prefer is whether the person has set their system to light or dark.
func (b *browser) prefer(scheme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// center is where something is on the screen, to which the page scrolls.
func (b *browser) center(selector chromedp.CSS) (x, y float64) {
	b.t.Helper()
	b.do(chromedp.ScrollIntoView(selector))
	at := value[[2]float64](b, fmt.Sprintf(`(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector(%q).getBoundingClientRect())`, selector))
	return at[0], at[1]
}

// hover points at something.
func (b *browser) hover(selector chromedp.CSS) {
	b.t.Helper()
	x, y := b.center(selector)
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
}

// tap is a finger.
func (b *browser) tap(selector chromedp.CSS) {
	b.t.Helper()
	x, y := b.center(selector)
	call(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: x, Y: y}}})
	call(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}})
}

// photograph is picture on a desk and on a phone, in the light and in the dark.
func (b *browser) photograph(name string) {
	b.t.Helper()
	if os.Getenv("DASHBOARD_SCREENSHOTS") == "" {
		return
	}
	for _, size := range []string{"phone", "desktop"} {
		b.screen(screens[size][0], screens[size][1])
		for _, scheme := range []string{"dark", "light"} {
			b.prefer(scheme)
			b.picture(size + "-" + name + "-" + scheme)
		}
	}
}

// picture keeps a screenshot of the page for a person to look at, if the environment names a folder.
func (b *browser) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("DASHBOARD_SCREENSHOTS")
	if folder == "" {
		return
	}
	image := find(b, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(folder, name+".png"), image, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
