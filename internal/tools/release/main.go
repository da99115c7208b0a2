// Release checks that a commit can be released, rehearses what users will do with it, and prints the commands that tag
// it. It tags nothing.
//
//	go run -C internal/tools ./release -C ROOT vX.Y.Z
//	go run -C internal/tools ./release -C ROOT -proxy FOLDER MODULE@VERSION...
//
// The first form is that of .ci/release. It wants a clean tree, a semantic version above all tags, a section of the
// changelog with a date that is not in the future, and nested modules whose go.mod requires that version of the core.
// Then it publishes core and nested modules into a module proxy of files, and goes through what users do, with an empty
// module cache: go get of each module, and go install of the programs.
//
// The second form only publishes, for tests: each module from the tree of the version's tag where git has that tag,
// else from the work tree. A nested module whose core is older than what it uses does not compile then.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, time.Now()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer, now time.Time) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	root := flags.String("C", ".", "the root `folder` of the repository")
	proxy := flags.String("proxy", "", "publish modules into the proxy in this `folder`, and do nothing else")
	if err := flags.Parse(args); err != nil {
		return err
	}
	repo, err := openRepository(ctx, *root)
	if err != nil {
		return err
	}
	if *proxy != "" {
		return publishAll(ctx, out, repo, *proxy, flags.Args())
	}
	if flags.NArg() != 1 {
		return errors.New("say which version: vX.Y.Z")
	}
	version := flags.Arg(0)
	if err := check(ctx, repo, version, now); err != nil {
		return err
	}
	if err := rehearse(ctx, out, repo, version); err != nil {
		return err
	}
	return printTags(ctx, out, repo, version)
}

func publishAll(ctx context.Context, out io.Writer, repo *repository, proxy string, modules []string) error {
	if len(modules) == 0 {
		return errors.New("say which modules: MODULE@VERSION")
	}
	for _, name := range modules {
		path, version, ok := strings.Cut(name, "@")
		m, found := repo.module(path)
		if !ok || !found {
			return fmt.Errorf("%s: want MODULE@VERSION, with a module of this repository", name)
		}
		from, err := publish(ctx, repo, proxy, m, version)
		if err != nil {
			return fmt.Errorf("publish %s: %w", name, err)
		}
		fmt.Fprintf(out, "%s from %s\n", name, from)
	}
	return nil
}

// printTags says what is left to do: the core first, as its version must be there when a nested module asks for it.
func printTags(ctx context.Context, out io.Writer, repo *repository, version string) error {
	commit, err := repo.git(ctx, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s can be released. The core first; a tag is never moved:\n\n", version)
	for _, m := range repo.modules {
		fmt.Fprintf(out, "git tag -a -m %s %s %s\ngit push origin refs/tags/%[2]s\n", version, m.tag(version), commit)
		fmt.Fprintf(out, "GOPROXY=https://proxy.golang.org go list -m %s@%s\n", m.path, version)
	}
	return nil
}

// command runs a program and returns what it prints. The error has what it says. A developer's account is none of its
// environment.
func command(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // go and git, and what they have built
	own := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "OURA_") })
	cmd.Dir, cmd.Env = dir, append(own, env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
