package main

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// TestFleet runs two web replicas, two workers and, in the end, a reconciler as processes of their own, against engines
// of their own. While events come, twice and in disorder, one web replica or worker after the other is killed and begun
// again, and each engine crashes once. Then the table must be what the service has.
//
// FLEET_TEST_EVENTS is how many events; README.md has the command for all 10,000.
func TestFleet(t *testing.T) {
	for _, name := range []string{"OURA_TEST_POSTGRES", "OURA_TEST_REDIS", "OURA_TEST_NATS"} {
		if os.Getenv(name) == "" {
			t.Skipf("%s is not set: the test starts servers of its own, on machines where servers may be used", name)
		}
	}
	events := 1200
	if text := os.Getenv("FLEET_TEST_EVENTS"); text != "" {
		var err error
		if events, err = strconv.Atoi(text); err != nil || events < 100 {
			t.Fatalf("FLEET_TEST_EVENTS=%q: give a number from 100", text)
		}
	}
	h := newHarness(t, events)
	h.startReplicas()
	if err := h.sim.subscribed(t.Context()); err != nil {
		t.Fatal(err)
	}

	begin := time.Now()
	h.delay(60 * time.Millisecond) // so that workers have events in hand when they are killed
	h.disturb(events)
	h.delay(0)
	if err := h.sim.service.WaitDeliveries(t.Context()); err != nil {
		t.Fatal(err)
	}
	byEvents := h.settled()
	t.Logf("%d events within %v; kills: %d workers, %d web replicas; crashes: %v",
		events, time.Since(begin).Round(time.Second), h.killed["worker"], h.killed["web"], h.crashed)
	sent, attempts, failed := h.sim.deliveries()
	t.Logf("deliveries: %d of %d events, %d of them failed and were repeated", attempts, sent, failed)
	if sent != events || len(byEvents) > 0 {
		t.Fatalf("what is stored is not what the service has: %v", byEvents)
	}

	lost := events / 50
	h.sim.upload(lost) // and no event tells
	before := h.compare()
	if len(before) == 0 {
		t.Fatal("lost events made no difference: there is nothing to reconcile")
	}
	h.start(h.reconciler)
	after := h.settled()
	t.Logf("%d changes without an event: %d differences", lost, len(before))
	if len(after) > 0 {
		t.Fatalf("what is stored is not what the service has: %v", after)
	}
	h.shutDown()
	if last := h.compare(); len(last) > 0 { // nobody wrote anything else on the way out
		t.Errorf("after the shutdown: %v", last)
	}
	h.checkLogs()
}
