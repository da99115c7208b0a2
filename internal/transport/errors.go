package transport

import (
	"errors"
	"net"
	"os"
	"time"
)

// ErrTooLarge is a body beyond its limit.
var ErrTooLarge = errors.New("the body exceeds its limit")

var _ net.Error = (*TimeoutError)(nil)

// TimeoutError is an attempt that took longer than it may. As with the deadline of a connection,
// [os.ErrDeadlineExceeded] matches; [context.DeadlineExceeded] does not, which tells that the caller's own time is
// over.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string {
	return "no whole response within " + e.After.String()
}

// Timeout is true.
func (e *TimeoutError) Timeout() bool { return true }

// Temporary is true: the next attempt may be answered in time.
func (e *TimeoutError) Temporary() bool { return true }

// Is matches [os.ErrDeadlineExceeded].
func (e *TimeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }
