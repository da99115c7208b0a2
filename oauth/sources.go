package oauth

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/oauth2"
)

// Sources gives each user's live [TokenSource] to all who ask for it, so that a program with many users has one source
// for each: one refresh in flight, one access token, one memory of refusals, one place for a grant that could not be
// saved.
//
//	sources, err := oauth.NewSources(ctx, cfg, grants.For) // grants is a sqlstore.Store
//	ts, err := sources.For(user)
//	client, err := app.With(oura.WithTokenSource(ts))
//
// Ask for a source where it is needed and let it go afterwards. At most 10,000 are kept, each for an hour after it was
// last asked for, some kilobytes each ([WithCapacity] sets other bounds). The one that was not asked for longest goes
// first. What is kept decides speed alone: a source that is let go while somebody holds it is found again, so that a
// user never has two.
//
// A source with a grant that could not be saved is kept as long as that lasts, beyond the bounds too: it is the only
// copy. While a store fails, memory grows with the users whose grant has to be refreshed in that time, and shrinks when
// they are asked for again and the store works.
//
// It is safe for concurrent use and has no goroutine of its own: calls of For do the tidying up.
type Sources struct {
	endpoint *endpoint
	store    func(user string) Store
	opts     []Option
	users    *roster
}

// NewSources returns the sources of an application's users. store gives the store of one user's grant, always the same
// one for a user; it must not be nil and does no I/O. ctx and cfg are as in [NewTokenSource], and opts are those, for
// every source, and [WithCapacity]. It does no I/O.
func NewSources[S Store](ctx context.Context, cfg *oauth2.Config, store func(user string) S, opts ...SourcesOption) (*Sources, error) {
	e, err := newEndpoint(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if store == nil {
		return nil, errors.New("oauth: NewSources: the function from user to store is nil")
	}
	settings := sourcesSettings{most: 10_000, idle: time.Hour}
	for _, o := range opts {
		if o == nil {
			return nil, errNilOption
		}
		if err := o.applySources(&settings); err != nil {
			return nil, err
		}
	}
	// Mistakes of the options are not each user's.
	if err := new(source).prepare(e, NewMemoryStore(), settings.each); err != nil {
		return nil, err
	}
	return &Sources{
		endpoint: e, store: func(user string) Store { return store(user) }, opts: settings.each,
		users: &roster{most: settings.most, idle: settings.idle, users: map[string]*place{}, recent: list.New()},
	}, nil
}

// WithCapacity sets the bounds of [Sources]: how many are kept, and for how long after they were last asked for. Give
// as many as there are users in that time.
func WithCapacity(most int, idle time.Duration) SourcesOption {
	return sourcesOption(func(c *sourcesSettings) error {
		if most < 1 || idle <= 0 {
			return fmt.Errorf("oauth: WithCapacity(%d, %s): both must be positive", most, idle)
		}
		c.most, c.idle = most, idle
		return nil
	})
}

// For returns the source of a user, the same to all who ask. It does no I/O and waits for nobody. The error is that the
// user is "" or has no store.
func (s *Sources) For(user string) (*TokenSource, error) {
	if user == "" {
		return nil, errors.New("oauth: Sources: the user is empty")
	}
	if m := s.users.find(user); m != nil {
		return &m.TokenSource, nil
	}
	m := &member{}
	m.s = &m.source
	// Not under a lock: the function is the caller's.
	if err := m.source.prepare(s.endpoint, s.store(user), s.opts); err != nil {
		return nil, err
	}
	return &s.users.add(user, m).TokenSource, nil
}

// Forget drops the token that the user's source hands out, so that whoever still holds the source reads the store at
// the next call, and lets the source go. Call it after [Disconnect], and after a new grant was saved in the store. Of a
// grant that could not be saved the store decides at the next call, as always.
func (s *Sources) Forget(user string) { s.users.forget(user) }

// Format names the type and nothing that it holds: under %s, fmt would follow the pointer to the client's secret.
func (s *Sources) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "oauth.Sources") }
