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
	list []*http.Request
	body [][]byte
}

const maxLog = 20000

func (l *requestLog) add(r *http.Request, body []byte) {
	kept := r.Clone(context.Background())
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= maxLog {
		l.list, l.body = l.list[maxLog/2:], l.body[maxLog/2:]
	}
	l.list, l.body = append(l.list, kept), append(l.body, body)
}

// all are copies whose bodies can be read, by each caller anew.
func (l *requestLog) all() []*http.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]*http.Request, len(l.list))
	for i, r := range l.list {
		out[i] = r.Clone(context.Background())
		out[i].Body = io.NopCloser(bytes.NewReader(l.body[i]))
	}
	return out
}
