package api

import "time"

// Seconds is a length of time, or an offset from an instant, in whole seconds. It is a number in JSON.
type Seconds int

// Duration returns the same as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }
