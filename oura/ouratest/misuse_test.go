package ouratest_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a mock or a service cannot do does not compile.
func TestMisuseDoesNotCompile(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it runs the compiler")
	}
	source, err := os.ReadFile("testdata/misuse/misuse.go")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []int
	line := 0
	for text := range strings.Lines(string(source)) {
		if line++; strings.HasSuffix(text, "// no\n") {
			want = append(want, line)
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-e", "./testdata/misuse").CombinedOutput()
	if err == nil {
		t.Error("all of it compiles")
	}
	for _, m := range regexp.MustCompile(`misuse\.go:(\d+):`).FindAllStringSubmatch(string(out), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
	}
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("lines that do not compile:\n%s%s", diff, out)
	}
}
