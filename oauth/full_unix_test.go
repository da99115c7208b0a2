//go:build linux || darwin

package oauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/oura-go/sdk/oauth"
)

func init() { roles["full"] = full }

var fullKey = bytes.Repeat([]byte{7}, 32)

// full is a process that can write no file of more than a few bytes, as on a disk that is full. It prints what becomes
// of a refresh.
func full(path, origin string) int {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 100, Max: 100}); err != nil {
		fmt.Println(err)
		return 1
	}
	ts, err := oauth.NewTokenSource(context.Background(), config(origin), oauth.NewFileStore(path, oauth.WithSealing(fullKey)))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	_, err = ts.Token()
	_, unsaved := errors.AsType[*oauth.SaveError](err)
	fmt.Println(errors.Is(err, syscall.EFBIG), unsaved)
	return 0
}

// A disk that is full is found before the refresh token is spent.
func TestFullDiskCostsNoGrant(t *testing.T) {
	t.Parallel()
	s := newService()
	server := httptest.NewServer(s)
	defer server.Close()
	folder := t.TempDir()
	store := oauth.NewFileStore(filepath.Join(folder, "token.json"), oauth.WithSealing(fullKey))
	if err := store.Save(t.Context(), expiredGrant(s)); err != nil {
		t.Fatal(err)
	}
	out, err := child(t, "full", filepath.Join(folder, "token.json"), server.URL).Output()
	if err != nil || string(out) != "true false\n" {
		t.Errorf("it says %q, %v, want the error of the disk and no SaveError", out, err)
	}
	if s.requests() != 0 {
		t.Errorf("%d requests, want none", s.requests())
	}
	if token := load(t, store); token.RefreshToken != refreshToken(1) {
		t.Errorf("the store holds %q", token.RefreshToken)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d files are left, %v, want the token and its lock", len(entries), err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".tmp") {
			t.Errorf("%s is left", e.Name())
		}
	}
}
