package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A collection that is added to openapi.yaml and to nothing else is in the client, in the kit and in every table after
// go generate, and all tests of core, kit and contract hold for it.
func TestAddedCollection(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it generates, builds and tests a copy of the repository")
	}
	root := t.TempDir()
	copyRepository(t, root)
	name := filepath.Join(root, "openapi.yaml")
	spec, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(withMood(t, string(spec))), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(dir string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = filepath.Join(root, dir), append(os.Environ(), "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	run(".", "generate", ".")
	run(".", "test", "-short", "-vet=off", "./api/...", "./oura/...", "./oauth", "./webhook", "./internal/decode", "./internal/fixtures", "./internal/person/...")
	run("internal/contract", "test", "-short", "-vet=off", "./...")
	for file, want := range map[string]string{
		"oura/collections.gen.go": "DailyMood *Documents[DailyMood]",
		"oauth/scopes.gen.go":     `"daily_mood"`,
		"README.md":               "| `daily_mood` | `DailyMood` | `DailyMood` | `daily` |",
	} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(regexp.MustCompile(` +`).ReplaceAllString(string(text), " "), want) {
			t.Errorf("%s lacks %s", file, want)
		}
	}
}

// copyRepository copies the files that git knows or would add.
func copyRepository(t *testing.T, to string) {
	t.Helper()
	const from = "../../.."
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = from
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for file := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(from, file))
		if os.IsNotExist(err) {
			continue // removed, but not committed
		}
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(to, file)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// withMood adds the made-up collection daily_mood in the shape of its neighbour daily_stress: two operations, the model
// and its page, and the data type of its events.
func withMood(t *testing.T, spec string) string {
	t.Helper()
	parts := []string{
		`(?ms)^  /usercollection/daily_stress:\n.*?(?:^  /usercollection/enhanced_tag:\n)`,
		`(?ms)^    DailyStress:\n.*?(?:^    \w+:\n)`,
		`(?ms)^    DailyStressPage:\n.*?(?:^    \w+:\n)`,
		`(?m)^ +- daily_stress\n`,
	}
	rename := strings.NewReplacer("DailyStressSummary", "DailyStressSummary", "daily_stress", "daily_mood", "DailyStress", "DailyMood")
	for _, pattern := range parts {
		part := regexp.MustCompile(pattern).FindString(spec)
		if part == "" {
			t.Fatalf("openapi.yaml has nothing like %s", pattern)
		}
		next := "" // the line that the part ends before
		if lines := strings.SplitAfter(part, "\n"); len(lines) > 2 {
			next = lines[len(lines)-2]
		}
		own := strings.TrimSuffix(part, next)
		spec = strings.Replace(spec, own, own+rename.Replace(own), 1)
	}
	return spec
}
