package api_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/internal/fixtures"
)

func TestEveryCollectionHasAModel(t *testing.T) {
	t.Parallel()
	for _, collection := range fixtures.Collections() {
		if models[collection] == nil {
			t.Errorf("no model for %s", collection)
		}
	}
	if got, want := len(models), len(fixtures.Collections()); got != want {
		t.Errorf("%d models for %d collections", got, want)
	}
}

// decoders read a document as users do. The second one has the two rules lifted that the client lifts.
var decoders = []struct {
	name      string
	unmarshal func([]byte, any) error
}{
	{"encoding/json", json.Unmarshal},
	{"go-json-experiment", func(b []byte, v any) error {
		return jsonv2.Unmarshal(b, v, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	}},
}

// sameTimes compares offsets as well: an instant without the person's offset has lost something.
var sameTimes = cmp.Options{
	cmp.Comparer(func(a, b time.Time) bool {
		_, offsetA := a.Zone()
		_, offsetB := b.Zone()
		return a.Equal(b) && offsetA == offsetB
	}),
	cmp.Comparer(func(a, b api.LocalDateTime) bool { return a.Equal(b) && a.String() == b.String() }),
}

func TestFixturesDecodeAndComeBack(t *testing.T) {
	t.Parallel()
	for _, collection := range fixtures.Collections() {
		for _, kind := range []string{fixtures.Full, fixtures.Nulls, fixtures.Quirks} {
			t.Run(collection+"/"+kind, func(t *testing.T) {
				t.Parallel()
				doc := fixtures.Document(collection, kind)
				if kind == fixtures.Quirks {
					doc = plainIntegers(doc)
				}
				var first any
				for i, decoder := range decoders {
					got := decodeWith(t, decoder.unmarshal, models[collection], doc)
					if i == 0 {
						first = got
					}
					if diff := cmp.Diff(first, got, sameTimes); diff != "" {
						t.Errorf("%s decodes it otherwise than %s:\n%s", decoder.name, decoders[0].name, diff)
					}
					text, err := jsonPackages[i].marshal(got)
					if err != nil {
						t.Fatalf("%s: %v", decoder.name, err)
					}
					again := decodeWith(t, decoder.unmarshal, models[collection], text)
					if diff := cmp.Diff(got, again, sameTimes); diff != "" {
						t.Errorf("%s does not bring it back:\n%s", decoder.name, diff)
					}
				}
			})
		}
	}
}

func decodeWith(t *testing.T, unmarshal func([]byte, any) error, model reflect.Type, doc []byte) any {
	t.Helper()
	v := reflect.New(model)
	if err := unmarshal(doc, v.Interface()); err != nil {
		t.Fatal(err)
	}
	return v.Elem().Interface()
}

// wholeNumber is a number such as 12.0 as the value of a key.
var wholeNumber = regexp.MustCompile(`(: -?\d+)\.0\b`)

// plainIntegers writes 12.0 as 12, which is what the client does before it gives up on a document.
func plainIntegers(doc []byte) []byte { return wholeNumber.ReplaceAll(doc, []byte("$1")) }

// Whole numbers written as 12.0 are the one quirk that takes the client's decoder. Every other one passes both packages,
// and so do these documents where no 12.0 stands for an int.
func TestOnlyTwelvePointZeroNeedsTheClient(t *testing.T) {
	t.Parallel()
	floatsOnly := []string{"daily_resilience", "enhanced_tag", "rest_mode_period", "session", "tag", "workout"}
	for _, collection := range fixtures.Collections() {
		doc := fixtures.Document(collection, fixtures.Quirks)
		for _, decoder := range decoders {
			err := decoder.unmarshal(doc, reflect.New(models[collection]).Interface())
			var typeErr *json.UnmarshalTypeError
			var semanticErr *jsonv2.SemanticError
			switch {
			case slices.Contains(floatsOnly, collection) || !wholeNumber.Match(doc):
				if err != nil {
					t.Errorf("%s: %s: %v", decoder.name, collection, err)
				}
			case errors.As(err, &typeErr):
				if typeErr.Type.Kind() != reflect.Int {
					t.Errorf("%s: %s: %v", decoder.name, collection, err)
				}
			case errors.As(err, &semanticErr):
				if semanticErr.GoType.Kind() != reflect.Int {
					t.Errorf("%s: %s: %v", decoder.name, collection, err)
				}
			default:
				t.Errorf("%s: %s: %v, want an error about 12.0 in an int", decoder.name, collection, err)
			}
		}
	}
}

// Nothing of a full document is lost: what is written again has the same keys and the same values.
func TestFullDocumentsAreWrittenWhole(t *testing.T) {
	t.Parallel()
	sameText := cmp.Comparer(func(a, b string) bool {
		if a == b {
			return true
		}
		ta, errA := time.Parse(time.RFC3339, a)
		tb, errB := time.Parse(time.RFC3339, b)
		if errA != nil || errB != nil {
			ta, errA = time.Parse("2006-01-02T15:04:05", a)
			tb, errB = time.Parse("2006-01-02T15:04:05", b)
		}
		return errA == nil && errB == nil && cmp.Equal(ta, tb, sameTimes)
	})
	for _, collection := range fixtures.Collections() {
		doc := fixtures.Document(collection, fixtures.Full)
		var want any
		if err := json.Unmarshal(doc, &want); err != nil {
			t.Fatal(err)
		}
		for i, decoder := range decoders {
			text, err := jsonPackages[i].marshal(decodeWith(t, decoder.unmarshal, models[collection], doc))
			if err != nil {
				t.Fatal(err)
			}
			var got any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, sameText); diff != "" {
				t.Errorf("%s: %s (-fixture +written):\n%s", decoder.name, collection, diff)
			}
		}
	}
}

// The full documents have every property of openapi.yaml (internal/contract sees to it), so a model must have a field
// for each of their keys and no other, at every depth.
func TestModelsHaveTheKeysOfTheirDocuments(t *testing.T) {
	t.Parallel()
	for _, collection := range fixtures.Collections() {
		var doc any
		if err := json.Unmarshal(fixtures.Document(collection, fixtures.Full), &doc); err != nil {
			t.Fatal(err)
		}
		compareKeys(t, collection, models[collection], doc)
	}
	var subscription any
	if err := json.Unmarshal(fixtures.Subscription(fixtures.Full), &subscription); err != nil {
		t.Fatal(err)
	}
	compareKeys(t, "subscription", reflect.TypeFor[api.Subscription](), subscription)
}

func compareKeys(t *testing.T, path string, model reflect.Type, value any) {
	t.Helper()
	for model.Kind() == reflect.Pointer {
		model = model.Elem()
	}
	switch value := value.(type) {
	case map[string]any:
		if model.Kind() != reflect.Struct {
			t.Errorf("%s is an object, but a %v in the model", path, model)
			return
		}
		fields := map[string]reflect.Type{}
		for field := range model.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			fields[name] = field.Type
			if _, ok := value[name]; !ok {
				t.Errorf("%s: the model has %s, the document has not", path, name)
			}
		}
		for key, item := range value {
			if fields[key] == nil {
				t.Errorf("%s: the document has %s, the model has not", path, key)
				continue
			}
			compareKeys(t, path+"."+key, fields[key], item)
		}
	case []any:
		if model.Kind() != reflect.Slice {
			t.Errorf("%s is an array, but a %v in the model", path, model)
			return
		}
		for _, item := range value {
			compareKeys(t, path+"[]", model.Elem(), item)
		}
	}
}

// Where null is allowed it leaves a nil pointer, whatever stood there before.
func TestNullsLeaveNothing(t *testing.T) {
	t.Parallel()
	for _, collection := range fixtures.Collections() {
		for _, decoder := range decoders {
			v := reflect.New(models[collection])
			if err := decoder.unmarshal(fixtures.Document(collection, fixtures.Nulls), v.Interface()); err != nil {
				t.Errorf("%s: %s: %v", decoder.name, collection, err)
			}
			for field, value := range v.Elem().Fields() {
				if value.Kind() == reflect.Pointer && !value.IsNil() {
					t.Errorf("%s: %s.%s = %v, want nil", decoder.name, collection, field.Name, value.Elem())
				}
			}
		}
	}
}

func TestQuirksOfSleep(t *testing.T) {
	t.Parallel()
	var night api.Sleep
	if err := json.Unmarshal(plainIntegers(fixtures.Document("sleep", fixtures.Quirks)), &night); err != nil {
		t.Fatal(err)
	}
	if night.LowestHeartRate == nil || *night.LowestHeartRate != 255 || night.HeartRate != nil {
		t.Errorf("no data is lowest %v, heart rate %v; want 255 and nil", night.LowestHeartRate, night.HeartRate)
	}
	if night.BedtimeEnd != nil {
		t.Errorf("the end of a sleep in progress is %v", night.BedtimeEnd)
	}
	if want := (api.Date{Year: 2026, Month: time.March, Day: 13}); night.Day != want {
		t.Errorf("of two days, %v counts, want the last, %v", night.Day, want)
	}
	if night.Type == nil || *night.Type != "siesta" || night.Type.Valid() {
		t.Errorf("an unknown type is %v", night.Type)
	}
	want := api.Samples{nan, nan, 52, 53, 54, 55, 56, nan, 58, 59, 60, 61}
	if night.HRV == nil || !night.HRV.Items.Equal(want) {
		t.Errorf("hrv = %v, want %v", night.HRV, want)
	}
	if _, offset := night.BedtimeStart.Zone(); offset != 7200 || night.BedtimeStart.Nanosecond() != 125e6 {
		t.Errorf("bedtime_start = %v, want its offset and fraction", night.BedtimeStart)
	}
}

func TestPageEnvelope(t *testing.T) {
	t.Parallel()
	token := "after-2"
	for _, decoder := range decoders {
		for _, next := range []*string{nil, &token} {
			var page api.Page[api.Tag]
			text := fixtures.Page("tag", next, fixtures.Document("tag", fixtures.Full), fixtures.Document("tag", fixtures.Nulls))
			if err := decoder.unmarshal(text, &page); err != nil {
				t.Fatalf("%s: %v", decoder.name, err)
			}
			if len(page.Data) != 2 || page.Data[0].ID == page.Data[1].ID || !cmp.Equal(page.NextToken, next) {
				t.Errorf("%s: %+v", decoder.name, page)
			}
		}
		var page api.Page[api.Tag]
		if err := decoder.unmarshal([]byte(`{"data":[]}`), &page); err != nil || page.NextToken != nil || page.Data == nil {
			t.Errorf("%s: a page without a token: %+v, %v", decoder.name, page, err)
		}
	}
}

func TestSubscriptionModel(t *testing.T) {
	t.Parallel()
	for _, decoder := range decoders {
		for kind, want := range map[string]string{
			fixtures.Full:   "2026-06-10T08:15:42.318",
			fixtures.Nulls:  "2026-06-10T08:15:42",
			fixtures.Quirks: "2026-06-10T08:15:42.318Z",
		} {
			var got api.Subscription
			if err := decoder.unmarshal(fixtures.Subscription(kind), &got); err != nil || got.ExpirationTime.String() != want {
				t.Errorf("%s: %s: ends %v, want %s (%v)", decoder.name, kind, got.ExpirationTime, want, err)
			}
		}
		var list []api.Subscription
		if err := decoder.unmarshal(fixtures.Subscriptions(fixtures.Subscription(fixtures.Full)), &list); err != nil || len(list) != 1 {
			t.Errorf("%s: a bare array gives %v, %v", decoder.name, list, err)
		}
	}
}
