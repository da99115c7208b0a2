package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura/ouratest"
)

// The export runs in a process of its own, which can be killed: this test binary, told so by the environment.
func TestMain(m *testing.M) {
	if os.Getenv("EXPORT_TEST_CHILD") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// world is a service with small pages. Each export reaches it through a proxy of its own, which can stop the program and
// counts its requests: the last of a killed program can arrive when the next one runs already.
type world struct {
	service *ouratest.Service
	target  *url.URL
	token   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	now := time.Date(2026, time.March, 10, 12, 0, 0, 0, time.UTC)
	service := ouratest.NewService(
		ouratest.WithClock(func() time.Time { return now }), ouratest.WithHistory(60),
		ouratest.WithPageSize("daily_activity", 3), ouratest.WithPageSize("daily_sleep", 2), ouratest.WithPageSize("sleep", 4),
		ouratest.WithPageSize("daily_stress", 5), ouratest.WithPageSize("workout", 2), ouratest.WithPageSize("session", 1),
	)
	t.Cleanup(service.Close)
	target, err := url.Parse(service.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &world{service: service, target: target, token: service.Token().AccessToken}
}

// export runs the program, and sends it the signal at a certain request; at 0 it runs to its end.
func (w *world) export(t *testing.T, folder string, stopAt int, signal os.Signal, more ...string) (output string, requests int, err error) {
	t.Helper()
	var process *os.Process
	var count atomic.Int32
	started := make(chan struct{})
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(w.target)
			r.Out.Header.Set("Accept-Encoding", "identity")
		},
		ModifyResponse: malform,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) {}, // the program is gone
	}
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if count.Add(1) == int32(stopAt) {
			<-started
			_ = process.Signal(signal)
		}
		proxy.ServeHTTP(rw, r)
	}))
	defer front.Close()

	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, append([]string{"-out", folder, "-from", "2026-02-01", "-to", "2026-03-09"}, more...)...)
	cmd.Env = append(os.Environ(), "EXPORT_TEST_CHILD=1", "TZ=UTC", "OURA_ACCESS_TOKEN="+w.token, "OURA_BASE_URL="+front.URL)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	process = cmd.Process
	close(started)
	err = cmd.Wait()
	return out.String(), int(count.Load()), err
}

// malform gives one document of resilience a day that is in no calendar, and those of stress a text for a number.
func malform(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if strings.HasSuffix(r.Request.URL.Path, "/daily_resilience") {
		body = bytes.ReplaceAll(body, []byte(`"2026-02-20"`), []byte(`"2026-02-30"`))
	}
	if strings.HasSuffix(r.Request.URL.Path, "/daily_stress") {
		body = bytes.ReplaceAll(body, []byte(`"stress_high":`), []byte(`"stress_high":"none","had":`))
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Del("Content-Length")
	return err
}

// read is what an export has written, without the copy that it is written from.
func read(t *testing.T, folder string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return nil
		}
		if strings.HasPrefix(d.Name(), "oura.db") || d.Name() == ".lock" {
			return nil
		}
		text, err := os.ReadFile(path)
		got[d.Name()] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// differing are the names of the files that are not the same, which says more than a million bytes.
func differing(got, want map[string]string) []string {
	var names []string
	all := maps.Clone(got)
	maps.Copy(all, want)
	for name := range all {
		if got[name] != want[name] {
			names = append(names, fmt.Sprintf("%s (%d bytes, want %d)", name, len(got[name]), len(want[name])))
		}
	}
	return names
}
