package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// object is a JSON object as YAML reads it.
type object = map[string]any

// document is an OpenAPI document. JSON is YAML, so one reader serves both.
type document struct {
	root     object
	Upstream upstream
}

// upstream is x-upstream of openapi.yaml.
type upstream struct {
	Export   int      `yaml:"export"`   // N of openapi-1.N.json, which the document describes
	Expected []string `yaml:"expected"` // differences that are meant, word for word
}

func readDocument(name string) (*document, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var root object
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if root["openapi"] == nil || root["paths"] == nil {
		return nil, fmt.Errorf("%s is not an OpenAPI document", name)
	}
	var own struct {
		Upstream upstream `yaml:"x-upstream"`
	}
	if err := yaml.Unmarshal(text, &own); err != nil {
		return nil, fmt.Errorf("%s: x-upstream: %w", name, err)
	}
	return &document{root: root, Upstream: own.Upstream}, nil
}

// resolve follows references within the document, until there is none.
func (d *document) resolve(value any) (object, error) {
	node, _ := value.(object)
	for range 20 {
		ref, ok := node["$ref"].(string)
		if !ok {
			return node, nil
		}
		var at any = d.root
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
			parent, _ := at.(object)
			if at = parent[part]; at == nil {
				return nil, fmt.Errorf("nothing at %s", ref)
			}
		}
		node, _ = at.(object)
	}
	return nil, fmt.Errorf("a circle of references")
}

// schema is what matters of one, with its alternatives as one.
type schema struct {
	types      []string // sorted, without null
	nullable   bool
	enum       []string
	properties object
	items      any
}

// schemaOf merges allOf, anyOf and oneOf: documents write "may be null" and "one of these constants" in several ways.
func (d *document) schemaOf(value any) (schema, error) {
	var out schema
	if err := d.merge(&out, value, 0); err != nil {
		return schema{}, err
	}
	slices.Sort(out.types)
	out.types = slices.Compact(out.types)
	slices.Sort(out.enum)
	out.enum = slices.Compact(out.enum)
	return out, nil
}

func (d *document) merge(out *schema, value any, depth int) error {
	node, err := d.resolve(value)
	if err != nil {
		return err
	}
	if depth > 20 {
		return fmt.Errorf("schemas nest without end")
	}
	types, _ := node["type"].([]any)
	if one, ok := node["type"].(string); ok {
		types = []any{one}
	}
	for _, t := range types {
		if t == "null" {
			out.nullable = true
		} else {
			out.types = append(out.types, fmt.Sprint(t))
		}
	}
	if null, _ := node["nullable"].(bool); null {
		out.nullable = true
	}
	values, _ := node["enum"].([]any)
	if constant, ok := node["const"]; ok {
		values = append(values, constant)
	}
	for _, v := range values {
		if v != nil {
			out.enum = append(out.enum, fmt.Sprint(v))
		}
	}
	if properties, ok := node["properties"].(object); ok {
		if out.properties == nil {
			out.properties = object{}
		}
		maps.Copy(out.properties, properties)
	}
	if items, ok := node["items"]; ok {
		out.items = items
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		parts, _ := node[key].([]any)
		for _, part := range parts {
			if err := d.merge(out, part, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
