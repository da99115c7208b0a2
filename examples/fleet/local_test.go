package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// engines are flags for the servers that tests may use.
func engines(t *testing.T) []string {
	t.Helper()
	var flags []string
	for flag, variable := range map[string]string{
		"-postgres": "OURA_TEST_POSTGRES", "-redis": "OURA_TEST_REDIS", "-nats": "OURA_TEST_NATS",
	} {
		address := os.Getenv(variable)
		if address == "" {
			t.Skipf("%s is not set: give the address of a server that tests may use", variable)
		}
		flags = append(flags, flag, address)
	}
	return flags
}

// The tests of this file do not run at the same time: the Redis client has one logger for all.

// The command of README.md, smaller.
func TestLocal(t *testing.T) {
	var out, log bytes.Buffer
	args := append([]string{"-users", "40", "-events", "120", "-log-level", "warn"}, engines(t)...)
	if code := run(t.Context(), args, &out, &log); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, &out, &log)
	}
	for _, want := range []string{
		"40 users, 120 events, each delivered twice and in disorder; 50000 requests allowed in 1m0s\n",
		"deliveries   240 of 120 events, 0 failed and repeated; 120 stored by JetStream, 120 known as duplicates\n",
		"tokens       20 refreshed ahead of time\n",
		"events       120 applied, ",
		"reconciled   40 users; 2 changes without an event,",
		"result       0 differences between the copies and the service\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &out)
		}
	}
}

// It ends when it is told to, in an order that leaves nothing behind.
func TestLocalInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var log bytes.Buffer
	args := append([]string{"-users", "20", "-events", "1000000"}, engines(t)...)
	if code := run(ctx, args, stopWriter{stop}, &log); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	// And nothing besides: schema and stream were dropped.
	if want := `"error":"waiting for subscriptions: context canceled"}` + "\n"; !strings.HasSuffix(log.String(), want) {
		t.Errorf("the log does not end with %s:\n%s", want, &log)
	}
}

// stopWriter stops at the first line.
type stopWriter struct{ stop context.CancelFunc }

func (w stopWriter) Write(p []byte) (int, error) { w.stop(); return len(p), nil }
