package ouratest

import (
	"sync"

	"github.com/oura-go/sdk/webhook"
)

// Delivery is one attempt to deliver an event.
type Delivery struct {
	Event          webhook.Event `json:"event"`
	SubscriptionID string        `json:"subscription_id"`
	Attempt        int           `json:"attempt"`         // counts from 1
	Status         int           `json:"status"`          // of the receiver's response; 0: there was none
	Err            string        `json:"error,omitempty"` // why there was none
}

// deliveries counts what is under way and keeps what was done.
type deliveries struct {
	mu      sync.Mutex
	log     []Delivery
	pending int
	idle    chan struct{} // closed when nothing is pending any more; nil when nothing is
}

// count changes how many are under way.
func (d *deliveries) count(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pending == 0 {
		d.idle = make(chan struct{})
	}
	if d.pending += n; d.pending == 0 {
		close(d.idle)
		d.idle = nil
	}
}

func (d *deliveries) note(entry Delivery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, entry)
}
