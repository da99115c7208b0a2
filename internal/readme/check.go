package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// checked is what a look at one page found.
type checked struct {
	blocks  int     // Go blocks in it
	broken  []error // blocks and markers that only a person can mend
	stale   []error // blocks that differ from their example
	updated []byte  // the file with the stale blocks rewritten
}

// findPages returns every README.md below root, the root's own first, and every
// Markdown file of its folder docs. The root's own must exist: a check of nothing
// would pass.
func findPages(root string) ([]string, error) {
	top := filepath.Join(root, "README.md")
	if _, err := os.Stat(top); err != nil {
		return nil, err
	}
	files := []string{top}
	docs := filepath.Join(root, "docs") + string(filepath.Separator)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && skipDir(entry.Name()):
			return filepath.SkipDir
		case entry.IsDir() || path == top:
		case entry.Name() == "README.md", strings.HasPrefix(path, docs) && strings.HasSuffix(path, ".md"):
			files = append(files, path)
		}
		return nil
	})
	return files, err
}

func skipDir(name string) bool {
	return strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || name == "vendor"
}

// checkPage compares every Go block of a page with its example. The error is
// about the file as a whole.
func checkPage(root, file string) (checked, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return checked{}, err
	}
	lines := splitLines(text)
	blocks, err := parseBlocks(lines)
	if err != nil {
		return checked{}, fmt.Errorf("%s: %w", file, err)
	}

	var result checked
	// From the last block to the first, so that a rewrite moves no line that is
	// still to be visited.
	for _, b := range slices.Backward(blocks) {
		at := fmt.Sprintf("%s:%d", file, b.open+1)
		want, err := b.example(root)
		if errors.Is(err, errNoExample) {
			continue
		}
		result.blocks++
		if err != nil {
			result.broken = append(result.broken, fmt.Errorf("%s: %w", at, err))
			continue
		}
		got := b.text()
		if got == want {
			continue
		}
		result.stale = append(result.stale, fmt.Errorf(
			"%s: the block differs from its example (%s); rewrite it with: go run ./internal/readme -w\n%s",
			at, b.marker, diff("page", "example", got, want)))
		lines = slices.Replace(lines, b.open+1, b.close, indent(want, b.indent)...)
	}
	slices.Reverse(result.broken)
	slices.Reverse(result.stale)
	result.updated = []byte(strings.Join(lines, "\n"))
	return result, nil
}

// errNoExample says that a block needs no example: it is not Go.
var errNoExample = errors.New("not a Go block")

// example returns the source that the block must equal.
func (b block) example(root string) (string, error) {
	name, marked := strings.CutPrefix(b.marker, "example:")
	switch {
	case !b.isGo() && marked:
		return "", fmt.Errorf("an example comment stands above a %q block, want go", b.lang)
	case !b.isGo():
		return "", errNoExample
	case !marked:
		return "", errors.New("a Go block without a comment <!-- example: FOLDER ExampleName --> above it: nothing compiles it")
	}
	fields := strings.Fields(name)
	if len(fields) < 2 || len(fields) > 3 {
		return "", fmt.Errorf("comment %q: want <!-- example: FOLDER ExampleName [body|func|file|snippet] -->", b.marker)
	}
	part := "body"
	if len(fields) == 3 {
		part = fields[2]
	}
	found, err := findExample(root, fields[0], fields[1])
	if err != nil {
		return "", err
	}
	return found.source(part)
}

// indent puts a prefix before every line that is not empty.
func indent(text, prefix string) []string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = prefix + line
		}
	}
	return lines
}
