package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura/ouratest"
)

// outdate makes every copy one that is to be brought up to date.
func (s *site) outdate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.people {
		p.mu.Lock()
		p.next = time.Time{}
		p.mu.Unlock()
	}
}

// Pages are read from the copy, in this process and in the next.
func TestPagesMakeNoRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t, aYear)
	browser := visitor(t)
	s.connect(t, browser)
	before := len(s.service.Requests())
	for _, path := range []string{"/year", "/year?measure=readiness", "/trends", "/", "/?day=2026-03-02", "/activity"} {
		get(t, browser, s.home+path).want(t, http.StatusOK, "Copied from Oura at")
	}
	if n := len(s.service.Requests()) - before; n != 0 {
		t.Errorf("the pages made %d requests, want none", n)
	}

	s.outdate()
	s.settled(t, browser, s.home+"/year")
	s.syncs.Wait()
	if n := len(s.service.Requests()) - before; n == 0 || n > len(collections) {
		t.Errorf("an old copy made %d requests, want one for each of %d collections", n, len(collections))
	}
}

// A first copy that takes its time is a page that says so, at once, and not a browser that waits.
func TestFirstCopyIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.service.Delay("daily_readiness", time.Hour)
	browser := visitor(t)
	got := s.connectOnly(t, browser)
	got.want(t, http.StatusOK, "Copying your data")
	far := regexp.MustCompile(`80%: [a-z ]+ up to \d+ [A-Z]`) // four of five collections
	for begin := time.Now(); !far.MatchString(got.text) && time.Since(begin) < time.Minute; {
		got = get(t, browser, s.home+"/year") // wherever the person goes; it takes a moment
	}
	if !far.MatchString(got.text) {
		t.Errorf("the page does not say how far the copy is: %s", got.text)
	}
	if got.header.Get("Refresh") == "" || !strings.Contains(got.text, "<progress") {
		t.Errorf("the page does not go on by itself, or does not say how far it is: %s", got.text)
	}

	// What is under way ends with the program, long before the service answers.
	var p *person
	for _, p = range s.people {
	}
	ended := p.ended
	s.stop()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("the Sync outlives the program")
	}
}

// A grant that ends, or a service that fails, leaves what is known.
func TestCopyOutlivesTrouble(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	s.connect(t, browser)
	s.service.Fail("sleep", ouratest.RateLimited(10*time.Minute))
	s.outdate()
	get(t, browser, s.home+"/").want(t, http.StatusOK, "")
	s.syncs.Wait()
	got := get(t, browser, s.home+"/year")
	got.want(t, http.StatusOK, "on average")
	got.want(t, http.StatusOK, "Too many requests for now")
}

// What was interrupted is not taken for a whole copy by the next process.
func TestInterruptedCopyIsNotWhole(t *testing.T) {
	t.Parallel()
	service := ouratest.NewService(ouratest.WithHistory(40))
	t.Cleanup(service.Close)
	folder := t.TempDir()
	first := serve(t, service, folder)
	service.Fail("workout", ouratest.ServerError(500))
	browser := visitor(t)
	first.connect(t, browser)
	second := serve(t, service, folder)
	second.take(t, browser, first)
	service.Delay("workout", time.Hour)
	get(t, browser, second.home+"/year").want(t, http.StatusOK, "Copying your data")
}

// Who disconnects leaves no file.
func TestDisconnectRemovesTheCopy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browser := visitor(t)
	s.connect(t, browser)
	s.service.Delay("sleep", time.Hour)
	s.outdate()
	get(t, browser, s.home+"/") // a Sync is under way
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.home+"/disconnect", nil)
	if err != nil {
		t.Fatal(err)
	}
	do(t, browser, req).want(t, http.StatusOK, "the copy of your data here is deleted")
	left, err := os.ReadDir(s.folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range left {
		if filepath.Ext(file.Name()) != ".lock" {
			t.Errorf("%s is left", file.Name())
		}
	}
}
