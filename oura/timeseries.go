package oura

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// TimeSeries is a collection of rows by instant, which have no ids. It is safe for concurrent use, and its listings
// behave as those of [Documents].
type TimeSeries[T any] struct {
	collection
	at   func(*T) time.Time
	list func(context.Context, seriesQuery) (*http.Response, error)
}

// seriesQuery has the fields of every generated List…Params of a time series.
type seriesQuery struct {
	StartDatetime, EndDatetime, NextToken *string
	Latest                                *bool
	Fields                                *string
}

func newTimeSeries[T any](
	c *Client, name string, at func(*T) time.Time, list func(context.Context, seriesQuery) (*http.Response, error),
) *TimeSeries[T] {
	return &TimeSeries[T]{collection: newCollection[T](c, name, "timestamp"), at: at, list: list}
}

// List yields the rows one by one, in the order of the service, which is that of time. Without [Between] the service
// answers the last 24 hours. Rows with the same timestamp are all yielded. Errors are those of [Error] and
// [DocumentError].
func (s *TimeSeries[T]) List(ctx context.Context, opts ...SeriesOption) iter.Seq2[T, error] {
	l, _, err := s.listing(opts)
	if err != nil {
		return failed[T](err)
	}
	return l.documents(ctx)
}

// Pages yields the same page by page, each with a cursor to go on from. The options are those of List.
func (s *TimeSeries[T]) Pages(ctx context.Context, opts ...SeriesOption) iter.Seq2[Page[T], error] {
	l, fields, err := s.listing(opts)
	if err != nil {
		return failed[Page[T]](err)
	}
	return l.envelopes(ctx, func(at place) string { return newCursor(s.name, fields, at) })
}

// Latest returns the newest row, and [ErrNotFound] when there is none. One that does not fit its model is
// [ErrInvalidResponse], with the *[DocumentError] inside. The sandbox does not have it: [ErrInvalidRequest], before
// any request.
func (s *TimeSeries[T]) Latest(ctx context.Context) (T, error) {
	var zero T
	if s.client.cfg.sandbox {
		return zero, s.invalid("Latest: the sandbox does not have it; take the last row of List")
	}
	latest := true
	resp, err := s.list(ctx, seriesQuery{Latest: &latest})
	if err != nil {
		return zero, err
	}
	defer func() { _ = resp.Body.Close() }()
	page, err := readPage(resp, keepAll[T]())
	if err != nil {
		return zero, err
	}
	switch {
	case len(page.malformed) > 0:
		bad := page.malformed[len(page.malformed)-1]
		return zero, invalidResponse(resp, bad.Raw, bad)
	case len(page.items) == 0:
		return zero, &Error{
			Method: http.MethodGet, Path: s.path(), StatusCode: resp.StatusCode, kind: ErrNotFound,
			Detail: "there is no row yet",
		}
	}
	newest := 0
	for i := range page.items {
		if !s.at(&page.items[i]).Before(s.at(&page.items[newest])) {
			newest = i
		}
	}
	return page.items[newest], nil
}

func (s *TimeSeries[T]) listing(opts []SeriesOption) (*listing[T], []string, error) {
	var o listOptions
	for _, opt := range opts {
		if opt == nil {
			return nil, nil, s.invalid("an option is nil; leave it out")
		}
		if err := opt.series(&o); err != nil {
			return nil, nil, s.invalid("%v", err)
		}
	}
	window := seriesWindow
	if s.client.cfg.sandbox {
		window = 0 // its rows are fixed: every window would give all of them
	}
	start, err := s.resolve(&o, window)
	if err != nil {
		return nil, nil, err
	}
	l := &listing[T]{path: s.path(), start: start, window: window, parallel: o.parallel}
	l.fetch = func(ctx context.Context, w span, token string) (decoded[T], error) {
		q := seriesQuery{Fields: s.query(o.fields)}
		keep := keepAll[T]()
		if !w.isZero() {
			from, to := w.askInstants()
			q.StartDatetime, q.EndDatetime = &from, &to
			if !s.client.cfg.sandbox {
				keep = keepWithin(w, s.at, s.key, func(text string) (time.Time, error) { return time.Parse(time.RFC3339, text) })
			}
		}
		if token != "" {
			q.NextToken = &token
		}
		resp, err := s.list(ctx, q)
		if err != nil {
			return decoded[T]{}, err
		}
		defer func() { _ = resp.Body.Close() }()
		return readPage(resp, keep)
	}
	return l, o.fields, nil
}
