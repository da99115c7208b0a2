package oura

import (
	"context"
	"iter"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/oura-go/sdk/internal/decode"
)

// This file is the one place that knows paging: windows one after the other, pages within a window by next_token.

// Page is one page of a listing.
type Page[T any] struct {
	Data   []T              // trimmed to the asked range; may be empty
	Errors []*DocumentError // malformed documents of this page
	Next   string           // opaque cursor after this page, for [Resume]; "" after the last one

	// Response is what came with the page and what it cost. Its Body is empty unless [WithBody] is given.
	Response ResponseInfo
}

// batch is one page as the service gave it, trimmed to its window.
type batch[T any] struct {
	decode.Page[T]
	next place // the page after it
	more bool  // whether there is one
	info ResponseInfo
}

// listing is one List or Pages call with its options resolved. It holds no state of a pass over the data, so any number
// of passes give the same.
type listing[T any] struct {
	err      error  // the options are wrong: the listing yields this alone
	path     string // for errors
	start    place
	window   time.Duration // length of a window; 0: the range is not cut
	parallel int           // windows in flight; 0: page after page
	fetch    func(ctx context.Context, window span, token string) (decode.Page[T], ResponseInfo, error)
	cursor   func(place) string
}

// batches yields every page in order. An error ends the sequence.
func (l *listing[T]) batches(ctx context.Context) iter.Seq2[batch[T], error] {
	switch {
	case l.err != nil:
		return failed[batch[T]](l.err)
	case l.parallel > 0:
		return l.parallelBatches(ctx)
	}
	return func(yield func(batch[T], error) bool) {
		for at := range l.windows() {
			for b, err := range l.within(ctx, at) {
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

// within yields the pages of one window.
func (l *listing[T]) within(ctx context.Context, at place) iter.Seq2[batch[T], error] {
	return func(yield func(batch[T], error) bool) {
		seen := map[string]bool{at.token: true}
		for {
			page, info, err := l.fetch(ctx, at.window, at.token)
			if err != nil {
				yield(batch[T]{}, err)
				return
			}
			b := batch[T]{Page: page, more: true, info: info}
			switch {
			case page.NextToken != "":
				b.next = place{window: at.window, token: page.NextToken, rest: at.rest}
			case !at.rest.isZero():
				b.next = l.following(at)
			default:
				b.more = false
			}
			if !yield(b, nil) || page.NextToken == "" {
				return
			}
			if seen[page.NextToken] {
				yield(batch[T]{}, unusable(ErrInvalidResponse, l.path, http.StatusOK, tokenRepeats))
				return
			}
			seen[page.NextToken] = true
			at.token = page.NextToken
		}
	}
}

const tokenRepeats = "the next_token was given before, so the listing would never end; ask again later from the last page's cursor"

// parallelBatches fetches whole windows ahead of the consumer and yields them in order.
func (l *listing[T]) parallelBatches(ctx context.Context) iter.Seq2[batch[T], error] {
	type window struct {
		batches  []batch[T]
		err      error
		finished bool // unless the caller's code, such as an UnmarshalJSON, panicked
		panicked any  // nil if it ended the goroutine otherwise
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
				defer func() {
					if !got.finished {
						got.panicked = recover()
					}
					done <- got
				}()
				for b, err := range l.within(ctx, at) {
					if err != nil {
						got.err = err
						break
					}
					got.batches = append(got.batches, b)
				}
				got.finished = true
			})
		}
		for range l.parallel {
			launch()
		}
		for len(flight) > 0 {
			got := <-flight[0] // ends with ctx, as every fetch does
			flight = flight[1:]
			switch {
			case got.panicked != nil:
				panic(got.panicked) // where the caller can recover
			case !got.finished:
				runtime.Goexit()
			}
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
			bad := b.Malformed
			for i := range b.Items {
				for len(bad) > 0 && bad[0].Index < b.Index(i) {
					if !yield(zero, new(DocumentError(bad[0]))) {
						return
					}
					bad = bad[1:]
				}
				if ctx.Err() != nil {
					yield(zero, endedContext(ctx, l.path))
					return
				}
				if !yield(b.Items[i], nil) {
					return
				}
			}
			for _, m := range bad {
				if !yield(zero, new(DocumentError(m))) {
					return
				}
			}
		}
	}
}

// pages yields each batch as the Page that callers see.
func (l *listing[T]) pages(ctx context.Context) iter.Seq2[Page[T], error] {
	return func(yield func(Page[T], error) bool) {
		for b, err := range l.batches(ctx) {
			if err == nil && ctx.Err() != nil { // windows that are buffered do not outlive it
				err = endedContext(ctx, l.path)
			}
			if err != nil {
				yield(Page[T]{}, err)
				return
			}
			p := Page[T]{Data: b.Items, Response: b.info}
			for _, m := range b.Malformed {
				p.Errors = append(p.Errors, new(DocumentError(m)))
			}
			if b.more {
				p.Next = l.cursor(b.next)
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
