package webhook

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

var (
	// ErrInvalidSignature means that nothing proves that the delivery comes from Oura: a header is missing, doubled or
	// unreadable, the signature is not the one of timestamp and body, or no client secret is configured. If every
	// delivery is refused, the secret is another application's, or something before the handler changes the body.
	ErrInvalidSignature = errors.New("webhook: invalid signature")

	// ErrStale means that the signature is right, but the timestamp too far from now: a replayed delivery, or a clock
	// that is wrong.
	ErrStale = errors.New("webhook: stale timestamp")

	// ErrMalformed means that the body is not an event: not a JSON object, or one that does not say what happened to
	// what.
	ErrMalformed = errors.New("webhook: malformed event")

	// ErrUnsubscribe is for Handle to return, plain or wrapped. The response is 410, upon which Oura cancels the
	// subscription that the event belongs to. Nothing else ever causes a 410, not even a panic with this value.
	ErrUnsubscribe = errors.New("webhook: unsubscribe")

	// ErrQueueFull is returned by [Queue.Enqueue] while as many events wait as the queue has room for. Handler responds
	// 503, and Oura repeats the delivery.
	ErrQueueFull = errors.New("webhook: queue is full")

	// ErrQueueClosed is returned by [Queue.Enqueue] after [Queue.Close]. Handler responds 503, and Oura repeats the
	// delivery, perhaps to the next process.
	ErrQueueClosed = errors.New("webhook: queue is closed")

	errDuplicate = errors.New("webhook: the event has been handled already") // of process, never logged
	errNoHandle  = errors.New("webhook: there is no handle function to call")
	errExited    = errors.New("webhook: the handle function ended its goroutine (runtime.Goexit, or FailNow of a test)")
	errTimeout   = errors.New("webhook: Handle did not return in time")
)

// PanicError reports that a handle function panicked. It never matches [ErrUnsubscribe], whatever the panic's value
// was.
//
// The text names runtime errors, but of other values only the type: they are made by the application and may hold what
// does not belong in a log.
type PanicError struct {
	Value any    `json:"-"` // what recover returned
	Stack []byte `json:"-"` // of the goroutine that panicked
}

// Error describes the panic without printing a value of the application.
func (e *PanicError) Error() string {
	if err, ok := e.Value.(runtime.Error); ok {
		return "webhook: the handle function panicked: " + err.Error()
	}
	return fmt.Sprintf("webhook: the handle function panicked with a value of type %T", e.Value)
}

// GoString keeps the value out of %#v too.
func (e *PanicError) GoString() string { return fmt.Sprintf("&webhook.PanicError{%q}", e.Error()) }

// guard turns a panic of f into a *PanicError.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}
