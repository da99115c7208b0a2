package contract_test

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/webhook"
)

// withoutModel are schemas that answers use and the SDK reads in its own way.
func withoutModel(name string) bool {
	return strings.HasSuffix(name, "Page") ||
		slices.Contains([]string{"ErrorBody", "ValidationErrorBody", "ValidationIssue", "WebhookChallenge", "WebhookEvent"}, name)
}

// Every property has a field and every field a property, and a field is a pointer where the property may be null or
// absent, and nowhere else.
func TestModelsFollowTheDocument(t *testing.T) {
	t.Parallel()
	for name, schema := range document(t).T.Components.Schemas {
		if !schema.Value.Type.Is("object") || withoutModel(name) {
			continue
		}
		model := models[name]
		if model == nil {
			t.Errorf("%s has no model in this test", name)
			continue
		}
		fields := map[string]reflect.Type{}
		for field := range model.Fields() {
			key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			fields[key] = field.Type
			if schema.Value.Properties[key] == nil {
				t.Errorf("%s.%s: the document has no %s", name, field.Name, key)
			}
		}
		for key, property := range schema.Value.Properties {
			field := fields[key]
			if field == nil {
				t.Errorf("%s: the model has no %s", name, key)
				continue
			}
			optional := nullable(property.Value) || !slices.Contains(schema.Value.Required, key)
			if (field.Kind() == reflect.Pointer) != optional {
				t.Errorf("%s.%s is a %v; may it be null or absent: %t", name, key, field, optional)
			}
			if field.Kind() == reflect.Pointer {
				field = field.Elem()
			}
			if want := goType(property.Value); want != "" && field.String() != want && field.Kind() != reflect.Struct && field.Kind().String() != want {
				t.Errorf("%s.%s is a %v, want %s", name, key, field, want)
			}
		}
	}
}

// The linter of the document checks that examples fit their schemas.
func TestEverySchemaHasAnExample(t *testing.T) {
	t.Parallel()
	for name, schema := range document(t).T.Components.Schemas {
		if len(schema.Value.Examples) == 0 {
			t.Errorf("%s has no example", name)
		}
	}
}

// The document tells receivers of webhooks what package webhook does.
func TestWebhooksFollowTheDocument(t *testing.T) {
	t.Parallel()
	doc := document(t).T
	receiver := doc.Webhooks["receiver"]
	if receiver == nil || receiver.Get == nil || receiver.Post == nil {
		t.Fatal("no receiver of the handshake and of events")
	}
	header := func(name string) bool { return receiver.Post.Parameters.GetByInAndName("header", name) != nil }
	if !header(strings.ToLower(webhook.SignatureHeader)) || !header(strings.ToLower(webhook.TimestampHeader)) {
		t.Error("events lack a header of the signature")
	}
	schemas := doc.Components.Schemas
	body, err := json.Marshal(schemas["WebhookEvent"].Value.Examples[0])
	if err != nil {
		t.Fatal(err)
	}
	event, err := webhook.ParseEvent(body)
	if err != nil || event.ObjectID == "" || event.UserID == "" || event.Time.IsZero() {
		t.Errorf("the example of an event is read as %+v, %v", event, err)
	}
	for field := range reflect.TypeFor[webhook.Event]().Fields() {
		if key, _, _ := strings.Cut(field.Tag.Get("json"), ","); schemas["WebhookEvent"].Value.Properties[key] == nil {
			t.Errorf("events have no %s", key)
		}
	}

	handler := &webhook.Handler{ClientSecret: "s", VerificationToken: "t", Handle: func(context.Context, webhook.Event) error { return nil }}
	query := url.Values{"verification_token": {"t"}, "challenge": {"c"}}
	for _, parameter := range receiver.Get.Parameters {
		if !query.Has(parameter.Value.Name) {
			t.Errorf("the handshake has a parameter %s", parameter.Value.Name)
		}
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/oura?"+query.Encode(), nil))
	var answer any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || receiver.Get.Responses.Status(w.Code) == nil {
		t.Fatalf("%d, %v", w.Code, err)
	}
	if err := schemas["WebhookChallenge"].Value.VisitJSON(answer); err != nil {
		t.Error(err)
	}
}

// goType is the Go type of the simple properties.
func goType(s *openapi3.Schema) string {
	s = sure(s)
	switch {
	case s.Type.Includes("string") && s.Format == "date":
		return "api.Date"
	case s.Type.Includes("string") && s.Format == "date-time":
		return "time.Time"
	case s.Type.Includes("string") && s.Format == "local-date-time":
		return "api.LocalDateTime"
	case s.Type.Includes("string"):
		return "string"
	case s.Type.Includes("integer") && s.Format == "int64":
		return "int64"
	case s.Type.Includes("integer"):
		return "int"
	case s.Type.Includes("number"):
		return "float64"
	case s.Type.Includes("boolean"):
		return "bool"
	default:
		return ""
	}
}

func TestConstantsAreTheEnums(t *testing.T) {
	t.Parallel()
	want := map[string][]string{}
	for name, schema := range document(t).T.Components.Schemas {
		for _, value := range schema.Value.Enum {
			want[name] = append(want[name], value.(string))
		}
		slices.Sort(want[name])
	}
	for name, values := range want {
		if len(values) == 0 {
			delete(want, name)
		}
	}
	if diff := cmp.Diff(want, constants(t)); diff != "" {
		t.Errorf("constants of the models (-document +code):\n%s", diff)
	}
}

// constants returns the values of the constants of api by their type, sorted.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "api", "models.gen.go"), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]string{}
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			constant := spec.(*ast.ValueSpec)
			text, err := strconv.Unquote(constant.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			enum := constant.Type.(*ast.Ident).Name
			values[enum] = append(values[enum], text)
		}
	}
	for _, list := range values {
		slices.Sort(list)
	}
	return values
}
