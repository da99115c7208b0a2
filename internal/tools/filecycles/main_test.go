package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCycles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":           "module example.com/m\n\ngo 1.26\n",
		"knot/a.go":        "package knot\n\ntype A struct{ b B }\n\nfunc (a A) Low() int { return base }\n",
		"knot/b.go":        "package knot\n\ntype B struct{ c C[int] }\n",
		"knot/c.go":        "package knot\n\ntype C[T any] struct{ t T }\n\nfunc (C[T]) Up() int { return A{}.Low() }\n",
		"knot/base.go":     "package knot\n\nconst base = 1\n",
		"tree/a.go":        "package tree\n\nimport \"fmt\"\n\nfunc A() { fmt.Println(b()) }\n",
		"tree/b.go":        "package tree\n\nimport \"example.com/m/knot\"\n\nfunc b() int { return knot.A{}.Low() }\n",
		"tree/b_test.go":   "package tree\n\nimport \"testing\"\n\nfunc TestA(*testing.T) { A() }\n",
		"method/field.go":  "package method\n\ntype T struct{ inner }\n\nfunc (t T) Get() int { return t.n }\n",
		"method/inner.go":  "package method\n\ntype inner struct{ n int }\n\nfunc use(t T) int { return t.Get() }\n",
		"generic/list.go":  "package generic\n\ntype List[T any] struct{ v T }\n\nfunc (l List[T]) First() T { return l.v }\n",
		"generic/users.go": "package generic\n\nfunc f() int { return List[int]{}.First() }\n",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const want = `example.com/m/knot: a cycle of 3 files
	a.go -> b.go: B
	b.go -> c.go: C
	c.go -> a.go: A, Low
example.com/m/method: a cycle of 2 files
	field.go -> inner.go: inner, n
	inner.go -> field.go: Get, T
4 packages, 2 cycles between files
`
	var out strings.Builder
	n, err := run(&out, dir, []string{"./..."})
	if err != nil || n != 2 || out.String() != want {
		t.Errorf("%d cycles, %v, printed\n%s\nwant\n%s", n, err, &out, want)
	}
	out.Reset()
	if n, err := run(&out, dir, []string{"./tree", "./generic"}); err != nil || n != 0 {
		t.Errorf("%d cycles, %v, printed\n%s", n, err, &out)
	}
	if _, err := run(&out, dir, []string{"./missing"}); err == nil {
		t.Error("a package that is not there is no error")
	}
}
