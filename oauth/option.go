package oauth

import (
	"errors"
	"fmt"
	"time"
)

// Option changes a [TokenSource], or each of the [Sources].
type Option func(*source) error

// SourcesOption changes [Sources]. Every [Option] is one.
type SourcesOption interface{ applySources(*sourcesSettings) error }

// sourcesSettings are of Sources.
type sourcesSettings struct {
	each []Option // of every source
	most int
	idle time.Duration
}

func (o Option) applySources(c *sourcesSettings) error {
	c.each = append(c.each, o)
	return nil
}

type sourcesOption func(*sourcesSettings) error

func (o sourcesOption) applySources(c *sourcesSettings) error { return o(c) }

// WithEarlyRefresh sets how long before its expiry a token is refreshed, by the next call that asks for it: 5 minutes
// where it is not set, and never more than a tenth of the token's life. 0 refreshes expired tokens only.
func WithEarlyRefresh(d time.Duration) Option {
	return func(s *source) error {
		if d < 0 {
			return fmt.Errorf("oauth: WithEarlyRefresh(%s): the duration is negative", d)
		}
		s.early = d
		return nil
	}
}

// WithMovedFrom takes grants along that were refreshed at other token URLs until now, which are [ErrWrongGrant]
// otherwise. It is for the case "my application's tokens were refreshed at Cloud until now":
//
//	ts, err := oauth.NewTokenSource(ctx, cfg, store, oauth.WithMovedFrom(oauth.Cloud.TokenURL)) // cfg is of oauth.Moi
//
// A refresh token is sent to one URL only, ever, as long as nobody says otherwise; this option says so. Before a grant
// of one of these URLs is refreshed for the first time it is stored under the configuration's, and only then is its
// refresh token sent, there alone. Processes that still have the old configuration get [ErrWrongGrant] from that moment
// on, so that no token is sent twice while old and new ones run side by side. A token that needs no refresh is used as
// it is.
//
// For all grants of a database at once, package sqlstore has a call.
func WithMovedFrom(tokenURL ...string) Option {
	return func(s *source) error {
		for _, u := range tokenURL {
			if err := checkURL("WithMovedFrom", u); err != nil {
				return err
			}
			s.movedFrom = append(s.movedFrom, u)
		}
		return nil
	}
}

// prepare makes a new source ready for a store, as the options want it.
func (s *source) prepare(e *endpoint, store Store, opts []Option) error {
	if store == nil {
		return errors.New("oauth: the store is nil")
	}
	s.endpoint, s.store, s.early, s.dead = e, store, 5*time.Minute, map[fingerprint]bool{}
	for _, o := range opts {
		if o == nil {
			return errNilOption
		}
		if err := o(s); err != nil {
			return err
		}
	}
	return nil
}
