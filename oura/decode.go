package oura

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/internal/transport"
)

// This file is the one seam at which answers become models.
//
// The decoder has the semantics of encoding/json/v2: key case matters, unknown keys are ignored. Two of its strict
// rules are lifted, as a service that breaks them must not cost a page. The rest is decided by what goes wrong: a page
// is decoded in one go, and only when that fails is it taken apart, document by document.
//
// Before all that comes the fast way of decode_fast.go, which reads what needs none of it, and gives the same.
var decodeOptions = json.JoinOptions(
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
)

// decoded is one page of models, with the malformed documents apart.
type decoded[T any] struct {
	items     []T
	malformed []*DocumentError
	positions []int // of items in the page; nil where nothing was left out before them
	token     string
}

// index is the position of item i in the page as the service sent it.
func (d *decoded[T]) index(i int) int {
	if d.positions == nil {
		return i
	}
	return d.positions[i]
}

// readPage decodes an answer to a list request. Items that keep refuses are left out, and so are
// malformed documents that it would refuse by what can be read of them.
func readPage[T any](resp *http.Response, keep keeper[T]) (decoded[T], error) {
	body, err := bodyOf(resp)
	if err != nil {
		return decoded[T]{}, err
	}
	if items, token, ok := fastPage[T](body); ok {
		return decoded[T]{items: keep.filter(items), token: token}, nil
	}
	var page api.Page[T]
	err = json.Unmarshal(body, &page, decodeOptions)
	if err == nil && page.Data != nil && !hasBlank(page.Data) {
		d := decoded[T]{items: keep.filter(page.Data), token: Or(page.NextToken, "")}
		return d, nil
	}
	d, slowErr := takeApart(body, keep)
	if slowErr != nil {
		return decoded[T]{}, invalidResponse(resp, body, describe(slowErr))
	}
	return d, nil
}

// hasBlank tells whether an item has nothing in it, which is how null decodes.
func hasBlank[T any](items []T) bool {
	for i := range items {
		if reflect.ValueOf(&items[i]).Elem().IsZero() {
			return true
		}
	}
	return false
}

var errNoData = errors.New("it has no data array, so it is not a page")

// takeApart decodes a page value by value, so that one malformed document does not cost the others.
func takeApart[T any](body []byte, keep keeper[T]) (decoded[T], error) {
	var page api.Page[jsontext.Value]
	if err := json.Unmarshal(body, &page, decodeOptions); err != nil {
		return decoded[T]{}, err
	}
	if page.Data == nil {
		return decoded[T]{}, errNoData
	}
	d := decoded[T]{items: make([]T, 0, len(page.Data)), token: Or(page.NextToken, "")}
	for i, raw := range page.Data {
		v, err := decodeValue[T](raw)
		switch {
		case err != nil:
			if keep.keepRaw(raw) {
				d.malformed = append(d.malformed, &DocumentError{Index: i, Raw: bytes.Clone(raw), Err: describe(err)})
			}
		case keep.keep(&v):
			d.items, d.positions = append(d.items, v), append(d.positions, i)
		}
	}
	return d, nil
}

// readOne decodes an answer that is a single document.
func readOne[T any](resp *http.Response) (T, error) {
	var zero T
	body, err := bodyOf(resp)
	if err != nil {
		return zero, err
	}
	v, err := decodeValue[T](body)
	if err != nil {
		return zero, invalidResponse(resp, body, describe(err))
	}
	return v, nil
}

// tolerantOptions read what the strict way refuses and encoding/json takes: a timestamp such as 2026-03-12T0:05:00Z.
var tolerantOptions = json.JoinOptions(
	decodeOptions,
	json.WithUnmarshalers(json.UnmarshalFunc(func(b []byte, t *time.Time) error {
		var text *string
		if err := json.Unmarshal(b, &text, decodeOptions); err != nil || text == nil {
			return err
		}
		return t.UnmarshalText([]byte(*text))
	})),
)

// decodeValue decodes strictly first. Whole numbers may be written as 12.0, and timestamps loosely: only when the strict
// way fails are they looked at again.
func decodeValue[T any](raw []byte) (T, error) {
	var zero T
	if jsontext.Value(raw).Kind() == 'n' {
		return zero, &valueError{want: reflect.TypeFor[T]().String(), found: "null"}
	}
	if v, ok := fastValue[T](raw); ok {
		return v, nil
	}
	var v T // not before here: what the general decoder writes to is on the heap
	err := json.Unmarshal(raw, &v, decodeOptions)
	if err == nil {
		return v, nil
	}
	if isSemantic(err) {
		v = zero // v2 merges into what is there
		plain, _ := wholeNumbers(raw)
		if json.Unmarshal(plain, &v, tolerantOptions) == nil {
			return v, nil
		}
	}
	return zero, err
}

func isSemantic(err error) bool {
	_, ok := errors.AsType[*json.SemanticError](err)
	return ok
}

// bodyOf returns the bytes of an answer that took the request path, without copying them. They are good until the body
// is closed.
func bodyOf(resp *http.Response) ([]byte, error) {
	if b, ok := resp.Body.(*transport.Body); ok {
		return b.Bytes(), nil
	}
	return io.ReadAll(resp.Body)
}
