package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// example is an Example function in a test file.
type example struct {
	fset *token.FileSet
	file *ast.File
	fn   *ast.FuncDecl
	text []byte // the file
}

// findExample looks for a function in the test files of one folder, which is
// relative to root and written with slashes.
func findExample(root, folder, name string) (*example, error) {
	if !strings.HasPrefix(name, "Example") {
		return nil, fmt.Errorf("%s is not the name of an Example function", name)
	}
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*_test.go"))
	if err != nil {
		return nil, err
	}
	var found *example
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		text = []byte(strings.ReplaceAll(string(text), "\r\n", "\n"))
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || fn.Name.Name != name {
				continue
			}
			if found != nil {
				return nil, fmt.Errorf("two test files of %s have %s", folder, name)
			}
			found = &example{fset: fset, file: file, fn: fn, text: text}
		}
	}
	if found == nil {
		return nil, fmt.Errorf("no *_test.go file in %s has a function %s", folder, name)
	}
	return found, nil
}

// source returns a part of the example as a README shows it: from column one and
// without the expected output.
func (e *example) source(part string) (string, error) {
	body := e.fn.Body
	switch part {
	case "body":
		return e.lines(body.Lbrace+1, body.Rbrace), nil
	case "func":
		return e.lines(e.fn.Pos(), e.fn.End()), nil
	case "file":
		return e.lines(e.file.FileStart, e.file.FileEnd), nil
	case "snippet":
		from, to, err := e.snippet()
		if err != nil {
			return "", err
		}
		return e.lines(from, to), nil
	}
	return "", fmt.Errorf("unknown part %q of an example: want body, func, file or snippet", part)
}

var outputPattern = regexp.MustCompile(`(?i)^\s*(unordered )?output:`)

// output returns the first and the last line of the comment with the expected
// output, or zeros when the example has none.
func (e *example) output() (first, last int) {
	for _, group := range e.file.Comments {
		inBody := e.fn.Body.Lbrace < group.Pos() && group.End() <= e.fn.Body.Rbrace
		if inBody && outputPattern.MatchString(group.Text()) {
			first, last = e.line(group.Pos()), e.line(group.End())
		}
	}
	return first, last
}

// snippet returns the region between the comments "// snippet" and
// "// end snippet".
func (e *example) snippet() (from, to token.Pos, err error) {
	for _, group := range e.file.Comments {
		for _, comment := range group.List {
			if comment.Pos() < e.fn.Body.Lbrace || comment.End() > e.fn.Body.Rbrace {
				continue
			}
			switch comment.Text {
			case "// snippet":
				from = comment.End()
			case "// end snippet":
				to = comment.Pos()
			}
		}
	}
	if from == token.NoPos || to < from {
		return 0, 0, fmt.Errorf("%s has no lines between // snippet and // end snippet", e.fn.Name.Name)
	}
	return from, to, nil
}

// lines returns the source between two positions, less the expected output, the
// indentation that all lines share, and blank lines around it.
func (e *example) lines(from, to token.Pos) string {
	source := strings.Split(string(e.text[e.offset(from):e.offset(to)]), "\n")
	first := e.line(from)
	outFrom, outTo := e.output()
	inString := e.rawStringLines()

	tabs := -1
	for i, line := range source {
		if strings.TrimSpace(line) == "" || inString[first+i] {
			continue
		}
		depth := len(line) - len(strings.TrimLeft(line, "\t"))
		if tabs < 0 || depth < tabs {
			tabs = depth
		}
	}

	var kept []string
	for i, line := range source {
		switch n := first + i; {
		case outFrom <= n && n <= outTo:
			for len(kept) > 0 && kept[len(kept)-1] == "" {
				kept = kept[:len(kept)-1]
			}
		case inString[n]: // its white space is data
			kept = append(kept, line)
		case strings.TrimSpace(line) == "":
			kept = append(kept, "")
		default:
			kept = append(kept, line[tabs:])
		}
	}
	return strings.Trim(strings.Join(kept, "\n"), "\n")
}

// rawStringLines returns the lines of the file that begin inside a raw string.
func (e *example) rawStringLines() map[int]bool {
	inside := make(map[int]bool)
	ast.Inspect(e.file, func(node ast.Node) bool {
		if lit, ok := node.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			for line := e.line(lit.Pos()) + 1; line <= e.line(lit.End()); line++ {
				inside[line] = true
			}
		}
		return true
	})
	return inside
}

func (e *example) line(pos token.Pos) int { return e.fset.Position(pos).Line }

func (e *example) offset(pos token.Pos) int { return e.fset.Position(pos).Offset }
