package integration

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	coreModule  = "github.com/oura-go/sdk"
	limitModule = coreModule + "/oura/redislimit"
	limitTest   = "v0.0.0-test" // no tag is named so: it is of the work tree
)

// A program gets oura/redislimit from a module proxy and builds with it: the
// version of the core that its go.mod requires is enough, without the replace
// that only counts in this repository. Where that version has its tag, it is what
// the tag has, so that redislimit cannot use what comes with a later core.
func TestGoGet(t *testing.T) {
	t.Parallel()
	root := repositoryRoot(t)
	from, err := goGet(t, root)
	if err != nil {
		t.Fatalf("oura/redislimit with %s: %v", from, err)
	}
	t.Logf("go get %s@%s brings the core; %s", limitModule, limitTest, from)
}

// In a clone in which the required core is tagged and lacks what redislimit uses,
// TestGoGet finds it; and it does not where redislimit leaves that alone.
func TestGoGetSkew(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds programs from two clones")
	}
	root := repositoryRoot(t)
	tag := requiredCore(t, root)
	clone := func(t *testing.T) string {
		t.Helper()
		dir := t.TempDir()
		run(t, ".", nil, "git", "clone", "--quiet", "--shared", "--no-tags", root, dir)
		for _, name := range changed(t, root) { // what is not committed yet is tested, too
			text, err := os.ReadFile(filepath.Join(root, name))
			if os.IsNotExist(err) {
				err = os.Remove(filepath.Join(dir, name))
			} else if err == nil {
				write(t, dir, name, string(text))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		run(t, dir, nil, "git", "add", "--all")
		run(t, dir, []string{
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		}, "git", "-c", "commit.gpgsign=false", "commit", "--quiet", "--allow-empty", "--no-verify", "--message", "As it is")
		run(t, dir, nil, "git", "-c", "tag.gpgsign=false", "tag", tag)
		write(t, dir, "oura/later.go", "package oura\n\n// Later came after the release.\nfunc Later() int { return 1 }\n")
		return dir
	}
	t.Run("used", func(t *testing.T) {
		t.Parallel()
		dir := clone(t)
		write(t, dir, "oura/redislimit/later.go", "package redislimit\n\nimport \"github.com/oura-go/sdk/oura\"\n\nvar _ = oura.Later()\n")
		run(t, filepath.Join(dir, "oura", "redislimit"), nil, "go", "build", ".") // its replace hides it
		from, err := goGet(t, dir)
		if err == nil || !strings.Contains(err.Error(), "undefined: oura.Later") {
			t.Errorf("goGet of a redislimit that needs a later core: %v, want an undefined oura.Later\n%s", err, from)
		}
	})
	t.Run("not used", func(t *testing.T) {
		t.Parallel()
		from, err := goGet(t, clone(t))
		if want := coreModule + "@" + tag + " from the tag " + tag + "\n"; err != nil || !strings.Contains(from, want) {
			t.Errorf("goGet: %v, from\n%swant %q", err, from, want)
		}
	})
}

func repositoryRoot(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(run(t, ".", nil, "git", "rev-parse", "--show-toplevel"))
}

// requiredCore is the version of the core that redislimit's go.mod names.
func requiredCore(t *testing.T, root string) string {
	t.Helper()
	goMod, err := os.ReadFile(filepath.Join(root, "oura", "redislimit", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`(?m)^\s*(?:require )?` + coreModule + ` (v\S+)$`).FindSubmatch(goMod)
	if required == nil {
		t.Fatal("oura/redislimit requires no version of the core")
	}
	return string(required[1])
}

// changed are the files of a work tree that differ from its commit.
func changed(t *testing.T, root string) (names []string) {
	t.Helper()
	tracked := run(t, root, nil, "git", "diff", "--name-only", "-z", "HEAD")
	others := run(t, root, nil, "git", "ls-files", "-z", "--others", "--exclude-standard")
	for name := range strings.SplitSeq(tracked+others, "\x00") {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// goGet publishes core and redislimit of a repository, and builds and runs a
// program with what a user gets. It says where each was published from.
func goGet(t *testing.T, root string) (from string, err error) {
	t.Helper()
	core, proxy := requiredCore(t, root), t.TempDir()
	tools := filepath.Join(repositoryRoot(t), "internal", "tools")
	from = run(t, tools, []string{"GOWORK=off"}, "go", "run", "./release", "-C", root, "-proxy", proxy,
		coreModule+"@"+core, limitModule+"@"+limitTest)

	program := t.TempDir()
	write(t, program, "go.mod", "module example.com/program\n\ngo 1.26.0\n")
	write(t, program, "main.go", `package main

import (
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/redislimit"
)

func main() {
	rdb := redis.NewClient(&redis.Options{ContextTimeoutEnabled: true})
	defer rdb.Close()
	limiter, err := redislimit.New(rdb, 4)
	if err != nil {
		panic(err)
	}
	if _, err := oura.NewClient(oura.WithSandbox(), oura.WithLimiter(limiter.For("ann"))); err != nil {
		panic(err)
	}
	fmt.Println("limited")
}
`)
	cache := strings.TrimSpace(run(t, ".", nil, "go", "env", "GOMODCACHE"))
	others := strings.TrimSpace(run(t, ".", nil, "go", "env", "GOPROXY"))
	env := []string{
		// What this machine has downloaded before needs no network, and what it has
		// compiled before is found again, since no path is in it.
		"GOPROXY=" + fileURL(proxy) + "," + fileURL(filepath.Join(cache, "cache", "download")) + "," + others,
		"GOMODCACHE=" + t.TempDir(), "GOFLAGS=" + os.Getenv("GOFLAGS") + " -mod=mod -modcacherw -trimpath", "GOWORK=off",
		"GOENV=off", "GOSUMDB=off", "GOPRIVATE=", "GONOPROXY=", "GONOSUMDB=",
	}
	if _, err := try(t.Context(), program, env, "go", "get", limitModule+"@"+limitTest); err != nil {
		return from, err
	}
	switch said, err := try(t.Context(), program, env, "go", "run", "."); {
	case err != nil:
		return from, err
	case said != "limited\n":
		return from, fmt.Errorf("the program prints %q", said)
	}
	modules, err := try(t.Context(), program, env, "go", "list", "-m", coreModule, limitModule)
	if err != nil {
		return from, err
	}
	if want := coreModule + " " + core + "\n" + limitModule + " " + limitTest + "\n"; modules != want {
		return from, fmt.Errorf("it was built with\n%swant\n%s", modules, want)
	}
	return from, nil
}

func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive's letter
		path = "/" + path
	}
	return "file://" + path
}

func run(t testing.TB, dir string, env []string, name string, args ...string) string {
	t.Helper()
	out, err := try(t.Context(), dir, env, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// try runs a program. Its error has what the program says.
func try(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", errors.Join(fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err), errors.New(stderr.String()))
	}
	return string(out), nil
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
