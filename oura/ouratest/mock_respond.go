package ouratest

import (
	"net/http"

	"github.com/oura-go/sdk/oura"
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
	t := targetOf(req.URL.Path)
	e, subscriptions := m.state.data.endpoints[t.name], t.name == "subscription"
	switch {
	case e == nil || req.Method != http.MethodGet && !subscriptions:
		return m.state.unexpected(req, nil).response(req)
	case t.sandbox:
		return sandboxAnswer(t.spec, t.id, req.Header.Get("Authorization") != "").response(req)
	case !e.touched():
		return m.state.unexpected(req, e).response(req)
	}
	a, err := e.serve(req.Context(), t.scope(), func() *answer {
		if subscriptions {
			return m.Subscriptions.call(req, t.id)
		}
		return m.state.data.read(t, req.URL.Query(), func(string) bool { return true })
	})
	if err != nil {
		return nil, err
	}
	return a.response(req)
}

// lastInfo is the person that was given last.
func (m *Mock) lastInfo() (info oura.PersonalInfo, ok bool) {
	for _, it := range m.info.set.all() {
		info, ok = it.Build().(oura.PersonalInfo)
	}
	return info, ok
}
