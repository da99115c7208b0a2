package oura

import (
	"context"
	"iter"
	"net/http"
	"sync"
	"time"
)

// This file is the one place that knows paging: windows one after the other, pages within a window by next_token.

// place is where a listing stands: before the page with this token in the window, with the rest of the range to come.
type place struct {
	window span
	token  string
	rest   span
}

// batch is one page as the service gave it, trimmed to its window.
type batch[T any] struct {
	decoded[T]
	next place // the page after it
	more bool  // whether there is one
}

// listing is one List or Pages call with its options resolved. It holds no state of a pass over the data, so any number of passes
// give the same.
type listing[T any] struct {
	path     string // for errors
	start    place
	window   time.Duration // length of a window; 0: the range is not cut
	parallel int           // windows in flight; 0: page after page
	fetch    func(ctx context.Context, window span, token string) (decoded[T], error)
}

// batches yields every page in order. An error ends the sequence.
func (l *listing[T]) batches(ctx context.Context) iter.Seq2[batch[T], error] {
	if l.parallel > 0 {
		return l.parallelBatches(ctx)
	}
	return func(yield func(batch[T], error) bool) {
		for at := range l.windows() {
			for b, err := range l.pages(ctx, at) {
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	}
}

// windows yields where each window begins. The first one is where the listing starts, perhaps in its middle.
func (l *listing[T]) windows() iter.Seq[place] {
	return func(yield func(place) bool) {
		at := l.start
		for yield(at) && !at.rest.isZero() {
			at = l.following(at)
		}
	}
}

// following is the beginning of the window after that of at.
func (l *listing[T]) following(at place) place {
	head, rest := at.rest.cut(l.window)
	return place{window: head, rest: rest}
}

// pages yields the pages of one window.
func (l *listing[T]) pages(ctx context.Context, at place) iter.Seq2[batch[T], error] {
	return func(yield func(batch[T], error) bool) {
		seen := map[string]bool{at.token: true}
		for {
			d, err := l.fetch(ctx, at.window, at.token)
			if err != nil {
				yield(batch[T]{}, err)
				return
			}
			b := batch[T]{decoded: d, more: true}
			switch {
			case d.token != "":
				b.next = place{window: at.window, token: d.token, rest: at.rest}
			case !at.rest.isZero():
				b.next = l.following(at)
			default:
				b.more = false
			}
			if !yield(b, nil) || d.token == "" {
				return
			}
			if seen[d.token] {
				yield(batch[T]{}, &Error{
					Method: http.MethodGet, Path: l.path, StatusCode: http.StatusOK, kind: ErrInvalidResponse, Detail: tokenRepeats,
				})
				return
			}
			seen[d.token] = true
			at.token = d.token
		}
	}
}

const tokenRepeats = "the next_token was given before, so the listing would never end; ask again later from the last page's cursor"

// parallelBatches fetches whole windows ahead of the consumer and yields them in order.
func (l *listing[T]) parallelBatches(ctx context.Context) iter.Seq2[batch[T], error] {
	type window struct {
		batches []batch[T]
		err     error
	}
	return func(yield func(batch[T], error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var running sync.WaitGroup
		defer running.Wait() // nothing runs on after the loop
		defer cancel()

		next, stop := iter.Pull(l.windows())
		defer stop()
		var flight []chan window // oldest first
		launch := func() {
			at, ok := next()
			if !ok {
				return
			}
			done := make(chan window, 1)
			flight = append(flight, done)
			running.Go(func() {
				var got window
				for b, err := range l.pages(ctx, at) {
					if err != nil {
						got.err = err
						break
					}
					got.batches = append(got.batches, b)
				}
				done <- got
			})
		}
		for range l.parallel {
			launch()
		}
		for len(flight) > 0 {
			got := <-flight[0] // ends with ctx, as every fetch does
			flight = flight[1:]
			if got.err == nil {
				launch()
			}
			for _, b := range got.batches {
				if !yield(b, nil) {
					return
				}
			}
			if got.err != nil {
				cancel() // what is still running is of no use
				running.Wait()
				yield(batch[T]{}, got.err)
				return
			}
		}
	}
}

// documents yields what the batches hold, one by one: in the order of the service, a malformed document at its place.
func (l *listing[T]) documents(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		for b, err := range l.batches(ctx) {
			if err != nil {
				yield(zero, err)
				return
			}
			bad := b.malformed
			for i := range b.items {
				for len(bad) > 0 && bad[0].Index < b.index(i) {
					if !yield(zero, bad[0]) {
						return
					}
					bad = bad[1:]
				}
				if ctx.Err() != nil {
					yield(zero, endedContext(ctx, l.path))
					return
				}
				if !yield(b.items[i], nil) {
					return
				}
			}
			for _, e := range bad {
				if !yield(zero, e) {
					return
				}
			}
		}
	}
}

// envelopes yields each batch as the Page that callers see.
func (l *listing[T]) envelopes(ctx context.Context, cursor func(place) string) iter.Seq2[Page[T], error] {
	return func(yield func(Page[T], error) bool) {
		for b, err := range l.batches(ctx) {
			if err != nil {
				yield(Page[T]{}, err)
				return
			}
			if ctx.Err() != nil { // windows that are buffered do not outlive it
				yield(Page[T]{}, endedContext(ctx, l.path))
				return
			}
			p := Page[T]{Data: b.items, Errors: b.malformed}
			if b.more {
				p.Next = cursor(b.next)
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// failed is a sequence of one error.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}
