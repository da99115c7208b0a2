package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// collection is one list operation of the document, with what the wiring needs to know of it.
type collection struct {
	Name     string // Sleep: the name of the model, the client's field and the operation
	Path     string // sleep: the last segment of the path
	DataType string // DataTypeSleep; empty where webhooks do not report it
	DayKey   string // day: the property that tells a document's civil day; empty without dates
	DayField string // Day: its Go name
	Pad      int    // days to ask wider
	Series   bool   // a time series: no ids, no single documents
}

type document struct {
	Paths map[string]struct {
		Get struct {
			OperationID string `yaml:"operationId"`
			Day         string `yaml:"x-day"`
			Pad         int    `yaml:"x-pad"`
		} `yaml:"get"`
	} `yaml:"paths"`
	Components struct {
		Schemas map[string]struct {
			Enum []string `yaml:"enum"`
		} `yaml:"schemas"`
	} `yaml:"components"`
}

const prefix = "/usercollection/"

func readCollections(name string) ([]collection, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var doc document
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	dataTypes := doc.Components.Schemas["DataType"].Enum
	var all []collection
	for path, item := range doc.Paths {
		model, isList := strings.CutPrefix(item.Get.OperationID, "List")
		segment, isCollection := strings.CutPrefix(path, prefix)
		if !isList || !isCollection {
			continue
		}
		_, single := doc.Paths[path+"/{document_id}"]
		c := collection{Name: model, Path: segment, DayKey: item.Get.Day, DayField: goName(item.Get.Day), Pad: cmp.Or(item.Get.Pad, 1), Series: !single}
		if slices.Contains(dataTypes, strings.ToLower(segment)) {
			c.DataType = "DataType" + model
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b collection) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
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
