package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBlocks holds the READMEs of this repository to its examples.
func TestBlocks(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run([]string{"-root", "../.."}, &out); err != nil {
		t.Errorf("README code and examples differ:\n%v", err)
	}
}

const exampleFile = `package demo_test

import "fmt"

// ExampleClient says hello.
func ExampleClient() {
	greet := func(name string) {
		fmt.Println("hello", name)
	}

	greet("ring")

	// Output:
	// hello ring
}

func ExampleClient_raw() {
	fmt.Println(` + "`" + `first
	tab kept
none` + "`" + `)
	// Unordered output: first
}

func ExampleClient_part() {
	names := []string{"a"}
	for _, name := range names {
		// snippet
		fmt.Println(name)
		if name == "" {
			return
		}
		// end snippet
	}
}

func Helper() {}

type T struct{}

func (T) ExampleMethod() {}
`

const clientBody = `greet := func(name string) {
	fmt.Println("hello", name)
}

greet("ring")`

// repo writes files into a new folder and returns it.
func repo(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// readme is a README with one Go block under a comment.
func readme(comment, code string) string {
	return "# Demo\n\n" + comment + "\n```go\n" + code + "\n```\n\nMore.\n"
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		readme string
		want   []string // parts of the error; none: no error
	}{
		{
			name:   "the body",
			readme: readme("<!-- example: demo ExampleClient -->", clientBody),
		},
		{
			name:   "the function",
			readme: readme("<!-- example: demo ExampleClient func -->", "func ExampleClient() {\n\t"+strings.ReplaceAll(strings.ReplaceAll(clientBody, "\n", "\n\t"), "\n\t\n", "\n\n")+"\n}"),
		},
		{
			name:   "the file",
			readme: readme("<!-- example: demo ExampleClient file -->", strings.TrimSpace(strings.Replace(exampleFile, "\n\t// Output:\n\t// hello ring\n", "", 1))),
		},
		{
			name:   "a region",
			readme: readme("<!-- example: demo ExampleClient_part snippet -->", "fmt.Println(name)\nif name == \"\" {\n\treturn\n}"),
		},
		{
			name:   "a raw string keeps its white space",
			readme: readme("<!-- example: demo ExampleClient_raw -->", "fmt.Println(`first\n\ttab kept\nnone`)"),
		},
		{
			name:   "a block in a list",
			readme: "- item\n\n  <!-- example: demo ExampleClient -->\n\n  ```go\n  " + strings.ReplaceAll(clientBody, "\n", "\n  ") + "\n  ```\n",
		},
		{
			name:   "Windows line ends",
			readme: strings.ReplaceAll(readme("<!-- example: demo ExampleClient -->", clientBody), "\n", "\r\n"),
		},
		{
			name:   "other languages are free",
			readme: "```sh\ngo test ./...\n```\n\n~~~\n```go\nx\n```\n~~~\n",
		},
		{
			name:   "a changed line",
			readme: readme("<!-- example: demo ExampleClient -->", strings.Replace(clientBody, `"ring"`, `"wing"`, 1)),
			want:   []string{"README.md:4: the block differs", "- greet(\"wing\")\n+ greet(\"ring\")", "internal/readme -w"},
		},
		{
			name:   "a missing line",
			readme: readme("<!-- example: demo ExampleClient -->", strings.TrimSuffix(clientBody, "\n\ngreet(\"ring\")")),
			want:   []string{"+ greet(\"ring\")"},
		},
		{
			name:   "a line too many",
			readme: readme("<!-- example: demo ExampleClient -->", clientBody+"\nextra()"),
			want:   []string{"- extra()"},
		},
		{
			name:   "an indented block",
			readme: readme("<!-- example: demo ExampleClient -->", "\t"+clientBody),
			want:   []string{"the block differs"},
		},
		{
			name:   "the expected output is shown",
			readme: readme("<!-- example: demo ExampleClient -->", clientBody+"\n\n// Output:\n// hello ring"),
			want:   []string{"- // Output:"},
		},
		{
			name:   "no comment",
			readme: readme("Text.", clientBody),
			want:   []string{"README.md:4: a Go block without a comment"},
		},
		{
			name:   "the other name of the language",
			readme: strings.Replace(readme("Text.", clientBody), "```go", "```golang", 1),
			want:   []string{"a Go block without a comment"},
		},
		{
			name:   "text between comment and block",
			readme: "<!-- example: demo ExampleClient -->\nSo:\n```go\n" + clientBody + "\n```\n",
			want:   []string{"line 1: no code block follows"},
		},
		{
			name:   "a comment at the end",
			readme: "Text.\n\n<!-- example: demo ExampleClient -->\n",
			want:   []string{"line 3: no code block follows"},
		},
		{
			name:   "a comment above another language",
			readme: "<!-- example: demo ExampleClient -->\n```sh\nls\n```\n",
			want:   []string{`above a "sh" block`},
		},
		{
			name:   "an open fence",
			readme: "```go\n" + clientBody + "\n",
			want:   []string{"line 1: this code fence is never closed"},
		},
		{
			name:   "no such function",
			readme: readme("<!-- example: demo ExampleGone -->", clientBody),
			want:   []string{"has a function ExampleGone"},
		},
		{
			name:   "no such folder",
			readme: readme("<!-- example: gone ExampleClient -->", clientBody),
			want:   []string{"no *_test.go file in gone"},
		},
		{
			name:   "not an example",
			readme: readme("<!-- example: demo Helper -->", clientBody),
			want:   []string{"Helper is not the name of an Example function"},
		},
		{
			name:   "a method",
			readme: readme("<!-- example: demo ExampleMethod -->", clientBody),
			want:   []string{"has a function ExampleMethod"},
		},
		{
			name:   "an example twice",
			readme: readme("<!-- example: twice ExampleA -->", ""),
			want:   []string{"two test files of twice have ExampleA"},
		},
		{
			name:   "an example that does not parse",
			readme: readme("<!-- example: broken ExampleA -->", ""),
			want:   []string{"a_test.go"},
		},
		{
			name:   "an unknown part",
			readme: readme("<!-- example: demo ExampleClient half -->", clientBody),
			want:   []string{`unknown part "half"`},
		},
		{
			name:   "a region that is not there",
			readme: readme("<!-- example: demo ExampleClient snippet -->", clientBody),
			want:   []string{"ExampleClient has no lines between"},
		},
		{
			name:   "half a comment",
			readme: readme("<!-- example: demo -->", clientBody),
			want:   []string{"want <!-- example: FOLDER ExampleName"},
		},
		{
			name:   "every problem is told",
			readme: readme("Text.", "a()") + readme("<!-- example: demo ExampleClient -->", "b()") + readme("Text.", "c()"),
			want:   []string{"README.md:4:", "README.md:12:", "README.md:20:"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := repo(t, map[string]string{
				"README.md":          tt.readme,
				"demo/demo_test.go":  exampleFile,
				"twice/a_test.go":    "package a\n\nfunc ExampleA() {}\n",
				"twice/b_test.go":    "package a_test\n\nfunc ExampleA() {}\n",
				"broken/a_test.go":   "package a\n\nfunc ExampleA( {}\n",
				".hidden/README.md":  "```go\n",
				"testdata/README.md": "```go\n",
			})
			var out strings.Builder
			err := run([]string{"-root", root}, &out)
			if (err != nil) != (len(tt.want) > 0) {
				t.Fatalf("run: error %v, want %q", err, tt.want)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("run: error\n%v\nwant a part %q", err, want)
				}
			}
		})
	}
}

func TestCheckNestedReadme(t *testing.T) {
	t.Parallel()
	root := repo(t, map[string]string{
		"README.md":              "# Demo\n",
		"examples/one/README.md": readme("Text.", "a()"),
	})
	err := run([]string{"-root", root}, &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), filepath.Join("examples", "one", "README.md")+":4:") {
		t.Errorf("run: error %v, want one about the nested README", err)
	}
}

func TestCheckNoReadme(t *testing.T) {
	t.Parallel()
	if err := run([]string{"-root", t.TempDir()}, &strings.Builder{}); err == nil {
		t.Error("run in an empty folder: no error")
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	stale := "# Demo\n\n<!-- example: demo ExampleClient -->\n```go\nold()\n```\n\n" +
		"- item\n\n  <!-- example: demo ExampleClient -->\n  ```go\n  old()\n  older()\n  ```\n\nThe end.\n"
	fresh := "# Demo\n\n<!-- example: demo ExampleClient -->\n```go\n" + clientBody + "\n```\n\n" +
		"- item\n\n  <!-- example: demo ExampleClient -->\n  ```go\n  " +
		strings.ReplaceAll(strings.ReplaceAll(clientBody, "\n", "\n  "), "\n  \n", "\n\n") + "\n  ```\n\nThe end.\n"
	root := repo(t, map[string]string{"README.md": stale, "demo/demo_test.go": exampleFile})

	if err := run([]string{"-root", root, "-w"}, &strings.Builder{}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != fresh {
		t.Errorf("rewritten README:\n%s", diff("got", "want", string(got), fresh))
	}
	if err := run([]string{"-root", root}, &strings.Builder{}); err != nil {
		t.Errorf("check after the rewrite: %v", err)
	}
}

// TestWriteBroken checks that a rewrite does not hide what it cannot mend.
func TestWriteBroken(t *testing.T) {
	t.Parallel()
	root := repo(t, map[string]string{"README.md": readme("Text.", "a()")})
	if err := run([]string{"-root", root, "-w"}, &strings.Builder{}); err == nil {
		t.Error("rewrite of a README with an unmarked block: no error")
	}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	const marked = "<!-- ci:test -->\n```sh\ngo test ./...\n```\n"
	tests := []struct {
		name, readme, want, wantErr string
	}{
		{name: "one block", readme: marked + "\n```sh\nother\n```\n", want: "go test ./...\n"},
		{name: "no block", readme: "```sh\ngo test ./...\n```\n", wantErr: "found 0"},
		{name: "two blocks", readme: marked + marked, wantErr: "found 2"},
		{name: "an empty block", readme: "<!-- ci:test -->\n```sh\n\n```\n", wantErr: "want one sh block with a command"},
		{name: "another name", readme: "<!-- ci:run -->\n```sh\nx\n```\n", wantErr: "found 0"},
		{name: "another language", readme: "<!-- ci:test -->\n```go\nx\n```\n", wantErr: `is "go", want sh`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := repo(t, map[string]string{"README.md": tt.readme})
			var out strings.Builder
			err := run([]string{"-root", root, "-command", "test"}, &out)
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("run: error %v, want a part %q", err, tt.wantErr)
				}
				return
			}
			if err != nil || out.String() != tt.want {
				t.Errorf("run: %q, %v, want %q", out.String(), err, tt.want)
			}
		})
	}
}

// TestReadmeLength keeps the README short enough to be read: the rest is in docs.
func TestReadmeLength(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > 250 {
		t.Errorf("README.md has %d lines, want 250 at the most: move what people look up into docs", lines)
	}
}
