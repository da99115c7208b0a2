package main

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// model is an exported type of package api.
type model struct {
	Name string
	Doc  string // comment lines: what it is, and of a struct its fields with type, meaning and unit
}

// group is the constants of one type.
type group struct {
	Type  string
	Names []string
}

// apart are the models that package oura has types of its own for: an envelope with a cursor, and subscriptions whose
// times are instants.
var apart = []string{"Page", "Subscription", "CreateSubscriptionRequest", "UpdateSubscriptionRequest"}

// readPackage lists the models and the constants of package api: what the hand-written files declare, and of the
// generated models all that is not an argument of the raw client.
func readPackage(dir string) ([]model, []group, error) {
	files, err := parseDir(dir)
	if err != nil {
		return nil, nil, err
	}
	fset, parsed := files.fset, files.parsed
	pkg, err := doc.NewFromFiles(fset, parsed, "api")
	if err != nil {
		return nil, nil, err
	}
	var types []model
	var constants []group
	for _, t := range pkg.Types {
		spec := t.Decl.Specs[0].(*ast.TypeSpec)
		if !ast.IsExported(t.Name) || spec.Assign.IsValid() || strings.HasSuffix(t.Name, "Params") || slices.Contains(apart, t.Name) {
			continue
		}
		types = append(types, model{Name: t.Name, Doc: comment(strings.TrimSpace(t.Doc) + fieldTable(fset, spec))})
		var names []string
		for _, decl := range t.Consts {
			names = append(names, decl.Names...)
		}
		if len(names) > 0 {
			constants = append(constants, group{Type: t.Name, Names: names})
		}
	}
	return types, constants, nil
}

type dirFiles struct {
	fset   *token.FileSet
	parsed []*ast.File
}

// parseDir leaves out tests and the raw client.
func parseDir(dir string) (dirFiles, error) {
	d := dirFiles{fset: token.NewFileSet()}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return d, err
	}
	for _, e := range entries {
		n := e.Name()
		if !strings.HasSuffix(n, ".go") || strings.HasSuffix(n, "_test.go") || n == "client.gen.go" {
			continue
		}
		f, err := parser.ParseFile(d.fset, filepath.Join(dir, n), nil, parser.ParseComments)
		if err != nil {
			return d, err
		}
		d.parsed = append(d.parsed, f)
	}
	return d, nil
}

func comment(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	return strings.ReplaceAll("// "+strings.ReplaceAll(text, "\n", "\n// "), "\n// \t", "\n//\t")
}

// fieldTable lists the fields of a struct, each with its type and the first sentence of its documentation, as a block
// of code in a doc comment. An alias shows none of them by itself.
func fieldTable(fset *token.FileSet, spec *ast.TypeSpec) string {
	s, ok := spec.Type.(*ast.StructType)
	if !ok || !strings.HasSuffix(fset.Position(spec.Pos()).Filename, ".gen.go") {
		return ""
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			line := name.Name + "\t" + types.ExprString(f.Type)
			if first := new(doc.Package).Synopsis(f.Doc.Text()); first != "" {
				line += "\t" + strings.TrimSuffix(first, ".")
			}
			fmt.Fprintln(w, line)
		}
	}
	_ = w.Flush() // to memory
	return "\n\n\t" + strings.ReplaceAll(strings.TrimSpace(b.String()), "\n", "\n\t")
}
