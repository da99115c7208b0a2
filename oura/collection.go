package oura

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"time"
)

// Collection is one collection of a client whatever its model, for programs that do the same with all of them; see
// [Client.Collections]. Documents come as pointers to the model, a *[Sleep] of Sleep, as [Client.Object] returns them,
// or as the JSON that the service sent. It is safe for concurrent use. Options, cursors, errors and the rules of the
// sandbox are those of the client's field. [Days] for a time series, and [Between] for documents, is an
// [ErrInvalidRequest].
type Collection struct {
	Name     string       // of the field of [Client] and of the model, as in DailySleep
	Path     string       // last segment of its path, as in daily_sleep
	Scope    string       // what the person has to grant
	DataType DataType     // what events call it; "" where webhooks do not report it
	Model    reflect.Type // of a document
	Dated    bool         // documents are listed by civil day, with [Days]
	Series   bool         // rows are listed by instant, with [Between], and have no ids

	list      func(context.Context, []CollectionOption) iter.Seq2[any, error]
	pages     func(context.Context, []CollectionOption) iter.Seq2[Page[any], error]
	get       func(ctx context.Context, id string) (any, error)
	raw       access[json.RawMessage]
	read      func(raw []byte) (any, error)
	reconcile func(ctx context.Context, days int, known Known) iter.Seq2[Change[any], error]
	note      func(known Known, doc any) (bool, error)
	at        func(doc any) time.Time
}

// List yields the documents one by one, as [Documents.List] and [TimeSeries.List] do.
func (c Collection) List(ctx context.Context, opts ...CollectionOption) iter.Seq2[any, error] {
	return c.list(ctx, opts)
}

// Pages yields what List yields, page by page, each with a cursor to go on from.
func (c Collection) Pages(ctx context.Context, opts ...CollectionOption) iter.Seq2[Page[any], error] {
	return c.pages(ctx, opts)
}

// Get returns the document with the id. Rows of a time series have none: [ErrInvalidRequest].
func (c Collection) Get(ctx context.Context, id string) (any, error) { return c.get(ctx, id) }

// ListJSON yields the documents as the service sent them.
func (c Collection) ListJSON(ctx context.Context, opts ...CollectionOption) iter.Seq2[json.RawMessage, error] {
	return c.raw.listing(opts).documents(ctx)
}

// PagesJSON yields what ListJSON yields, page by page. A cursor of it is good for Pages, and the other way round.
func (c Collection) PagesJSON(ctx context.Context, opts ...CollectionOption) iter.Seq2[Page[json.RawMessage], error] {
	return c.raw.listing(opts).pages(ctx)
}

// GetJSON is Get for the document as the service sent it.
func (c Collection) GetJSON(ctx context.Context, id string) (json.RawMessage, error) {
	return c.raw.get(ctx, id)
}

// Decode is [Decode] for a document or row of this collection that was kept as the service sent it.
func (c Collection) Decode(raw []byte) (any, error) { return c.read(raw) }

// Reconcile is [Documents.Reconcile]. A time series has nothing to reconcile: [ErrInvalidRequest].
func (c Collection) Reconcile(ctx context.Context, days int, known Known) iter.Seq2[Change[any], error] {
	return c.reconcile(ctx, days, known)
}

// Note is [Documents.Note] for a document that this collection or [Client.Object] returned.
func (c Collection) Note(known Known, doc any) (changed bool, err error) {
	return c.note(known, doc)
}

// At returns a document's place in time, as ranges count it: midnight in UTC of its civil day, or the instant of a row.
// It is the zero time for what has none, and for what is not a document of this collection.
func (c Collection) At(doc any) time.Time { return c.at(doc) }

// access is how the documents of a collection are reached.
type access[T any] struct {
	listing func([]CollectionOption) *listing[T]
	get     func(ctx context.Context, id string) (T, error)
}

func collectionOfDocuments[T any](c Collection, d *Documents[T]) Collection {
	c.raw = accessToDocuments(As[json.RawMessage](d))
	c.reconcile = func(ctx context.Context, days int, known Known) iter.Seq2[Change[any], error] {
		return mapped(d.Reconcile(ctx, days, known), func(from Change[T]) Change[any] {
			to := Change[any]{Type: from.Type, Key: from.Key, Day: from.Day}
			if from.Type != EventTypeDelete {
				to.Document = &from.Document
			}
			return to
		})
	}
	c.note = func(known Known, doc any) (bool, error) {
		v, ok := doc.(*T)
		if !ok || v == nil {
			return false, d.invalid("Note: a document of %s is a %T, not a %T", d.name, v, doc)
		}
		return d.Note(known, *v)
	}
	return collectionOf(c, accessToDocuments(d), d.lister.at)
}

func collectionOfSeries[T any](c Collection, s *TimeSeries[T]) Collection {
	c.raw = accessToSeries(AsSeries[json.RawMessage](s))
	c.reconcile = func(context.Context, int, Known) iter.Seq2[Change[any], error] {
		return failed[Change[any]](s.invalid("Reconcile: rows of %s have no ids; list them again", s.name))
	}
	c.note = func(Known, any) (bool, error) { return false, s.invalid("Note: rows of %s have no ids", s.name) }
	return collectionOf(c, accessToSeries(s), s.lister.at)
}

// collectionOf hides the model behind any.
func collectionOf[T any](c Collection, a access[T], at func(*T) time.Time) Collection {
	c.Model = reflect.TypeFor[T]()
	untyped := func(v T, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return &v, nil
	}
	c.read = func(raw []byte) (any, error) { return untyped(Decode[T](raw)) }
	c.get = func(ctx context.Context, id string) (any, error) { return untyped(a.get(ctx, id)) }
	c.list = func(ctx context.Context, opts []CollectionOption) iter.Seq2[any, error] {
		return mapped(a.listing(opts).documents(ctx), func(v T) any { return &v })
	}
	c.pages = func(ctx context.Context, opts []CollectionOption) iter.Seq2[Page[any], error] {
		return mapped(a.listing(opts).pages(ctx), func(p Page[T]) Page[any] {
			data := make([]any, len(p.Data))
			for i := range p.Data {
				data[i] = &p.Data[i]
			}
			return Page[any]{Data: data, Errors: p.Errors, Next: p.Next, Response: p.Response}
		})
	}
	c.at = func(doc any) time.Time {
		if v, ok := doc.(*T); ok && v != nil {
			return at(v)
		}
		return time.Time{}
	}
	return c
}

// mapped is a sequence with each value made another one; an error comes with the zero value.
func mapped[A, B any](seq iter.Seq2[A, error], to func(A) B) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		for v, err := range seq {
			var b B
			if err == nil {
				b = to(v)
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

func accessToDocuments[T any](d *Documents[T]) access[T] {
	return access[T]{
		listing: func(opts []CollectionOption) *listing[T] {
			return d.prepared(givenToCollection(opts, "Between", "is listed by civil day; use Days", d.name))
		},
		get: func(ctx context.Context, id string) (T, error) { return d.Get(ctx, id) },
	}
}

func accessToSeries[T any](s *TimeSeries[T]) access[T] {
	return access[T]{
		listing: func(opts []CollectionOption) *listing[T] {
			return s.prepared(givenToCollection(opts, "Days", "is listed by instant; use Between", s.name))
		},
		get: func(context.Context, string) (v T, err error) {
			return v, s.invalid("Get: rows of %s have no ids; list them", s.name)
		},
	}
}

// givenToCollection applies the options, and refuses the one that the collection does not take.
func givenToCollection(opts []CollectionOption, wrong, why, name string) (listOptions, error) {
	o, err := given(opts, CollectionOption.collection)
	if err == nil && slices.Contains(o.given, wrong) {
		err = fmt.Errorf("%s: %s %s", wrong, name, why)
	}
	return o, err
}
