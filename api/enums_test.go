package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/oura-go/sdk/api"
)

func valid[E interface {
	~string
	Valid() bool
}](value string) bool {
	return E(value).Valid()
}

var enums = map[string]func(string) bool{
	"DailyStressSummary":      valid[api.DailyStressSummary],
	"DataType":                valid[api.DataType],
	"EventType":               valid[api.EventType],
	"HeartRateSource":         valid[api.HeartRateSource],
	"ResilienceLevel":         valid[api.ResilienceLevel],
	"RingColor":               valid[api.RingColor],
	"RingDesign":              valid[api.RingDesign],
	"RingHardwareType":        valid[api.RingHardwareType],
	"SessionMood":             valid[api.SessionMood],
	"SessionType":             valid[api.SessionType],
	"SleepAlgorithmVersion":   valid[api.SleepAlgorithmVersion],
	"SleepAnalysisReason":     valid[api.SleepAnalysisReason],
	"SleepTimeRecommendation": valid[api.SleepTimeRecommendation],
	"SleepTimeStatus":         valid[api.SleepTimeStatus],
	"SleepType":               valid[api.SleepType],
	"WorkoutIntensity":        valid[api.WorkoutIntensity],
	"WorkoutSource":           valid[api.WorkoutSource],
}

// Every constant of the generated file is valid, and no other value is; that they are those of openapi.yaml is for
// internal/contract to see.
func TestEnums(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, c := range constants(t) {
		isValid := enums[c.enum]
		if isValid == nil {
			t.Errorf("%s is not in this test", c.enum)
			continue
		}
		seen[c.enum]++
		if !isValid(c.value) {
			t.Errorf("%s(%q).Valid() = false", c.enum, c.value)
		}
		for _, other := range []string{c.value + "_2", "x" + c.value} {
			if isValid(other) {
				t.Errorf("%s(%q).Valid() = true", c.enum, other)
			}
		}
	}
	for enum, isValid := range enums {
		if seen[enum] == 0 {
			t.Errorf("%s has no constants", enum)
		}
		if isValid("") {
			t.Errorf("%s(\"\").Valid() = true", enum)
		}
	}
}

type constant struct{ enum, value string }

func constants(t *testing.T) []constant {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "models.gen.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var list []constant
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			value := spec.(*ast.ValueSpec)
			text, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, constant{value.Type.(*ast.Ident).Name, text})
		}
	}
	return list
}
