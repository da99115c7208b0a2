package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"
)

// balance is the one address of several web replicas: requests go to each in turn, and on to the next where nobody
// listens. One that dies with a request in its hands is a 502, as with any proxy that does not send a POST twice.
func balance(t *testing.T, backends ...string) string {
	t.Helper()
	transport := &turns{backends: backends, base: &http.Transport{
		DialContext: (&net.Dialer{Timeout: time.Second}).DialContext, DisableKeepAlives: true,
	}}
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "replica.test"}) },
		Transport:    transport,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

type turns struct {
	backends []string
	base     http.RoundTripper
	next     atomic.Uint64
}

func (b *turns) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	var body []byte
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	first := b.next.Add(1)
	for i := range uint64(len(b.backends)) {
		try := r.Clone(r.Context())
		try.URL.Host = b.backends[(first+i)%uint64(len(b.backends))]
		try.Body = io.NopCloser(bytes.NewReader(body))
		resp, err = b.base.RoundTrip(try)
		if dial, ok := errors.AsType[*net.OpError](err); !ok || dial.Op != "dial" {
			return resp, err
		}
	}
	return nil, err
}
