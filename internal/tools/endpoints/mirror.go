package main

import (
	"maps"
	"slices"
	"strings"
)

// column is a scalar of a collection's documents, for the SQL views of package mirror.
type column struct {
	Name string   // contributors_deep_sleep
	Path []string // contributors, deep_sleep: the properties on the way to it
	Kind string   // integer, number, boolean or text
}

// mirrored is what package mirror has to know of a collection.
type mirrored struct {
	collection
	ByDay   bool // whether documents may lack the id, and are told by their day
	Columns []column
}

// Mirrored lists the collections with their columns.
func (d data) Mirrored() []mirrored {
	var all []mirrored
	for _, c := range d.Collections {
		model := d.schemas[c.Name]
		all = append(all, mirrored{
			collection: c,
			ByDay:      !c.Series && !slices.Contains(model.Required, "id"),
			Columns:    d.columns(model, nil),
		})
	}
	return all
}

// View is the name of the collection's view.
func (m mirrored) View() string { return "oura_" + strings.ToLower(m.Path) }

// columns lists the scalars of an object and of the objects in it, in the order of their names.
func (d data) columns(s *schema, path []string) []column {
	var all []column
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property, at := d.resolved(s.Properties[name]), append(slices.Clone(path), name)
		c := column{Name: strings.ToLower(strings.Join(at, "_")), Path: at}
		switch {
		case property == nil, property.is("array"):
			continue
		case property.is("object"):
			all = append(all, d.columns(property, at)...)
			continue
		case property.is("integer"):
			c.Kind = "integer"
		case property.is("number"):
			c.Kind = "number"
		case property.is("boolean"):
			c.Kind = "boolean"
		default:
			c.Kind = "text"
		}
		all = append(all, c)
	}
	return all
}

// resolved follows references, and takes what is not null of a choice.
func (d data) resolved(s *schema) *schema {
	switch {
	case s.Ref != "":
		return d.resolved(d.schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")])
	case len(s.AnyOf) > 0:
		sure := slices.IndexFunc(s.AnyOf, func(choice *schema) bool { return !choice.nullable() })
		if sure < 0 {
			return nil
		}
		return d.resolved(s.AnyOf[sure])
	default:
		return s
	}
}
