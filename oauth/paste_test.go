package oauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/oura-go/sdk/oauth"
)

// person reads a terminal and types what it asks for: the address that failed to load, put as the person puts it.
type person struct {
	t   *testing.T
	put []func(address string) string // one for each line; none is the address as it is

	mu   sync.Mutex
	read bytes.Buffer
	back string
	in   *io.PipeWriter
}

func newPerson(t *testing.T, put ...func(address string) string) (*io.PipeReader, *person) {
	t.Helper()
	if len(put) == 0 {
		put = append(put, func(address string) string { return address + "\n" })
	}
	r, w := io.Pipe()
	t.Cleanup(func() { _ = r.Close() })
	return r, &person{t: t, put: put, in: w}
}

var consentAddress = regexp.MustCompile(`(?m)^http\S+authorize\S+$`)

// Write is called with what is printed, one prompt at a time.
func (p *person) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read.Write(b)
	if address := consentAddress.Find(b); address != nil {
		back, err := visit(p.t.Context(), http.MethodGet, string(address), false)
		if err != nil {
			p.t.Error(err)
		}
		p.back = back.location
	}
	if !bytes.HasSuffix(b, []byte(":\n")) || p.back == "" && address(b) {
		return len(b), nil
	}
	if len(p.put) == 0 {
		go func() { _ = p.in.Close() }()
		return len(b), nil
	}
	line := p.put[0](p.back)
	p.put = p.put[1:]
	go func() { _, _ = io.WriteString(p.in, line) }()
	return len(b), nil
}

func address(b []byte) bool { return consentAddress.Match(b) }

func (p *person) saw(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Contains(p.read.String(), text)
}

// What people paste is taken as they paste it, and what it cannot be is explained and asked for again.
func TestPaste(t *testing.T) {
	t.Parallel()
	as := func(format string) func(string) string {
		return func(address string) string { return fmt.Sprintf(format, address) }
	}
	cut := func(before string) func(string) string {
		return func(address string) string {
			_, after, _ := strings.Cut(address, before)
			return after + "\n"
		}
	}
	const notIt, another = "That is not the address", "That address is of another login"
	for name, test := range map[string]struct {
		put  []func(string) string
		said string
		want error
	}{
		"as it is":          {nil, "", nil},
		"Windows":           {[]func(string) string{as("%s\r\n")}, "", nil},
		"quoted":            {[]func(string) string{as("  \"%s\" \n")}, "", nil},
		"without a scheme":  {[]func(string) string{cut("://")}, "", nil},
		"the query alone":   {[]func(string) string{cut("?")}, "", nil},
		"with a fragment":   {[]func(string) string{as("%s#_\n")}, "", nil},
		"nothing, then it":  {[]func(string) string{as("\n%.0s"), as("%s\n")}, notIt, nil},
		"wrong, then it":    {[]func(string) string{as("https://app.test/?code=c%.0s\n"), as("%s\n")}, notIt, nil},
		"another, then it":  {[]func(string) string{as("%sx\n"), as("%s\n")}, another, nil},
		"much, then it":     {[]func(string) string{as(strings.Repeat("x", 1<<20) + "%s\n"), as("%s\n")}, notIt, nil},
		"nothing":           {[]func(string) string{as("\n%.0s")}, notIt, oauth.ErrPaste},
		"words":             {[]func(string) string{as("what?%.0s\n")}, notIt, oauth.ErrPaste},
		"the code alone":    {[]func(string) string{cut("code=")}, notIt, oauth.ErrNoCode},
		"another":           {[]func(string) string{as("%sx\n")}, another, oauth.ErrState},
		"twice in one line": {[]func(string) string{func(a string) string { return a + a + "\n" }}, another, oauth.ErrState},
		"without the code":  {[]func(string) string{func(a string) string { return strings.Replace(a, "code=", "kode=", 1) + "\n" }}, notIt, oauth.ErrNoCode},
		"denied": {[]func(string) string{func(a string) string {
			return strings.Replace(a, "code=", "error=access_denied&x=", 1) + "\n"
		}}, "", oauth.ErrConsentDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			s.moi = true
			server := httptest.NewServer(s)
			defer server.Close()
			// Nothing listens, so that any redirect URL will do.
			cfg := oauth.Moi.At(server.URL).Config(clientID, clientSecret, "https://app.test/callback", oauth.AllScopes()...)
			in, out := newPerson(t, test.put...)
			token, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithPaste(in), oauth.WithOutput(out))
			if !errors.Is(err, test.want) || (token == nil) != (test.want != nil) {
				t.Errorf("Login() = %v, want %v", err, test.want)
			}
			if test.want != nil {
				assertOneSentence(t, err)
			}
			if !out.saw(test.said) || !out.saw(cfg.RedirectURL) {
				t.Errorf("the person reads %s", out.read.String())
			}
			if test.want != nil && s.requests() != 0 || test.want == nil && s.requests() != 1 {
				t.Errorf("%d exchanges", s.requests())
			}
		})
	}
}

// The address of a login is good for that login once.
func TestPasteOfAUsedAddress(t *testing.T) {
	t.Parallel()
	s := newService()
	s.moi = true
	server := httptest.NewServer(s)
	defer server.Close()
	cfg := oauth.Moi.At(server.URL).Config(clientID, clientSecret, "https://app.test/callback", oauth.AllScopes()...)
	var used string
	in, out := newPerson(t, func(address string) string { used = address + "\n"; return used })
	if _, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithPaste(in), oauth.WithOutput(out)); err != nil {
		t.Fatal(err)
	}
	// The end of the input, and no line that ends, is as good.
	for _, again := range []string{used, strings.TrimSpace(used)} {
		if _, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithPaste(strings.NewReader(again)), oauth.WithOutput(io.Discard)); !errors.Is(err, oauth.ErrState) {
			t.Errorf("the address of the login before: %v", err)
		}
	}
	if _, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithPaste(strings.NewReader("")), oauth.WithOutput(io.Discard)); !errors.Is(err, oauth.ErrPaste) {
		t.Errorf("no input: %v", err)
	}
	broken := errors.New("broken")
	if _, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithPaste(io.MultiReader(strings.NewReader("half a li"), failingReader{broken})), oauth.WithOutput(io.Discard)); !errors.Is(err, broken) || !errors.Is(err, oauth.ErrPaste) {
		t.Errorf("a broken input: %v", err)
	}
	if _, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithPaste(nil)); err == nil {
		t.Error("WithPaste(nil): no error")
	}
	if s.requests() != 1 {
		t.Errorf("%d exchanges, want 1", s.requests())
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// Nobody pastes: the end of the time or of the context ends the login at once. Only a Read that is blocked stays, until
// it returns, and the rest of the input is left to the program.
func TestPasteThatDoesNotCome(t *testing.T) {
	s := newService()
	server := httptest.NewServer(s)
	defer server.Close()
	cfg := oauth.Cloud.At(server.URL).Config(clientID, clientSecret, "https://app.test/callback", oauth.AllScopes()...)
	ignore := goleak.IgnoreCurrent()
	r, w := io.Pipe()
	_, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithPaste(r), oauth.WithOutput(io.Discard), oauth.WithTimeout(50*time.Millisecond))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Login() = %v, want its timeout", err)
	}
	_ = w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r, w = io.Pipe()
	_, err = oauth.Login(ctx, cfg, oauth.NewMemoryStore(), oauth.WithPaste(r), oauth.WithOutput(writerFunc(func(b []byte) {
		if bytes.Contains(b, []byte("paste it here")) {
			cancel()
		}
	})))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Login() = %v, want the context's error", err)
	}
	_ = w.Close()

	in, out := newPerson(t, func(address string) string { return address + "\nthe program's own line\n" })
	if _, err := oauth.Login(t.Context(), cfg, oauth.NewMemoryStore(), oauth.WithPaste(in), oauth.WithOutput(out)); err != nil {
		t.Fatal(err)
	}
	rest := make([]byte, len("the program's own line"))
	if _, err := io.ReadFull(in, rest); err != nil || string(rest) != "the program's own line" {
		t.Errorf("after the login the program reads %q, %v", rest, err)
	}
	_ = in.Close()
	goleak.VerifyNone(t, ignore)
}

type writerFunc func(b []byte)

func (f writerFunc) Write(b []byte) (int, error) { f(b); return len(b), nil }
