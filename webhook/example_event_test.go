package webhook_test

import (
	"fmt"
	"time"

	"github.com/oura-go/sdk/webhook"
)

// The key of an event stays the same over its redeliveries: an idempotency key for a job.
func ExampleEvent_Key() {
	at := time.Date(2026, time.May, 4, 7, 30, 0, 0, time.UTC)
	first := webhook.Event{Type: "update", DataType: "sleep", ObjectID: "a", UserID: "ada", Time: at}
	again := first
	again.Time = at.In(time.FixedZone("", 2*3600)) // the same instant, written in another way
	other := first
	other.ObjectID = "b"
	fmt.Println(first.Key() == again.Key(), first.Key() == other.Key())
	// Output: true false
}
