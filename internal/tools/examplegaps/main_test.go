package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestGaps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n",
		"m/m.go": `package m

type List[T any] struct{ v T }

func (l *List[T]) Get() T { return l.v }
func (l *List[T]) Put(v T) { l.v = v }
func (l List[T]) First() T { return l.v }
func (l List[T]) String() string { return "" }

type hidden struct{}

func (hidden) Do() {}

type Doer interface{ Do() }

func Named() hidden { return hidden{} }
func Used() {}
func InTest() {}
func Gap() {}

// Old is New.
//
// Deprecated: use Used.
func Old() {}
`,
		"m/m_test.go": `package m_test

import (
	"testing"

	"example.com/m/m"
	"example.com/m/other"
)

func ExampleNamed_suffix() { m.Used(); other.Other() }
func ExampleList_First() { new(m.List[int]).Put(1) }
func Test(*testing.T) { m.InTest() }
`,
		"other/other.go": "package other\n\nfunc Other() {}\n",
		"cmd/main.go":    "package main\n\nfunc main() {}\n\nfunc Exported() {}\n",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const want = `example.com/m/m.Gap has no Example and is in none
example.com/m/m.InTest has no Example and is in none
example.com/m/m.List.Get has no Example and is in none
8 exported functions and methods, 3 without an Example
`
	var out bytes.Buffer
	gaps, err := run(&out, dir, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	if gaps != 3 || out.String() != want {
		t.Errorf("%d gaps:\n%s\nwant:\n%s", gaps, out.String(), want)
	}
}
