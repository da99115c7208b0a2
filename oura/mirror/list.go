package mirror

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/oura-go/sdk/oura"
)

// ListJSON yields all that the copy has of one collection, as the service sent it, for programs that do the same with
// every collection: [oura.Collection.Decode] makes the model of it, and [oura.Collection.At] tells its place in time.
// Collections are named as in [Only]; another name is an error. Documents come in the order of their days, those without
// a day first, and rows in that of time; those that do not fit their model are no error here. Everything else is as with
// [Days].
func (p *Person) ListJSON(ctx context.Context, collection string) iter.Seq2[json.RawMessage, error] {
	k, err := kindNamed("ListJSON", collection)
	if err != nil {
		return failed[json.RawMessage](err)
	}
	return func(yield func(json.RawMessage, error) bool) {
		for it, err := range p.everything(ctx, k) {
			if !yield(it.raw, err) {
				return
			}
		}
	}
}

// piece is a document or a row as it came.
type piece struct {
	what string
	raw  []byte
}

// everything yields documents and then rows. An error ends the sequence.
func (p *Person) everything(ctx context.Context, k *kind) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		for it, err := range p.stored(ctx, k, "", lastText) {
			if !yield(piece{"document", it.body}, err) || err != nil {
				return
			}
		}
		for d, err := range p.storedDays(ctx, k, oura.Date{Year: 1, Month: 1, Day: 2}, oura.Date{Year: 9999, Month: 12, Day: 31}) {
			if err != nil {
				yield(piece{}, err)
				return
			}
			for _, raw := range d.rows {
				if !yield(piece{"row", raw}, nil) {
					return
				}
			}
		}
	}
}
