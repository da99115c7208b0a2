package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// fingerprint says what a document promises: a thing, such as "property score of GET /usercollection/sleep", and how it
// is, such as "integer".
type fingerprint map[string]string

const mayBeNull = " or null"

var parameterName = regexp.MustCompile(`\{[^}]+\}`)

func (d *document) fingerprint() (fingerprint, error) {
	out := fingerprint{}
	paths, _ := d.root["paths"].(object)
	for path, value := range paths {
		if strings.Contains(path, "/sandbox/") {
			continue // the same operations again
		}
		item, err := d.resolve(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		shared, _ := item["parameters"].([]any)
		for _, method := range []string{"get", "put", "post", "delete", "patch"} {
			op, ok := item[method].(object)
			if !ok {
				continue
			}
			name := strings.ToUpper(method) + " " + parameterName.ReplaceAllString(strings.TrimPrefix(path, "/v2"), "{}")
			if err := d.addOperation(out, name, op, shared); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return out, d.addOAuth(out)
}

func (d *document) addOperation(out fingerprint, name string, op object, shared []any) error {
	out["operation "+name] = ""
	own, _ := op["parameters"].([]any)
	for _, value := range slices.Concat(shared, own) {
		p, err := d.resolve(value)
		if err != nil {
			return err
		}
		if p["in"] == "query" { // path parameters are in the path; headers are how to sign in
			how := "optional"
			if required, _ := p["required"].(bool); required {
				how = "required"
			}
			out[fmt.Sprintf("parameter %v of %s", p["name"], name)] = how
		}
	}
	if err := d.addContent(out, "body of "+name, op["requestBody"]); err != nil {
		return err
	}
	responses, _ := op["responses"].(object)
	for code, response := range responses {
		if strings.HasPrefix(code, "2") {
			if err := d.addContent(out, name, response); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *document) addContent(out fingerprint, name string, value any) error {
	node, err := d.resolve(value)
	if err != nil {
		return err
	}
	content, _ := node["content"].(object)
	media, _ := content["application/json"].(object)
	if media["schema"] == nil {
		return nil
	}
	return d.addSchema(out, name, "", media["schema"], nil)
}

// addSchema adds the properties below a schema, by their path. Seen are the references on the way, which may be a circle.
func (d *document) addSchema(out fingerprint, name, path string, value any, seen []string) error {
	node, _ := value.(object)
	if ref, ok := node["$ref"].(string); ok {
		if slices.Contains(seen, ref) {
			return nil
		}
		seen = append(slices.Clone(seen), ref)
	}
	s, err := d.schemaOf(value)
	if err != nil {
		return err
	}
	if path != "" {
		how := strings.Join(s.types, " or ")
		if s.nullable {
			how += mayBeNull
		}
		out["property "+path+" of "+name] = how
	}
	for _, v := range s.enum {
		out["value "+v+" of "+strings.TrimPrefix(path+" of "+name, " of ")] = ""
	}
	if s.items != nil {
		if err := d.addSchema(out, name, path+"[]", s.items, seen); err != nil {
			return err
		}
	}
	for property, value := range s.properties {
		if err := d.addSchema(out, name, strings.TrimPrefix(path+"."+property, "."), value, seen); err != nil {
			return err
		}
	}
	return nil
}

// addOAuth adds addresses and scopes of every OAuth scheme. Scopes are compared without their prefix, and addresses as a
// set: which family a document describes is not news, that it names another address is.
func (d *document) addOAuth(out fingerprint) error {
	components, _ := d.root["components"].(object)
	schemes, _ := components["securitySchemes"].(object)
	for name, value := range schemes {
		scheme, err := d.resolve(value)
		if err != nil {
			return fmt.Errorf("security scheme %s: %w", name, err)
		}
		flows, _ := scheme["flows"].(object)
		for kind, value := range flows {
			out["OAuth flow "+kind] = ""
			flow, _ := value.(object)
			for _, key := range []string{"authorizationUrl", "tokenUrl", "refreshUrl"} {
				if address, ok := flow[key].(string); ok {
					out["OAuth "+key+" "+address] = ""
				}
			}
			scopes, _ := flow["scopes"].(object)
			for scope := range scopes {
				out["OAuth scope "+strings.TrimPrefix(scope, "extapi:")] = ""
			}
		}
	}
	return nil
}
