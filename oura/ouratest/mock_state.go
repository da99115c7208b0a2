package ouratest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/oura-go/sdk/internal/person"
	"github.com/oura-go/sdk/oura"
)

// mockState is what the parts of a [Mock] share.
type mockState struct {
	t         testing.TB
	transport *httpmock.MockTransport
	data      *backend
	log       requestLog
	add       []func(map[string]person.Set) // into each collection what is there for it

	mu       sync.Mutex
	finished bool // from now on t must not be used
	reported map[string]bool
	info     *oura.PersonalInfo // nil: nobody was given
}

// person is who is behind the token.
func (m *mockState) person() (info oura.PersonalInfo, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.info == nil {
		return info, false
	}
	return *m.info, true
}

func (m *mockState) finish() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.finished = true
}

type recordedKey struct{}

// record notes a request and returns a copy whose body can still be read.
func (m *mockState) record(req *http.Request) (*http.Request, error) {
	if req.Context().Value(recordedKey{}) != nil {
		return req, nil
	}
	return m.log.record(req.WithContext(context.WithValue(req.Context(), recordedKey{}, true)))
}

// unexpected fails the test, once for each kind of request. The client does not repeat a 501.
func (m *mockState) unexpected(req *http.Request, e *endpoint) *answer {
	asked := req.Method + " " + req.URL.Path
	text := "ouratest: unexpected request: " + asked
	if req.URL.RawQuery != "" {
		text += "?" + req.URL.RawQuery
	}
	text += "\n\tregistered: " + m.registered()
	switch {
	case e == nil:
	case e.count == nil:
		text += fmt.Sprintf("\n\tIf it is meant, say what it finds: mock.%s(…)", e.field)
	default:
		text += fmt.Sprintf("\n\tIf it is meant, say what it finds: mock.%s.Add(…), or Add() for nothing", e.field)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.finished && !m.reported[asked] {
		m.reported[asked] = true
		m.t.Errorf("%s", text)
	}
	return detail(http.StatusNotImplemented, "unexpected request, see the failure of the test")
}

// registered names what the test has said until now, as in "DailySleep (2)".
func (m *mockState) registered() string {
	var names []string
	for _, e := range m.data.endpoints {
		switch {
		case !e.touched():
		case e.count == nil:
			names = append(names, e.field)
		default:
			names = append(names, fmt.Sprintf("%s (%d)", e.field, e.count()))
		}
	}
	slices.Sort(names)
	for _, key := range m.transport.Responders() {
		names = append(names, "responder for "+key)
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
