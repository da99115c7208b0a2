package transport

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// MaxErrorBody is how much is kept of a response that is not a 2xx.
	MaxErrorBody = 64 << 10

	maxDrain  = 256 << 10 // read and dropped beyond that, to keep the connection
	maxPooled = 4 << 20   // larger buffers go to the collector
	maxGrow   = 1 << 20   // what a Content-Length may make us allocate on trust
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Body is a response's body, wholly read, in a buffer that Close hands back for reuse.
type Body struct {
	buf atomic.Pointer[bytes.Buffer]
	off int

	Limit int64 // how long the body might have been

	// Of the attempt that had this response:
	Attempts  int           // how many were sent, with this one
	Waited    time.Duration // for the rate limit, and between attempts
	RateLimit RateLimit
	Auth      Cleaner
}

// Bytes is the whole body, whatever was read of it. It must not be used after Close.
func (b *Body) Bytes() []byte {
	if buf := b.buf.Load(); buf != nil {
		return buf.Bytes()
	}
	return nil
}

// Read implements [io.Reader].
func (b *Body) Read(p []byte) (int, error) {
	buf := b.buf.Load()
	if buf == nil {
		return 0, http.ErrBodyReadAfterClose
	}
	if b.off >= buf.Len() {
		return 0, io.EOF
	}
	n := copy(p, buf.Bytes()[b.off:])
	b.off += n
	return n, nil
}

// Close releases the buffer. Further calls do nothing.
func (b *Body) Close() error {
	if buf := b.buf.Swap(nil); buf != nil && buf.Cap() <= maxPooled {
		buf.Reset()
		buffers.Put(buf)
	}
	return nil
}

// readBody reads resp.Body to its end and closes it, so that the connection is free for the next request. It always
// returns a Body, with what arrived. With truncate, what exceeds the limit is dropped; otherwise it is ErrTooLarge.
func readBody(resp *http.Response, limit int64, truncate bool) (*Body, error) {
	defer func() { _ = resp.Body.Close() }()
	buf := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // the pool holds nothing else
	body := &Body{Limit: limit}
	body.buf.Store(buf)
	if n := resp.ContentLength; n > 0 {
		buf.Grow(int(min(n, limit, maxGrow)) + bytes.MinRead)
	}

	src, err := decoded(resp)
	if err != nil {
		return body, err
	}
	// One byte more than the limit tells "just full" from "too large", and makes the reader see the end of the stream.
	err = fill(buf, io.LimitReader(src, limit+1), int(min(limit, math.MaxInt-2*bytes.MinRead)))
	if int64(buf.Len()) > limit {
		buf.Truncate(int(limit))
		if !truncate {
			return body, ErrTooLarge
		}
		_, _ = io.CopyN(io.Discard, src, maxDrain)
	}
	resp.ContentLength = int64(buf.Len())
	return body, err
}

// fill is buf.ReadFrom for what is not longer than limit: the buffer grows twofold, but not far beyond it.
func fill(buf *bytes.Buffer, src io.Reader, limit int) error {
	for {
		if buf.Available() < bytes.MinRead {
			size := min(2*buf.Cap(), limit) + bytes.MinRead
			*buf = *bytes.NewBuffer(append(make([]byte, 0, max(size, buf.Len()+bytes.MinRead)), buf.Bytes()...))
		}
		free := buf.AvailableBuffer()
		n, err := src.Read(free[:cap(free)])
		buf.Write(free[:n])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// decoded undoes a gzip encoding that the RoundTripper has left in place: the standard one has not, but a caller's own
// may.
func decoded(resp *http.Response) (io.Reader, error) {
	if coding := strings.ToLower(resp.Header.Get("Content-Encoding")); coding != "gzip" && coding != "x-gzip" {
		return resp.Body, nil
	}
	z, err := gzip.NewReader(resp.Body)
	if errors.Is(err, io.EOF) {
		return http.NoBody, nil // nothing at all, as a 204 or a response to HEAD
	}
	if err != nil {
		return nil, err
	}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.Uncompressed = true
	return z, nil
}
