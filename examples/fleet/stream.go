package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/oura-go/sdk/webhook"
)

// stream holds the events that no worker has finished. JetStream keeps an event until a worker acknowledges it, and
// hands it to another one if that takes too long.
type stream struct {
	js       jetstream.JetStream
	name     string
	subject  string
	consumer jetstream.Consumer // of the workers, together
}

const consumerName = "workers"

// ensureStream makes stream and consumer, or brings them to what the configuration says. Any replica may.
func ensureStream(ctx context.Context, js jetstream.JetStream, c *config) (*stream, error) {
	s := &stream{js: js, name: c.stream, subject: c.stream + ".events"}
	_, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: s.name, Subjects: []string{s.subject},
		Storage: jetstream.FileStorage, Replicas: c.streamReplicas,
		Retention: jetstream.WorkQueuePolicy,          // what is finished takes no room
		Discard:   jetstream.DiscardNew,               // full: the web says so and Oura comes back
		MaxBytes:  c.streamBytes, MaxAge: maxEventAge, // then the reconciler has seen to it
		Duplicates: c.dedupe,
	})
	if err != nil {
		return nil, fmt.Errorf("stream: %w", err)
	}
	s.consumer, err = js.CreateOrUpdateConsumer(ctx, s.name, jetstream.ConsumerConfig{
		Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: c.ackWait,
		MaxAckPending: 10_000, // all workers' events together, those that wait for another try included
	})
	if err != nil {
		return nil, fmt.Errorf("consumer: %w", err)
	}
	return s, nil
}

// maxEventAge is when an event is given up that cannot be handled. The reconciler's interval is not longer.
const maxEventAge = 7 * 24 * time.Hour

// publish returns when JetStream has stored the event. One that it has stored already, within the window, is dropped
// there.
func (s *stream) publish(ctx context.Context, ev webhook.Event) (duplicate bool, err error) {
	body, err := json.Marshal(ev)
	if err != nil {
		return false, err
	}
	opts := []jetstream.PublishOpt{jetstream.WithExpectStream(s.name), jetstream.WithRetryAttempts(10)}
	if !ev.Time.IsZero() { // else two changes would have one key
		opts = append(opts, jetstream.WithMsgID(ev.Key()))
	}
	ack, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: s.subject, Data: body}, opts...)
	if err != nil {
		return false, err
	}
	return ack.Duplicate, nil
}

// depth is how many events wait for a worker, and how many a worker has or will be given again.
func (s *stream) depth(ctx context.Context) (waiting, underWay uint64, err error) {
	info, err := s.consumer.Info(ctx)
	if err != nil {
		return 0, 0, err
	}
	return info.NumPending, uint64(max(0, info.NumAckPending)), nil
}
