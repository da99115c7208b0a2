package ouratest

import "sync"

// endpoint is one thing of a [Mock] that requests can ask for.
type endpoint struct {
	faults

	field string     // of Mock, or its method
	count func() int // what it holds; nil where that says nothing

	mu   sync.Mutex
	size int // of a page; 0: the default
}

func (e *endpoint) setPageSize(n int) {
	e.touch()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.size = n
}

func (e *endpoint) pageSize() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.size
}
