package oura_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/internal/fixtures"
	"github.com/oura-go/sdk/oura"
)

// reader reads a whole collection, and one document of it where it has ids.
type reader struct {
	list func(context.Context, *oura.Client) ([]any, error)
	get  func(context.Context, *oura.Client) (any, error)
}

// readers has one for each collection, by its path.
func readers() map[string]reader {
	all := map[string]reader{}
	for _, collection := range everyCollection() {
		field := func(c *oura.Client) reflect.Value { return reflect.ValueOf(c).Elem().FieldByName(collection.Name) }
		r := reader{list: func(ctx context.Context, c *oura.Client) (items []any, err error) {
			args := []reflect.Value{reflect.ValueOf(ctx)}
			if collection.Series {
				args = append(args, reflect.ValueOf(oura.Between(time.Unix(0, 0), time.Unix(1, 0))))
			}
			for item, failure := range field(c).MethodByName("List").Call(args)[0].Seq2() {
				if !failure.IsNil() {
					return items, failure.Interface().(error)
				}
				items = append(items, item.Interface())
			}
			return items, nil
		}}
		if !collection.Series {
			r.get = func(ctx context.Context, c *oura.Client) (any, error) {
				out := field(c).MethodByName("Get").Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf("an-id")})
				err, _ := reflect.TypeAssert[error](out[1])
				return out[0].Interface(), err
			}
		}
		all[collection.Path] = r
	}
	return all
}

// TestFixturesComeThrough: a full document fills every field of its model, one of nulls and one with the service's
// oddities decode without an error, in a page and alone.
func TestFixturesComeThrough(t *testing.T) {
	t.Parallel()
	all := readers()
	for _, name := range fixtures.Collections() {
		if name == fixtures.PersonalInfo {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, ok := all[name]
			if !ok {
				t.Fatal("no client field reads it")
			}
			kinds := []string{fixtures.Full, fixtures.Nulls, fixtures.Quirks}
			var docs [][]byte
			for _, kind := range kinds {
				docs = append(docs, fixtures.Document(name, kind))
			}
			kind := ""
			// The sandbox trims nothing, so that the day of a fixture plays no part.
			c, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/an-id") {
					answer(w, http.StatusOK, string(fixtures.Document(name, kind)))
					return
				}
				answer(w, http.StatusOK, string(fixtures.Page(name, nil, docs...)))
			}, oura.WithSandbox())
			list, err := r.list(t.Context(), c)
			if err != nil || len(list) != len(kinds) {
				t.Fatalf("%d documents, %v", len(list), err)
			}
			for _, path := range empty(reflect.ValueOf(list[0]), "") {
				t.Errorf("the full document leaves %s empty", path)
			}
			if r.get == nil {
				return
			}
			for i := range kinds {
				kind = kinds[i]
				one, err := r.get(t.Context(), c)
				if err != nil {
					t.Errorf("%s alone: %v", kind, err)
				}
				if i == 0 {
					for _, path := range empty(reflect.ValueOf(one), "") {
						t.Errorf("alone, the full document leaves %s empty", path)
					}
				}
			}
		})
	}
}

// empty lists the fields that hold nothing, at any depth.
func empty(v reflect.Value, path string) (found []string) {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if strings.HasSuffix(v.Type().PkgPath(), "/api") && v.Kind() == reflect.Struct && v.NumField() > 0 && v.Type().Field(0).Tag != "" {
		for f, value := range v.Fields() {
			found = append(found, empty(value, path+"."+f.Name)...)
		}
		return found
	}
	if v.Kind() != reflect.Bool && v.Kind() != reflect.Int && v.IsZero() {
		return []string{path}
	}
	return nil
}
