package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// service answers with pages that were made before, so that it costs next to nothing beside those who read them. It
// does so behind a listener on the loopback interface, or as a RoundTripper without any network.
type service struct {
	pages map[string][][]byte // by the last segment of the path; a page's token is its number
	docs  map[string][]byte   // single documents, by path below /usercollection
}

func (s *service) answer(path, token string) ([]byte, bool) {
	_, path, _ = strings.Cut(path, "/usercollection/")
	if doc, ok := s.docs[path]; ok {
		return doc, true
	}
	n, _ := strconv.Atoi(token)
	pages := s.pages[path]
	if n >= len(pages) {
		return nil, false
	}
	return pages[n], true
}

// ServeHTTP implements [http.Handler].
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := s.answer(r.URL.Path, r.URL.Query().Get("next_token"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// RoundTrip implements [http.RoundTripper].
func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	body, ok := s.answer(r.URL.Path, r.URL.Query().Get("next_token"))
	status := http.StatusOK
	if !ok {
		status = http.StatusNotFound
	}
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(body)),
		Body: io.NopCloser(bytes.NewReader(body)), Request: r,
	}, nil
}

// listen starts a handler on the loopback interface and returns its origin.
func listen(h http.Handler) (origin string, stop func(), err error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }()
	return "http://" + l.Addr().String(), func() { _ = server.Close() }, nil
}

// usual has the settings that a plain program and this module send with when they are not told others.
func usual() *http.Transport {
	return http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // this program puts no other there
}
