package loopback

import (
	"net"
	"strconv"
	"strings"
	"testing"
)

func TestAddr(t *testing.T) {
	t.Parallel()
	addr, err := Addr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(addr)
	if n, _ := strconv.Atoi(port); err != nil || host != "127.0.0.1" || n < lowest || n > highest {
		t.Errorf("Addr() = %q, %v; want a port from %d to %d", addr, err, lowest, highest)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatalf("nobody should listen there: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestNoPortIsFree(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := taken.Addr().(*net.TCPAddr).Port
	if addr, err := free(t.Context(), port, port); err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
		t.Errorf("free() = %q, %v; want an error that names the port", addr, err)
	}
}
