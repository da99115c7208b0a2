package oura

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

// Options of single calls. A wrong one is an [ErrInvalidRequest] before any request, and of two for the same thing the
// later wins.
type (
	// CallOption is an option of every call that takes options: PersonalInfo, Latest, Get, Object, and those of
	// [Subscriptions].
	CallOption interface {
		GetOption
		call(o *callOptions) error
	}
	// GetOption is an option of [Documents.Get] and [Client.Object].
	GetOption interface{ get(o *callOptions) error }
	// ObjectOption is the same as GetOption.
	ObjectOption = GetOption
)

// callOptions are the resolved options of one call.
type callOptions struct {
	patience time.Duration // how long to wait for a document
	info     *ResponseInfo
}

// callOption is every one of them: the interface that its function returns says where it may be given.
type callOption func(*callOptions) error

func (f callOption) call(o *callOptions) error { return f(o) }
func (f callOption) get(o *callOptions) error  { return f(o) }

// WaitForDocument makes [Documents.Get] and [Client.Object] wait for a document that is not there yet, as it can be in
// the moment after an event: [ErrNotFound] is followed by another try, after a quarter of a second at first and 4 s at
// most, until the document comes or limit has passed, or the context's deadline is too near for another wait. Then the
// ErrNotFound is returned: treat the document as deleted.
//
// A limit of 10 s is plenty. In a handler, which has to respond in time, hand the event to a queue first. After an
// event of type delete there is nothing to wait for.
func WaitForDocument(limit time.Duration) GetOption {
	return callOption(func(o *callOptions) error {
		if limit <= 0 {
			return fmt.Errorf("WaitForDocument(%v): the limit is not positive; leave the option out to ask once", limit)
		}
		o.patience = limit
		return nil
	})
}

// WithResponse fills info with what the service sent besides the document, and with what the call cost. It does so for
// a failed call too; of one that was refused before sending, info is zero. A listing has the same in [Page].Response.
func WithResponse(info *ResponseInfo) CallOption {
	return callOption(func(o *callOptions) error {
		if info == nil {
			return errors.New("WithResponse: info is nil; pass the address of a ResponseInfo")
		}
		*info = ResponseInfo{}
		o.info = info
		return nil
	})
}

// given applies the options of one call or listing.
func given[O comparable, S any](opts []O, apply func(O, *S) error) (o S, err error) {
	var missing O
	for _, opt := range opts {
		if opt == missing {
			return o, errors.New("an option is nil; leave it out")
		}
		if err := apply(opt, &o); err != nil {
			return o, err
		}
	}
	return o, nil
}

// called applies the options of one call, and returns the context to make it with.
func called[O comparable](
	ctx context.Context, method, path string, opts []O, apply func(O, *callOptions) error,
) (context.Context, callOptions, error) {
	o, err := given(opts, apply)
	if err != nil {
		return ctx, o, invalidRequest(method, path, "%v", err)
	}
	if o.info != nil {
		ctx = context.WithValue(ctx, infoKey{}, o.info)
	}
	return ctx, o, nil
}

const (
	minDocumentPause = 250 * time.Millisecond
	maxDocumentPause = 4 * time.Second
)

// await asks for a document until it is there, or patience is at its end.
func await[T any](ctx context.Context, path string, patience time.Duration, ask func(context.Context) (T, error)) (T, error) {
	var zero T
	begin := time.Now()
	for try := 0; ; try++ {
		doc, err := ask(ctx)
		if err == nil {
			return doc, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return zero, err
		}
		limit := wait.Backoff(try, minDocumentPause, maxDocumentPause)
		pause := min(wait.Between(limit-limit/4, limit), patience-time.Since(begin)) // the last try is at the limit
		if pause <= 0 || !wait.Fits(ctx, pause) {
			return zero, err
		}
		start := time.Now()
		err = wait.Sleep(ctx, pause)
		recordWait(ctx, time.Since(start))
		if err != nil {
			return zero, endedContext(ctx, path)
		}
	}
}
