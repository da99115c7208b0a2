package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const ours = `
openapi: 3.1.0
x-upstream:
  export: 7
  expected:
    - 'gone: OAuth scope stress'
paths:
  /usercollection/naps:
    get:
      parameters:
        - $ref: '#/components/parameters/Start'
      responses:
        '200':
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Page'}
  /webhook/{id}:
    delete:
      responses: {'204': {description: gone}}
    put:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                url: {type: string}
      responses: {'204': {description: done}}
components:
  parameters:
    Start: {name: start_date, in: query, schema: {type: string}}
  schemas:
    Page:
      type: object
      properties:
        data: {type: array, items: {$ref: '#/components/schemas/Nap'}}
    Nap:
      type: object
      properties:
        day: {type: string}
        score: {type: [integer, 'null']}
        kind: {$ref: '#/components/schemas/Kind'}
        inner: {$ref: '#/components/schemas/Inner'}
        next: {$ref: '#/components/schemas/Nap'}
    Kind: {type: string, enum: [short, long]}
    Inner:
      type: object
      properties:
        left: {type: number}
  securitySchemes:
    OAuth2:
      type: oauth2
      flows:
        authorizationCode:
          authorizationUrl: https://example.com/authorize
          tokenUrl: https://example.com/token
          scopes: {'extapi:daily': d, 'extapi:stress': s}
`

// theirs is the same in the way of another writer: names of schemas, prefixes, nulls and order differ.
const theirs = `{"openapi": "3.1.0", "paths": {
"/v2/usercollection/naps": {"parameters": [{"name": "start_date", "in": "query", "required": false, "schema": {"type": "string"}}],
 "get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {
  "data": {"type": "array", "items": {"$ref": "#/components/schemas/PublicNap"}}}}}}}}}},
"/v2/sandbox/usercollection/naps": {"get": {"responses": {}}},
"/v2/webhook/{subscription_id}": {
 "delete": {"responses": {"204": {}}},
 "put": {"requestBody": {"content": {"application/json": {"schema": {"properties": {"url": {"type": "string"}}, "type": "object"}}}}, "responses": {"204": {}}}}},
"components": {"schemas": {"PublicNap": {"type": "object", "properties": {
  "day": {"type": "string"},
  "score": {"type": "integer"},
  "kind": {"oneOf": [{"type": "string", "const": "short"}, {"type": "string", "const": "long"}]},
  "inner": {"allOf": [{"$ref": "#/components/schemas/In"}]},
  "next": {"$ref": "#/components/schemas/PublicNap"}}},
 "In": {"type": "object", "properties": {"left": {"type": "number"}}}},
 "securitySchemes": {"O": {"type": "oauth2", "flows": {"authorizationCode": {"authorizationUrl": "https://example.com/authorize",
  "tokenUrl": "https://example.com/token", "scopes": {"daily": ""}}}}}}}`

func TestReport(t *testing.T) {
	t.Parallel()
	const nap = "GET /usercollection/naps"
	for name, test := range map[string]struct{ old, new, want string }{
		"nothing":            {"", "", ""},
		"operation added":    {`"delete": {`, `"post": {"responses": {}}, "delete": {`, "added: operation POST /webhook/{}"},
		"operation gone":     {`"delete": {"responses": {"204": {}}},`, "", "gone: operation DELETE /webhook/{}"},
		"parameter added":    {`"get": {"responses": {"200"`, `"get": {"parameters": [{"name": "latest", "in": "query"}], "responses": {"200"`, "added: parameter latest of " + nap},
		"parameter gone":     {`"name": "start_date"`, `"name": "from"`, "added: parameter from of " + nap + "\ngone: parameter start_date of " + nap},
		"parameter required": {`"required": false`, `"required": true`, "changed: parameter start_date of " + nap + " is required, not optional"},
		"property added": {
			`"day": {`, `"more": {"type": "object", "properties": {"x": {"enum": [1]}}}, "day": {`, "added: property data[].more of " + nap,
		},
		"property gone":     {`"day": {"type": "string"},`, "", "gone: property data[].day of " + nap},
		"nested gone":       {`{"left": {"type": "number"}}`, "{}", "gone: property data[].inner.left of " + nap},
		"type":              {`"left": {"type": "number"}`, `"left": {"type": "string"}`, "changed: property data[].inner.left of " + nap + " is string, not number"},
		"null":              {`"day": {"type": "string"}`, `"day": {"type": ["null", "string"]}`, "changed: property data[].day of " + nap + " is string or null, not string"},
		"value added":       {`"const": "long"}`, `"const": "long"}, {"const": "huge"}`, "added: value huge of data[].kind of " + nap},
		"value gone":        {`, {"type": "string", "const": "long"}`, "", "gone: value long of data[].kind of " + nap},
		"body":              {`"url": {"type": "string"}`, `"url": {"type": "integer"}`, "changed: property url of body of PUT /webhook/{} is integer, not string"},
		"OAuth address":     {"https://example.com/token", "https://example.net/token", "added: OAuth tokenUrl https://example.net/token\ngone: OAuth tokenUrl https://example.com/token"},
		"OAuth scope":       {`"scopes": {`, `"scopes": {"mood": "", `, "added: OAuth scope mood"},
		"OAuth scope gone":  {`"daily": ""`, "", "gone: OAuth scope daily"},
		"OAuth flow":        {`"authorizationCode"`, `"implicit"`, "added: OAuth flow implicit\ngone: OAuth flow authorizationCode"},
		"no longer awaited": {`"daily": ""`, `"daily": "", "stress": ""`, "expected, but not so any more: gone: OAuth scope stress"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(theirs, test.old) {
				t.Fatalf("nothing to change: %s", test.old)
			}
			folder := t.TempDir()
			write(t, folder, "openapi.yaml", ours)
			write(t, folder, "openapi-1.6.json", `{"openapi": "3.1.0", "paths": {}}`)
			write(t, folder, "openapi-1.7.json", strings.Replace(theirs, test.old, test.new, 1))
			var out strings.Builder
			err := run(t.Context(), &out, filepath.Join(folder, "openapi.yaml"), folder, false, "")
			if errors.Is(err, errNews) != (test.want != "") || (err != nil && !errors.Is(err, errNews)) {
				t.Errorf("error %v", err)
			}
			got := strings.TrimSpace(out.String())
			if i := strings.LastIndex(got, "\n"); test.want != "" && (i < 0 || got[:i] != test.want) || test.want == "" && i >= 0 {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestNewerExportIsNews(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "openapi.yaml", ours)
	write(t, folder, "openapi-1.10.json", theirs)
	var out strings.Builder
	if err := run(t.Context(), &out, filepath.Join(folder, "openapi.yaml"), folder, false, ""); !errors.Is(err, errNews) {
		t.Errorf("error %v", err)
	}
	if want := "openapi.yaml describes export 1.7; 1.10 says 0 things otherwise\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		served map[string]int
		page   bool
		want   string
		news   bool
	}{
		"the same":        {served: map[string]int{"/openapi-1.7.json": 200}, want: "describes export 1.7, the newest"},
		"newer":           {served: map[string]int{"/openapi-1.8.json": 200}, want: "1.8 is published", news: true},
		"a gap":           {served: map[string]int{"/openapi-1.7.json": 200, "/openapi-1.12.json": 200}, want: "1.12 is published", news: true},
		"none":            {want: "neither 1.7 nor"},
		"refused":         {served: map[string]int{"/openapi-1.7.json": 403}, want: "status 403"},
		"a page for each": {served: map[string]int{"/openapi-1.7.json": 200}, page: true, want: "a page, not an export"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				status, ok := test.served[r.URL.Path]
				if !ok {
					status = http.StatusNotFound
				}
				w.Header().Set("Content-Type", "application/json")
				if test.page {
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
				}
				w.WriteHeader(status)
			}))
			defer server.Close()
			folder := t.TempDir()
			write(t, folder, "openapi.yaml", ours)
			var out strings.Builder
			err := run(t.Context(), &out, filepath.Join(folder, "openapi.yaml"), "", true, server.URL+"/")
			if errors.Is(err, errNews) != test.news {
				t.Errorf("error %v", err)
			}
			if err != nil {
				out.WriteString(err.Error())
			}
			if !strings.Contains(out.String(), test.want) {
				t.Errorf("got %q, want %q in it", out.String(), test.want)
			}
		})
	}
}

func TestBadDocuments(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"not OpenAPI":           "a: b",
		"not YAML":              "\t{",
		"no export":             "openapi: 3.1.0\npaths: {}",
		"a reference to naught": strings.Replace(ours, "schemas/Nap'}}", "schemas/Nope'}}", 1),
		"a circle":              strings.Replace(ours, "Kind: {type: string, enum: [short, long]}", "Kind: {$ref: '#/components/schemas/Kind'}", 1),
	} {
		folder := t.TempDir()
		write(t, folder, "openapi.yaml", text)
		write(t, folder, "openapi-1.7.json", theirs)
		if err := run(t.Context(), &strings.Builder{}, filepath.Join(folder, "openapi.yaml"), folder, false, ""); err == nil || errors.Is(err, errNews) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, test := range []struct{ spec, exports string }{{"gone.yaml", "."}, {"../../../openapi.yaml", "."}, {"../../../openapi.yaml", "gone"}, {"../../../openapi.yaml", ""}} {
		if err := run(t.Context(), &strings.Builder{}, test.spec, test.exports, false, ""); err == nil || errors.Is(err, errNews) {
			t.Errorf("%+v: error %v", test, err)
		}
	}
}

func write(t *testing.T, folder, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
