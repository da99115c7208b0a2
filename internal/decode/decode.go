// Package decode turns responses of the service into models. It has two ways, which give the same.
//
// The fast way of fast.go reads what is as it should be, and leaves everything else to the general way of this file:
// the decoder of encoding/json/v2, under which key case matters and unknown keys are ignored. Two of its strict rules
// are lifted, as a service that breaks them must not cost a page. A page is decoded in one go; only if that fails is it
// taken apart, document by document. A null where the model has no pointer is an error.
//
// Errors hold paths and kinds of values, never a value.
package decode

import (
	"bytes"
	"errors"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Page is one page of models, with the malformed documents apart.
type Page[T any] struct {
	Items     []T
	Malformed []Malformed
	NextToken string

	positions []int // of items in the page; nil where nothing was left out before them
}

// Malformed is a document that does not fit its model.
type Malformed struct {
	Index int    // position in the page as the service sent it
	Raw   []byte // a copy
	Err   error
}

// Index is the position of item i in the page as the service sent it.
func (p *Page[T]) Index(i int) int {
	if p.positions == nil {
		return i
	}
	return p.positions[i]
}

// Filter trims a page to what was asked for. The zero Filter keeps everything.
type Filter[T any] struct {
	Keep    func(*T) bool
	KeepRaw func(raw []byte) bool // the same for a document that does not fit T; without Keep, for every document
}

// apply keeps items in place.
func (f Filter[T]) apply(items []T) []T {
	if f.Keep == nil {
		return items
	}
	kept := items[:0]
	for i := range items {
		if f.Keep(&items[i]) {
			if len(kept) < i {
				items[len(kept)] = items[i]
			}
			kept = items[:len(kept)+1]
		}
	}
	clear(items[len(kept):])
	return kept
}

// maxToken bounds the token of the next page, which becomes part of a URL.
const maxToken = 16 << 10

var errLongToken = errors.New("its next_token is longer than a URL may be")

// PageOf decodes a response to a list request, and allocates at most limit bytes for it; [ErrMemory] if it needs more.
// It keeps nothing of body.
func PageOf[T any](body []byte, filter Filter[T], limit int64) (p Page[T], err error) {
	b := budget{left: limit}
	if filter.Keep != nil || filter.KeepRaw == nil {
		if items, token, ok := fastPage[T](body, &b); ok {
			p = Page[T]{Items: filter.apply(items), NextToken: token}
		}
	}
	if p.Items == nil {
		p, err = takeApart(body, filter, &b)
	}
	switch {
	case b.left < 0:
		return Page[T]{}, ErrMemory
	case len(p.NextToken) > maxToken:
		return Page[T]{}, errLongToken
	}
	return p, err
}

// takeApart decodes a page document by document, so that one malformed document does not cost the others.
func takeApart[T any](body []byte, filter Filter[T], b *budget) (p Page[T], err error) {
	each := json.UnmarshalFromFunc(func(d *jsontext.Decoder, list *documents) error {
		if d.PeekKind() != '[' {
			return errors.ErrUnsupported // null, or what the decoder refuses
		}
		*list, p = documents{}, Page[T]{Items: []T{}} // the last list counts, should there be several
		_, _ = d.ReadToken()
		for i := 0; d.PeekKind() != ']'; i++ {
			raw, err := d.ReadValue()
			if err == nil {
				err = p.add(i, raw, filter, b)
			}
			if err != nil {
				return err
			}
		}
		_, err := d.ReadToken()
		return err
	})
	b.spend(int64(len(body))) // for the token
	var page envelope
	err = json.Unmarshal(body, &page, Options, json.WithUnmarshalers(each))
	switch {
	case err != nil:
		return Page[T]{}, describe(err)
	case page.Data == nil:
		return Page[T]{}, errNoData
	}
	p.NextToken = page.NextToken
	return p, nil
}

// add decodes the document at a position, and stops with an error when there is no memory for it.
func (p *Page[T]) add(position int, raw []byte, filter Filter[T], b *budget) error {
	if !b.spend((1 + growth) * (sizeOf(reflect.TypeFor[T]()) + valueCost)) {
		return ErrMemory
	}
	if filter.Keep == nil && filter.KeepRaw != nil && !filter.KeepRaw(raw) {
		return nil
	}
	v, err := value[T](raw, b)
	switch {
	case b.left < 0:
		return ErrMemory
	case err == nil && (filter.Keep == nil || filter.Keep(&v)):
		p.Items, p.positions = append(p.Items, v), append(p.positions, position)
	case err != nil && (filter.KeepRaw == nil || filter.KeepRaw(raw)):
		if !b.spend(malformCost + int64(len(raw))) {
			return ErrMemory
		}
		p.Malformed = append(p.Malformed, Malformed{Index: position, Raw: bytes.Clone(raw), Err: err})
	}
	return nil
}

// Value decodes a single document, and allocates at most limit bytes for it; [ErrMemory] if it needs more. It keeps
// nothing of raw.
func Value[T any](raw []byte, limit int64) (T, error) { return value[T](raw, &budget{left: limit}) }

// value is strict first. Whole numbers may be written as 12.0, and timestamps loosely: only when the strict way fails are
// they looked at again.
func value[T any](raw []byte, b *budget) (T, error) {
	var zero T
	if jsontext.Value(raw).Kind() == 'n' {
		return zero, misfit("", "null", reflect.TypeFor[T]().String())
	}
	if v, ok := fastValue[T](raw, b); ok {
		return v, nil
	}
	cost := formOf(reflect.TypeFor[T]()).weight.of(raw)
	if b.left < 0 || !b.spend(cost) {
		return zero, ErrMemory
	}
	var v T // not before here: what the general decoder writes to is on the heap
	options := Options
	if bytes.Contains(raw, []byte("null")) { // otherwise looking at every value would be in vain
		options = strictOptions
	}
	err := json.Unmarshal(raw, &v, options)
	if e, ok := errors.AsType[*json.SemanticError](err); ok && e.JSONKind != 'n' && len(raw) <= maxTolerated {
		if !b.spend(cost + growth*int64(len(raw))) {
			return zero, ErrMemory
		}
		v = zero // v2 merges into what is there
		again := json.Unmarshal(wholeNumbers(raw), &v, tolerantOptions)
		if _, ok := errors.AsType[*jsontext.SyntacticError](again); !ok { // of another text than raw
			err = again
		}
	}
	if err != nil {
		return zero, describe(err)
	}
	return v, nil
}
