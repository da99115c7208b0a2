package redislimit

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Option changes a [Limiter]. The later of two options for the same thing wins; a nil option is an error.
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

// WithName keeps applications apart that use the same Redis: "default" where it is not set. All processes of an application
// must give the same. It is part of the names of keys; of a Redis Cluster, any name will do.
func WithName(name string) Option {
	return option(func(s *settings) error {
		if name == "" || strings.ContainsAny(name, " \t\r\n{}") {
			return fmt.Errorf("redislimit: WithName(%q): give text without spaces and braces", name)
		}
		s.name = name
		return nil
	})
}

// WithLimit sets what the service allows the application: 5,000 requests in 5 minutes where it is not set. All processes
// must give the same.
func WithLimit(requests int, window time.Duration) Option {
	return option(func(s *settings) error {
		s.requests, s.window = requests, window
		return nil
	})
}

// WithTokenLimit sets what the service allows one access token in the window of
// [WithLimit]: as much as the application where it is not set.
func WithTokenLimit(requests int) Option {
	return option(func(s *settings) error {
		if requests < 1 {
			return fmt.Errorf("redislimit: WithTokenLimit(%d): it must be positive", requests)
		}
		s.perToken = requests
		return nil
	})
}

// WithTimeout sets how long to wait for a response from Redis before the local share is used: 1 s where it is not set.
func WithTimeout(d time.Duration) Option {
	return option(func(s *settings) error {
		if d <= 0 {
			return fmt.Errorf("redislimit: WithTimeout(%s): it must be positive", d)
		}
		s.timeout = d
		return nil
	})
}

// WithLogger sets where it is logged that Redis is away (Warn) and back (Info): slog.Default() where it is not set.
// [slog.DiscardHandler] silences it.
func WithLogger(logger *slog.Logger) Option {
	return option(func(s *settings) error {
		if logger == nil {
			return errors.New("redislimit: WithLogger(nil): use slog.New(slog.DiscardHandler) to log nothing")
		}
		s.logger = logger
		return nil
	})
}

// Change is a step from the shared limit to the local share or back, or the first loss of a bucket.
type Change struct {
	Away bool      // the local share holds from now on
	Lost bool      // Redis lost a bucket before its time; told once
	At   time.Time // when it was noticed
	Err  error     // why Redis counts as away; nil when it is back
}

// WithOnChange calls f at each change, from within Wait: f should be quick.
func WithOnChange(f func(Change)) Option {
	return option(func(s *settings) error {
		if f == nil {
			return errors.New("redislimit: WithOnChange(nil): leave the option out")
		}
		s.onChange = f
		return nil
	})
}
