package oauth

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestOpenBrowser(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("no named pipes here:", err)
	}
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("DISPLAY", "")
	if err := openBrowser(t.Context(), "https://x.test"); err == nil {
		t.Error("without a desktop: no error")
	}
	t.Setenv("DISPLAY", ":0")
	path := os.Getenv("PATH")
	t.Setenv("PATH", folder)
	if err := openBrowser(t.Context(), "https://x.test"); err == nil {
		t.Error("without a program: no error")
	}
	script := "#!/bin/sh\nprintf '%s %s' $$ \"$1\" > '" + pipe + "'\n"
	if err := os.WriteFile(filepath.Join(folder, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+path)
	const address = "https://x.test/?a=1&b=$(false);"
	if err := openBrowser(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	read, err := os.ReadFile(pipe)
	pid, got, _ := strings.Cut(string(read), " ")
	if err != nil || got != address {
		t.Errorf("the browser got %q, %v, want %q", got, err, address)
	}
	// A child of this process would be a zombie from now on.
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if own := fmt.Sprintf("\nPPid:\t%d\n", os.Getpid()); err == nil && strings.Contains(string(status), own) {
		t.Errorf("the browser is a child of this process, which nobody waits for:\n%s", status)
	}
}
