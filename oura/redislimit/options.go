package redislimit

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Option changes a [Limiter].
type Option interface{ apply(*settings) error }

// settings are what the options say.
type settings struct {
	name               string
	requests, perToken int
	window             time.Duration
	timeout            time.Duration // of a call to Redis
	logger             *slog.Logger
	onChange           func(Change)
}

type option func(*settings) error

func (o option) apply(s *settings) error { return o(s) }

// Name keeps applications apart that use the same Redis: "default" where it is not set. All processes of an application
// must give the same. It is part of the names of keys; of a Redis Cluster, any name will do.
func Name(name string) Option {
	return option(func(s *settings) error {
		if name == "" || strings.ContainsAny(name, " \t\r\n{}") {
			return fmt.Errorf("redislimit: Name(%q): give text without spaces and braces", name)
		}
		s.name = name
		return nil
	})
}

// Limit sets what the service allows the application: 5,000 requests in 5 minutes where it is not set. All processes
// must give the same.
func Limit(requests int, window time.Duration) Option {
	return option(func(s *settings) error {
		s.requests, s.window = requests, window
		return nil
	})
}

// TokenLimit sets what the service allows one access token in the window of
// [Limit]: as much as the application where it is not set.
func TokenLimit(requests int) Option {
	return option(func(s *settings) error {
		if requests < 1 {
			return fmt.Errorf("redislimit: TokenLimit(%d): it must be positive", requests)
		}
		s.perToken = requests
		return nil
	})
}

// Timeout sets how long to wait for a response from Redis before the local share is used: 1 s where it is not set.
func Timeout(d time.Duration) Option {
	return option(func(s *settings) error {
		if d <= 0 {
			return fmt.Errorf("redislimit: Timeout(%s): it must be positive", d)
		}
		s.timeout = d
		return nil
	})
}

// Logger sets where it is logged that Redis is away (Warn) and back (Info): slog.Default() where it is not set.
// [slog.DiscardHandler] silences it.
func Logger(logger *slog.Logger) Option {
	return option(func(s *settings) error {
		if logger == nil {
			return errors.New("redislimit: Logger(nil): use slog.New(slog.DiscardHandler) to log nothing")
		}
		s.logger = logger
		return nil
	})
}

// Change is a step from the shared limit to the local share or back.
type Change struct {
	Away bool      // the local share holds from now on
	At   time.Time // when it was noticed
	Err  error     // why Redis counts as away; nil when it is back
}

// OnChange calls f at each change, from within Wait: f should be quick.
func OnChange(f func(Change)) Option {
	return option(func(s *settings) error {
		s.onChange = f
		return nil
	})
}
