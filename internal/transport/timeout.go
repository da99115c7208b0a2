package transport

import (
	"net"
	"os"
	"time"
)

var _ net.Error = (*TimeoutError)(nil)

// TimeoutError is an attempt that took longer than it may. As with the deadline of a connection,
// [os.ErrDeadlineExceeded] matches; [context.DeadlineExceeded] does not, which tells that the caller's own time is
// over.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string {
	return "no whole answer within " + e.After.String() + " (http.Client.Timeout)"
}

// Timeout is true.
func (e *TimeoutError) Timeout() bool { return true }

// Temporary is true: the next attempt may be answered in time.
func (e *TimeoutError) Temporary() bool { return true }

// Is matches [os.ErrDeadlineExceeded].
func (e *TimeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }
