package ouratest

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
)

// recorder notes requests on their way into the mock's transport, those to responders of the test's own too.
type recorder struct{ m *Mock }

// RoundTrip implements http.RoundTripper.
func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	req, err := r.m.state.record(req)
	if err != nil {
		return nil, err
	}
	return r.m.Transport.RoundTrip(req)
}

// respond answers what no responder of the test has taken.
func (m *Mock) respond(req *http.Request) (*http.Response, error) {
	req, err := m.state.record(req) // for clients that were given Transport itself
	if err != nil {
		return nil, err
	}
	a, err := m.answer(req)
	if err != nil {
		return nil, err
	}
	return response(req, a)
}

func (m *Mock) answer(req *http.Request) (answer, error) {
	path := strings.TrimPrefix(req.URL.Path, "/v2/")
	if rest, ok := strings.CutPrefix(path, "webhook/subscription"); ok && (rest == "" || rest[0] == '/') {
		return m.Subscriptions.answer(req, strings.TrimPrefix(rest, "/"))
	}
	path, sandbox := strings.CutPrefix(path, "sandbox/")
	path, ok := strings.CutPrefix(path, "usercollection/")
	name, id, _ := strings.Cut(path, "/")
	known, e := catalog[name], m.state.endpoints[name]
	switch {
	case !ok || e == nil || req.Method != http.MethodGet || strings.Contains(id, "/"):
		return m.state.unexpected(req, nil), nil
	case sandbox:
		return sandboxAnswer(known, id, req.Header.Get("Authorization") != ""), nil
	case !e.touched():
		return m.state.unexpected(req, e), nil
	case known == nil:
		return e.serve(req.Context(), "personal", func() (page, answer) { return page{}, m.personalInfo() })
	}
	return e.serve(req.Context(), known.scope, func() (page, answer) {
		if id != "" {
			return page{}, m.state.data.get(known, id)
		}
		return m.state.data.list(known, req.URL.Query())
	})
}

// personalInfo is the person that was given last.
func (m *Mock) personalInfo() answer {
	all := m.info.set.all()
	if len(all) == 0 {
		return notFound()
	}
	return jsonAnswer(http.StatusOK, encode(all[len(all)-1].Build(), nil))
}

// response puts an answer into the form in which a transport returns it.
func response(req *http.Request, a answer) (*http.Response, error) {
	if a.reset {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	var body io.Reader = bytes.NewReader(a.body)
	if a.cut {
		body = io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), brokenReader{})
	}
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	header.Set("X-Trace-Id", rand.Text())
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(body), ContentLength: int64(len(a.body)), Request: req,
	}, nil
}

// brokenReader is what is left of a connection that broke off.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
