package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oura-go/sdk/internal/wait"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/webhook"
)

// Apply brings the document of an event to the state that the service has now. Whatever the event says and however old
// it is, the document is fetched, so events may come in any order and any number of times, beside any Sync.
//
// The client is that of the person in the event; another one is [ErrOtherPerson]. An event of a person without a copy is
// [ErrNoCopy], so that no event brings back who was forgotten; the first Sync reads what it was about. An event of a
// collection that is not copied, of a day before the copy begins, or of a type without documents, changes nothing. One
// without the id of a document is [webhook.ErrMalformed].
//
// A document that is not there right after its event is asked for again, see [WithPatience], and is then taken for deleted;
// if ctx ends before that, the error is [oura.ErrNotFound].
// Other errors are those of the request, and of the database: apply the event again.
func (m *Mirror) Apply(ctx context.Context, client *oura.Client, ev webhook.Event) error {
	p := m.Person(ev.UserID)
	if err := p.check(ctx, client); err != nil {
		return err
	}
	person, err := p.number(ctx)
	if err != nil {
		return err
	}
	all := client.Collections()
	i := slices.IndexFunc(all, func(c oura.Collection) bool {
		return !c.Series && strings.EqualFold(string(ev.DataType), c.Path)
	})
	if i < 0 { // it has no documents
		return nil
	}
	if ev.ObjectID == "" {
		return fmt.Errorf("oura/mirror: %w: it names no document, so nothing can be fetched for it", webhook.ErrMalformed)
	}
	a := &applying{m: m, person: person, collection: all[i], kind: kindOf(all[i].Path), id: ev.ObjectID}
	since, copied, err := a.since(ctx)
	if err != nil || !copied {
		return databaseError("see what is copied", err)
	}
	ticket, raw, err := a.fetch(ctx, m.patienceFor(ev))
	if err != nil {
		return fmt.Errorf("oura/mirror: the document of an event: %w", err)
	}
	return databaseError("store the document of an event", m.transaction(ctx, func(tx *tx) error {
		return a.store(tx, ticket, raw, since)
	}))
}

// Handler returns what [webhook.Handler] calls with each event: it applies the event with the client that clientOf
// returns for the person. Keep a person's client rather than make it anew, as each is asked once whose it is.
//
// Events of persons without a copy, of scopes that were not granted, and without the id of a document are accepted and
// change nothing, since no redelivery would. Any other error has the event delivered again.
func (m *Mirror) Handler(clientOf func(userID string) (*oura.Client, error)) func(context.Context, webhook.Event) error {
	return func(ctx context.Context, ev webhook.Event) error {
		if _, err := m.Person(ev.UserID).number(ctx); err != nil {
			return acceptable(err)
		}
		client, err := clientOf(ev.UserID)
		if err != nil {
			return err
		}
		return acceptable(m.Apply(ctx, client, ev))
	}
}

func acceptable(err error) error {
	if errors.Is(err, ErrNoCopy) || errors.Is(err, oura.ErrMissingScope) || errors.Is(err, webhook.ErrMalformed) {
		return nil
	}
	return err
}

// patienceFor is how long a document may be behind its event. What happened long ago is not waited for.
func (m *Mirror) patienceFor(ev webhook.Event) time.Duration {
	const recent = time.Minute
	if ev.Type == oura.EventTypeDelete || ev.Time.IsZero() || m.clock().Sub(ev.Time) > recent {
		return 0
	}
	return m.patience
}

// applying is the work for one event.
type applying struct {
	m          *Mirror
	person     int64
	collection oura.Collection
	kind       *kind
	id         string
}

// since is the first day of the copy, or of the first pass that is under way. copied is false where no pass has begun:
// it will read what the event is about.
func (a *applying) since(ctx context.Context) (since string, copied bool, err error) {
	states, err := a.m.states(ctx, a.person)
	st := states[a.kind.path]
	switch {
	case err != nil || st == nil:
		return "", false, err
	case st.since == "":
		return st.first, st.pass != 0, nil
	case st.pass != 0 && st.passWhole && st.first < st.since:
		return st.first, true, nil
	}
	return st.since, true, nil
}

// fetch draws a ticket and then asks for the document; raw is nil where the service does not have it.
func (a *applying) fetch(ctx context.Context, patience time.Duration) (ticket int64, raw json.RawMessage, err error) {
	begin := time.Now()
	for failed := 0; ; failed++ {
		err := a.m.transaction(ctx, func(tx *tx) (err error) {
			ticket, err = draw(tx, a.person)
			return err
		})
		if err != nil {
			return 0, nil, databaseError("draw a ticket", err)
		}
		raw, err := a.collection.GetJSON(ctx, a.id)
		if !errors.Is(err, oura.ErrNotFound) {
			return ticket, raw, err
		}
		pause := min(wait.Backoff(failed, 250*time.Millisecond, 2*time.Second), patience-time.Since(begin))
		if pause <= 0 {
			return ticket, nil, nil
		}
		if !wait.Fits(ctx, pause) { // too early to call it deleted
			return 0, nil, err
		}
		if err := wait.Sleep(ctx, pause); err != nil {
			return 0, nil, err
		}
	}
}

// store brings the document to the state that was fetched, and buries it under the keys that it has no more.
func (a *applying) store(tx *tx, ticket int64, raw json.RawMessage, since string) error {
	if _, err := draw(tx, a.person); err != nil { // locks the person
		return err
	}
	s := shelf{tx: tx, person: a.person, kind: a.kind}
	var gone []string
	it := itemOf(a.kind, raw)
	if raw == nil || it.day != "" && it.day < since { // deleted, or moved to before the copy begins
		gone, it.key = []string{a.id}, ""
	} else if _, err := s.put(it, ticket); err != nil {
		return err
	}
	if a.kind.byDay && it.key != a.id {
		others, err := s.withID(a.id)
		if err != nil {
			return err
		}
		gone = append(gone, others...)
	}
	for _, key := range gone {
		if key == it.key {
			continue
		}
		if _, err := s.bury(key, ticket, a.m.clock()); err != nil {
			return err
		}
	}
	return nil
}
