package decode

import (
	"math"
	"strings"
	"testing"
)

func TestNullsThatHaveNoPlace(t *testing.T) {
	t.Parallel()
	type embedded struct {
		row
		Newer  int            `json:"newer"`
		Counts map[string]int `json:"counts"`
	}
	for doc, want := range map[string]string{
		`{"n":1,"newer":null}`:        "field newer holds null that does not fit int",
		`{"n":null,"newer":1}`:        "field n holds null that does not fit int",
		`{"inner":null}`:              "field inner holds null",
		`{"t":null}`:                  "field t holds null that does not fit time.Time",
		`{"tags":["a",null]}`:         "field tags.1 holds null that does not fit string",
		`{"counts":{"a":1,"b":null}}`: "field counts.b holds null",
		`{"d":null,"p":null,"a":[1,null],"tags":null,"unknown":{"n":null}}`: "",
	} {
		_, err := Value[embedded]([]byte(doc), math.MaxInt64)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", doc, err, want)
		}
		if strings.Contains(doc, "newer") || strings.Contains(doc, "counts") {
			continue
		}
		if _, err := Value[row]([]byte(doc), math.MaxInt64); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s by the plan: %v, want %q", doc, err, want)
		}
	}
}
