package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// programs are what users run without a clone, with arguments that let it end by itself.
var programs = []struct {
	path string
	args []string
}{
	{"oura/ouratest/cmd/fakeoura", []string{"-h"}},
	{"examples/quickstart", nil},
}

// rehearse does what users will do when the version is released, from a module proxy that has the commit as that
// version, with an empty module cache.
func rehearse(ctx context.Context, out io.Writer, repo *repository, version string) error {
	scratch, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()

	proxy := filepath.Join(scratch, "proxy")
	for _, m := range repo.modules {
		if err := publishRevision(ctx, repo, proxy, m, version, "HEAD"); err != nil {
			return fmt.Errorf("publish %s: %w", m.path, err)
		}
	}
	env, err := userEnvironment(ctx, scratch, proxy)
	if err != nil {
		return err
	}
	for _, m := range repo.modules {
		if err := rehearseGet(ctx, out, repo, m, version, filepath.Join(scratch, "user", filepath.FromSlash(m.path)), env); err != nil {
			return fmt.Errorf("users cannot use %s: %w", m.path, err)
		}
	}
	for _, program := range programs {
		if err := rehearseInstall(ctx, out, path.Join(repo.core().path, program.path), program.args, version, scratch, env); err != nil {
			return fmt.Errorf("users cannot install %s: %w", program.path, err)
		}
	}
	return nil
}

// userEnvironment is that of somebody whose module cache is empty, and whose proxy has the version. What this machine
// has downloaded before comes from its own cache and needs no network.
func userEnvironment(ctx context.Context, scratch, proxy string) ([]string, error) {
	settings, err := command(ctx, scratch, nil, "go", "env", "GOMODCACHE", "GOPROXY")
	if err != nil {
		return nil, err
	}
	cache, others, _ := strings.Cut(settings, "\n")
	return []string{
		"GOPROXY=" + fileURL(proxy) + "," + fileURL(filepath.Join(cache, "cache", "download")) + "," + others,
		"GOMODCACHE=" + filepath.Join(scratch, "cache"), "GOBIN=" + filepath.Join(scratch, "bin"),
		"GOFLAGS=-mod=mod -modcacherw -trimpath", "GOWORK=off",
		"GOENV=off", "GOSUMDB=off", "GOPRIVATE=", "GONOPROXY=", "GONOSUMDB=", // GONOPROXY=none asks the cache alone first
	}, nil
}

// rehearseGet gets a module and builds a program with every package of it that can be imported.
func rehearseGet(ctx context.Context, out io.Writer, repo *repository, m module, version, dir string, env []string) error {
	list, err := command(ctx, filepath.Join(repo.root, filepath.FromSlash(m.folder)), nil, "go", "list", "-f", `{{if ne .Name "main"}}{{.ImportPath}}{{end}}`, "./...")
	if err != nil {
		return err
	}
	source, count := "package main\n\nimport (\n", 0
	for name := range strings.FieldsSeq(list) {
		if strings.Contains(name+"/", "/internal/") {
			continue
		}
		source += fmt.Sprintf("\t_ %q\n", name)
		count++
	}
	if count == 0 {
		return errors.New("it has no package to import")
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"go.mod": "module example.com/user\n\ngo 1.26.0\n", "main.go": source + ")\n\nfunc main() { println(\"built\") }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	if _, err := command(ctx, dir, env, "go", "get", m.path+"@"+version); err != nil {
		return err
	}
	if _, err := command(ctx, dir, env, "go", "run", "."); err != nil {
		return err
	}
	core := repo.core().path
	if found, err := command(ctx, dir, env, "go", "list", "-m", core); err != nil {
		return err
	} else if want := core + " " + version; found != want {
		return fmt.Errorf("it brings %s, want %s", found, want)
	}
	fmt.Fprintf(out, "go get %s@%s: a program with its %d packages is built, with %s %s\n", m.path, version, count, core, version)
	return nil
}

// rehearseInstall installs a program and runs it.
func rehearseInstall(ctx context.Context, out io.Writer, program string, args []string, version, scratch string, env []string) error {
	if _, err := command(ctx, scratch, env, "go", "install", program+"@"+version); err != nil {
		return err
	}
	binary := filepath.Join(scratch, "bin", path.Base(program))
	built, err := command(ctx, scratch, env, "go", "version", "-m", binary)
	if err != nil {
		return err
	}
	if !strings.Contains(built, "\t"+version+"\t") && !strings.Contains(built, "\t"+version+"\n") {
		return fmt.Errorf("the program does not know that it is %s", version)
	}
	if _, err := command(ctx, scratch, env, binary, args...); err != nil {
		return err
	}
	fmt.Fprintf(out, "go install %s@%s: it runs\n", program, version)
	return nil
}

func fileURL(name string) string {
	name = filepath.ToSlash(name)
	if !strings.HasPrefix(name, "/") { // a drive's letter
		name = "/" + name
	}
	return "file://" + name
}
