package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
)

func TestScrubber(t *testing.T) {
	t.Parallel()
	const long = "aB3_very-long-secret.of~the+client"
	tests := []struct {
		name, secret, text, want string
	}{
		{"none", "", "plain words", "plain words"},
		{"whole", long, "got " + long + "!", "got [redacted]!"},
		{"twice", long, long + " " + long, "[redacted] [redacted]"},
		{"cut", long, strings.Repeat("z", maxScanned-20) + " " + long, "[redacted]"},
		{"short", "hunter2", "is hunter2 wrong? hunter", "is [redacted] wrong? hunter"},
		{"one letter", "a", "a cat sat at a", "[redacted] cat sat at [redacted]"},
		{"other case", "ab/cd/ef/gh", "AB%2fCD%2fef%2fgh", "[redacted]"},
		{"like a token", "", "bearer " + strings.Repeat("Zx9", 11), "bearer [redacted]"},
		{"like a word", "", strings.Repeat("x", 31), strings.Repeat("x", 31)},
		{"lines", "", "one\r\ntwo\x00\x1b[31m", "one two [31m"},
		{"not UTF-8", "", "a\xffb", "a\uFFFDb"},
		{"long", "", strings.Repeat("ab ", 2000), strings.TrimSpace(strings.Repeat("ab ", 100)) + " …"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := newScrubber(test.secret).clean(test.text); got != test.want {
				t.Errorf("clean(%q) = %q, want %q", test.text, got, test.want)
			}
		})
	}
}

func TestGuardedShowsItsTextAlone(t *testing.T) {
	t.Parallel()
	cause := errors.New("secret")
	err := &guarded{text: "text", cause: cause}
	if got := fmt.Sprintf("%v %+v %#v %s", err, err, err, err.Error()); got != "text text text text" {
		t.Errorf("%s", got)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is not matchable")
	}
}

func TestTokenErrorText(t *testing.T) {
	t.Parallel()
	for err, want := range map[TokenError]string{
		{StatusCode: 401, Code: "invalid_client"}:      "oauth: the endpoint answered 401 Unauthorized, invalid_client",
		{StatusCode: 429, RetryAfter: 3 * time.Second}: "oauth: the endpoint answered 429 Too Many Requests (retry after 3s)",
		{StatusCode: 599, Description: "why"}:          "oauth: the endpoint answered 599: why",
	} {
		if got := err.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestBrowserCommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ goos, variable, want string }{
		{"darwin", "", "open"}, {"windows", "", "rundll32"}, {"linux", "DISPLAY", "xdg-open"},
		{"linux", "WAYLAND_DISPLAY", "xdg-open"}, {"freebsd", "DISPLAY", "xdg-open"}, {"linux", "", ""},
	} {
		got, _ := browserCommand(test.goos, func(name string) string {
			if name == test.variable {
				return ":0"
			}
			return ""
		})
		if got != test.want {
			t.Errorf("%s with %s: %q, want %q", test.goos, test.variable, got, test.want)
		}
	}
}

func TestUsedCodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var u usedCodes
		first := u.take("code")
		time.Sleep(codeLifetime)
		if !first || u.take("code") {
			t.Error("a code is good once in its lifetime")
		}
		time.Sleep(time.Second)
		if !u.take("code") {
			t.Error("a code is remembered for longer than the service honours it")
		}
		// A flood is bounded, and forgets the oldest first.
		for i := range maxCodes + 10 {
			time.Sleep(time.Millisecond)
			u.take(fmt.Sprint(i))
		}
		if len(u.codes) > maxCodes {
			t.Errorf("%d codes are remembered, want %d at the most", len(u.codes), maxCodes)
		}
		if u.take(fmt.Sprint(maxCodes + 9)) {
			t.Error("the newest code is forgotten")
		}
	})
}

// A flood within one tick of the clock is bounded too, and so is one whose instants are later than now, as after the
// clock of a virtual machine went back.
func TestUsedCodesOfOneInstant(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			u := usedCodes{codes: map[fingerprint]time.Time{}}
			for i := range maxCodes {
				u.codes[fingerprintOf(fmt.Sprint(i))] = time.Now().Add(ahead)
			}
			if !u.take("new") || u.take("new") || len(u.codes) > maxCodes {
				t.Errorf("%d codes are remembered, the new one among them: want %d at the most", len(u.codes), maxCodes)
			}
		})
	}
}

// Codes that arrive together are each taken once. The clock is read in their order, so that none seems to lie ahead.
func TestUsedCodesTogether(t *testing.T) {
	t.Parallel()
	var u usedCodes
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 1000 {
				if u.take(fmt.Sprint(i)) {
					taken.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if taken.Load() != 1000 {
		t.Errorf("%d codes were taken, want 1000", taken.Load())
	}
}

// What Windows refuses because another has the file open is tried again; here it is made up.
func TestOnlyTransientErrorsAreTriedAgain(t *testing.T) {
	t.Parallel()
	calls := 0
	refused := errors.New("refused")
	if err := persist(t.Context(), func() error { calls++; return refused }); !errors.Is(err, refused) || calls != 1 {
		t.Errorf("%v after %d calls, want one", err, calls)
	}
}

// Who waits at the lock of a file for somebody's I/O leaves with the context, under
// fake time too.
func TestWaitForTheIOOfALockEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		locked, err := NewFileStore(t.TempDir() + "/token.json").Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		busy := locked.(*fileLock).turn
		if err := busy.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := locked.Save(ctx, &oauth2.Token{AccessToken: "a"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Save() = %v, want the context's error", err)
		}
		busy.release()
		if err := locked.Unlock(); err != nil {
			t.Error(err)
		}
	})
}

// Nothing that is remembered of a refresh is younger because the machine slept, or remembered for longer because its
// clock was put back.
func TestInstantsAreTheWallClocks(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"access_token":"a2","refresh_token":"r2","expires_in":3600}`))
	}))
	defer server.Close()
	store := NewMemoryStore()
	old := &oauth2.Token{AccessToken: "a1", RefreshToken: "r1", Expiry: time.Now().Add(-time.Hour)}
	if err := store.Save(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	cfg := &oauth2.Config{ClientID: "id", Endpoint: oauth2.Endpoint{TokenURL: server.URL}}
	ts, err := NewTokenSource(t.Context(), cfg, store)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ts.Token(); err != nil {
		t.Fatal(err)
	}
	foreign := &renewal{source: &source{}, rejected: old}
	foreign.adopt(&oauth2.Token{AccessToken: "a3", Expiry: time.Now().Add(time.Hour), ExpiresIn: 3600})
	refused := refusal{}.after("r1", &TokenError{StatusCode: 400, Code: "invalid_request"})
	for name, at := range map[string]time.Time{
		"own refresh": ts.s.issued.at, "another's refresh": foreign.issued.at, "end of a refusal": refused.end,
	} {
		if at.IsZero() || strings.Contains(at.String(), "m=") {
			t.Errorf("%s: %s, want an instant without a monotonic reading", name, at)
		}
	}
	if refused.inForce("r1") == nil {
		t.Error("a refusal is not in force at once")
	}
	refused.end = refused.end.Add(time.Hour)
	if err := refused.inForce("r1"); err != nil {
		t.Errorf("after the clock was put back: %v", err)
	}
}
