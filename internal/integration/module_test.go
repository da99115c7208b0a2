package integration

import (
	"archive/zip"
	"bytes"
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
)

// A program gets oura/redislimit from a module proxy and builds with it: the
// version of the core that its go.mod requires is enough, without the replace
// that only counts in this repository.
func TestGoGet(t *testing.T) {
	t.Parallel()
	root := strings.TrimSpace(run(t, ".", nil, "git", "rev-parse", "--show-toplevel"))
	goMod, err := os.ReadFile(filepath.Join(root, "oura", "redislimit", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`(?m)^\s*(?:require )?` + coreModule + ` (v\S+)$`).FindSubmatch(goMod)
	if required == nil {
		t.Fatal("oura/redislimit requires no version of the core")
	}
	core := string(required[1])
	const version = "v0.0.0-test"
	proxy := t.TempDir()
	publish(t, proxy, root, "", coreModule, core)
	publish(t, proxy, root, "oura/redislimit", limitModule, version)

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
		"GOMODCACHE=" + t.TempDir(), "GOFLAGS=-mod=mod -modcacherw -trimpath", "GOWORK=off", "GONOSUMDB=*", "GONOSUMCHECK=1",
		"GONOPROXY=none", "GOPRIVATE=", "GOSUMDB=off",
	}
	run(t, program, env, "go", "get", limitModule+"@"+version)
	if got := run(t, program, env, "go", "run", "."); got != "limited\n" {
		t.Errorf("the program prints %q", got)
	}
	modules := run(t, program, env, "go", "list", "-m", coreModule, limitModule)
	if want := coreModule + " " + core + "\n" + limitModule + " " + version + "\n"; modules != want {
		t.Errorf("it was built with\n%swant\n%s", modules, want)
	}
	t.Logf("go get %s@%s brings %s %s", limitModule, version, coreModule, core)
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
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
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

// publish puts a module's version into a proxy's tree: what git has of its
// folder, without the modules within.
func publish(t testing.TB, proxy, root, folder, module, version string) {
	t.Helper()
	names := strings.Split(run(t, root, nil, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard",
		"--deduplicate", "--", "./"+folder), "\x00")
	var within []string
	for _, name := range names {
		if dir := filepath.ToSlash(filepath.Dir(name)); filepath.Base(name) == "go.mod" && dir != "." && dir != folder {
			within = append(within, dir+"/")
		}
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
files:
	for _, name := range names {
		for _, dir := range within {
			if strings.HasPrefix(name, dir) {
				continue files
			}
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if name == "" || os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		f, err := z.Create(module + "@" + version + "/" + strings.TrimPrefix(strings.TrimPrefix(name, folder), "/"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	goMod, err := os.ReadFile(filepath.Join(root, folder, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	dir := module + "/@v"
	write(t, proxy, dir+"/list", version+"\n")
	write(t, proxy, dir+"/"+version+".info", fmt.Sprintf(`{"Version":%q,"Time":"2026-01-02T03:04:05Z"}`, version))
	write(t, proxy, dir+"/"+version+".mod", string(goMod))
	write(t, proxy, dir+"/"+version+".zip", archive.String())
}
