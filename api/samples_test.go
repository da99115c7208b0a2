package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/api"
)

var nan = math.NaN()

func TestSamplesJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text    string
		want    api.Samples
		written string // where it differs from text
	}{
		{`null`, nil, ""},
		{`[]`, api.Samples{}, ""},
		{` [ ] `, api.Samples{}, "[]"},
		{`[null]`, api.Samples{nan}, ""},
		{`[1,null,2.5,null]`, api.Samples{1, nan, 2.5, nan}, ""},
		{"[ 1 ,\n\tnull\r, 2.5 ]", api.Samples{1, nan, 2.5}, "[1,null,2.5]"},
		{`[62.0,300.00]`, api.Samples{62, 300}, "[62,300]"},
		{`[-1,-0.5,-12.25]`, api.Samples{-1, -0.5, -12.25}, ""},
		{`[1e3,1.5E-2,2e+2,9e-1,-1E0]`, api.Samples{1000, 0.015, 200, 0.9, -1}, "[1000,0.015,200,0.9,-1]"},
		{`[123456789012345,1234567890123456789,0.12345678901234566]`,
			api.Samples{123456789012345, 1234567890123456789, 0.12345678901234566},
			"[123456789012345,1234567890123456800,0.12345678901234566]"},
		{`[1e-9,1e21,1e22,1e-7,5e-324,1.7976931348623157e308]`,
			api.Samples{1e-9, 1e21, 1e22, 1e-7, 5e-324, math.MaxFloat64},
			"[1e-9,1e+21,1e+22,1e-7,5e-324,1.7976931348623157e+308]"},
		{`[0.1,0.2,0.3,9.95,100.005]`, api.Samples{0.1, 0.2, 0.3, 9.95, 100.005}, ""},
	}
	for _, pkg := range jsonPackages {
		for _, test := range tests {
			got := api.Samples{7}
			if err := pkg.unmarshal([]byte(test.text), &got); err != nil {
				t.Errorf("%s: %s: %v", pkg.name, test.text, err)
				continue
			}
			if (got == nil) != (test.want == nil) || !got.Equal(test.want) {
				t.Errorf("%s: %s = %v, want %v", pkg.name, test.text, got, test.want)
			}
			written := test.written
			if written == "" {
				written = test.text
			}
			if text, err := pkg.marshal(got); err != nil || string(text) != written {
				t.Errorf("%s: %v is written as %s, %v, want %s", pkg.name, got, text, err, written)
			}
		}
	}
}

func TestSamplesRefuse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		index int
		found string
	}{
		{`12`, -1, "a number"},
		{`-12`, -1, "a number"},
		{`"1,2"`, -1, "a string"},
		{`{}`, -1, "an object"},
		{`true`, -1, "a boolean"},
		{`[1,"2"]`, 1, "a string"},
		{`["NaN"]`, 0, "a string"},
		{`[null,null,[3]]`, 2, "an array"},
		{`[{"v":1}]`, 0, "an object"},
		{`[1, false]`, 1, "a boolean"},
		{`[1e999]`, 0, "a number out of range"},
		{`[1,-2e308]`, 1, "a number out of range"},
	}
	for _, pkg := range jsonPackages {
		for _, test := range tests {
			got := api.Samples{7}
			err := pkg.unmarshal([]byte(test.text), &got)
			var samplesErr *api.SamplesError
			if !errors.As(err, &samplesErr) {
				t.Errorf("%s: %s = %v, %v, want a *SamplesError", pkg.name, test.text, got, err)
				continue
			}
			if samplesErr.Index != test.index || samplesErr.Found != test.found {
				t.Errorf("%s: %s: %v", pkg.name, test.text, samplesErr)
			}
			if !got.Equal(api.Samples{7}) {
				t.Errorf("%s: %s left %v behind", pkg.name, test.text, got)
			}
		}
	}
}

// A decoder of someone else's may pass on what is no JSON.
func TestSamplesRefuseWhatIsNotJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, ` `, `[`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `[nul`, `[nuls]`, `nul`, `nulls`, `[+1]`, `[.5]`, `[-]`, `[1.]`,
		`[1.e3]`, `[01]`, `[-00.5]`, `[--1]`, `[1e]`, `[0x10]`, `[Infinity]`, `[NaN]`, `]`, `[1;2]`, `[1}`,
	} {
		got := api.Samples{7}
		err := got.UnmarshalJSON([]byte(text))
		var samplesErr *api.SamplesError
		if !errors.As(err, &samplesErr) {
			t.Errorf("%q = %v, %v, want a *SamplesError", text, got, err)
		}
	}
}

func TestSamplesErrorNamesPlaceAndKind(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`"secret"`:      "oura: samples must be a JSON array, found a string",
		`[1,"secret"]`:  "oura: item 1 of samples must be a number or null, found a string",
		`[1,2`:          "oura: item 2 of samples must be a number or null, found the end",
		`[1,2,secret]`:  "oura: item 2 of samples must be a number or null, found something that is not JSON",
		`[nothing]`:     "oura: item 0 of samples must be a number or null, found null",
		`[62.123e9999]`: "oura: item 0 of samples must be a number or null, found a number out of range",
	}
	for text, want := range tests {
		var got api.Samples
		if err := got.UnmarshalJSON([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
	_, err := json.Marshal(api.Samples{1, math.Inf(-1)})
	if want := "item 1 of samples must be a number or null, found infinity"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("marshalling an infinity: %v", err)
	}
}

func TestSamplesEqual(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b api.Samples
		want bool
	}{
		{nil, nil, true},
		{nil, api.Samples{}, true},
		{api.Samples{1, nan}, api.Samples{1, nan}, true},
		{api.Samples{1, nan}, api.Samples{nan, 1}, false},
		{api.Samples{1}, api.Samples{1, nan}, false},
		{api.Samples{nan}, api.Samples{0}, false},
	}
	for _, test := range tests {
		if got := test.a.Equal(test.b); got != test.want {
			t.Errorf("%v.Equal(%v) = %t", test.a, test.b, got)
		}
		if (cmp.Diff(test.a, test.b) == "") != test.want {
			t.Errorf("cmp.Diff of %v and %v disagrees with Equal", test.a, test.b)
		}
	}
}

func TestSampleAll(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 11, 23, 4, 30, 0, time.FixedZone("", 7200))
	type point struct {
		At    string
		Value float64
	}
	tests := []struct {
		name   string
		sample api.Sample
		want   []point
	}{
		{"gaps keep their time", api.Sample{Interval: 300, Items: api.Samples{nan, 52, nan, nan, 54.5}, Timestamp: start},
			[]point{{"2026-03-11T23:09:30+02:00", 52}, {"2026-03-11T23:24:30+02:00", 54.5}}},
		{"fractions", api.Sample{Interval: 0.2, Items: api.Samples{1, 2, 3, 4}, Timestamp: start},
			[]point{{"2026-03-11T23:04:30+02:00", 1}, {"2026-03-11T23:04:30.2+02:00", 2}, {"2026-03-11T23:04:30.4+02:00", 3}, {"2026-03-11T23:04:30.6+02:00", 4}}},
		{"products that fall short", api.Sample{Interval: 0.3, Items: api.Samples{nan, nan, nan, 4}, Timestamp: start},
			[]point{{"2026-03-11T23:04:30.9+02:00", 4}}},
		{"over midnight", api.Sample{Interval: 3600, Items: api.Samples{1, 2}, Timestamp: start},
			[]point{{"2026-03-11T23:04:30+02:00", 1}, {"2026-03-12T00:04:30+02:00", 2}}},
		{"only gaps", api.Sample{Interval: 60, Items: api.Samples{nan, nan}, Timestamp: start}, nil},
		{"nothing", api.Sample{}, nil},
	}
	for _, test := range tests {
		for range 2 { // it can be ranged over again
			var got []point
			for at, value := range test.sample.All() {
				got = append(got, point{at.Format(time.RFC3339Nano), value})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
	}
}

func TestSampleAllStops(t *testing.T) {
	t.Parallel()
	n := 0
	for range (api.Sample{Interval: 1, Items: api.Samples{1, 2, 3}}).All() {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d items after a break at the second", n)
	}
}

// Samples must mean what a series of optional numbers means to the standard library, to the bit, and be written with
// the same bytes.
func FuzzSamples(f *testing.F) {
	for _, text := range []string{
		`null`, `[]`, `[null]`, `[1,null,2.5]`, `[1e3, -0, -0.0, 1E-7]`, `[0.1,123456789012345.6]`, `[1e999]`, `[5e-324]`,
		`["1"]`, `[[1]]`, `{}`, `[1,]`, `[9007199254740993]`, `[0.000000000000001]`, "\t[ 1 ,\n2 ]\r", `[01]`, `[1.]`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var direct api.Samples
		_ = direct.UnmarshalJSON(text) // must not panic, whatever it gets

		var want []*float64
		wantErr := json.Unmarshal(text, &want)
		var got api.Samples
		if err := json.Unmarshal(text, &got); (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, but as numbers: %v", text, err, wantErr)
		}
		var gotV2 api.Samples
		if err := jsonv2.Unmarshal(text, &gotV2); (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: v2: %v, but as numbers: %v", text, err, wantErr)
		}
		if wantErr != nil {
			return
		}
		if len(got) != len(want) || (got == nil) != (want == nil) {
			t.Fatalf("%q: %v has not the items of %v", text, got, want)
		}
		for i, p := range want {
			if p == nil != math.IsNaN(got[i]) || p != nil && math.Float64bits(*p) != math.Float64bits(got[i]) {
				t.Fatalf("%q: item %d is %v", text, i, got[i])
			}
		}
		if !got.Equal(gotV2) {
			t.Fatalf("%q: %v under v2, %v before", text, gotV2, got)
		}
		wantText, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if gotText, err := json.Marshal(got); err != nil || !bytes.Equal(gotText, wantText) {
			t.Fatalf("%q is written as %s, want %s (%v)", text, gotText, wantText, err)
		}
	})
}

// The short way of reading numbers must round as the general one does.
func FuzzSampleNumber(f *testing.F) {
	for _, v := range []float64{0, 1.3, 62, 0.1, 1e15, 123456789.123456, 1e-15} {
		f.Add(v, 6)
	}
	f.Fuzz(func(t *testing.T, v float64, decimals int) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		text := strconv.FormatFloat(v, 'f', ((decimals%20)+20)%20, 64)
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return
		}
		var got api.Samples
		if err := got.UnmarshalJSON([]byte("[" + text + "]")); err != nil || math.Float64bits(got[0]) != math.Float64bits(want) {
			t.Fatalf("%s = %v, want %v (%v)", text, got, want, err)
		}
	})
}
