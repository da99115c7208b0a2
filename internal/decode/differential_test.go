package decode

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/internal/fixtures"
)

// Decoding here gives what encoding/json gives for the same models. The differences are these, and each is a rule of
// this package:
//
//   - Key case matters, and a duplicate key replaces or merges as encoding/json/v2 does.
//   - Invalid UTF-8 is replaced as v2 does it.
//   - 12.0 is an integer.
//   - null is not a document, and not the value of a field without a pointer.
//   - A timestamp may be written with escapes, as any string may.

func TestDecodeLikeEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		for _, kind := range m.kinds() {
			doc := fixtures.Document(m.collection, kind)
			if kind != fixtures.Quirks && !m.compared(doc) {
				t.Errorf("%s: the %s document would not be compared", m.name, kind)
			}
			m.document(t, doc)
			if m.collection != fixtures.PersonalInfo {
				m.page(t, fixtures.Page(m.collection, nil, doc, doc))
			}
		}
	}
}

// FuzzDecode looks for answers that decode differently: in the fast way and the general way, and in encoding/json.
//
//	go test -run '^$' -fuzz FuzzDecode -fuzztime 5m -fuzzminimizetime 10x ./internal/decode
func FuzzDecode(f *testing.F) {
	for i, m := range models {
		for _, kind := range m.kinds() {
			doc := fixtures.Document(m.collection, kind)
			f.Add(byte(i), doc)
			f.Add(byte(i), []byte(`{"data":[`+string(doc)+`],"next_token":null}`))
		}
	}
	f.Fuzz(func(t *testing.T, i byte, raw []byte) {
		m := models[int(i)%len(models)]
		m.document(t, raw)
		m.page(t, raw)
	})
}

// pageOf is a page as the general decoder reads it.
type pageOf[T any] struct {
	Data      []T    `json:"data"`
	NextToken string `json:"next_token"`
}

func compareDocument[T any](t testing.TB, raw []byte) {
	t.Helper()
	if fast, ok := fastValue[T](raw, unlimited()); ok {
		compareWithGeneral(t, raw, fast)
	}
	if !compared[T](raw) || jsontext.Value(raw).Kind() == 'n' {
		return
	}
	got, err := Value[T](raw, math.MaxInt64)
	compareWithStandard(t, raw, got, err)
}

func comparePage[T any](t testing.TB, body []byte) {
	t.Helper()
	items, token, ok := fastPage[T](body, unlimited())
	if !ok {
		return
	}
	compareWithGeneral(t, body, pageOf[T]{Data: items, NextToken: token})
}

// compareWithGeneral holds a result of the fast way against the general decoder, which wants 12.0 rewritten.
func compareWithGeneral[T any](t testing.TB, text []byte, fast T) {
	t.Helper()
	var want T
	if err := json.Unmarshal(text, &want, Options); err != nil {
		plain := wholeNumbers(text)
		want = *new(T)
		if err := json.Unmarshal(plain, &want, Options); err != nil {
			t.Errorf("%q: the fast way takes what the general decoder refuses: %v", text, err)
			return
		}
	}
	if diff := difference(want, fast); diff != "" {
		t.Errorf("%q: general and fast way differ:\n%s", text, diff)
	}
}

// compareWithStandard holds a result of Value against encoding/json.
func compareWithStandard[T any](t testing.TB, raw []byte, got T, gotErr error) {
	t.Helper()
	plain := wholeNumbers(raw)
	unescaped, _ := jsontext.AppendFormat(nil, plain)
	var diffs []string
	for _, text := range [][]byte{raw, plain, unescaped} {
		var want T
		err := stdjson.Unmarshal(text, &want)
		if gotErr != nil {
			if err == nil && string(text) == string(raw) {
				t.Errorf("%q: encoding/json takes what is refused here: %v", raw, gotErr)
			}
			return
		}
		if err != nil {
			diffs = append(diffs, err.Error())
			continue
		}
		diff := difference(want, got)
		if diff == "" {
			return
		}
		diffs = append(diffs, diff)
	}
	t.Errorf("%q: encoding/json differs:\n%s", raw, strings.Join(diffs, "\n"))
}

// compared reports whether a document is none of those that encoding/json is known to read differently.
func compared[T any](raw []byte) bool {
	err := json.Unmarshal(wholeNumbers(raw), new(T), tolerantOptions)
	if e, ok := errors.AsType[*json.SemanticError](err); ok && e.JSONKind == 'n' { // a null that has no place
		return false
	}
	names := fieldNames(reflect.TypeFor[T]())
	if !jsontext.Value(raw).IsValid() { // neither a duplicate key nor invalid UTF-8
		return len(raw) > 0 && !jsontext.Value(raw).IsValid(Options)
	}
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := d.ReadToken()
		if err != nil {
			return true
		}
		if token.Kind() != '"' {
			continue
		}
		if kind, n := d.StackIndex(d.StackDepth()); kind != '{' || n%2 == 0 { // n counts names and values
			continue
		}
		for _, name := range names {
			if s := token.String(); s != name && strings.EqualFold(s, name) {
				return false
			}
		}
	}
}

var fieldNamesOf sync.Map // of []string by reflect.Type

// fieldNames are the names of a model's fields, those of its parts included.
func fieldNames(t reflect.Type) []string {
	if names, ok := fieldNamesOf.Load(t); ok {
		return names.([]string)
	}
	var names []string
	var visit func(reflect.Type)
	visit = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || decodesItself(t) {
			return
		}
		names = append(names, Properties(t)...)
		for f := range t.Fields() {
			visit(f.Type)
		}
	}
	visit(t)
	fieldNamesOf.Store(t, names)
	return names
}

// difference compares more closely than reflect.DeepEqual does, except for NaN, which is equal to itself here.
func difference(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true }),
		cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) && a.String() == b.String() }),
		cmp.Comparer(func(a, b float64) bool {
			return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
		}),
		cmp.Comparer(func(a, b api.Samples) bool {
			same := len(a) == len(b) && (a == nil) == (b == nil)
			for i := 0; same && i < len(a); i++ {
				same = math.Float64bits(a[i]) == math.Float64bits(b[i]) || math.IsNaN(a[i]) && math.IsNaN(b[i])
			}
			return same
		}))
}

func unlimited() *budget { return &budget{left: math.MaxInt64} }
