package oura_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oura-go/sdk/oura"
)

// The document is the source: what it has must be in the client, in the names of the package, and in its index.

func TestEveryOperationHasItsFieldAndModel(t *testing.T) {
	t.Parallel()
	spec, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^  /usercollection/(\w+):\n    get:\n      operationId: List(\w+)$`).FindAllStringSubmatch(string(spec), -1)
	if len(found) < 18 || len(found) != len(everyCollection()) {
		t.Fatalf("%d lists in openapi.yaml, %d collections here", len(found), len(everyCollection()))
	}
	client := reflect.TypeFor[oura.Client]()
	c, _ := scripted(t, nil)
	names := declared(t, ".")
	for _, m := range found {
		path, name := m[1], m[2]
		field, ok := client.FieldByName(name)
		if !ok {
			t.Errorf("%s: Client has no field %s", path, name)
			continue
		}
		if reflect.ValueOf(c).Elem().FieldByName(name).IsNil() {
			t.Errorf("%s: the field %s is nil", path, name)
		}
		if model := field.Type.Elem().Name(); !strings.HasSuffix(model, "/api."+name+"]") {
			t.Errorf("%s: the field %s is a %s", path, name, model)
		}
		if !slices.Contains(names, name) {
			t.Errorf("%s: package oura has no %s", path, name)
		}
		if !slices.ContainsFunc(everyCollection(), func(c oura.Collection) bool { return c.Path == path && c.Name == name && c.Scope != "" }) {
			t.Errorf("%s: Collections lacks it, or its scope", path)
		}
	}
	for f := range client.Fields() {
		if f.IsExported() && f.Name != "Subscriptions" && !slices.ContainsFunc(found, func(m []string) bool { return m[2] == f.Name }) {
			t.Errorf("the field %s is in no operation of openapi.yaml", f.Name)
		}
	}
}

// TestEveryNameOfTheModelsIsHere: one import is enough.
func TestEveryNameOfTheModelsIsHere(t *testing.T) {
	t.Parallel()
	here := declared(t, ".")
	apart := []string{ // names of the raw client, and of what this package has in a form of its own
		"Client", "ClientInterface", "ClientOption", "HttpRequestDoer", "RequestEditorFn", "NewClient", "WithHTTPClient", "WithRequestEditorFn",
		"CreateSubscriptionRequest", "UpdateSubscriptionRequest", "CreateSubscriptionJSONRequestBody", "UpdateSubscriptionJSONRequestBody",
		"DocumentID", "EndDate", "EndDatetime", "Fields", "Latest", "NextToken", "StartDate", "StartDatetime", "SubscriptionID",
	}
	n := 0
	for _, name := range declared(t, "../api") {
		if slices.Contains(apart, name) || strings.HasSuffix(name, "Params") || regexp.MustCompile(`^New.*Request(WithBody)?$`).MatchString(name) {
			continue
		}
		n++
		if !slices.Contains(here, name) {
			t.Errorf("api.%s has no counterpart in package oura", name)
		}
	}
	if n < 150 {
		t.Errorf("only %d names compared", n)
	}
}

// declared lists the exported package-level names of the non-test files in dir.
func declared(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			if id.IsExported() {
				names = append(names, id.Name)
			}
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					add(d.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						add(s.Name)
					case *ast.ValueSpec:
						add(s.Names...)
					}
				}
			}
		}
	}
	return names
}
