package ouratest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
)

// requestLog keeps what was asked, for assertions. The oldest give way when there are very many.
type requestLog struct {
	mu   sync.Mutex
	list []*http.Request // each with its body behind GetBody
}

const maxLog = 20000

// record keeps a request, and returns a copy whose body can still be read.
func (l *requestLog) record(r *http.Request) (*http.Request, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	kept := r.Clone(context.Background())
	kept.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= maxLog {
		l.list = l.list[maxLog/2:]
	}
	l.list = append(l.list, kept)
	return withBody(r.WithContext(r.Context()), kept), nil
}

// all are copies whose bodies can be read, by each caller anew.
func (l *requestLog) all() []*http.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]*http.Request, len(l.list))
	for i, r := range l.list {
		out[i] = withBody(r.Clone(context.Background()), r)
	}
	return out
}

func withBody(r, kept *http.Request) *http.Request {
	r.Body, _ = kept.GetBody() // of bytes: it does not fail
	return r
}
