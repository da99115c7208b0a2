package oauth

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
)

// openBrowser starts the system's browser and does not wait for it: it may be the program that the person goes on
// working with.
func openBrowser(_ context.Context, address string) error {
	name, args := browserCommand(runtime.GOOS, os.Getenv)
	if name == "" {
		return errors.New("oauth: no desktop to open a browser on")
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return err
	}
	// Without a context: its end would close the person's browser.
	cmd := exec.Command(path, append(args, address)...) //nolint:gosec,noctx // a fixed program; the address is one argument
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

func browserCommand(goos string, getenv func(string) string) (string, []string) {
	switch {
	case goos == "darwin":
		return "open", nil
	case goos == "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler"}
	case getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "":
		return "", nil
	}
	return "xdg-open", nil
}
