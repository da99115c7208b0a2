package oauth

import (
	"errors"
	"time"
)

// Option changes a [TokenSource], or each of the [Sources].
type Option interface {
	SourcesOption
	apply(*source) error
}

// SourcesOption changes [Sources]. Every [Option] is one.
type SourcesOption interface{ applySources(*sourcesSettings) error }

// sourcesSettings are of Sources.
type sourcesSettings struct {
	each []Option // of every source
	most int
	idle time.Duration
}

type option func(*source) error

func (o option) apply(s *source) error { return o(s) }

func (o option) applySources(c *sourcesSettings) error {
	c.each = append(c.each, o)
	return nil
}

type sourcesOption func(*sourcesSettings) error

func (o sourcesOption) applySources(c *sourcesSettings) error { return o(c) }

// prepare makes a new source ready for a store, as the options want it.
func (s *source) prepare(e *endpoint, store Store, opts []Option) error {
	if store == nil {
		return errors.New("oauth: the store is nil")
	}
	s.endpoint, s.store, s.early, s.dead = e, store, 5*time.Minute, map[fingerprint]bool{}
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o.apply(s); err != nil {
			return err
		}
	}
	return nil
}
