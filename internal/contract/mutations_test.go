package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/oura-go/sdk/internal/contract"
	"github.com/oura-go/sdk/internal/fixtures"
)

// mutation is one mistake in a document.
type mutation struct {
	what   string
	path   []string // to the value at fault
	value  any      // what stands there instead
	remove bool     // or nothing does
}

// at is where the mistake must be found: a value that is missing is missed in the object around it.
func (m mutation) at() string {
	path := m.path
	if m.remove {
		path = path[:len(path)-1]
	}
	var b strings.Builder
	for _, key := range path {
		b.WriteString("/" + key)
	}
	return b.String()
}

func (m mutation) String() string { return "/" + strings.Join(m.path, "/") + ": " + m.what }

// in returns the document with the mistake. The document is changed.
func (m mutation) in(doc any) any {
	if len(m.path) == 0 {
		return m.value
	}
	key, rest := m.path[0], mutation{path: m.path[1:], value: m.value, remove: m.remove}
	switch doc := doc.(type) {
	case map[string]any:
		if m.remove && len(m.path) == 1 {
			delete(doc, key)
		} else {
			doc[key] = rest.in(doc[key])
		}
	case []any:
		i, err := strconv.Atoi(key)
		if err != nil {
			panic(err)
		}
		doc[i] = rest.in(doc[i])
	}
	return doc
}

// mutations returns every mistake that a schema knows how to make in a value that it allows.
func mutations(schema *openapi3.Schema, value any, path []string) []mutation {
	var list []mutation
	add := func(what string, instead any) {
		list = append(list, mutation{what: what, path: slices.Clone(path), value: instead})
	}
	if !nullable(schema) {
		add("null", nil)
	}
	schema = sure(schema)
	switch {
	case schema.Type.Includes("string"):
		if !schema.Type.Includes("integer") { // of locations, which mix both
			add("a number for a text", 12)
		}
		add("an array for a text", []any{"text"})
		if len(schema.Enum) > 0 {
			add("a value that the enum has not", "no such value")
		}
		for _, text := range badFormats[schema.Format] {
			add("no "+schema.Format, text)
		}
	case schema.Type.Includes("integer"):
		add("a text for an integer", "12")
		add("a fraction for an integer", 12.5)
		add("a boolean for an integer", true)
	case schema.Type.Includes("number"):
		add("a text for a number", "1.5")
		add("an object for a number", map[string]any{})
	case schema.Type.Includes("boolean"):
		add("a text for a boolean", "true")
		add("a number for a boolean", 0)
	case schema.Type.Includes("array"):
		add("an object for an array", map[string]any{})
		add("a text for an array", "[]")
		if items, _ := value.([]any); len(items) > 0 {
			last := strconv.Itoa(len(items) - 1)
			list = append(list, mutations(schema.Items.Value, items[len(items)-1], append(path, last))...)
		}
	case schema.Type.Includes("object"):
		add("an array for an object", []any{})
		add("a text for an object", "{}")
		object, _ := value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
			below := append(slices.Clone(path), name)
			if slices.Contains(schema.Required, name) {
				list = append(list, mutation{what: "missing", path: below, remove: true})
			}
			list = append(list, mutations(schema.Properties[name].Value, object[name], below)...)
		}
	}
	return list
}

var badFormats = map[string][]string{
	"date":            {"2026-02-30", "12.3.2026", "2026-03-12T00:00:00Z", ""},
	"date-time":       {"2026-03-12", "2026-03-12T12:00:00", "2026-03-12T25:00:00Z", "2026-02-30T00:00:00Z", "noon"},
	"local-date-time": {"2026-03-12", "2026-03-12T12:00", "2026-02-30T00:00:00", "noon"},
}

// Every mistake that a document can have by its schema is found, and found where it is: as a single document, or as the
// second of a page where there is no such read.
func TestMutationsOfDocumentsAreCaught(t *testing.T) {
	t.Parallel()
	for _, collection := range fixtures.Collections() {
		t.Run(collection, func(t *testing.T) {
			t.Parallel()
			full := fixtures.Document(collection, fixtures.Full)
			all := mutations(schemaOf(t, collection), decode(t, full), nil)
			if len(all) < 10 {
				t.Errorf("only %d mutations", len(all))
			}
			for _, m := range all {
				doc := encode(t, m.in(decode(t, full)))
				e, ok := single(collection, doc)
				want := "response " + m.at()
				if !ok {
					e = list(collection, fixtures.Page(collection, nil, full, doc))
					want = "response /data/1" + m.at()
				}
				if got := places(t, e); !slices.Contains(got, want) {
					t.Errorf("%v: found %q, want %q", m, got, want)
				}
			}
			t.Logf("%d mutations", len(all))
		})
	}
}

// The same within a page, one of each kind of mistake.
func TestMutationsOfPagesAreCaught(t *testing.T) {
	t.Parallel()
	for _, collection := range fixtures.Collections() {
		if collection == fixtures.PersonalInfo {
			continue
		}
		full := fixtures.Document(collection, fixtures.Full)
		for _, test := range []struct{ name, body, want string }{
			{"no data", `{"next_token":null}`, ""},
			{"data is null", `{"data":null}`, "/data"},
			{"data is an object", `{"data":{}}`, "/data"},
			{"a null document", `{"data":[` + string(full) + `,null]}`, "/data/1"},
			{"a document that is a text", `{"data":["x"]}`, "/data/0"},
			{"an empty document", `{"data":[{}]}`, "/data/0"},
			{"the token is a number", `{"data":[],"next_token":12}`, "/next_token"},
			{"the token is an object", `{"data":[],"next_token":{}}`, "/next_token"},
			{"a bare array", `[]`, ""},
			{"cut", `{"data":[`, ""},
			{"empty", ``, ""},
		} {
			if got := places(t, list(collection, []byte(test.body))); !slices.Contains(got, "response "+test.want) {
				t.Errorf("%s: %s: found %q, want %q", collection, test.name, got, test.want)
			}
		}
	}
}

func TestMutationsOfSubscriptionsAreCaught(t *testing.T) {
	t.Parallel()
	full := fixtures.Subscription(fixtures.Full)
	for _, m := range mutations(document(t).T.Components.Schemas["Subscription"].Value, decode(t, full), nil) {
		doc := encode(t, m.in(decode(t, full)))
		for _, test := range []struct {
			path, prefix string
			body         []byte
		}{
			{"/webhook/subscription/s1", "", doc},
			{"/webhook/subscription", "/1", fixtures.Subscriptions(full, doc)},
		} {
			e := get(test.path, http.StatusOK, test.body)
			e.Header = http.Header{"X-Client-Id": {"id"}, "X-Client-Secret": {"secret"}}
			if got, want := places(t, e), "response "+test.prefix+m.at(); !slices.Contains(got, want) {
				t.Errorf("%s: %v: found %q, want %q", test.path, m, got, want)
			}
		}
	}
}

func TestMutationsOfErrorsAreCaught(t *testing.T) {
	t.Parallel()
	for _, answer := range fixtures.Errors() {
		schema := document(t).T.Components.Schemas["ErrorBody"].Value
		switch answer.Name {
		case "missing_scope_titled":
		case "unprocessable":
			schema = document(t).T.Components.Schemas["ValidationErrorBody"].Value
		default:
			continue
		}
		for _, m := range mutations(schema, decode(t, answer.Body), nil) {
			e := get("/usercollection/sleep/some-id", answer.Status, encode(t, m.in(decode(t, answer.Body))))
			if got, want := places(t, e), "response "+m.at(); !slices.Contains(got, want) {
				t.Errorf("%s: %v: found %q, want %q", answer.Name, m, got, want)
			}
		}
	}
}

func TestMutationsOfExchangesAreCaught(t *testing.T) {
	t.Parallel()
	night := fixtures.Document("sleep", fixtures.Full)
	page := fixtures.Page("sleep", nil, night)
	subscription := fixtures.Subscription(fixtures.Full)
	app := http.Header{"X-Client-Id": {"id"}, "X-Client-Secret": {"secret"}, "Content-Type": {"application/json"}}
	create := func(body string) contract.Exchange {
		e := get("/webhook/subscription", http.StatusCreated, subscription)
		e.Method, e.Header, e.RequestBody = http.MethodPost, app.Clone(), []byte(body)
		return e
	}
	tests := []struct {
		name string
		make func() contract.Exchange
	}{
		{"another content type", func() contract.Exchange {
			e := list("sleep", page)
			e.Answer = http.Header{"Content-Type": {"text/plain"}}
			return e
		}},
		{"no content type", func() contract.Exchange {
			e := list("sleep", page)
			e.Answer = http.Header{}
			return e
		}},
		{"HTML as 200", func() contract.Exchange {
			e := list("sleep", []byte("<html></html>"))
			e.Answer = http.Header{"Content-Type": {"text/html"}}
			return e
		}},
		{"201 for a list", func() contract.Exchange { return get("/usercollection/sleep", http.StatusCreated, page) }},
		{"404 for a list", func() contract.Exchange {
			return get("/usercollection/sleep", http.StatusNotFound, []byte(`{"detail":"Document not found."}`))
		}},
		{"a document for a page", func() contract.Exchange { return list("sleep", night) }},
		{"a page for a document", func() contract.Exchange { return get("/usercollection/sleep/id", http.StatusOK, page) }},
		{"another collection's page", func() contract.Exchange { return list("workout", page) }},
		{"a header that is no number", func() contract.Exchange {
			e := get("/usercollection/sleep", http.StatusTooManyRequests, []byte(`{"detail":"Slow down."}`))
			e.Answer.Set("X-RateLimit-Limit", "many")
			return e
		}},
		{"no credential", func() contract.Exchange {
			e := list("sleep", page)
			e.Header = http.Header{}
			return e
		}},
		{"another scheme of authorization", func() contract.Exchange {
			e := list("sleep", page)
			e.Header = http.Header{"Authorization": {"Basic eDp5"}}
			return e
		}},
		{"application credentials for a person's data", func() contract.Exchange {
			e := list("sleep", page)
			e.Header = app.Clone()
			return e
		}},
		{"a bearer token for subscriptions", func() contract.Exchange {
			return get("/webhook/subscription", http.StatusOK, fixtures.Subscriptions(subscription))
		}},
		{"half of the application's credentials", func() contract.Exchange {
			e := get("/webhook/subscription", http.StatusOK, fixtures.Subscriptions(subscription))
			e.Header = http.Header{"X-Client-Id": {"id"}}
			return e
		}},
		{"a day that the calendar has not", query("sleep", page, "start_date=2026-02-30")},
		{"a day in another form", query("sleep", page, "end_date=12.3.2026")},
		{"instants for days", query("heartrate", fixtures.Page("heartrate", nil), "start_datetime=2026-03-01")},
		{"days for instants", query("heartrate", fixtures.Page("heartrate", nil), "start_date=2026-03-01")},
		{"a plus that became a space", query("heartrate", fixtures.Page("heartrate", nil), "start_datetime=2026-03-01T00:00:00+02:00")},
		{"latest that is no boolean", query("heartrate", fixtures.Page("heartrate", nil), "latest=perhaps")},
		{"latest on documents", query("sleep", page, "latest=true")},
		{"a parameter that nothing takes", query("sleep", page, "page_size=10")},
		{"days on rings", query("ring_configuration", fixtures.Page("ring_configuration", nil), "start_date=2026-03-01")},
		{"a create without a body", func() contract.Exchange { return create("") }},
		{"a create without a callback", func() contract.Exchange {
			return create(`{"verification_token":"v","event_type":"update","data_type":"sleep"}`)
		}},
		{"a create with an unknown type", func() contract.Exchange {
			return create(`{"callback_url":"https://app.example.com","verification_token":"v","event_type":"change","data_type":"sleep"}`)
		}},
		{"a create without a secret", func() contract.Exchange {
			return create(`{"callback_url":"https://app.example.com","event_type":"update","data_type":"sleep"}`)
		}},
		{"a renewal with a body", func() contract.Exchange {
			e := get("/webhook/subscription/renew/s1", http.StatusOK, subscription)
			e.Method, e.Header, e.RequestBody = http.MethodPut, app.Clone(), []byte(`{}`)
			return e
		}},
		{"a deletion that answers", func() contract.Exchange {
			e := get("/webhook/subscription/s1", http.StatusNoContent, []byte(`{}`))
			e.Method, e.Header = http.MethodDelete, app.Clone()
			return e
		}},
	}
	for _, test := range tests {
		if got := places(t, test.make()); got == nil {
			t.Errorf("%s is not found", test.name)
		}
	}
	for _, e := range []contract.Exchange{
		get("/usercollection/vo2_max", http.StatusOK, page), // the path has a capital O
		get("/usercollection", http.StatusOK, page),
		get("/sandbox/webhook/subscription", http.StatusOK, page),
		{Method: http.MethodPost, URL: list("sleep", nil).URL, Status: http.StatusOK},
	} {
		if operation, differences := document(t).Check(t.Context(), e); operation != "" || len(differences) != 1 {
			t.Errorf("%s %s is %s: %v", e.Method, e.URL.Path, operation, differences)
		}
	}
}

// query is a request that the service took, though it should not.
func query(collection string, body []byte, raw string) func() contract.Exchange {
	return func() contract.Exchange {
		e := list(collection, body)
		e.URL.RawQuery = raw
		return e
	}
}

// What must not be found: the same exchanges without the mistake.
func TestGoodExchangesHold(t *testing.T) {
	t.Parallel()
	page := fixtures.Page("sleep", nil, fixtures.Document("sleep", fixtures.Full))
	rows := fixtures.Page("heartrate", nil, fixtures.Document("heartrate", fixtures.Full))
	for _, e := range []contract.Exchange{
		query("sleep", page, "start_date=2026-03-01&end_date=2026-03-08&next_token=t&fields=id,day")(),
		query("sleep", page, "start_date=2026-03-01T00:00:00%2B02:00")(),
		query("heartrate", rows, "start_datetime=2026-03-01T00:00:00%2B02:00&end_datetime=2026-03-02T00:00:00Z&latest=true")(),
		get("/sandbox/usercollection/sleep", http.StatusOK, page),
		get("/usercollection/sleep/a%2Fb", http.StatusOK, fixtures.Document("sleep", fixtures.Full)),
		// A request that was refused may be as wrong as it likes.
		get("/usercollection/sleep?start_date=soon", http.StatusBadRequest, []byte(`{"detail":"no"}`)),
	} {
		if raw, ok := strings.CutPrefix(e.URL.Path, "/v2/usercollection/sleep?"); ok {
			e.URL.Path, e.URL.RawQuery = "/v2/usercollection/sleep", raw
		}
		if _, got := document(t).Check(t.Context(), e); got != nil {
			t.Errorf("%s: %v", e.URL, got)
		}
	}
}

func TestMutationsAreMany(t *testing.T) {
	t.Parallel()
	n, kinds := 0, map[string]int{}
	for _, collection := range fixtures.Collections() {
		for _, m := range mutations(schemaOf(t, collection), decode(t, fixtures.Document(collection, fixtures.Full)), nil) {
			n++
			kinds[m.what]++
		}
	}
	if n < 40 {
		t.Errorf("%d mutations of documents, want 40 and more", n)
	}
	for _, kind := range []string{"missing", "null", "no date", "no date-time", "no local-date-time", "a text for an integer", "a value that the enum has not"} {
		if kinds[kind] == 0 {
			t.Errorf("no mutation of the kind: %s", kind)
		}
	}
	t.Log(fmt.Sprint(n, " mutations: "), string(mustJSON(kinds)))
}

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
