package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// schema is what the generator loses of one of the document.
type schema struct {
	Enum       []string `yaml:"enum"`
	Properties map[string]struct {
		Ref         string `yaml:"$ref"`
		Description string `yaml:"description"`
	} `yaml:"properties"`
}

// readSchemas returns the schemas of the document by name, which is that of the Go type.
func readSchemas(name string) (map[string]schema, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var document struct {
		Components struct {
			Schemas map[string]schema `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(raw, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return document.Components.Schemas, nil
}

// ofReferences finds the fields whose property is a reference with a description of its own, and calls note with it: the
// generator takes that of the type.
func ofReferences(file *ast.File, schemas map[string]schema, note func(doc *ast.CommentGroup, description string)) {
	ast.Inspect(file, func(n ast.Node) bool {
		t, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		s, ok := t.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, f := range s.Fields.List {
			if f.Doc == nil || f.Tag == nil {
				continue
			}
			tag, _ := strconv.Unquote(f.Tag.Value)
			name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
			if p := schemas[t.Name.Name].Properties[name]; p.Ref != "" && p.Description != "" {
				note(f.Doc, p.Description)
			}
		}
		return false
	})
}

// reorder puts the lines of each block of constants in the order of their enum.
func reorder(fset *token.FileSet, file *ast.File, lines [][]byte, schemas map[string]schema) {
	for _, d := range file.Decls {
		block, ok := d.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST || len(block.Specs) == 0 {
			continue
		}
		first := fset.Position(block.Specs[0].Pos()).Line - 1
		places := map[string]int{} // of a line in the enum
		for i, spec := range block.Specs {
			place, ok := placeOf(spec.(*ast.ValueSpec), schemas)
			if !ok || fset.Position(spec.Pos()).Line-1 != first+i {
				break
			}
			places[string(lines[first+i])] = place
		}
		if len(places) == len(block.Specs) {
			slices.SortStableFunc(lines[first:first+len(places)], func(a, b []byte) int { return places[string(a)] - places[string(b)] })
		}
	}
}

// placeOf finds the value of a constant in the enum of its type.
func placeOf(spec *ast.ValueSpec, schemas map[string]schema) (int, bool) {
	typ, named := spec.Type.(*ast.Ident)
	if !named || len(spec.Values) != 1 {
		return 0, false
	}
	literal, ok := spec.Values[0].(*ast.BasicLit)
	if !ok {
		return 0, false
	}
	value, err := strconv.Unquote(literal.Value)
	place := slices.Index(schemas[typ.Name].Enum, value)
	return place, err == nil && place >= 0
}
