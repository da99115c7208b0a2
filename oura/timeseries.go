package oura

import (
	"context"
	"iter"
	"net/http"
	"time"

	"github.com/oura-go/sdk/internal/decode"
)

// TimeSeries is a collection of rows by instant, which have no ids. It is safe for concurrent use, and its listings
// behave as those of [Documents].
type TimeSeries[T any] struct {
	lister[T]
	latest func(context.Context) (*http.Response, error)
}

// seriesQuery has the fields of every generated List…Params of a time series.
type seriesQuery struct {
	StartDatetime, EndDatetime, NextToken *string
	Latest                                *bool
	Fields                                *string
}

func newTimeSeries[T any](
	k *core, name string, at func(*T) time.Time, list func(context.Context, seriesQuery) (*http.Response, error),
) *TimeSeries[T] {
	s := &TimeSeries[T]{lister: newLister[T](k, name, "timestamp")}
	s.at = at
	s.parse = func(text string) (time.Time, error) { return time.Parse(time.RFC3339, text) }
	s.bounds = span.askInstants
	s.list = func(ctx context.Context, q pageQuery) (*http.Response, error) {
		return list(ctx, seriesQuery{StartDatetime: q.from, EndDatetime: q.to, NextToken: q.token, Fields: q.fields})
	}
	s.latest = func(ctx context.Context) (*http.Response, error) { return list(ctx, seriesQuery{Latest: new(true)}) }
	return s
}

// List yields the rows one by one, in the order of the service, which is that of time. Without [Between] the service
// returns the last 24 hours. Rows with the same timestamp are all yielded. Errors are those of [Error] and
// [DocumentError].
func (s *TimeSeries[T]) List(ctx context.Context, opts ...SeriesOption) iter.Seq2[T, error] {
	return s.prepared(given(opts, SeriesOption.series)).documents(ctx)
}

// Pages yields what List yields, page by page, each with a cursor to go on from. The options are those of List.
func (s *TimeSeries[T]) Pages(ctx context.Context, opts ...SeriesOption) iter.Seq2[Page[T], error] {
	return s.prepared(given(opts, SeriesOption.series)).pages(ctx)
}

func (s *TimeSeries[T]) prepared(o listOptions, err error) *listing[T] {
	if err != nil {
		return s.refused("%v", err)
	}
	return s.listing(o, seriesWindow)
}

// Latest returns the newest row, and [ErrNotFound] when there is none. One that does not fit its model is
// [ErrInvalidResponse], with the *[DocumentError] inside. The sandbox does not have it: [ErrInvalidRequest], before any
// request.
func (s *TimeSeries[T]) Latest(ctx context.Context, opts ...CallOption) (T, error) {
	var zero T
	ctx, _, err := called(ctx, http.MethodGet, s.path, opts, CallOption.call)
	if err != nil {
		return zero, err
	}
	if s.core.cfg.sandbox {
		return zero, s.invalid("Latest: the sandbox does not have it; take the last row of List")
	}
	resp, err := s.latest(ctx)
	if err != nil {
		return zero, err
	}
	page, err := readPage(resp, decode.Filter[T]{})
	switch n := len(page.Malformed); {
	case err != nil:
		return zero, err
	case n > 0:
		bad := new(DocumentError(page.Malformed[n-1]))
		return zero, invalidResponse(resp, bad.Raw, bad)
	case len(page.Items) == 0:
		return zero, unusable(ErrNotFound, s.path, resp.StatusCode, "there is no row yet")
	}
	newest := 0
	for i := range page.Items {
		if !s.at(&page.Items[i]).Before(s.at(&page.Items[newest])) {
			newest = i
		}
	}
	return page.Items[newest], nil
}
