package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/webhook"
)

// receiver handles events. Several workers of the queue call it at a time.
type receiver struct {
	client *oura.Client
	userID string // whose client it is; a service with many users would look the client up
	limit  int    // 0: none
	enough func() // called at the limit

	handled atomic.Int64
	mu      sync.Mutex // guards out
	out     io.Writer
}

// handle is the work for one event. It may be called again for the same event, so it must not matter if it is.
func (r *receiver) handle(ctx context.Context, ev webhook.Event) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	what, err := r.describe(ctx, ev)
	if err != nil {
		return err
	}
	r.mu.Lock()
	fmt.Fprintf(r.out, "%-6s %-15s %s\n", ev.Type, ev.DataType, what)
	r.mu.Unlock()
	if n := r.handled.Add(1); r.limit > 0 && int(n) == r.limit {
		r.enough()
	}
	return nil
}

// describe fetches the document of an event: the event itself says only that something has changed.
func (r *receiver) describe(ctx context.Context, ev webhook.Event) (string, error) {
	switch {
	case ev.UserID != r.userID:
		return "of a person whom this program does not know", nil
	case ev.Type == oura.EventTypeDelete:
		return "delete your copy of " + ev.ObjectID, nil
	}
	// A document can be missing in the moment after its event, so wait for it a little.
	doc, err := r.client.Object(ctx, ev.DataType, ev.ObjectID, oura.WaitForDocument(10*time.Second))
	if errors.Is(err, oura.ErrNotFound) {
		return "gone again", nil
	}
	if err != nil {
		return "", err
	}
	switch doc := doc.(type) {
	case *oura.Sleep:
		return fmt.Sprintf("%v: %v asleep", doc.Day, oura.Or(doc.TotalSleepDuration, 0).Duration()), nil
	case *oura.DailyActivity:
		return fmt.Sprintf("%v: %d steps", doc.Day, doc.Steps), nil
	case *oura.Workout:
		return fmt.Sprintf("%v: %s, %s", doc.Day, doc.Activity, doc.Intensity), nil
	default:
		return fmt.Sprintf("a document of type %T", doc), nil
	}
}
