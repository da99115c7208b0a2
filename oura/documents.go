package oura

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Page is one page of a listing.
type Page[T any] struct {
	Data   []T              // trimmed to the asked range; may be empty
	Errors []*DocumentError // malformed documents of this page
	Next   string           // opaque cursor after this page, for [Resume]; "" after the last one
}

// Documents is a collection whose documents have ids. It is safe for concurrent use.
//
// Every listing is lazy: no request is made before its first step, and none ahead of need. It can be ranged over any
// number of times, each time from the beginning. Leaving the loop makes no further request and leaves nothing behind.
// A request that failed is yielded once, as an *[Error], and ends the sequence; a malformed document is yielded as a
// *[DocumentError], and the sequence goes on. The end of ctx ends it within a moment, in a wait too.
type Documents[T any] struct {
	collection
	day  func(*T) Date // nil where the collection takes no dates
	pad  int           // days to ask wider on both sides
	list func(context.Context, documentQuery) (*http.Response, error)
	get  func(ctx context.Context, id string) (*http.Response, error)
}

// documentQuery has the fields of every generated List…Params of a dated collection.
type documentQuery struct {
	StartDate, EndDate, NextToken, Fields *string
}

func newDocuments[T any](
	c *Client, name string, key string, pad int, day func(*T) Date,
	list func(context.Context, documentQuery) (*http.Response, error),
	get func(ctx context.Context, id string) (*http.Response, error),
) *Documents[T] {
	return &Documents[T]{collection: newCollection[T](c, name, key), day: day, pad: pad, list: list, get: get}
}

// List yields the documents one by one, in the order of the service. Without [Days] the service answers one day of its
// own choice. Errors are those of [Error] and [DocumentError].
func (d *Documents[T]) List(ctx context.Context, opts ...DocumentOption) iter.Seq2[T, error] {
	l, _, err := d.listing(opts)
	if err != nil {
		return failed[T](err)
	}
	return l.documents(ctx)
}

// Pages yields the same page by page, each with a cursor to go on from. The options are those of List.
func (d *Documents[T]) Pages(ctx context.Context, opts ...DocumentOption) iter.Seq2[Page[T], error] {
	l, fields, err := d.listing(opts)
	if err != nil {
		return failed[Page[T]](err)
	}
	return l.envelopes(ctx, func(at place) string { return newCursor(d.name, fields, at) })
}

// Get returns the document with the id. An unknown id is [ErrNotFound], an empty one [ErrInvalidRequest] before any
// request.
func (d *Documents[T]) Get(ctx context.Context, id string) (T, error) {
	var zero T
	if err := checkID(id); err != "" {
		return zero, invalidRequest(http.MethodGet, d.path()+"/{document_id}", "%s", err)
	}
	resp, err := d.get(ctx, id)
	if err != nil {
		return zero, err
	}
	defer func() { _ = resp.Body.Close() }()
	return readOne[T](resp)
}

// checkID refuses ids that would make the path another one.
func checkID(id string) string {
	switch {
	case id == "":
		return "the id is empty; pass the ID of a document or the ObjectID of an event"
	case id == "." || id == "..":
		return "the id " + id + " is no id but a step in a path"
	default:
		return ""
	}
}

func (d *Documents[T]) listing(opts []DocumentOption) (*listing[T], []string, error) {
	var o listOptions
	for _, opt := range opts {
		if opt == nil {
			return nil, nil, d.invalid("an option is nil; leave it out")
		}
		if err := opt.document(&o); err != nil {
			return nil, nil, d.invalid("%v", err)
		}
	}
	if d.day == nil && !o.span.isZero() {
		return nil, nil, d.invalid("Days: %s takes no dates; leave it out, every document is listed", d.name)
	}
	window := time.Duration(0)
	if o.parallel > 0 && !d.client.cfg.sandbox {
		window = documentWindow
	}
	start, err := d.resolve(&o, window)
	if err != nil {
		return nil, nil, err
	}
	l := &listing[T]{path: d.path(), start: start, window: window, parallel: o.parallel}
	l.fetch = func(ctx context.Context, w span, token string) (decoded[T], error) {
		q := documentQuery{Fields: d.query(o.fields)}
		keep := keepAll[T]()
		if !w.isZero() {
			from, to := w.askDays(d.pad)
			q.StartDate, q.EndDate = &from, &to
			if !d.client.cfg.sandbox {
				keep = keepWithin(w, func(v *T) time.Time { return dayStart(d.day(v)) }, d.key, parseDay)
			}
		}
		if token != "" {
			q.NextToken = &token
		}
		resp, err := d.list(ctx, q)
		if err != nil {
			return decoded[T]{}, err
		}
		defer func() { _ = resp.Body.Close() }()
		return readPage(resp, keep)
	}
	return l, o.fields, nil
}

// dayStart is the day as spans count it; the zero time for no day.
func dayStart(d Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.In(time.UTC)
}

func parseDay(s string) (time.Time, error) {
	d, err := ParseDate(s)
	return dayStart(d), err
}

// NewDocuments reaches a collection that this module does not know yet, with a model of your own: path is the last
// segment of its URL, as in "daily_cycle_phases". The day function tells a document's civil day, by which [Days] is
// kept exact; its second result is false where there is none. With a nil function nothing is left out, so Days may
// give a few documents more than asked.
func NewDocuments[T any](c *Client, path string, day func(T) (Date, bool)) *Documents[T] {
	d := newDocuments[T](c, path, "day", 2, nil, nil, nil)
	const other = "start_day" // of what may last longer than a day
	if slices.Contains(d.properties, other) && !slices.Contains(d.properties, d.key) {
		d.key = other
	}
	d.day = func(v *T) Date {
		if day == nil {
			return Date{}
		}
		if at, ok := day(*v); ok {
			return at
		}
		return Date{}
	}
	d.list = func(ctx context.Context, q documentQuery) (*http.Response, error) {
		values := url.Values{}
		for name, v := range map[string]*string{
			"start_date": q.StartDate, "end_date": q.EndDate, "next_token": q.NextToken, "fields": q.Fields,
		} {
			if v != nil {
				values.Set(name, *v)
			}
		}
		return c.get(ctx, path, "", values)
	}
	d.get = func(ctx context.Context, id string) (*http.Response, error) { return c.get(ctx, path, id, nil) }
	return d
}

// get asks for a collection, or a document of it, that the generated client has no operation for.
func (c *Client) get(ctx context.Context, collection, id string, query url.Values) (*http.Response, error) {
	if collection == "" || strings.ContainsAny(collection, "/?#%\\") || strings.HasPrefix(collection, ".") {
		return nil, invalidRequest(http.MethodGet, "/v2/usercollection/{…}",
			"NewDocuments: %q is not the last segment of a path, as in \"daily_cycle_phases\"", collection)
	}
	u := c.cfg.server() + "/usercollection/" + collection
	if id != "" {
		u += "/" + url.PathEscape(id)
	}
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, http.NoBody)
	if err != nil {
		return nil, invalidRequest(http.MethodGet, "/v2/usercollection/{…}", "NewDocuments: %q cannot be part of a URL", collection)
	}
	return c.send.Do(req)
}
