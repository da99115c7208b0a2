package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// schema is what fixtures need of a JSON Schema.
type schema struct {
	Ref        string             `yaml:"$ref"`
	Type       any                `yaml:"type"` // a name, or a list of them
	Format     string             `yaml:"format"`
	Enum       []string           `yaml:"enum"`
	Minimum    float64            `yaml:"minimum"`
	Items      *schema            `yaml:"items"`
	Properties map[string]*schema `yaml:"properties"`
	Required   []string           `yaml:"required"`
	AnyOf      []*schema          `yaml:"anyOf"`
}

// is reports whether a type is among those of the schema.
func (s *schema) is(name string) bool {
	list, _ := s.Type.([]any)
	return s.Type == name || slices.Contains(list, any(name))
}

func (s *schema) nullable() bool {
	return s.is("null") || slices.ContainsFunc(s.AnyOf, (*schema).nullable)
}

// writeFixtures gives a collection that has no fixtures a document with every property, one with every null, and one
// whose first key stands twice. People replace them with better ones.
func writeFixtures(dir string, doc document) error {
	for _, c := range doc.collections() {
		folder := filepath.Join(dir, c.Path)
		if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.Mkdir(folder, 0o755); err != nil { //nolint:gosec // G301: as the rest of the repository
			return err
		}
		model := doc.Components.Schemas[c.Name]
		full, nulls := doc.text(model, false), doc.text(model, true)
		key, _, _ := strings.Cut(full, ",")
		for name, text := range map[string]string{"full": full, "nulls": nulls, "quirks": key + "," + full[1:]} {
			if err := os.WriteFile(filepath.Join(folder, name+".json"), []byte(text+"\n"), 0o644); err != nil { //nolint:gosec // G306
				return err
			}
		}
	}
	return nil
}

func (doc document) text(s *schema, nulls bool) string {
	text, _ := json.MarshalIndent(doc.example(s, nulls), "", "  ") // maps, lists and values of JSON
	return string(text)
}

// example is a value that a schema allows: null wherever it may be, or nowhere.
func (doc document) example(s *schema, nulls bool) any {
	switch {
	case s.Ref != "":
		return doc.example(doc.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")], nulls)
	case nulls && s.nullable():
		return nil
	case len(s.AnyOf) > 0:
		sure := slices.IndexFunc(s.AnyOf, func(choice *schema) bool { return !choice.nullable() })
		return doc.example(s.AnyOf[sure], nulls)
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.is("object"):
		object := map[string]any{}
		for name, property := range s.Properties {
			if !nulls || property.nullable() || slices.Contains(s.Required, name) {
				object[name] = doc.example(property, nulls)
			}
		}
		return object
	case s.is("array"):
		return []any{doc.example(s.Items, nulls)}
	case s.is("integer"), s.is("number"):
		return max(s.Minimum, 1)
	case s.is("boolean"):
		return true
	}
	texts := map[string]string{"date": "2026-03-12", "date-time": "2026-03-12T07:30:00+02:00", "local-date-time": "2026-03-12T07:30:00"}
	if text := texts[s.Format]; text != "" {
		return text
	}
	return "made up"
}
