package main

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// name is an exported name of package api with its documentation, as comment lines.
type name struct {
	Name, Doc string
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
func readPackage(dir string) ([]name, []group, error) {
	files, err := parseDir(dir)
	if err != nil {
		return nil, nil, err
	}
	fset, parsed := files.fset, files.parsed
	pkg, err := doc.NewFromFiles(fset, parsed, "api")
	if err != nil {
		return nil, nil, err
	}
	var types []name
	var constants []group
	for _, t := range pkg.Types {
		spec := t.Decl.Specs[0].(*ast.TypeSpec)
		if !ast.IsExported(t.Name) || spec.Assign.IsValid() || strings.HasSuffix(t.Name, "Params") || slices.Contains(apart, t.Name) {
			continue
		}
		types = append(types, name{Name: t.Name, Doc: comment(t.Doc)})
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
	return "// " + strings.ReplaceAll(text, "\n", "\n// ")
}
