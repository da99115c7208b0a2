package ouratest

import (
	"net/http"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/oura-go/sdk/internal/person"
	"github.com/oura-go/sdk/oura"
)

// New returns a mock for the test, with nothing registered.
func New(t testing.TB) *Mock {
	t.Helper()
	m := &Mock{Transport: httpmock.NewMockTransport()}
	m.state = &mockState{
		t: t, transport: m.Transport, reported: map[string]bool{},
		data: &backend{sets: map[string]person.Set{}, endpoints: map[string]*endpoint{}},
	}
	m.mirror()
	m.Subscriptions = newMockSubscriptions(m.state)
	m.state.data.endpoints["personal_info"] = &endpoint{field: "PersonalInfo"}
	m.state.data.info = m.state.person
	m.Transport.RegisterNoResponder(m.respond)
	t.Cleanup(m.state.finish)
	return m
}

// Client returns a client of the mock, with the real request path: limiter, retries and error classification. Options
// are added to it. It fails the test if the options do not fit.
func (m *Mock) Client(opts ...oura.Option) *oura.Client {
	m.state.t.Helper()
	all := append([]oura.Option{
		oura.WithHTTPClient(&http.Client{Transport: recorder{m}}),
		oura.WithAccessToken("mock-token"),
		oura.WithAppCredentials("mock-client-id", "mock-client-secret"),
	}, opts...)
	c, err := oura.NewClient(all...)
	if err != nil {
		m.state.t.Fatalf("ouratest: %v", err)
	}
	return c
}

// PersonalInfo makes info the person behind the token. The result takes faults.
func (m *Mock) PersonalInfo(info oura.PersonalInfo) *Endpoint {
	e := m.state.data.endpoints["personal_info"]
	e.touch()
	m.state.mu.Lock()
	defer m.state.mu.Unlock()
	m.state.info = &info
	return &Endpoint{e}
}

// AddDays puts into every collection what a person has from the first day to the last, as [Collection.AddDays] does, and
// makes the person the one behind the token: all but subscriptions is expected then. It panics if the last day is before
// the first.
func (m *Mock) AddDays(first, last oura.Date, opts ...DataOption) *Mock {
	sets := days(first, last, opts)
	for _, add := range m.state.add {
		add(sets)
	}
	m.PersonalInfo(PersonalInfo(opts...))
	return m
}

// Clock gives the mock a time, which is what listings without dates, and Latest, go by: they give one day of documents
// or 24 hours of a series. It must be safe for concurrent use; nil fails the test. Call it before the first request.
func (m *Mock) Clock(now func() time.Time) *Mock {
	m.state.t.Helper()
	if now == nil {
		m.state.t.Fatal("ouratest: Clock: the function is nil; leave the call out for time.Now")
	}
	m.state.data.now = now
	return m
}

// EndDates says what a bare end_date means; the default is what the live service does. Call it before the first
// request.
func (m *Mock) EndDates(e EndDates) *Mock {
	m.state.data.ends = e
	return m
}

// Requests are all requests that the mock has had, in order, repeated ones included, with bodies that can be read.
func (m *Mock) Requests() []*http.Request { return m.state.log.all() }

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
	t := targetOf(req.URL.Path)
	e, subscriptions := m.state.data.endpoints[t.name], t.name == "subscription"
	switch {
	case e == nil || req.Method != http.MethodGet && !subscriptions:
		return m.state.unexpected(req, nil).response(req)
	case !t.sandbox && !e.touched():
		return m.state.unexpected(req, e).response(req)
	}
	a, err := e.serve(req.Context(), t.scope(), func() *answer {
		switch {
		case subscriptions:
			return m.Subscriptions.call(req, t.id)
		case t.sandbox:
			return sandboxAnswer(t.spec, t.id, req.Header.Get("Authorization") != "")
		}
		return m.state.data.read(t, req.URL.Query(), func(string) bool { return true })
	})
	if err != nil {
		return nil, err
	}
	return a.response(req)
}
