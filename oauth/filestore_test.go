package oauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

var someToken = &oauth2.Token{AccessToken: "access-of-a-file", RefreshToken: "refresh-of-a-file"}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFileModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	path := filepath.Join(t.TempDir(), "a", "b", "token.json")
	if err := oauth.NewFileStore(path).Save(t.Context(), someToken); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{
		path: 0o600, path + ".lock": 0o600, filepath.Dir(path): fs.ModeDir | 0o700, filepath.Dir(filepath.Dir(path)): fs.ModeDir | 0o700,
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %s, want %s", filepath.Base(name), info.Mode(), want)
		}
	}
	// A file that others could read is not one any more after a save.
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := oauth.NewFileStore(path).Save(t.Context(), someToken); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("after a save: %v, %v", info.Mode(), err)
	}
}

func TestFileThatIsNoToken(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty": "", "white": " \n", "torn": `{"access_token":"a","refr`, "array": `[]`, "null": `null`, "no token": `{"scope":"daily"}`,
		"newer": `{"access_token":"a","version":2}`, "large": `{"access_token":"a","x":"` + strings.Repeat("x", 1<<20) + `"}`,
		"zeros": strings.Repeat("\x00", 300),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "token.json")
			write(t, path, content)
			_, err := oauth.NewFileStore(path).Load(t.Context())
			if err == nil || errors.Is(err, oauth.ErrNoToken) || !strings.Contains(err.Error(), path) {
				t.Errorf("Load() = %v, want an error of its own that names the file", err)
			}
		})
	}
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		if _, err := oauth.NewFileStore(t.TempDir()).Load(t.Context()); err == nil || errors.Is(err, oauth.ErrNoToken) {
			t.Errorf("Load() = %v, want an error of its own", err)
		}
	})
	t.Run("below a file", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "file")
		write(t, path, "x")
		store := oauth.NewFileStore(filepath.Join(path, "token.json"))
		if err := store.Save(t.Context(), someToken); err == nil {
			t.Error("Save() = nil")
		}
		if runtime.GOOS == "windows" {
			return
		}
		if _, err := store.Load(t.Context()); err == nil || errors.Is(err, oauth.ErrNoToken) {
			t.Errorf("Load() = %v, want an error of its own", err)
		}
	})
	t.Run("no path", func(t *testing.T) {
		t.Parallel()
		store := oauth.NewFileStore("")
		if _, err := store.Load(t.Context()); err == nil {
			t.Error("Load() = nil")
		}
		if err := store.Save(t.Context(), someToken); err == nil {
			t.Error("Save() = nil")
		}
	})
}

// A link stays a link: the file that it leads to is replaced. Both names are one
// store, with one lock.
func TestFileThatIsALink(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	target, link := filepath.Join(folder, "real", "token.json"), filepath.Join(folder, "link.json")
	if err := os.Mkdir(filepath.Dir(target), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("real", "token.json"), link); err != nil {
		t.Skip("symbolic links cannot be made here:", err)
	}
	key := oauth.WithSealing(bytes.Repeat([]byte{1}, 32))
	byLink, byTarget := oauth.NewFileStore(link, key), oauth.NewFileStore(target, key)
	if _, err := byLink.Load(t.Context()); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("Load of a link to nothing: %v, want ErrNoToken", err)
	}
	if err := byLink.Save(t.Context(), someToken); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	if got := load(t, byTarget).AccessToken; got != someToken.AccessToken {
		t.Error("the target does not hold the token")
	}
	locked, err := byLink.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := byTarget.Lock(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the target's lock: %v, want it held", err)
	}
	if err := locked.Unlock(); err != nil {
		t.Fatal(err)
	}
	round := filepath.Join(folder, "round")
	if err := os.Symlink(round, round); err != nil {
		t.Fatal(err)
	}
	if _, err := oauth.NewFileStore(round).Load(t.Context()); err == nil || errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("a link to itself: %v, want an error of its own", err)
	}
}

func TestTemporariesAreSwept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	stale := filepath.Join(folder, ".token.json.123.tmp")
	foreign := []string{".token.json.x.tmp", ".token.json.tmp", ".other.json.123.tmp", "token.json.bak"}
	write(t, stale, "half a tok")
	for _, name := range foreign {
		write(t, filepath.Join(folder, name), "not ours")
	}
	if err := oauth.NewFileStore(filepath.Join(folder, "token.json")).Save(t.Context(), someToken); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the temporary is there: %v", err)
	}
	for _, name := range foreign {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Errorf("%s is gone: %v", name, err)
		}
	}
}

func TestSaveThatCannotReplace(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "token.json")
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	store := oauth.NewFileStore(path)
	if err := store.Save(t.Context(), someToken); err == nil {
		t.Error("Save() = nil")
	}
	if err := store.Delete(t.Context()); err == nil {
		t.Error("Delete() = nil")
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d entries, %v: the temporary was left behind", len(entries), err)
	}
}

func TestLockIsHeldAndReleased(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token.json")
	one, other := oauth.NewFileStore(path), oauth.NewFileStore(path)
	locked, err := one.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() { got <- other.Save(t.Context(), someToken) }()
	if err := locked.Save(t.Context(), someToken); err != nil {
		t.Error(err)
	}
	if err := locked.Unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
	if err := locked.Save(t.Context(), someToken); err == nil {
		t.Error("Save after Unlock: no error")
	}
	if _, err := os.Stat(path + ".lock"); err != nil {
		t.Errorf("the lock file is gone: %v", err)
	}
	// A lock that cannot be made is an error, not a wait.
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path+".lock", path+".lock"); err != nil {
		t.Skip("symbolic links cannot be made here:", err)
	}
	if _, err := one.Lock(t.Context()); err == nil {
		t.Error("Lock with a lock file that cannot be opened: no error")
	}
}

func TestSealedFile(t *testing.T) {
	t.Parallel()
	key := func(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }
	path := filepath.Join(t.TempDir(), "token.json")
	read := func(t *testing.T) []byte {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	ctx := t.Context()
	sealed := oauth.NewFileStore(path, oauth.WithSealing(key(1)))
	if err := sealed.Save(ctx, someToken); err != nil {
		t.Fatal(err)
	}
	first := read(t)
	for _, secret := range []string{"access-of", "refresh-of", "access_token"} {
		if bytes.Contains(first, []byte(secret)) {
			t.Errorf("the file holds %q", secret)
		}
	}
	if err := sealed.Save(ctx, someToken); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(first, read(t)) {
		t.Error("two saves are the same")
	}

	refused := func(t *testing.T, store *oauth.FileStore, says string) {
		t.Helper()
		_, err := store.Load(ctx)
		if !errors.Is(err, oauth.ErrSealed) || !strings.Contains(err.Error(), says) {
			t.Errorf("Load() = %v, want an ErrSealed that says %q", err, says)
		}
	}
	refused(t, oauth.NewFileStore(path), "no key is given")
	refused(t, oauth.NewFileStore(path, oauth.WithSealing(key(2), key(3))), "none of the 2 keys")
	for _, bad := range [][]byte{nil, {}, key(1)[:31], append(key(1), 1), key(1)[:16]} {
		store := oauth.NewFileStore(path, oauth.WithSealing(bad))
		if _, err := store.Load(ctx); err == nil || !strings.Contains(err.Error(), "32") {
			t.Errorf("Load with a key of %d bytes: %v, want an error that says how many", len(bad), err)
		}
		if err := store.Save(ctx, someToken); err == nil {
			t.Errorf("Save with a key of %d bytes: no error", len(bad))
		}
	}

	good := read(t)
	for i := range good {
		flipped := bytes.Clone(good)
		flipped[i] ^= 1
		write(t, path, string(flipped))
		if _, err := sealed.Load(ctx); !errors.Is(err, oauth.ErrSealed) {
			t.Fatalf("byte %d flipped: %v, want ErrSealed", i, err)
		}
	}
	for n := range good {
		write(t, path, string(good[:n]))
		if _, err := sealed.Load(ctx); !errors.Is(err, oauth.ErrSealed) {
			t.Fatalf("cut to %d bytes: %v, want ErrSealed", n, err)
		}
	}

	// Another path: somebody else's token put in its place.
	elsewhere := filepath.Join(t.TempDir(), "token.json")
	write(t, elsewhere, string(good))
	refused(t, oauth.NewFileStore(elsewhere, oauth.WithSealing(key(1))), "another path")

	// Plain under a key.
	write(t, path, encoded(t, someToken))
	refused(t, sealed, "not sealed")

	// Rotation: read with the old key, written with the new one.
	write(t, path, string(good))
	both := oauth.NewFileStore(path, oauth.WithSealing(key(2), key(1)))
	token := load(t, both)
	if err := both.Save(ctx, token); err != nil {
		t.Fatal(err)
	}
	refused(t, sealed, "none of the 1 keys")
	if got := load(t, oauth.NewFileStore(path, oauth.WithSealing(key(2)))); got.RefreshToken != someToken.RefreshToken {
		t.Error("the rotation lost the token")
	}

	// A lost key does not keep a person's data from being deleted.
	if err := oauth.NewFileStore(path, oauth.WithSealing(nil)).Delete(ctx); err != nil {
		t.Errorf("Delete without a key: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the file is there")
	}
}

func TestSealer(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{7}, 32)
	sealer, err := oauth.NewSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	clear(key) // the caller's own again
	box, err := sealer.Seal([]byte("grant"), []byte("alice"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := sealer.Open(append(box, '\n'), []byte("alice")); err != nil || string(got) != "grant" {
		t.Errorf("Open() = %q, %v", got, err)
	}
	for name, test := range map[string]struct{ box, additional string }{
		"another person": {string(box), "bob"},
		"nobody":         {string(box), ""},
		"empty":          {"", "alice"},
		"no body":        {"oura-sealed:1:abc", "alice"},
		"not base64":     {string(box[:len(box)-3]) + "***", "alice"},
	} {
		if _, err := sealer.Open([]byte(test.box), []byte(test.additional)); !errors.Is(err, oauth.ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", name, err)
		}
	}
	var zero oauth.Sealer
	if _, err := zero.Seal(nil, nil); err == nil {
		t.Error("Seal of a zero Sealer: no error")
	}
	if _, err := zero.Open(box, nil); !errors.Is(err, oauth.ErrSealed) {
		t.Errorf("Open of a zero Sealer: %v, want ErrSealed", err)
	}
	if _, err := oauth.NewSealer(bytes.Repeat([]byte{7}, 32), []byte("short")); err == nil {
		t.Error("a short older key: no error")
	}
}

// A store in a text for people is where it keeps the grant.
func TestFileStorePrintsItsPath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token.json")
	if got := fmt.Sprintf("%v %s", oauth.NewFileStore(path), oauth.NewFileStore(path)); got != path+" "+path {
		t.Errorf("got %s", got)
	}
}
