package oauth_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oura-go/sdk/oauth"
)

// childRole makes the test binary play a process that shares a token file.
const childRole = "OURA_OAUTH_TEST_CHILD"

func TestMain(m *testing.M) {
	switch role := os.Getenv(childRole); {
	case role == "":
		os.Exit(m.Run())
	case roles[role] == nil:
		os.Exit(3)
	default:
		os.Exit(roles[role](os.Args[1], os.Args[2]))
	}
}

// roles are what a child can be.
var roles = map[string]func(path, origin string) int{"crowd": crowd, "churn": churn}

// child starts this binary in a role. It gets the path of a token file and the
// origin of a service.
func child(t *testing.T, role, path, origin string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], path, origin)
	cmd.Env = append(os.Environ(), childRole+"="+role)
	return cmd
}

// crowd is 50 goroutines that want a token once standard input closes. It prints
// each different access token that they get.
func crowd(path, origin string) int {
	ts, err := oauth.NewTokenSource(context.Background(), config(origin), oauth.NewFileStore(path))
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[string]bool{}
	for range 50 {
		wg.Go(func() {
			token, err := ts.Token()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				got["error: "+err.Error()] = true
			} else {
				got[token.AccessToken] = true
			}
		})
	}
	wg.Wait()
	for line := range got {
		fmt.Println(line)
	}
	return 0
}

// Eight processes of 50 goroutines on one file with an expired token refresh it
// once, and all get the new one.
func TestEightProcessesRefreshOnce(t *testing.T) {
	t.Parallel()
	s := newService()
	server := httptest.NewServer(s)
	defer server.Close()
	path := filepath.Join(t.TempDir(), "token.json")
	if err := oauth.NewFileStore(path).Save(t.Context(), expiredGrant(s)); err != nil {
		t.Fatal(err)
	}
	type process struct {
		cmd   *exec.Cmd
		start io.WriteCloser
		out   *bufio.Reader
	}
	var processes []process
	for range 8 {
		cmd := child(t, "crowd", path, server.URL)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		processes = append(processes, process{cmd, in, bufio.NewReader(out)})
	}
	for _, p := range processes {
		if line, err := p.out.ReadString('\n'); line != "ready\n" {
			t.Fatalf("%q, %v, want ready", line, err)
		}
	}
	for _, p := range processes {
		_ = p.start.Close()
	}
	for _, p := range processes {
		got, err := io.ReadAll(p.out)
		if err := errors.Join(err, p.cmd.Wait()); err != nil {
			t.Error(err)
		}
		if want := accessToken(2) + "\n"; string(got) != want {
			t.Errorf("a process got %q, want %q", got, want)
		}
	}
	if s.requests() != 1 || s.reused() != 0 {
		t.Errorf("%d requests and %d reuses, want 1 and 0", s.requests(), s.reused())
	}
}

// churn refreshes and saves without an end. It tells of the first time.
func churn(path, origin string) int {
	ctx := context.Background()
	store := oauth.NewFileStore(path)
	for first := true; ; first = false {
		err := expire(ctx, store)
		if err == nil {
			var ts *oauth.TokenSource
			if ts, err = oauth.NewTokenSource(ctx, config(origin), store); err == nil {
				_, err = ts.Token()
			}
		}
		if err != nil {
			fmt.Println("error:", err)
			return 1
		}
		if first {
			fmt.Println("ready")
		}
		// Another process that polls for the lock must get it, too.
		pause := time.NewTimer(time.Duration(rand.Int64N(int64(20 * time.Millisecond))))
		<-pause.C
	}
}

// expire ends the access token of a store.
func expire(ctx context.Context, store *oauth.FileStore) error {
	l, err := store.Lock(ctx)
	if err != nil {
		return err
	}
	token, err := l.Load(ctx)
	if err == nil {
		token.Expiry = time.Now().Add(-time.Hour)
		err = l.Save(ctx, token)
	}
	return errors.Join(err, l.Unlock())
}

// A process that refreshes and saves is killed at random moments. The store loads
// every time, holds a whole grant that the service made, and blocks nobody. Only a
// kill between the service's answer and the save can cost the grant, and then the
// store still holds the one before.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	kills := 60
	if testing.Short() {
		kills = 20
	}
	const workers = 4
	var mu sync.Mutex
	refreshes, lost := 0, 0
	t.Run("group", func(t *testing.T) {
		for worker := range workers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				r, l := killing(t, kills/workers)
				mu.Lock()
				defer mu.Unlock()
				refreshes, lost = refreshes+r, lost+l
			})
		}
	})
	t.Logf("%d kills, %d refreshes, %d grants rotated and not saved", kills, refreshes, lost)
	if refreshes < kills {
		t.Errorf("%d refreshes: too few for %d kills to be at random moments of them", refreshes, kills)
	}
}

func killing(t *testing.T, kills int) (refreshes, lost int) {
	s := newService()
	folder := t.TempDir()
	path := filepath.Join(folder, "token.json")
	store := oauth.NewFileStore(path)
	if err := store.Save(t.Context(), expiredGrant(s)); err != nil {
		t.Fatal(err)
	}
	for range kills {
		server := httptest.NewServer(s)
		cmd, out := startChurn(t, path, server.URL)
		kill(t, cmd)
		if got := out.String(); got != "ready\n" {
			t.Fatalf("the process says %q", got)
		}

		// The next holder, at once.
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		locked, err := store.Lock(ctx)
		if err != nil {
			t.Fatalf("Lock after a kill: %v", err)
		}
		token, err := locked.Load(ctx)
		if err != nil {
			t.Fatalf("Load after a kill: %v", err)
		}
		var n int
		if _, err := fmt.Sscanf(token.RefreshToken, "refresh-%d-of-the-person", &n); err != nil ||
			token.RefreshToken != refreshToken(n) || token.AccessToken != accessToken(n) {
			t.Fatalf("half a token, or two: %s, %s", token.AccessToken, token.RefreshToken)
		}
		server.Close() // and so is done with what the process had sent
		s.mu.Lock()
		generation := s.generation
		s.mu.Unlock()
		switch n {
		case generation:
		case generation - 1:
			lost++ // the kill fell between answer and save: the person consents again
		default:
			t.Fatalf("the store holds grant %d, the service made %d", n, generation)
		}
		// A grant of no server in particular, since the next one has another address.
		if err := locked.Save(ctx, expiredGrant(s)); err != nil {
			t.Fatal(err)
		}
		if err := locked.Unlock(); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	if err := store.Save(t.Context(), expiredGrant(s)); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "token.json token.json.lock" {
		t.Errorf("the folder holds %s: temporaries are swept by the next save", got)
	}
	if s.reused() != 0 {
		t.Errorf("%d reuses", s.reused())
	}
	return s.requests(), lost
}

// startChurn starts a child that refreshes and saves, and waits for its first time.
func startChurn(t *testing.T, path, origin string) (*exec.Cmd, *lockedBuffer) {
	t.Helper()
	cmd, out := child(t, "churn", path, origin), &lockedBuffer{}
	cmd.Stdout = out
	ready := out.wait("ready\n")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-ready
	return cmd, out
}

// kill ends a child at a random moment of the next 50 ms.
func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	timer := time.NewTimer(time.Duration(rand.Int64N(int64(50 * time.Millisecond))))
	<-timer.C
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	_ = cmd.Wait() // tells that it was killed
}

// Two processes refresh the grant of one file, and both are killed, one while the other goes on. The file loads every
// time and holds a whole grant that the service made; none is lost but for a kill between the service's answer and the
// save, and without such a kill no refresh token is sent twice. OURA_TEST_KILLS sets how many kills there are.
func TestTwoProcessesOfOneFileKilled(t *testing.T) {
	t.Parallel()
	kills := 46
	if testing.Short() {
		kills = 16
	}
	if n, err := strconv.Atoi(os.Getenv("OURA_TEST_KILLS")); err == nil {
		kills = n
	}
	s := newService()
	path := filepath.Join(t.TempDir(), "token.json")
	store := oauth.NewFileStore(path)
	lost := 0
	for range kills / 2 {
		if err := store.Save(t.Context(), expiredGrant(s)); err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(s)
		before := s.reused()
		first, firstOut := startChurn(t, path, server.URL)
		second, secondOut := startChurn(t, path, server.URL)
		kill(t, first)
		kill(t, second)
		server.Close() // and so is done with what the processes had sent
		token := load(t, store)
		var n int
		if _, err := fmt.Sscanf(token.RefreshToken, "refresh-%d-of-the-person", &n); err != nil ||
			token.RefreshToken != refreshToken(n) || token.AccessToken != accessToken(n) {
			t.Fatalf("half a token, or two: %s, %s", token.AccessToken, token.RefreshToken)
		}
		s.mu.Lock()
		gone := s.generation - n
		s.mu.Unlock()
		if gone < 0 || gone > 1 {
			t.Fatalf("the store holds grant %d, %d behind the service", n, gone)
		}
		lost += gone
		if gone == 0 && (s.reused() != before || firstOut.String() != "ready\n" || secondOut.String() != "ready\n") {
			t.Fatalf("%d reuses, the processes say %q and %q, though nothing was lost", s.reused()-before, firstOut, secondOut)
		}
	}
	t.Logf("%d kills, %d refreshes, %d grants rotated and not saved", kills, s.requests(), lost)
	if s.requests() < kills {
		t.Errorf("%d refreshes: too few for %d kills to be at random moments of them", s.requests(), kills)
	}
}

// lockedBuffer is a child's output that can be waited for.
type lockedBuffer struct {
	mu    sync.Mutex
	b     bytes.Buffer
	want  string
	ready chan struct{}
}

func (l *lockedBuffer) wait(prefix string) <-chan struct{} {
	l.want, l.ready = prefix, make(chan struct{})
	return l.ready
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := strings.HasPrefix(l.b.String(), l.want)
	n, err := l.b.Write(p)
	if !before && strings.HasPrefix(l.b.String(), l.want) {
		close(l.ready)
	}
	return n, err
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
