package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var today = time.Date(2026, time.March, 5, 12, 0, 0, 0, time.UTC)

// files of a small repository that can be released as v0.2.0.
func files() map[string]string {
	return map[string]string{
		"go.mod":                          "module example.com/core\n\ngo 1.26.0\n",
		"core.go":                         "// Package core is small.\npackage core\n\n// Answer is right.\nfunc Answer() int { return 42 }\n",
		"oura/ouratest/cmd/fakeoura/m.go": "package main\n\nfunc main() { println(\"fake\") }\n",
		"examples/quickstart/main.go":     "package main\n\nimport _ \"example.com/core\"\n\nfunc main() { println(\"quick\") }\n",
		"examples/more/go.mod":            "module example.com/core/examples/more\n\ngo 1.26.0\n",
		"internal/tools/go.mod":           "module example.com/core/internal/tools\n\ngo 1.26.0\n",
		"limit/go.mod":                    "module example.com/core/limit\n\ngo 1.26.0\n\nrequire example.com/core v0.2.0\n\nreplace example.com/core => ..\n",
		"limit/limit.go":                  "// Package limit is small, too.\npackage limit\n\nimport \"example.com/core\"\n\n// Limit is the answer.\nvar Limit = core.Answer()\n",
		"CHANGELOG.md":                    "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-03-05\n\n### Added\n\n- A thing.\n\n## [v0.1.0] - 2026-01-01\n\n- All.\n",
		".gitignore":                      "ignored.go\n",
	}
}

// repositoryOf commits files to a repository with the tags of v0.1.0.
func repositoryOf(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		write(t, root, name, text)
	}
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."}, {"commit", "-q", "-m", "All"}, {"tag", "v0.1.0"}, {"tag", "limit/v0.1.0"}, {"tag", "v0.10.0-not-a-version_"},
	} {
		git(t, root, args...)
	}
	return root
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func git(t *testing.T, root string, args ...string) {
	t.Helper()
	env := []string{
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
	}
	if _, err := command(t.Context(), root, env, "git", args...); err != nil {
		t.Fatal(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	changelog := func(text string) func(*testing.T, map[string]string) {
		return func(_ *testing.T, files map[string]string) { files["CHANGELOG.md"] = text }
	}
	tests := []struct {
		name    string
		version string
		change  func(*testing.T, map[string]string)
		after   func(*testing.T, string) // the commit
		want    []string                 // parts of the error; none: no error
	}{
		{name: "a good one", version: "v0.2.0"},
		{name: "a date that has passed", version: "v0.2.0", change: changelog("## [v0.2.0] - 2025-12-31\n\n- A\n")},
		{name: "no version", version: "next", want: []string{`"next" is no semantic version`}},
		{name: "without its v", version: "0.2.0", want: []string{"is no semantic version"}},
		{name: "too short", version: "v0.2", want: []string{"is no semantic version"}},
		{name: "with build metadata", version: "v0.2.0+1", want: []string{"is no semantic version"}},
		{name: "a major version that the path lacks", version: "v2.0.0", want: []string{"example.com/core cannot have the version v2.0.0"}},
		{name: "the last one again", version: "v0.1.0", want: []string{"v0.1.0 is not above the tag v0.1.0", "v0.1.0 is not above the tag limit/v0.1.0"}},
		{name: "an older one", version: "v0.0.9", want: []string{"v0.0.9 is not above the tag v0.1.0"}},
		{
			name: "a release candidate after its release", version: "v0.2.0-rc.1",
			after: func(t *testing.T, root string) { git(t, root, "tag", "v0.2.0") },
			want:  []string{"v0.2.0-rc.1 is not above the tag v0.2.0"},
		},
		{
			name: "a nested module that is ahead", version: "v0.2.0",
			after: func(t *testing.T, root string) { git(t, root, "tag", "limit/v0.3.0") },
			want:  []string{"v0.2.0 is not above the tag limit/v0.3.0"},
		},
		{
			name: "a nested module that requires another core", version: "v0.2.0",
			change: func(_ *testing.T, files map[string]string) {
				files["limit/go.mod"] = strings.Replace(files["limit/go.mod"], "v0.2.0", "v0.1.0", 1)
			},
			want: []string{"limit/go.mod requires example.com/core v0.1.0, want v0.2.0"},
		},
		{name: "no section", version: "v0.3.0", want: []string{"CHANGELOG.md has no section of v0.3.0", "## v0.3.0 - 2026-03-05"}},
		{name: "a section of a longer version", version: "v0.2.0", change: changelog("## 0.2.0-rc.1 - 2026-03-01\n\n- A\n"), want: []string{"has no section of v0.2.0"}},
		{name: "tomorrow", version: "v0.2.0", change: changelog("## v0.2.0 - 2026-03-06\n\n- A\n"), want: []string{"the date of v0.2.0 is in the future"}},
		{name: "no date", version: "v0.2.0", change: changelog("## v0.2.0\n\n- A\n"), want: []string{"has no date"}},
		{name: "no day", version: "v0.2.0", change: changelog("## v0.2.0 - 2026-02-30\n\n- A\n"), want: []string{"has no date"}},
		{name: "an empty section", version: "v0.2.0", change: changelog("## v0.2.0 - 2026-03-05\n\n## v0.1.0 - 2026-01-01\n\n- A\n"), want: []string{"the section of v0.2.0 is empty"}},
		{name: "something left", version: "v0.2.0", change: changelog("## [Unreleased]\n\n- B\n\n## v0.2.0 - 2026-03-05\n\n- A\n"), want: []string{"still has entries"}},
		{
			name: "a changed file", version: "v0.2.0",
			after: func(t *testing.T, root string) { write(t, root, "core.go", "package core\n") },
			want:  []string{"the tree is not clean", "core.go"},
		},
		{
			name: "a new file", version: "v0.2.0",
			after: func(t *testing.T, root string) { write(t, root, "new.go", "package core\n") },
			want:  []string{"the tree is not clean", "new.go"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			content := files()
			if tt.change != nil {
				tt.change(t, content)
			}
			root := repositoryOf(t, content)
			if tt.after != nil {
				tt.after(t, root)
			}
			repo, err := openRepository(t.Context(), root)
			if err != nil {
				t.Fatal(err)
			}
			err = check(t.Context(), repo, tt.version, today)
			if (err != nil) != (len(tt.want) > 0) {
				t.Fatalf("check: %v, want %q", err, tt.want)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("check: %v\nwant a part %q", err, want)
				}
			}
		})
	}
}

// A release is rehearsed and its tags are printed, the core's first; none is made.
func TestRun(t *testing.T) {
	t.Parallel()
	root := repositoryOf(t, files())
	var out strings.Builder
	if err := run(t.Context(), []string{"-C", root, "v0.2.0"}, &out, today); err != nil {
		t.Fatal(err)
	}
	rest := out.String()
	for _, want := range []string{
		"go get example.com/core@v0.2.0: a program with its 1 packages is built",
		"go get example.com/core/limit@v0.2.0: a program with its 1 packages is built, with example.com/core v0.2.0",
		"go install example.com/core/oura/ouratest/cmd/fakeoura@v0.2.0: it runs",
		"go install example.com/core/examples/quickstart@v0.2.0: it runs",
		"git tag -a -m v0.2.0 v0.2.0 ", "git push origin refs/tags/v0.2.0",
		"git tag -a -m v0.2.0 limit/v0.2.0 ", "git push origin refs/tags/limit/v0.2.0",
	} {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("run prints\n%s\nwant %q there, in this order", out.String(), want)
		}
		rest = after
	}
	if strings.Contains(out.String(), "examples/more") {
		t.Errorf("run prints\n%s\nof a module that nobody imports", out.String())
	}
	if tags, err := command(context.Background(), root, nil, "git", "tag", "--list", "*v0.2.0"); err != nil || tags != "" {
		t.Errorf("tags %q, %v, want none", tags, err)
	}
}

// What compiles here and not for users is found before the tag.
func TestRehearse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(map[string]string)
		want   string
	}{
		{
			name:   "a file that git does not have",
			change: func(files map[string]string) { files["ignored.go"] = files["core.go"]; delete(files, "core.go") },
			want:   "users cannot use example.com/core",
		},
		{
			name:   "a program behind a replace",
			change: func(files map[string]string) { files["go.mod"] += "\nreplace example.com/other => ./other\n" },
			want:   "users cannot install oura/ouratest/cmd/fakeoura",
		},
		{
			name:   "a program that is gone",
			change: func(files map[string]string) { delete(files, "examples/quickstart/main.go") },
			want:   "users cannot install examples/quickstart",
		},
		{
			name: "a program that fails",
			change: func(files map[string]string) {
				files["examples/quickstart/main.go"] = "package main\n\nfunc main() { panic(\"no\") }\n"
			},
			want: "users cannot install examples/quickstart",
		},
		{
			name: "a nested module that does not compile",
			change: func(files map[string]string) {
				files["limit/limit.go"] = strings.Replace(files["limit/limit.go"], "Answer", "Question", 1)
			},
			want: "users cannot use example.com/core/limit",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			content := files()
			tt.change(content)
			err := run(t.Context(), []string{"-C", repositoryOf(t, content), "v0.2.0"}, &strings.Builder{}, today)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("run: %v, want a part %q", err, tt.want)
			}
		})
	}
}

// A module is published from its tag where git has it, else from the work tree, changes included.
func TestPublish(t *testing.T) {
	t.Parallel()
	root := repositoryOf(t, files())
	write(t, root, "core.go", "package core\n\n// Changed since.\n")
	write(t, root, "limit/limit.go", "package limit\n\n// Changed since.\n")
	proxy := t.TempDir()
	var out strings.Builder
	err := run(t.Context(), []string{"-C", root, "-proxy", proxy, "example.com/core@v0.1.0", "example.com/core/limit@v0.0.0-test"}, &out, today)
	if err != nil {
		t.Fatal(err)
	}
	if want := "example.com/core@v0.1.0 from the tag v0.1.0\nexample.com/core/limit@v0.0.0-test from the work tree\n"; out.String() != want {
		t.Errorf("run prints %q, want %q", out.String(), want)
	}
	user := t.TempDir()
	write(t, user, "go.mod", "module example.com/user\n\ngo 1.26.0\n")
	env := []string{"GOPROXY=" + fileURL(proxy), "GOMODCACHE=" + filepath.Join(t.TempDir(), "cache"), "GOFLAGS=-modcacherw", "GOSUMDB=off", "GONOSUMDB=*", "GOWORK=off"}
	for _, tt := range []struct {
		module, file string
		changed      bool
	}{
		{"example.com/core@v0.1.0", "core.go", false},
		{"example.com/core/limit@v0.0.0-test", "limit.go", true},
	} {
		said, err := command(t.Context(), user, env, "go", "mod", "download", "-json", tt.module)
		if err != nil {
			t.Fatal(err)
		}
		var downloaded struct{ Dir string }
		if err := json.Unmarshal([]byte(said), &downloaded); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(downloaded.Dir, tt.file))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "Changed since") != tt.changed {
			t.Errorf("%s has\n%s\nwant changes: %v", tt.module, text, tt.changed)
		}
		if _, err := os.Stat(filepath.Join(downloaded.Dir, "examples", "more")); err == nil {
			t.Errorf("%s has a nested module within", tt.module)
		}
	}

	for _, args := range [][]string{{"-proxy", proxy}, {"-proxy", proxy, "example.com/core"}, {"-proxy", proxy, "example.com/gone@v1.0.0"}, {}} {
		if err := run(t.Context(), append([]string{"-C", root}, args...), &out, today); err == nil {
			t.Errorf("run %q: no error", args)
		}
	}
}
