package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura/ouratest"
)

// site is the application with a fake service behind it.
type site struct {
	*app
	home    string
	service *ouratest.Service
}

// aYear is for tests that need more than the few weeks that a site has, which are copied sooner.
var aYear = ouratest.WithHistory(365)

func newSite(t *testing.T, options ...ouratest.ServiceOption) *site {
	t.Helper()
	service := ouratest.NewService(append([]ouratest.ServiceOption{ouratest.WithLocation(time.Local), ouratest.WithHistory(40)}, options...)...)
	t.Cleanup(service.Close)
	return serve(t, service, t.TempDir())
}

// serve starts the application.
func serve(t *testing.T, service *ouratest.Service, folder string) *site {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{app: newApp(folder), home: "http://localhost:" + port, service: service}
	if err := s.embed(service, s.home); err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: s.routes(), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// take gives the browser the cookies that it has for another process.
func (s *site) take(t *testing.T, browser *http.Client, other *site) {
	t.Helper()
	home, err := url.Parse(s.home)
	if err != nil {
		t.Fatal(err)
	}
	old, err := url.Parse(other.home)
	if err != nil {
		t.Fatal(err)
	}
	browser.Jar.SetCookies(home, browser.Jar.Cookies(old))
}

// visitor is a browser without a screen.
func visitor(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: transport}
}

// answer is what a browser has in the end.
type answer struct {
	path, text string
	status     int
	header     http.Header
}

// want checks status and text.
func (a answer) want(t *testing.T, status int, text string) {
	t.Helper()
	if a.status != status || !strings.Contains(a.text, text) {
		_, main, _ := strings.Cut(a.text, "<main")
		t.Errorf("%s answers %d, want %d with %q:\n%.800s", a.path, a.status, status, text, main)
	}
}

// connect consents to everything, or to the scopes.
func (s *site) connect(t *testing.T, browser *http.Client, scopes ...string) answer {
	t.Helper()
	got := s.connectOnly(t, browser, scopes...)
	if got.header.Get("Refresh") == "" {
		return got
	}
	return s.settled(t, browser, s.home+"/")
}

// connectOnly does not wait for the first copy.
func (s *site) connectOnly(t *testing.T, browser *http.Client, scopes ...string) answer {
	t.Helper()
	callback, err := s.service.ConsentAs(s.service.User(), s.consentPage(t, browser), scopes...)
	if err != nil {
		t.Fatal(err)
	}
	return get(t, browser, callback)
}

// settled is what a page shows in the end, when the Sync that it began has ended.
func (s *site) settled(t *testing.T, browser *http.Client, address string) answer {
	t.Helper()
	got := get(t, browser, address)
	if got.header.Get("Refresh") == "" {
		return got
	}
	s.syncs.Wait()
	return get(t, browser, s.home+got.path)
}

// consentPage is where the button Connect leads.
func (s *site) consentPage(t *testing.T, browser *http.Client) string {
	t.Helper()
	stay := *browser
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return get(t, &stay, s.home+"/connect").header.Get("Location")
}

func get(t *testing.T, browser *http.Client, address string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, browser, req)
}

func do(t *testing.T, browser *http.Client, req *http.Request) answer {
	t.Helper()
	resp, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.Request.URL.Path, string(text), resp.StatusCode, resp.Header}
}
