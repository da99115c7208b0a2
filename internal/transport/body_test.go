package transport_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/internal/transport"
)

// fetch reads one answer through a pipeline that calls each 2xx a success.
func fetch(t *testing.T, limit int64, resp *http.Response) (*transport.Body, *transport.Attempt, error) {
	t.Helper()
	var last *transport.Attempt
	p := &transport.Pipeline{
		MaxBody: limit, Timeout: time.Minute, Retry: transport.Policy{MaxAttempts: 1},
		Client: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			resp.Request = r
			return resp, nil
		})},
		Wait:    func(context.Context) error { return nil },
		Observe: func(context.Context, *transport.Attempt, error) {},
		Classify: func(a *transport.Attempt) (transport.Action, error) {
			last = a
			a.Body = slices.Clone(a.Body)
			if a.Err == nil && a.StatusCode()/100 != 2 {
				return transport.Fail, errors.New("status")
			}
			return transport.Fail, a.Err
		},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://h/", nil)
	if err != nil {
		t.Fatal(err)
	}
	var log []string
	got, err := p.Do(req, transport.Call{Auth: &auth{log: &log}}) //nolint:bodyclose // the caller closes it
	if err != nil {
		return nil, last, err
	}
	return got.Body.(*transport.Body), last, nil
}

// source is a body that knows whether it was closed and how much was read.
type source struct {
	io.Reader
	read   int
	closed bool
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.read += n
	return n, err
}
func (s *source) Close() error { s.closed = true; return nil }

func TestBody(t *testing.T) {
	t.Parallel()
	const text = `{"data":[1,2,3]}`
	src := &source{Reader: strings.NewReader(text)}
	body, _, err := fetch(t, 100, &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: src, ContentLength: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	if !src.closed {
		t.Error("the connection's body was not closed")
	}
	first := make([]byte, 4)
	if _, err := io.ReadFull(body, first); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(body)
	if string(first)+string(rest) != text || err != nil || string(body.Bytes()) != text {
		t.Errorf("read %q and %q, bytes %q, %v", first, rest, body.Bytes(), err)
	}
	for range 3 {
		if err := body.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := body.Read(first); !errors.Is(err, http.ErrBodyReadAfterClose) || body.Bytes() != nil {
		t.Errorf("after Close: %v, %q", err, body.Bytes())
	}
}

// A second Close must not hand the buffer to two answers at once.
func TestBodyBuffersAreNotShared(t *testing.T) {
	t.Parallel()
	open := func(s string) *transport.Body {
		body, _, err := fetch(t, 100, &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s))})
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	for range 100 {
		a := open("a")
		_, _ = a.Close(), a.Close()
		b, c := open("bb"), open("ccc")
		if string(b.Bytes()) != "bb" || string(c.Bytes()) != "ccc" {
			t.Fatalf("two answers share a buffer: %q, %q", b.Bytes(), c.Bytes())
		}
		_, _ = b.Close(), c.Close()
	}
}

func TestBodyLimits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		status      int
		size, limit int
		kept        int
		atMost      int // bytes read
		err         error
	}{
		{"fits", 200, 1000, 1000, 1000, 1000, nil},
		{"one too many", 200, 1001, 1000, 1000, 1001, transport.ErrTooLarge},
		{"far too many", 200, 100 << 20, 1000, 1000, 64 << 10, transport.ErrTooLarge},
		{"error", 500, 1000, 10, 1000, 1000, nil},
		{"long error, drained", 500, 200 << 10, 10, 64 << 10, 200 << 10, nil},
		{"endless error, given up", 500, 100 << 20, 10, 64 << 10, 512 << 10, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src := &source{Reader: io.LimitReader(zeros{}, int64(tt.size))}
			_, a, err := fetch(t, int64(tt.limit), &http.Response{StatusCode: tt.status, Header: http.Header{}, Body: src, ContentLength: int64(tt.size)})
			if !errors.Is(a.Err, tt.err) || tt.err != nil && !errors.Is(err, tt.err) {
				t.Errorf("got %v, want %v", a.Err, tt.err)
			}
			if len(a.Body) != tt.kept || src.read > tt.atMost || !src.closed {
				t.Errorf("kept %d of %d bytes read, closed %t; want %d of at most %d", len(a.Body), src.read, src.closed, tt.kept, tt.atMost)
			}
			if tt.name == "long error, drained" && src.read != tt.size {
				t.Errorf("read %d bytes, want all %d: the connection is lost", src.read, tt.size)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A RoundTripper of the caller's own may leave an answer compressed.
func TestCompressedBody(t *testing.T) {
	t.Parallel()
	const text = `{"data":[1,2,3]}`
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, encoding string
		body           string
		limit          int64
		want           string
		err            error
	}{
		{"gzip", "gzip", zipped.String(), 100, text, nil},
		{"x-gzip", "X-GZIP", zipped.String(), 100, text, nil},
		{"plain", "identity", text, 100, text, nil},
		{"nothing", "gzip", "", 100, "", nil},
		{"limit counts what it expands to", "gzip", zipped.String(), 10, "", transport.ErrTooLarge},
		{"cut off", "gzip", zipped.String()[:20], 100, "", io.ErrUnexpectedEOF},
		{"no gzip", "gzip", strings.Repeat(text, 2), 100, "", gzip.ErrHeader},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src := &source{Reader: strings.NewReader(tt.body)}
			header := http.Header{"Content-Encoding": {tt.encoding}, "Content-Length": {"7"}}
			body, a, err := fetch(t, tt.limit, &http.Response{StatusCode: http.StatusOK, Header: header, Body: src})
			if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) || !src.closed {
				t.Fatalf("got error %v, closed %t; want %v, true", err, src.closed, tt.err)
			}
			if tt.err != nil {
				return
			}
			if string(body.Bytes()) != tt.want || a.Response.ContentLength != int64(len(tt.want)) {
				t.Errorf("got %q, length %d; want %q", body.Bytes(), a.Response.ContentLength, tt.want)
			}
			if decoded := tt.name != "plain" && tt.body != ""; (header.Get("Content-Encoding") == "") != decoded {
				t.Errorf("Content-Encoding %q of an answer that was decoded: %t", header.Get("Content-Encoding"), decoded)
			}
		})
	}
}
