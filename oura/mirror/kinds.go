package mirror

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// kindOf returns the collection with the path; nil for one that this version does not know.
func kindOf(path string) *kind {
	for i := range kinds {
		if kinds[i].path == path {
			return &kinds[i]
		}
	}
	return nil
}

// kindNamed returns the collection that a caller means: by path, or by the name of the client's field, which is that of
// the model. The error names the call.
func kindNamed(call, name string) (*kind, error) {
	for i := range kinds {
		if k := &kinds[i]; strings.EqualFold(name, k.path) || strings.EqualFold(name, k.model.Name()) {
			return k, nil
		}
	}
	return nil, fmt.Errorf("oura/mirror: %s: there is no collection %q; give the last segment of a path, as in daily_sleep", call, name)
}

// kindOfModel returns the collection whose model is T, or is embedded in T.
func kindOfModel[T any](series bool) (*kind, error) {
	t := reflect.TypeFor[T]()
	for i := range kinds {
		if k := &kinds[i]; k.series == series && (t == k.model || embeds(t, k.model)) {
			return k, nil
		}
	}
	return nil, fmt.Errorf("oura/mirror: %s is not the model of a collection that is asked for in this way: "+
		"give Days and All a document such as oura.Sleep, and Between a row such as oura.HeartRate", t)
}

func embeds(t, model reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	return slices.ContainsFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
		return f.Anonymous && len(f.Index) == 1 && f.Type == model
	})
}
