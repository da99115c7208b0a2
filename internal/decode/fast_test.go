package decode

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/internal/fixtures"
)

// model is what the tests of decoding need of one type.
type model struct {
	name       string
	collection string // as fixtures spell it
	typ        reflect.Type
	document   func(t testing.TB, raw []byte)
	page       func(t testing.TB, body []byte)
	fast       func(body []byte) (page bool)
	fastOne    func(raw []byte) bool
	compared   func(raw []byte) bool
}

func modelOf[T any](collection string) model {
	return model{
		name: reflect.TypeFor[T]().Name(), collection: collection, typ: reflect.TypeFor[T](),
		document: compareDocument[T],
		page:     comparePage[T],
		fast: func(body []byte) bool {
			_, _, ok := fastPage[T](body, unlimited())
			return ok
		},
		fastOne: func(raw []byte) bool {
			_, ok := fastValue[T](raw, unlimited())
			return ok
		},
		compared: compared[T],
	}
}

// kinds are the fixtures that the model has; none for a collection that was just added.
func (m model) kinds() []string {
	if !slices.Contains(fixtures.Collections(), m.collection) {
		return nil
	}
	return []string{fixtures.Full, fixtures.Nulls, fixtures.Quirks}
}

// Every model is read in the fast way, and so is every fixture that the service would send every day. A model with a
// type that the fast way does not know yet would be read more slowly, and nobody would see it.
func TestModelsAreReadFast(t *testing.T) {
	t.Parallel()
	for _, collection := range fixtures.Collections() {
		if !slices.ContainsFunc(models, func(m model) bool { return m.collection == collection }) {
			t.Errorf("no model for the fixtures of %s", collection)
		}
	}
	for _, m := range models {
		if formOf(m.typ).plan == nil {
			t.Errorf("%s has no plan", m.name)
		}
		for _, kind := range m.kinds() {
			if kind == fixtures.Quirks {
				continue // the general decoder is for these
			}
			doc := fixtures.Document(m.collection, kind)
			if !m.fastOne(doc) {
				t.Errorf("%s: the %s document is left to the general decoder", m.name, kind)
			}
			if m.collection == fixtures.PersonalInfo {
				continue
			}
			if !m.fast(fixtures.Page(m.collection, new("t"), doc, doc)) || !m.fast(fixtures.Page(m.collection, nil)) {
				t.Errorf("%s: a page of %s documents is left to the general decoder", m.name, kind)
			}
		}
	}
}

type row struct {
	ID    string    `json:"id"`
	N     int       `json:"n"`
	P     *int      `json:"p"`
	L     *int64    `json:"l"`
	F     float64   `json:"f"`
	Q     *float64  `json:"q,omitempty"`
	B     bool      `json:"b"`
	C     *bool     `json:"c"`
	S     *string   `json:"s"`
	T     time.Time `json:"t"`
	U     *time.Time
	W     api.SleepType  `json:"w"`
	X     *api.SleepType `json:"x"`
	D     api.Date       `json:"d"`
	A     api.Samples    `json:"a"`
	Inner struct {
		N *int `json:"n"`
	} `json:"inner"`
	Tags []string `json:"tags"`
	Rows []struct {
		V *int `json:"v"`
	} `json:"rows"`
	hidden int //nolint:unused // no JSON key may reach it
}

// The general decoder is what the fast way is held against: it never accepts what that refuses, and has the same
// result. What is left to it is written down here, so that it does not grow unseen.
func TestFastWayIsTheGeneralWay(t *testing.T) {
	t.Parallel()
	const left, taken = false, true
	for doc, want := range map[string]bool{
		`{}`: taken,
		" \t\r\n{ \"id\" : \"a\" , \"n\" : 1 } \n":                             taken,
		`{"unknown":{"a":[1,"}",{"b":null}],"c":"\""},"id":"a"}`:               taken,
		`{"u1":"x","u2":-1.5e+3,"u3":true,"u4":false,"u5":null,"u6":[],"n":7}`: taken,
		`{"ID":"a","Id":"b"}`:                              taken,
		`{"U":"2026-03-01T04:00:00Z"}`:                     taken,
		`{"hidden":1}`:                                     taken,
		`{"id":"ä\u00e4\n\"","tags":["\ud83d\ude00","b"]}`: taken,
		`{"tags":["a",null,"b"]}`:                          left,
		`{"n":null}`:                                       left,
		`{"t":null}`:                                       left,
		`{"inner":null}`:                                   left,
		`{"\u0069d":"a"}`:                                  taken,
		`{"n":12.0,"p":-3.000,"l":0.0}`:                    taken,
		`{"n":-0,"p":0,"l":-999999999999999999}`:           taken,
		`{"f":-0.0,"q":1e-3}`:                              taken,
		`{"f":0.1,"q":123456789.123456789}`:                taken,
		`{"b":true,"c":false}`:                             taken,
		`{"w":"","x":"of a kind to come"}`:                 taken,
		`{"w":"` + strings.Repeat("long", 30) + `"}`:       taken,
		`{"t":"2026-03-01T04:00:00Z"}`:                     taken,
		`{"t":"2026-03-01T04:00:00.123456789+05:45"}`:      taken,
		`{"t":"2026-03-01T23:59:59.5-12:00","U":"2026-03-01T23:59:59+00:00"}`: taken,
		`{"t":"2024-02-29T00:00:00Z"}`:                                        taken,
		`{"d":"2026-03-01"}`:                                                  taken,
		`{"a":[1,null,2.5]}`:                                                  taken,
		`{"a":[]}`:                                                            taken,
		`{"inner":{"n":1,"m":2},"rows":[{"v":1},{}],"tags":[]}`:               taken,
		`{"p":null,"a":null,"tags":null,"d":null}`:                            taken,

		`null`:                           left,
		``:                               left,
		`{`:                              left,
		`{"id":"a"`:                      left,
		`{"id":"a",}`:                    left,
		`{"id" "a"}`:                     left,
		`{"id":"a"}{}`:                   left,
		`{"id":"a"}x`:                    left,
		"{\"id\":\"a\"}\x00":             left,
		"{\"id\":\"a\nb\"}":              left,
		"{\"id\":\"a\xff\"}":             left,
		`{"id":"\ud800"}`:                left,
		`{"id":"a\x"}`:                   left,
		`{"id":"a`:                       left,
		`{"id":"a","id":"b"}`:            left,
		`{"inner":{"n":1},"inner":{}}`:   left,
		`{"unknown":[1,]}`:               left,
		`{"unknown":[1}`:                 left,
		`{"unknown":{"a":01}}`:           left,
		`{"unknown":01}`:                 left,
		`{"unknown":1.}`:                 left,
		`{"unknown":-}`:                  left,
		`{"unknown":1e}`:                 left,
		`{"unknown":tru}`:                left,
		`{"unknown":[[}`:                 left,
		`{"n":1.5}`:                      left,
		`{"n":1e2}`:                      left,
		`{"n":12.}`:                      left,
		`{"n":01}`:                       left,
		`{"n":-}`:                        left,
		`{"n":1234567890123456789}`:      left,
		`{"n":9007199254740993.0}`:       left,
		`{"n":"1"}`:                      left,
		`{"p":1.5}`:                      left,
		`{"l":"1"}`:                      left,
		`{"f":1e999}`:                    left,
		`{"q":1e999}`:                    left,
		`{"f":.5}`:                       left,
		`{"b":tru}`:                      left,
		`{"b":1}`:                        left,
		`{"s":1}`:                        left,
		`{"x":1}`:                        left,
		`{"t":1}`:                        left,
		`{"t":"2026-03-01T04:00:00"}`:    left,
		`{"t":"2026-03-01 04:00:00Z"}`:   left,
		`{"t":"2026-02-29T04:00:00Z"}`:   left,
		`{"t":"2026-13-01T04:00:00Z"}`:   left,
		`{"t":"2026-00-01T04:00:00Z"}`:   left,
		`{"t":"2026-03-00T04:00:00Z"}`:   left,
		`{"t":"2026-03-01T24:00:00Z"}`:   left,
		`{"t":"2026-03-01T04:60:00Z"}`:   left,
		`{"t":"2026-03-01T04:00:60Z"}`:   left,
		`{"t":"2026-03-01T4:00:000Z"}`:   left,
		`{"t":"2026-03-01T04:00:00z"}`:   left,
		`{"t":"2026-03-01T04:00:00,5Z"}`: left,
		`{"t":"2026-03-01T04:00:00.Z"}`:  left,
		`{"t":"2026-03-01T04:00:00.1234567891Z"}`:                                        left,
		`{"t":"2026-03-01T04:00:00+24:00"}`:                                              left,
		`{"t":"2026-03-01T04:00:00+01:60"}`:                                              left,
		`{"t":"2026-03-01T04:00:00+0100"}`:                                               left,
		`{"t":"2026x03-01T04:00:00Z"}`:                                                   left,
		`{"t":"\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000T04:00:00Z"}`: left,
		`{"d":"2026-02-30"}`:                                                             left,
		`{"d":"2026\u002d02-20"}`:                                                        taken,
		`{"d":20260301}`:                                                                 left,
		`{"a":[1,"]"]}`:                                                                  left,
		`{"a":[1,[2]]}`:                                                                  left,
		`{"a":[01]}`:                                                                     left,
		`{"a":[1.]}`:                                                                     left,
		`{"a":[+1]}`:                                                                     left,
		`{"a":[1,]}`:                                                                     left,
		`{"a":[1`:                                                                        left,
		`{"a":{}}`:                                                                       left,
		`{"tags":["a",]}`:                                                                left,
		`{"tags":["a"}`:                                                                  left,
		`{"tags":"a"}`:                                                                   left,
		`{"inner":[]}`:                                                                   left,
		`{"rows":[{"v":true}]}`:                                                          left,
	} {
		fast, ok := fastValue[row]([]byte(doc), unlimited())
		if ok != want {
			t.Errorf("%q: taken: %t, want %t", doc, ok, want)
		}
		if ok {
			compareWithGeneral(t, []byte(doc), fast)
		}

		body := []byte(`{"data":[` + doc + `],"next_token":null}`)
		items, token, ok := fastPage[row](body, unlimited())
		if wantPage := want || doc == ""; ok != wantPage || token != "" {
			t.Errorf("%q in a page: taken: %t, want %t", doc, ok, wantPage)
		}
		if ok {
			compareWithGeneral(t, body, pageOf[row]{Data: items})
		}
	}
}

func TestFastPageEnvelope(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		token string
		items int
		taken bool
	}{
		`{"next_token":"t","data":[{"id":"a"}]}`:             {"t", 1, true},
		`{"data":[{"id":"a"} , {"id":"b"}],"more":[{}]}`:     {"", 2, true},
		`{"data":[],"next_token":""}`:                        {"", 0, true},
		` { "data" : [ ] , "next_token" : null } `:           {"", 0, true},
		`{"data":[{"id":"a"},null],"next_token":null}`:       {},
		`{"data":null,"next_token":null}`:                    {},
		`{"next_token":null}`:                                {},
		`{}`:                                                 {},
		`[]`:                                                 {},
		`{"data":[],"data":[]}`:                              {},
		`{"data":[],"next_token":null,"next_token":null}`:    {},
		`{"data":[],"next_token":5}`:                         {},
		`{"data":[{"id":"a"};{"id":"b"}],"next_token":null}`: {},
		`{"data":{},"next_token":null}`:                      {},
		`{"data":[]`:                                         {},
		`{"data":[]}]`:                                       {},
		`{"data":[],}`:                                       {},
		`{"data"`:                                            {},
	} {
		items, token, ok := fastPage[row]([]byte(body), unlimited())
		if ok != want.taken || ok && (len(items) != want.items || token != want.token) {
			t.Errorf("%s: %d items, token %q, %t; want %+v", body, len(items), token, ok, want)
		}
	}
}

func TestLastListCounts(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"data":[{"id":"a"},{"id":1}],"data":[{"id":"b"}]}`: "b",
		`{"data":[{"id":"a"}],"data":[]}`:                    "",
		`{"data":null,"data":[{"id":"a"}]}`:                  "a",
	} {
		page, err := PageOf([]byte(body), Filter[row]{}, math.MaxInt64)
		got := ""
		for _, item := range page.Items {
			got += item.ID
		}
		if err != nil || got != want || len(page.Malformed) > 0 {
			t.Errorf("%s: %q, %v, %v; want %q", body, got, page.Malformed, err, want)
		}
	}
	if _, err := PageOf([]byte(`{"data":[{}],"data":null}`), Filter[row]{}, math.MaxInt64); !errors.Is(err, errNoData) {
		t.Errorf("got %v", err)
	}
}

// Types for which the general decoder has rules of its own, beside those of plain structs.
func TestTypesWithoutPlan(t *testing.T) {
	t.Parallel()
	type Embedded struct{ A int }
	type recursive struct{ Next *recursive }
	structOf := func(fields ...reflect.StructField) reflect.Type { // go vet would not let them be written down
		for i := range fields {
			fields[i].Type, fields[i].Tag = reflect.TypeFor[int](), `json:"a"`
		}
		return reflect.StructOf(fields)
	}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[map[string]int](),
		reflect.TypeFor[struct{ Embedded }](),
		reflect.TypeFor[struct{ A any }](),
		reflect.TypeFor[struct{ A map[string]int }](),
		reflect.TypeFor[struct{ A []byte }](),
		reflect.TypeFor[struct{ A [2]int }](),
		reflect.TypeFor[struct{ A **int }](),
		reflect.TypeFor[struct{ A uint8 }](),
		reflect.TypeFor[struct{ A time.Duration }](),
		reflect.TypeFor[struct {
			A int `json:"a,string"`
		}](),
		reflect.TypeFor[struct {
			A int `json:"'a b'"`
		}](),
		reflect.TypeFor[struct{ A jsontext.Value }](),
		structOf(reflect.StructField{Name: "A"}, reflect.StructField{Name: "B"}),
		structOf(reflect.StructField{Name: "a", PkgPath: "oura"}),
		reflect.TypeFor[recursive](),
		reflect.TypeFor[api.Date](),
		reflect.TypeFor[time.Time](),
	} {
		if formOf(typ).plan != nil {
			t.Errorf("%v has a plan", typ)
		}
	}
	if formOf(reflect.TypeFor[row]()).plan == nil {
		t.Error("row has no plan")
	}
}

// Bodies are pooled, optional numbers share memory: neither may be seen.
func TestValuesStandAlone(t *testing.T) {
	t.Parallel()
	const doc = `{"id":"some id","n":1,"p":2,"l":3,"q":4.5,"c":true,"s":"text","w":"rest","x":"a new kind","t":"2026-03-01T04:00:00Z","a":[1,2],"tags":["x"],"inner":{"n":5}}`
	body := []byte(`{"data":[` + strings.Repeat(doc+",", 200) + doc + `],"next_token":"again"}`)
	items, token, ok := fastPage[row](body, unlimited())
	more, _, _ := fastPage[row](body, unlimited())
	want, _ := fastValue[row]([]byte(doc), unlimited())
	clear(body)
	if !ok || len(items) != 201 || token != "again" {
		t.Fatalf("%d items, token %q, %t", len(items), token, ok)
	}
	for i := range items {
		*items[i].P, *items[i].L, *items[i].Q, *items[i].Inner.N = -1, -1, -1, -1
	}
	for _, v := range more {
		if !reflect.DeepEqual(v, want) {
			t.Fatalf("got %+v, want %+v", v, want)
		}
	}
	for i := range items {
		*items[i].P, *items[i].L, *items[i].Q, *items[i].Inner.N = 2, 3, 4.5, 5
		if !reflect.DeepEqual(items[i], want) {
			t.Fatalf("got %+v, want %+v", items[i], want)
		}
	}
}

func TestWordsAreShared(t *testing.T) {
	var w words
	for range 2 {
		for _, word := range []string{"", "a", "awake", "rest", "a word of another kind", strings.Repeat("x", 200)} {
			if got := w.get([]byte(word)); got != word {
				t.Errorf("got %q, want %q", got, word)
			}
		}
	}
	known := []byte("awake")
	if n := testing.AllocsPerRun(100, func() { w.get(known) }); n != 0 {
		t.Errorf("a known word costs %v allocations", n)
	}
}

func BenchmarkHeartRatePage(b *testing.B) {
	body := []byte(`{"data":[` + strings.Repeat(`{"bpm":61,"source":"awake","timestamp":"2026-03-01T04:00:24.000Z"},`, 999) +
		`{"bpm":61,"source":"awake","timestamp":"2026-03-01T04:00:24.000Z"}],"next_token":null}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if items, _, ok := fastPage[api.HeartRate](body, unlimited()); !ok || len(items) != 1000 {
			b.Fatal(len(items), ok)
		}
	}
}

// Errors of JSON packages quote what they could not read; ours must not.
func TestErrorsHoldNoValues(t *testing.T) {
	t.Parallel()
	if got := describe(errors.New("saw 271828")); got != errUnreadable { //nolint:errorlint // identity is the point
		t.Errorf("an unknown error becomes %v", got)
	}
	for doc, want := range map[string]string{
		`{"n":"271828"}`:          "field n holds a string that does not fit int",
		`{"t":271828}`:            "field t holds a number that does not fit time.Time",
		`{"inner":{"n":271.828}}`: "field inner.n holds a number that does not fit int",
		`{"n":271828`:             "not JSON from byte 11 on",
		`null`:                    "the value holds null that does not fit decode.row",
	} {
		if _, err := Value[row]([]byte(doc), math.MaxInt64); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", doc, err, want)
		}
	}
	for body, want := range map[string]string{
		`[]`: "the value holds an array that does not fit a page", `{"data":5}`: "field data holds a number that does not fit a list",
		`{}`: "it has no data array, so it is not a page",
	} {
		if _, err := PageOf(([]byte)(body), Filter[row]{}, math.MaxInt64); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
}
