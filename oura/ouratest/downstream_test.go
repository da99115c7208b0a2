package ouratest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A module of a user's own, in another place, tests its code with the kit: with nothing but a requirement of this
// module, here replaced by this work tree, and in ten lines or fewer.
func TestDownstreamModule(t *testing.T) {
	t.Parallel()
	const source = "testdata/downstream"
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, filepath.Join(source, "report_test.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range parsed.Imports {
		first, _, _ := strings.Cut(strings.Trim(spec.Path.Value, `"`), "/")
		if strings.Contains(first, ".") && !strings.HasPrefix(spec.Path.Value, `"github.com/oura-go/sdk/`) {
			t.Errorf("the user has to require %s", spec.Path.Value)
		}
	}
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			if n := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1; n > 10 {
				t.Errorf("%s has %d lines, want 10 or fewer", f.Name, n)
			}
		}
	}

	if testing.Short() {
		t.Skip("it builds the module anew")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	module := "module example.com/report\n\ngo 1.26.0\n\nrequire github.com/oura-go/sdk v0.0.0\n\nreplace github.com/oura-go/sdk => " + root + "\n"
	for name, text := range map[string]string{"go.mod": module + indirect(t, root), "go.sum": string(sums)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off") // what it needs is what this test was built with
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestWeekly") {
		t.Errorf("%v\n%s", err, out)
	}
}

// indirect is what go get adds to a user's go.mod. It is written here, as go get would want a network.
func indirect(t *testing.T, root string) string {
	t.Helper()
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(mod)) {
		if f := strings.Fields(line); len(f) >= 2 && strings.HasPrefix(line, "\t") {
			b.WriteString("require " + f[0] + " " + f[1] + " // indirect\n")
		}
	}
	return b.String()
}
