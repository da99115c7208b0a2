package decode

import (
	"reflect"
	"strings"
)

// Properties lists the JSON names of a struct's fields, those of embedded structs too; nil if t is not a struct.
func Properties(t reflect.Type) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-":
		case name != "":
			names = append(names, name)
		case f.Anonymous:
			names = append(names, Properties(f.Type)...)
		case f.IsExported():
			names = append(names, f.Name)
		}
	}
	return names
}
