package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"time"

	"github.com/oura-go/sdk/oura"
)

// checkPages goes where a person would: to the consent page, and through all pages. It needs the embedded service, whose
// consent page can be answered by a program, or a source without one.
func checkPages(ctx context.Context, a *app, home string) error {
	if a.fixed == nil && a.service == nil {
		return errors.New("-check cannot consent for you: leave it out, and use a browser")
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar}
	if a.service != nil {
		if err := connect(ctx, a, browser, home); err != nil {
			return err
		}
	}
	if _, err := fetch(ctx, browser, home); err != nil { // which begins the copy, if connecting has not
		return err
	}
	a.syncs.Wait()
	today := oura.Today(time.Local)
	pages := []struct {
		path   string
		charts int
	}{
		{"/", 3},
		{fmt.Sprintf("/?day=%v", today.AddDays(-2)), 3},
		{"/trends", 4},
		{fmt.Sprintf("/trends?from=%v&to=%v", today.AddDays(-30), today), 4},
		{"/activity", 2},
		{"/year", 0}, // calendars are tables
		{"/year?measure=readiness", 0},
	}
	for _, p := range pages {
		text, err := fetch(ctx, browser, home+p.path)
		if err != nil {
			return err
		}
		charts := strings.Count(text, "<figure")
		fmt.Printf("%-45s %6d bytes, %d charts\n", p.path, len(text), charts)
		if a.service != nil && charts != p.charts { // a person may have taken the ring off
			return fmt.Errorf("%s has %d charts, and not %d", p.path, charts, p.charts)
		}
	}
	fmt.Printf("\n%d pages are fine, from %s\n", len(pages), a.source)
	return nil
}

// connect is a person who presses Connect and then Allow.
func connect(ctx context.Context, a *app, browser *http.Client, home string) error {
	var consent string
	stop := errors.New("this is the consent page")
	atHome := *browser
	atHome.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		consent = r.URL.String()
		return stop
	}
	if _, err := fetch(ctx, &atHome, home+"/connect"); !errors.Is(err, stop) {
		return fmt.Errorf("there is no consent page: %w", err)
	}
	callback, err := a.service.Consent(consent)
	if err != nil {
		return err
	}
	_, err = fetch(ctx, browser, callback)
	return err
}

// fetch reads a page; one that is not a good one is an error.
func fetch(ctx context.Context, browser *http.Client, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := browser.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", req.URL.Path, resp.Status)
	}
	return string(text), err
}
