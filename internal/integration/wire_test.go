package integration

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
)

// wire leads to a server and can be cut.
type wire struct {
	net.Listener
	to string
	// upstream copies what a client sends; nil is io.Copy. The connection is cut when it returns.
	upstream func(to io.Writer, from io.Reader)

	mu    sync.Mutex
	down  bool
	conns map[net.Conn]bool
	wg    sync.WaitGroup
}

func newWire(t testing.TB, to string, upstream func(to io.Writer, from io.Reader)) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l, to: to, upstream: upstream, conns: map[net.Conn]bool{}}
	w.wg.Go(w.accept)
	t.Cleanup(func() {
		l.Close()
		w.cut()
		w.wg.Wait()
	})
	return w
}

func (w *wire) accept() {
	for {
		from, err := w.Accept()
		if err != nil {
			return
		}
		to, err := new(net.Dialer).DialContext(context.Background(), "tcp", w.to)
		if err != nil {
			from.Close()
			continue
		}
		w.mu.Lock()
		if w.down {
			from.Close()
			to.Close()
		}
		w.conns[from], w.conns[to] = true, true
		w.mu.Unlock()
		for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
			w.wg.Go(func() {
				if w.upstream != nil && pair[1] == from {
					w.upstream(to, from)
				} else {
					_, _ = io.Copy(pair[0], pair[1])
				}
				pair[0].Close()
				pair[1].Close()
			})
		}
	}
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = true
	for c := range w.conns {
		c.Close()
	}
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = false
}
