package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// collection is one list operation of openapi.yaml.
type collection struct {
	Name       string // Sleep: the name of the model, the client's field and the operation
	Path       string // sleep: the last segment of the path
	Scope      string // daily: what the person has to grant, without the prefix of the newer portal; "" if any token will do
	DataType   string // DataTypeSleep: the constant; "" where webhooks do not report the collection
	DayKey     string // day: the property that tells a document's civil day; "" without dates
	DayField   string // Day: its Go name
	NoFields   bool   // whether the service does not support the parameter fields
	Deprecated bool   // whether the service has put another collection in its place
	Series     bool   // a time series: rows without ids

	Exclusive bool     // whether the documents of a bare end_date are not part of the response
	Instants  []string // BedtimeEnd: the Go names of the properties that the service filters by; empty where it is the day
}

// Dated reports whether the documents of the collection have a civil day, by which they are listed.
func (c collection) Dated() bool { return c.DayKey != "" }

// OtherSpelling reports whether the path spells the collection in another way than events do, as vO2_max.
func (c collection) OtherSpelling() bool { return c.Path != strings.ToLower(c.Path) }

// document is what the generator reads of openapi.yaml.
type document struct {
	Paths map[string]struct {
		Get struct {
			OperationID string                `yaml:"operationId"`
			Day         string                `yaml:"x-day"`
			EndDate     string                `yaml:"x-end-date"`
			NoFields    bool                  `yaml:"x-no-fields"`
			Deprecated  bool                  `yaml:"deprecated"`
			Instants    []string              `yaml:"x-instant"`
			Security    []map[string][]string `yaml:"security"`
		} `yaml:"get"`
	} `yaml:"paths"`
	Components struct {
		Schemas         map[string]*schema `yaml:"schemas"`
		SecuritySchemes struct {
			OAuth2 struct {
				Flows struct {
					AuthorizationCode struct {
						Scopes yaml.Node `yaml:"scopes"` // in the order of the document
					} `yaml:"authorizationCode"`
				} `yaml:"flows"`
			} `yaml:"OAuth2"`
		} `yaml:"securitySchemes"`
	} `yaml:"components"`
}

func readDocument(name string) (document, error) {
	var doc document
	raw, err := os.ReadFile(name)
	if err != nil {
		return doc, err
	}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return doc, fmt.Errorf("%s: %w", name, err)
	}
	return doc, nil
}

const prefix = "/usercollection/"

// collections lists the collections of the document, documents and time series, in the order of their names.
func (doc document) collections() []collection {
	dataTypes := doc.Components.Schemas["DataType"].Enum
	var all []collection
	for path, item := range doc.Paths {
		model, isList := strings.CutPrefix(item.Get.OperationID, "List")
		segment, isCollection := strings.CutPrefix(path, prefix)
		if !isList || !isCollection {
			continue
		}
		_, single := doc.Paths[path+"/{document_id}"]
		c := collection{
			Name: model, Path: segment, Scope: scopeOf(item.Get.Security),
			DayKey: item.Get.Day, DayField: goName(item.Get.Day), Series: !single,
			Exclusive: item.Get.EndDate == "exclusive", NoFields: item.Get.NoFields, Deprecated: item.Get.Deprecated,
		}
		for _, property := range item.Get.Instants {
			c.Instants = append(c.Instants, goName(property))
		}
		if slices.Contains(dataTypes, strings.ToLower(segment)) {
			c.DataType = "DataType" + model
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b collection) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// scopes lists the scopes that an application can ask for, without the prefix of the newer portal.
func (doc document) scopes() []string {
	var names []string
	pairs := doc.Components.SecuritySchemes.OAuth2.Flows.AuthorizationCode.Scopes.Content
	for i := 0; i < len(pairs); i += 2 { // a name and its description
		names = append(names, strings.TrimPrefix(pairs[i].Value, "extapi:"))
	}
	return names
}

// scopeOf is the scope that an operation asks for. The portals write the same scope with a prefix and without.
func scopeOf(security []map[string][]string) string {
	for _, alternative := range security {
		for _, scopes := range alternative {
			for _, scope := range scopes {
				return strings.TrimPrefix(scope, "extapi:")
			}
		}
	}
	return ""
}

func goName(property string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(property, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// byScope is the collections that a scope opens, as paths and webhook events name them.
type byScope struct {
	Scope string
	Names []string
}

// ByScope lists them in the order of the document's scopes.
func (d data) ByScope() []byScope {
	var groups []byScope
	for _, scope := range d.Scopes {
		g := byScope{Scope: scope}
		if scope == "personal" {
			g.Names = []string{"personal_info"}
		}
		for _, c := range d.Collections {
			if c.Scope != scope {
				continue
			}
			g.Names = append(g.Names, c.Path)
			if event := strings.ToLower(c.Path); event != c.Path {
				g.Names = append(g.Names, event)
			}
		}
		if len(g.Names) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}
