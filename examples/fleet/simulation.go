package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/oura-go/sdk/oauth/sqlstore"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// simulation is a fake Oura whose users' rings upload: documents come, change and go, and events tell of it – twice, in
// the wrong order, and some of them never.
type simulation struct {
	service *ouratest.Service
	users   []*ouratest.User
	clients []*oura.Client // of the users, outside of the fleet
	types   []string
	dice    *rand.Rand
	there   map[string]bool // the ids of documents
	changes int
}

func newSimulation(c *config, opts ...ouratest.ServiceOption) (*simulation, error) {
	names := make([]string, c.users)
	for i := range names {
		names[i] = fmt.Sprintf("user %d", i+1)
	}
	service, err := ouratest.StartService(append([]ouratest.ServiceOption{
		ouratest.WithUsers(names...), ouratest.WithHistory(0),
		ouratest.WithRateLimit(c.limit, c.window),
		ouratest.WithDuplicateDeliveries(), ouratest.WithDisorder(),
	}, opts...)...)
	if err != nil {
		return nil, err
	}
	s := &simulation{
		service: service, users: service.Users(), types: c.dataTypes, there: map[string]bool{},
		dice: rand.New(rand.NewPCG(1, 2)), //nolint:gosec // the same run each time, as far as there is such a thing
	}
	unlimited := oura.NewLimiter(oura.WithLimitPer5Minutes(1e9)) // they are no part of the fleet
	for _, user := range s.users {
		s.clients = append(s.clients, user.Client(oura.WithLimiter(unlimited)))
	}
	return s, nil
}

// grant has everybody consent. Every second access token ends soon.
func (s *simulation) grant(ctx context.Context, grants *sqlstore.Store, soon bool) error {
	for i, user := range s.users {
		token := user.Token()
		if soon && i%2 == 0 {
			token.Expiry = time.Now().Add(time.Hour)
		}
		if err := grants.For(user.ID).Save(ctx, token); err != nil {
			return err
		}
	}
	return nil
}

// upload makes n changes and returns their events.
func (s *simulation) upload(n int) []webhook.Event {
	events := make([]webhook.Event, n)
	for i := range events {
		events[i] = s.change()
	}
	return events
}

// change has something come, change or go. A third of it happens to one user, whose events then overtake each other.
func (s *simulation) change() webhook.Event {
	s.changes++
	user := s.users[0]
	if s.dice.IntN(3) > 0 {
		user = s.users[s.dice.IntN(len(s.users))]
	}
	kind, day := oura.DataType(s.types[s.dice.IntN(len(s.types))]), oura.Today(time.UTC).AddDays(-s.dice.IntN(5))
	doc, id := build(kind, day, user.Name, s.changes)
	ev := webhook.Event{
		Type: oura.EventTypeUpdate, DataType: kind, ObjectID: id, UserID: user.ID,
		Time: time.Now().UTC().Truncate(time.Millisecond).Add(time.Duration(s.changes)), // no two events alike
	}
	switch {
	case !s.there[id]:
		ev.Type = oura.EventTypeCreate
	case s.dice.IntN(5) == 0:
		ev.Type = oura.EventTypeDelete
		user.Remove(id)
		delete(s.there, id)
		return ev
	}
	user.Add(doc)
	s.there[id] = true
	return ev
}

// build makes a document whose content is another for each n.
func build(kind oura.DataType, day oura.Date, name string, n int) (doc any, id string) {
	person := ouratest.WithPerson(name)
	switch kind {
	case oura.DataTypeDailyActivity:
		d := ouratest.DailyActivity(day, person)
		d.Steps = n
		return d, d.ID
	case oura.DataTypeDailyReadiness:
		d := ouratest.DailyReadiness(day, person)
		d.TemperatureDeviation = new(float64(n) / 1000)
		return d, d.ID
	case oura.DataTypeDailySleep:
		d := ouratest.DailySleep(day, person)
		d.Contributors.DeepSleep = new(n)
		return d, d.ID
	case oura.DataTypeSleep:
		d := ouratest.Sleep(day, person)
		d.Latency = new(oura.Seconds(n))
		return d, d.ID
	case oura.DataTypeWorkout:
		d := ouratest.Workout(day, person)
		d.Calories = new(float64(n))
		return d, d.ID
	}
	panic("the simulation has no documents of type " + string(kind))
}

// compare holds the copies against the service: what differs, without a copy one thing of everybody.
func (s *simulation) compare(ctx context.Context, m *mirror.Mirror) (differ []mirror.Difference, err error) {
	for i, user := range s.users {
		found, err := m.Person(user.ID).Verify(ctx, s.clients[i], mirror.Only(s.types...))
		if errors.Is(err, mirror.ErrNoCopy) {
			found, err = []mirror.Difference{{Kind: mirror.Missing}}, nil
		}
		if err != nil {
			return nil, err
		}
		differ = append(differ, found...)
	}
	return differ, nil
}

// subscribed waits for the web to have made its subscriptions.
func (s *simulation) subscribed(ctx context.Context) error {
	client := s.service.Client()
	err := until(ctx, func() bool {
		all, err := client.Subscriptions.List(ctx)
		return err == nil && len(all) == 3*len(s.types)
	})
	if err != nil {
		return fmt.Errorf("waiting for subscriptions: %w", err)
	}
	return nil
}

// emit makes n changes in batches at the interval and delivers their events, each twice and each batch backwards.
func (s *simulation) emit(ctx context.Context, n, batch int, interval time.Duration) error {
	for ; n > 0 && ctx.Err() == nil; pause(ctx, interval) {
		events := s.upload(min(n, batch))
		n -= len(events)
		if got := s.service.Emit(events...); got != 2*len(events) {
			return fmt.Errorf("%d deliveries of %d events were begun", got, len(events))
		}
	}
	return ctx.Err()
}

// deliveries sums up what the service has sent.
func (s *simulation) deliveries() (events, attempts, failed int) {
	keys := map[string]bool{}
	for _, d := range s.service.Deliveries() {
		keys[d.Event.Key()] = true
		attempts++
		if d.Status != 200 {
			failed++
		}
	}
	return len(keys), attempts, failed
}
