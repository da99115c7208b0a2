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
func openBrowser(ctx context.Context, address string) error {
	name, args := browserCommand(runtime.GOOS, os.Getenv)
	if name == "" {
		return errors.New("oauth: no desktop to open a browser on")
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return err
	}
	args = append(args, address)
	if runtime.GOOS == "windows" { // where nobody has to wait for a process
		// Without a context: its end would close the person's browser.
		cmd := exec.Command(path, args...) //nolint:gosec,noctx // a fixed program; the address is one argument
		if err := cmd.Start(); err != nil {
			return err
		}
		return cmd.Process.Release()
	}
	// A browser that is a child of this process stays a zombie until somebody waits for it. So it is the child of a shell
	// that ends at once and leaves it to the system, and that keeps the terminal's interrupt from it.
	shell := append([]string{"-c", `"$0" "$@" >/dev/null 2>&1 &`, path}, args...)
	return exec.CommandContext(ctx, "sh", shell...).Run() //nolint:gosec // as above
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
