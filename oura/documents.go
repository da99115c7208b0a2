package oura

import (
	"context"
	"iter"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// Documents is a collection whose documents have ids. It is safe for concurrent use.
//
// Every listing is lazy: no request is made before its first step, and none ahead of need. It can be ranged over any
// number of times, each time from the beginning. Leaving the loop makes no further request and leaves nothing behind. A
// request that failed is yielded once, as an *[Error], and ends the sequence; a malformed document is yielded as a
// *[DocumentError], and the sequence goes on. The end of ctx ends it within a moment, in a wait too.
type Documents[T any] struct {
	lister[T]
	day func(*T) Date // nil where the collection takes no dates
	get func(ctx context.Context, id string) (*http.Response, error)

	optionalID bool // whether documents may lack their id
}

// documentQuery has the fields of every generated List…Params of a dated collection.
type documentQuery struct {
	StartDate, EndDate, NextToken, Fields *string
}

func newDocuments[T any](
	k *core, name string, key string, day func(*T) Date,
	list func(context.Context, documentQuery) (*http.Response, error),
	get func(ctx context.Context, id string) (*http.Response, error),
) *Documents[T] {
	d := &Documents[T]{lister: newLister[T](k, name, key), day: day, get: get, optionalID: optionalID[T]()}
	d.at = func(v *T) time.Time {
		if day == nil {
			return time.Time{}
		}
		return dayStart(day(v))
	}
	d.parse = parseDay
	d.bounds = span.askDays
	d.list = func(ctx context.Context, q pageQuery) (*http.Response, error) {
		return list(ctx, documentQuery{StartDate: q.from, EndDate: q.to, NextToken: q.token, Fields: q.fields})
	}
	return d
}

// List yields the documents one by one, in the order of the service. Without [Days] the service chooses one day. Errors
// are those of [Error] and [DocumentError].
func (d *Documents[T]) List(ctx context.Context, opts ...DocumentOption) iter.Seq2[T, error] {
	return d.prepared(given(opts, DocumentOption.document)).documents(ctx)
}

// Pages yields what List yields, page by page, each with a cursor to go on from. The options are those of List.
func (d *Documents[T]) Pages(ctx context.Context, opts ...DocumentOption) iter.Seq2[Page[T], error] {
	return d.prepared(given(opts, DocumentOption.document)).pages(ctx)
}

func (d *Documents[T]) prepared(o listOptions, err error) *listing[T] {
	switch {
	case err != nil:
		return d.refused("%v", err)
	case d.day == nil && !o.span.isZero():
		return d.refused("Days: %s takes no dates; leave it out, every document is listed", d.name)
	case o.parallel > 0:
		return d.listing(o, documentWindow)
	default:
		return d.listing(o, 0)
	}
}

// Get returns the document with the id. An unknown id is [ErrNotFound], an empty one [ErrInvalidRequest] before any
// request. Right after an event the document may not be there yet: see [WaitForDocument].
func (d *Documents[T]) Get(ctx context.Context, id string, opts ...GetOption) (T, error) {
	var zero T
	path := d.path + "/{document_id}"
	ctx, o, err := called(ctx, http.MethodGet, path, opts, GetOption.get)
	if err != nil {
		return zero, err
	}
	if err := checkID(id); err != "" {
		return zero, invalidRequest(http.MethodGet, path, "%s", err)
	}
	return await(ctx, path, o.patience, func(ctx context.Context) (T, error) {
		doc, err := readOne[T](d.get(ctx, id))
		if err == nil && d.tidy != nil {
			d.tidy(&doc)
		}
		return doc, err
	})
}

// checkID refuses ids that would make the path another one.
func checkID(id string) string {
	switch {
	case id == "":
		return "the id is empty; pass the ID of a document or the ObjectID of an event"
	case id == "." || id == "..":
		return "the id " + id + " is a path segment, not an id"
	default:
		return ""
	}
}

// optionalID reports whether the model's id may be missing.
func optionalID[T any]() bool {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		return false
	}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == "id" {
			return f.Type.Kind() == reflect.Pointer
		}
	}
	return false
}
