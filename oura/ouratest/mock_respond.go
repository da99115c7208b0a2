package ouratest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// recorder notes requests on their way into the mock's transport, those to responders of the test's own too.
type recorder struct{ m *Mock }

type recordedKey struct{}

// RoundTrip implements http.RoundTripper.
func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	req, err := r.m.record(req)
	if err != nil {
		return nil, err
	}
	return r.m.Transport.RoundTrip(req)
}

// record returns a copy of the request whose body can still be read.
func (m *Mock) record(req *http.Request) (*http.Request, error) {
	if req.Context().Value(recordedKey{}) != nil {
		return req, nil
	}
	var body []byte
	if req.Body != nil {
		var err error
		body, err = io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	m.log.add(req, body)
	out := req.WithContext(context.WithValue(req.Context(), recordedKey{}, true))
	if req.Body != nil {
		out.Body = io.NopCloser(bytes.NewReader(body))
	}
	return out, nil
}

// respond answers what no responder of the test has taken.
func (m *Mock) respond(req *http.Request) (*http.Response, error) {
	req, err := m.record(req) // for clients that were given Transport itself
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
	known, e := specs[name], m.endpoints[name]
	if name == "personal_info" {
		e = m.person
	}
	switch {
	case !ok || e == nil || req.Method != http.MethodGet || strings.Contains(id, "/"):
		return m.unexpected(req, nil), nil
	case sandbox:
		return sandboxAnswer(known, id, req.Header.Get("Authorization") != ""), nil
	case !e.expected():
		return m.unexpected(req, e), nil
	case known == nil:
		return e.faults.serve(req.Context(), "personal", func() (page, answer) {
			return page{}, m.personalInfo()
		})
	}
	return e.faults.serve(req.Context(), known.scope, func() (page, answer) {
		if id != "" {
			return page{}, m.data.get(known, id)
		}
		return m.data.list(known, req.URL.Query())
	})
}

// personalInfo is the person that was given last.
func (m *Mock) personalInfo() answer {
	all := m.person.set.all()
	if len(all) == 0 {
		return notFound()
	}
	return jsonAnswer(http.StatusOK, encode(all[len(all)-1].build(), nil))
}

// unexpected fails the test, once for each kind of request. 501 is not repeated by the client.
func (m *Mock) unexpected(req *http.Request, e *endpoint) answer {
	asked := req.Method + " " + req.URL.Path
	text := "ouratest: unexpected request: " + asked
	if req.URL.RawQuery != "" {
		text += "?" + req.URL.RawQuery
	}
	text += "\n\tregistered: " + m.registered()
	if e != nil {
		text += fmt.Sprintf("\n\tIf it is meant, say what it finds: mock.%s.Add(…), or Add() for nothing", e.field)
		if e == m.person {
			text = strings.Replace(text, "mock.PersonalInfo.Add(…), or Add() for nothing", "mock.PersonalInfo(…)", 1)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.finished && !m.reported[asked] {
		m.reported[asked] = true
		m.t.Errorf("%s", text)
	}
	return detail(http.StatusNotImplemented, "unexpected request, see the failure of the test")
}

// registered names what the test has said until now.
func (m *Mock) registered() string {
	var names []string
	for _, e := range m.endpoints {
		if e.expected() {
			names = append(names, e.describe())
		}
	}
	slices.Sort(names)
	if m.person.expected() {
		names = append(names, "PersonalInfo")
	}
	if m.Subscriptions.expected() {
		names = append(names, fmt.Sprintf("Subscriptions (%d)", len(m.Subscriptions.store.all())))
	}
	for _, key := range m.Transport.Responders() {
		names = append(names, "responder for "+key)
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
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
