// Command doccomment rewrites the doc comments of generated files as a Go reader expects them.
//
// The generator puts the Go name before every description of openapi.yaml, which reads "// Score Sleep score of the
// day". Descriptions are written for readers of the document in any language, so the Go form is made here: a field's
// comment loses the name, a type's becomes a sentence ("// DailySleep is a civil day's sleep score …").
//
// A field whose property is a reference gets the description beside the reference, not that of the type. And it puts the
// constants of an enum, which the generator sorts, in the order of the document: that of a rank, where
// the values have one.
//
//	doccomment openapi.yaml file.go ...
package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "doccomment:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("give openapi.yaml and the generated files")
	}
	schemas, err := readSchemas(args[0])
	if err != nil {
		return err
	}
	for _, name := range args[1:] {
		if err := rewrite(name, schemas); err != nil {
			return err
		}
	}
	return nil
}

func rewrite(name string, schemas map[string]schema) error {
	src, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		return err
	}
	edits := map[int]string{} // line number -> what stands there after the indentation
	note := func(doc *ast.CommentGroup, name string, form func(name, rest string) string) {
		if doc == nil {
			return
		}
		rest, ok := strings.CutPrefix(doc.List[0].Text, "// "+name+" ")
		if first, _ := utf8.DecodeRuneInString(rest); ok && unicode.IsUpper(first) {
			edits[fset.Position(doc.Pos()).Line] = "// " + form(name, rest)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			if n.Tok == token.TYPE && len(n.Specs) == 1 {
				note(n.Doc, n.Specs[0].(*ast.TypeSpec).Name.Name, sentence)
			}
		case *ast.Field:
			if len(n.Names) == 1 {
				note(n.Doc, n.Names[0].Name, func(_, rest string) string { return rest })
			}
		}
		return true
	})
	ofReferences(file, schemas, func(doc *ast.CommentGroup, description string) {
		if len(doc.List) == 1 {
			edits[fset.Position(doc.Pos()).Line] = "// " + description
		}
	})
	lines := bytes.Split(src, []byte("\n"))
	for i, l := range lines {
		if now, ok := edits[i+1]; ok {
			indent := l[:len(l)-len(bytes.TrimLeft(l, "\t "))]
			lines[i] = append(bytes.Clone(indent), now...)
		}
	}
	reorder(fset, file, lines, schemas)
	out, err := format.Source(bytes.Join(lines, []byte("\n")))
	if err != nil {
		return err
	}
	return os.WriteFile(name, out, 0o644) //nolint:gosec // G306: source code, readable as the rest of the repository
}

// sentence joins a type's name to its description, which is a noun phrase with its article.
func sentence(name, rest string) string {
	first, size := utf8.DecodeRuneInString(rest)
	return name + " is " + string(unicode.ToLower(first)) + rest[size:]
}
