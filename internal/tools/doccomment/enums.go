package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// readEnums returns the values of each enum of the document, by the name of its schema.
func readEnums(name string) (map[string][]string, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Enum []string `yaml:"enum"`
			} `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(raw, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	enums := map[string][]string{}
	for schema, s := range document.Components.Schemas {
		enums[schema] = s.Enum
	}
	return enums, nil
}

// reorder puts the lines of each block of constants in the order of their enum.
func reorder(fset *token.FileSet, file *ast.File, lines [][]byte, enums map[string][]string) {
	for _, d := range file.Decls {
		block, ok := d.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST || len(block.Specs) == 0 {
			continue
		}
		first := fset.Position(block.Specs[0].Pos()).Line - 1
		places := map[string]int{} // of a line in the enum
		for i, spec := range block.Specs {
			place, ok := placeOf(spec.(*ast.ValueSpec), enums)
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
func placeOf(spec *ast.ValueSpec, enums map[string][]string) (int, bool) {
	typ, named := spec.Type.(*ast.Ident)
	if !named || len(spec.Values) != 1 {
		return 0, false
	}
	literal, ok := spec.Values[0].(*ast.BasicLit)
	if !ok {
		return 0, false
	}
	value, err := strconv.Unquote(literal.Value)
	place := slices.Index(enums[typ.Name], value)
	return place, err == nil && place >= 0
}
