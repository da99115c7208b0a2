package contract_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/internal/contract"
	"github.com/oura-go/sdk/internal/fixtures"
	"github.com/oura-go/sdk/oura"
)

var load = sync.OnceValues(func() (*contract.Document, error) {
	return contract.Load(filepath.Join("..", "..", "openapi.yaml"))
})

func document(t *testing.T) *contract.Document {
	t.Helper()
	doc, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// get is an exchange as a user's client has it.
func get(path string, status int, body []byte) contract.Exchange {
	return contract.Exchange{
		Method: http.MethodGet,
		URL:    &url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/v2" + path},
		Header: http.Header{"Authorization": {"Bearer token"}},
		Status: status, Answer: http.Header{"Content-Type": {"application/json"}}, AnswerBody: body,
	}
}

func list(collection string, body []byte) contract.Exchange {
	return get("/usercollection/"+collection, http.StatusOK, body)
}

// single is the read of one document, or ok false where a collection has none.
func single(collection string, body []byte) (e contract.Exchange, ok bool) {
	if collection == fixtures.PersonalInfo {
		return list(collection, body), true
	}
	series := slices.ContainsFunc(everyCollection(), func(c oura.Collection) bool { return c.Path == collection && c.Series })
	return get("/usercollection/"+collection+"/some-id", http.StatusOK, body), !series
}

// places checks an exchange and returns where it differs.
func places(t *testing.T, e contract.Exchange) []string {
	t.Helper()
	operation, differences := document(t).Check(t.Context(), e)
	if operation == "" {
		t.Fatalf("%s %s is no operation: %v", e.Method, e.URL.Path, differences)
	}
	var list []string
	for _, d := range differences {
		list = append(list, d.In+" "+d.Pointer)
	}
	return list
}

func TestDocumentIsWhole(t *testing.T) {
	t.Parallel()
	doc := document(t).T
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("it is OpenAPI %s", doc.OpenAPI)
	}
	// A reference that is left would be checked with the semantics of OpenAPI 3.0.
	err := doc.WalkSchemas(func(pointer string, schema *openapi3.SchemaRef) error {
		text, err := json.Marshal(schema.Value)
		if strings.Contains(string(text), `"$ref"`) {
			t.Errorf("%s still refers to other schemas", pointer)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	if _, err := contract.Load("no-such-file.yaml"); err == nil {
		t.Error("a file that is not there loads")
	}
	if _, err := contract.Load("go.mod"); err == nil {
		t.Error("a file that is no OpenAPI document loads")
	}
}

func TestFixturesHold(t *testing.T) {
	t.Parallel()
	for _, collection := range fixtures.Collections() {
		for _, kind := range []string{fixtures.Full, fixtures.Nulls} {
			doc := fixtures.Document(collection, kind)
			if e, ok := single(collection, doc); ok {
				if got := places(t, e); got != nil {
					t.Errorf("%s/%s: %v", collection, kind, got)
				}
			}
			if collection == fixtures.PersonalInfo {
				continue
			}
			for _, token := range []*string{nil, new("after-2")} {
				if got := places(t, list(collection, fixtures.Page(collection, token, doc, doc))); got != nil {
					t.Errorf("a page of %s/%s: %v", collection, kind, got)
				}
			}
		}
		if collection != fixtures.PersonalInfo {
			if got := places(t, list(collection, fixtures.Page(collection, nil))); got != nil {
				t.Errorf("an empty page of %s: %v", collection, got)
			}
		}
	}
}

// The quirks differ in nothing but enum values that the document does not know: those it calls open, and a client must
// take them. All other quirks are allowed by it: keys of the service's own, ids and times that are missing, 12.0 for 12,
// odd fractions and offsets, gaps. Duplicate keys are no matter of schemas, the last one counts.
var quirks = map[string][]string{
	"daily_resilience":   {"/level"},
	"daily_stress":       {"/day_summary"},
	"heartrate":          {"/source"},
	"ring_configuration": {"/color", "/design", "/hardware_type"},
	"session":            {"/mood", "/type"},
	"sleep":              {"/sleep_algorithm_version", "/sleep_analysis_reason", "/type"},
	"sleep_time":         {"/recommendation", "/status"},
	"workout":            {"/intensity", "/source"},
}

func TestQuirksDifferInOpenEnumsOnly(t *testing.T) {
	t.Parallel()
	for _, collection := range fixtures.Collections() {
		doc := lastKeyCounts(t, fixtures.Document(collection, fixtures.Quirks))
		if e, ok := single(collection, doc); ok {
			want := prefixed("response ", quirks[collection])
			if diff := cmp.Diff(want, places(t, e)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", collection, diff)
			}
		}
		if collection == fixtures.PersonalInfo {
			continue
		}
		want := prefixed("response /data/0", quirks[collection])
		if diff := cmp.Diff(want, places(t, list(collection, fixtures.Page(collection, nil, doc)))); diff != "" {
			t.Errorf("a page of %s (-want +got):\n%s", collection, diff)
		}
	}
}

func prefixed(prefix string, pointers []string) []string {
	var list []string
	for _, p := range pointers {
		list = append(list, prefix+p)
	}
	return list
}

// lastKeyCounts writes each key once, and numbers as they were.
func lastKeyCounts(t *testing.T, doc []byte) []byte {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(doc)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return encode(t, v)
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// schemaOf returns the schema of a document of a collection.
func schemaOf(t *testing.T, collection string) *openapi3.Schema {
	t.Helper()
	item := document(t).T.Paths.Value("/usercollection/" + collection)
	if item == nil {
		t.Fatalf("%s is not in the document", collection)
	}
	schema := item.Get.Responses.Value("200").Value.Content["application/json"].Schema.Value
	if data := schema.Properties["data"]; data != nil {
		schema = data.Value.Items.Value
	}
	return schema
}

// The full documents have every property of the schemas and no other, at every depth; the nulls have a null wherever
// the schemas allow it, and none of what may be absent.
func TestFixturesAreWhatTheyPromise(t *testing.T) {
	t.Parallel()
	for _, collection := range fixtures.Collections() {
		schema := schemaOf(t, collection)
		var full, nulls any
		if err := json.Unmarshal(fixtures.Document(collection, fixtures.Full), &full); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(fixtures.Document(collection, fixtures.Nulls), &nulls); err != nil {
			t.Fatal(err)
		}
		checkFull(t, collection, schema, full)
		checkNulls(t, collection, schema, nulls)
	}
	checkFull(t, "subscription", document(t).T.Components.Schemas["Subscription"].Value, decode(t, fixtures.Subscription(fixtures.Full)))
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func checkFull(t *testing.T, path string, schema *openapi3.Schema, value any) {
	t.Helper()
	schema = sure(schema)
	switch value := value.(type) {
	case map[string]any:
		for name, property := range schema.Properties {
			if item, ok := value[name]; ok && item != nil {
				checkFull(t, path+"/"+name, property.Value, item)
			} else {
				t.Errorf("%s/%s is missing", path, name)
			}
		}
		for name := range value {
			if schema.Properties[name] == nil {
				t.Errorf("%s/%s is not in the schema", path, name)
			}
		}
	case []any:
		if len(value) == 0 {
			t.Errorf("%s is empty", path)
		}
		for _, item := range value {
			checkFull(t, path+"[]", schema.Items.Value, item)
		}
	}
}

func checkNulls(t *testing.T, path string, schema *openapi3.Schema, value any) {
	t.Helper()
	object, ok := value.(map[string]any)
	if !ok {
		return
	}
	for name, property := range schema.Properties {
		item, present := object[name]
		switch {
		case nullable(property.Value):
			if !present || item != nil {
				t.Errorf("%s/%s = %v, want null", path, name, item)
			}
		case !slices.Contains(schema.Required, name):
			if present {
				t.Errorf("%s/%s = %v, want it absent", path, name, item)
			}
		default:
			checkNulls(t, path+"/"+name, property.Value, item)
		}
	}
}

// sure is the schema of the values that are not null.
func sure(s *openapi3.Schema) *openapi3.Schema {
	for _, choice := range s.AnyOf {
		if !choice.Value.Type.Is("null") {
			return choice.Value
		}
	}
	return s
}

func nullable(s *openapi3.Schema) bool {
	if s.Type == nil && len(s.AnyOf) == 0 { // anything goes
		return true
	}
	return s.Type.IncludesNull() || slices.ContainsFunc(s.AnyOf, func(choice *openapi3.SchemaRef) bool { return choice.Value.Type.IncludesNull() })
}

func TestSubscriptionsHold(t *testing.T) {
	t.Parallel()
	app := http.Header{"X-Client-Id": {"id"}, "X-Client-Secret": {"secret"}}
	one := fixtures.Subscription(fixtures.Full)
	request := []byte(`{"callback_url":"https://app.example.com/hook","verification_token":"v","event_type":"update","data_type":"sleep"}`)
	tests := []struct {
		name, method, path string
		request            []byte
		status             int
		answer             []byte
	}{
		{"list", http.MethodGet, "", nil, 200, fixtures.Subscriptions(one, fixtures.Subscription(fixtures.Nulls))},
		{"empty list", http.MethodGet, "", nil, 200, fixtures.Subscriptions()},
		{"create", http.MethodPost, "", request, 201, one},
		{"get", http.MethodGet, "/s1", nil, 200, fixtures.Subscription(fixtures.Nulls)},
		{"update", http.MethodPut, "/s1", []byte(`{"verification_token":"v","callback_url":null,"data_type":"vo2_max"}`), 200, one},
		{"renew", http.MethodPut, "/renew/s1", nil, 200, one},
		{"delete", http.MethodDelete, "/s1", nil, 204, nil},
	}
	for _, test := range tests {
		e := get("/webhook/subscription"+test.path, test.status, test.answer)
		e.Method, e.Header, e.RequestBody = test.method, app.Clone(), test.request
		if test.request != nil {
			e.Header.Set("Content-Type", "application/json")
		}
		if got := places(t, e); got != nil {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	want := []string{"response /data_type", "response /event_type"}
	e := get("/webhook/subscription/s1", 200, lastKeyCounts(t, fixtures.Subscription(fixtures.Quirks)))
	e.Header = app
	if diff := cmp.Diff(want, places(t, e)); diff != "" {
		t.Errorf("quirks (-want +got):\n%s", diff)
	}
}

// errorsBeyond are the errors whose form the document does not have, as it cannot: bodies that are not what their
// status promises come from the network before the service, and no client may count on a form.
var errorsBeyond = []string{"unprocessable_text", "rate_limited_empty", "json_string", "truncated", "empty", "bare_string"}

func TestErrorsHold(t *testing.T) {
	t.Parallel()
	for _, answer := range fixtures.Errors() {
		path, method := "/usercollection/sleep/some-id", http.MethodGet
		if answer.Name == "conflict" || answer.Name == "no_subscription" {
			path, method = "/webhook/subscription/s1", http.MethodPut
		}
		e := get(path, answer.Status, answer.Body)
		e.Method, e.Answer = method, answer.Header
		got := places(t, e)
		if slices.Contains(errorsBeyond, answer.Name) != (got != nil) {
			t.Errorf("%s: %v", answer.Name, got)
		}
	}
	if got := places(t, get("/usercollection/sleep", http.StatusTeapot, nil)); got == nil {
		t.Error("a status that the document does not have is allowed")
	}
}
