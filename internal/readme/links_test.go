package main

import (
	"slices"
	"strings"
	"testing"
)

func TestLinks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		want  []string // parts of the error; none: no error
	}{
		{
			name: "all lead somewhere",
			files: map[string]string{
				"README.md": "# Demo\n\n[page](docs/a.md) [part](docs/a.md#the-first-part) [here](#demo) [folder](demo) <https://example.com/gone>\n" +
					"[over\ntwo lines](docs/a.md \"title\") [ref] [spaces](docs/a%20b.md) [root](/docs/a.md) [`code`](demo/demo.go)\n\n[ref]: docs/a.md#more-1\n",
				"docs/a.md":         "# A\n## The `first` part!\n## More\n## More\n[up](../README.md#demo) [at](../demo#d)\n",
				"docs/a b.md":       "# B\n",
				"demo/README.md":    "# D\n",
				"demo/demo.go":      "// Package demo: see https://github.com/oura-go/sdk/blob/main/docs/a.md#more.\n// And docs/a.md, https://pkg.go.dev/github.com/oura-go/sdk/demo.\npackage demo\n",
				".github/x.yml":     "url: https://github.com/oura-go/sdk/tree/main/demo\nother: https://github.com/oura-go/sdk/issues\n",
				"demo/x_test.go":    "// docs/gone.md\npackage demo\n",
				"vendor/a/b.md":     "[x](gone.md)\n",
				"testdata/x.md":     "[x](gone.md)\n",
				".git/info/x.md":    "[x](gone.md)\n",
				"node_modules/x.md": "[x](gone.md)\n",
			},
		},
		{
			name:  "a file that is gone",
			files: map[string]string{"README.md": "# Demo\n\n[page](docs/gone.md)\n"},
			want:  []string{"README.md:3: the link docs/gone.md leads nowhere: there is no such file"},
		},
		{
			name:  "an anchor of another page",
			files: map[string]string{"README.md": "[page](docs/a.md#b)\n", "docs/a.md": "# A\n"},
			want:  []string{"README.md:1: the link docs/a.md#b leads nowhere: the page has no heading #b"},
		},
		{
			name:  "an anchor of the page itself",
			files: map[string]string{"README.md": "# Demo\n\n```md\n# In code\n```\n[x](#in-code)\n"},
			want:  []string{"README.md:6:", "no heading #in-code"},
		},
		{
			name:  "a third of two headings",
			files: map[string]string{"README.md": "# A\n# A\n[x](#a-2)\n"},
			want:  []string{"no heading #a-2"},
		},
		{
			name:  "a folder without a page",
			files: map[string]string{"README.md": "[x](demo#part)\n", "demo/a.go": "package demo\n"},
			want:  []string{"demo/README.md"},
		},
		{
			name:  "an anchor of code",
			files: map[string]string{"README.md": "[x](demo/a.go#L3)\n", "demo/a.go": "package demo\n"},
			want:  []string{"only a Markdown page has anchors"},
		},
		{
			name:  "a definition",
			files: map[string]string{"README.md": "[x]\n\n[x]: gone.md\n"},
			want:  []string{"README.md:3: the link gone.md"},
		},
		{
			name:  "out of the repository",
			files: map[string]string{"README.md": "[x](../x.md)\n"},
			want:  []string{"it leaves the repository"},
		},
		{
			name:  "code is no link, what stands between is",
			files: map[string]string{"README.md": "`[x](gone.md)` [y](lost.md) ``[x](`gone.md)`` [x`](there.md)`\n```\n[x](gone.md)\n```\n"},
			want:  []string{"README.md:1: the link lost.md"},
		},
		{
			name:  "hidden folders are read",
			files: map[string]string{"README.md": "# A\n", ".github/a.md": "[x](../gone.md)\n"},
			want:  []string{"a.md:1: the link ../gone.md"},
		},
		{
			name:  "an address in a comment",
			files: map[string]string{"README.md": "# A\n", "a/a.go": "// See\n// https://github.com/oura-go/sdk/blob/main/README.md#b.\npackage a\n"},
			want:  []string{"a.go:2:", "no heading #b"},
		},
		{
			name:  "a package",
			files: map[string]string{"README.md": "<https://pkg.go.dev/github.com/oura-go/sdk/gone>\n"},
			want:  []string{"README.md:1: the link ./gone"},
		},
		{
			name:  "a mention in code",
			files: map[string]string{"README.md": "# A\n", "a.go": "// As docs/gone.md says.\npackage a\n"},
			want:  []string{"a.go:1: the link docs/gone.md"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := run([]string{"-root", repo(t, tt.files)}, &strings.Builder{})
			if (err != nil) != (len(tt.want) > 0) {
				t.Fatalf("run: error %v, want %q", err, tt.want)
			}
			for _, want := range tt.want {
				if !strings.Contains(strings.ReplaceAll(err.Error(), "\\", "/"), want) {
					t.Errorf("run: error\n%v\nwant a part %q", err, want)
				}
			}
			if len(tt.want) > 0 && strings.Count(err.Error(), "\n") > 0 {
				t.Errorf("run: error\n%v\nwant one", err)
			}
		})
	}
}

// TestPagesOfDocs checks that code in docs is held to its example as that of a README is.
func TestPagesOfDocs(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"README.md":           "# Demo\n",
		"docs/differs.md":     readme("<!-- example: demo ExampleClient -->", strings.Replace(clientBody, `"ring"`, `"wing"`, 1)),
		"docs/deep/free.md":   readme("Text.", "does not compile"),
		"docs/same.md":        readme("<!-- example: demo ExampleClient -->", clientBody),
		"docs/testdata/x.md":  readme("Text.", "a()"),
		"notes/not-a-page.md": readme("Text.", "a()"),
		"demo/demo_test.go":   exampleFile,
	}
	var out strings.Builder
	err := run([]string{"-root", repo(t, files)}, &out)
	if err == nil {
		t.Fatal("run: no error")
	}
	for _, want := range []string{"differs.md:4: the block differs", "- greet(\"wing\")\n+ greet(\"ring\")", "free.md:4: a Go block without a comment"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("run: error\n%v\nwant a part %q", err, want)
		}
	}
	for _, other := range []string{"same.md", "x.md", "not-a-page.md"} {
		if strings.Contains(err.Error(), other) {
			t.Errorf("run: error\n%v\nabout %s", err, other)
		}
	}
	if pages := strings.Count(out.String(), "Go blocks"); pages != 4 {
		t.Errorf("%d pages were read, want 4:\n%s", pages, out.String())
	}
}

func TestFindPagesOrder(t *testing.T) {
	t.Parallel()
	root := repo(t, map[string]string{"README.md": "", "a/README.md": "", "docs/x.md": "", "docs/README.md": ""})
	files, err := findPages(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 4 || !strings.HasSuffix(files[0], "README.md") || slices.ContainsFunc(files[1:], func(f string) bool { return f == files[0] }) {
		t.Errorf("pages %q, want the root's README.md first and each once", files)
	}
}
