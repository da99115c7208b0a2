package contract

import (
	"bytes"
	"io"
	"net/http"
	"sync"
)

// Transport is an http.RoundTripper that holds every exchange against a document and changes nothing. Give it to a
// client as the transport of its http.Client. It is safe for concurrent use.
type Transport struct {
	// Document is what exchanges are held against.
	Document *Document

	// Base makes the requests; nil means http.DefaultTransport.
	Base http.RoundTripper

	// Report is told about every exchange, one at a time.
	Report func(operation string, e Exchange, differences []Difference)

	mu sync.Mutex
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	e := Exchange{Method: req.Method, URL: req.URL, Header: req.Header.Clone()}
	if req.Body != nil && req.Body != http.NoBody {
		body, err := io.ReadAll(req.Body)
		if closeErr := req.Body.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return nil, err
		}
		e.RequestBody = body
		req = req.Clone(req.Context()) // a RoundTripper must not change the request
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	resp, err := base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	e.Status, e.Answer, e.AnswerBody = resp.StatusCode, resp.Header.Clone(), body

	operation, differences := t.Document.Check(req.Context(), e)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Report(operation, e, differences)
	return resp, nil
}
