package ouratest

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"syscall"
)

// answer is what mock and service reply, before it is put on a wire or into a *http.Response.
type answer struct {
	status int
	header http.Header
	page   *page // in place of body
	body   []byte
	cut    bool // the connection breaks off after half of the body
	reset  bool // the connection breaks off before any response
}

// page is a page whose documents are JSON already, so that faults can spoil one.
type page struct {
	Data []json.RawMessage `json:"data"`
	Next *string           `json:"next_token"`
}

func (p *page) answer() *answer {
	return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, page: p}
}

func toJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil { // an infinite sample or a day that the calendar does not have
		panic("ouratest: this cannot be written as JSON: " + err.Error())
	}
	return text
}

func jsonAnswer(status int, v any) *answer {
	return &answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: toJSON(v)}
}

// detail is the body of most errors.
func detail(status int, text string) *answer {
	return jsonAnswer(status, map[string]string{"detail": text})
}

// unauthorized has the status and the title that some of the live 401s have.
func unauthorized(text string) *answer {
	return jsonAnswer(http.StatusUnauthorized, map[string]any{"status": http.StatusUnauthorized, "title": "Unauthorized", "detail": text})
}

func missingScope(scope string) *answer {
	return unauthorized("Token is not authorized access " + scope + " scope.")
}

func noDocument() *answer { return detail(http.StatusNotFound, "Document not found.") }
func noPath() *answer     { return detail(http.StatusNotFound, "Not Found") }
func noMethod() *answer   { return detail(http.StatusMethodNotAllowed, "Method Not Allowed") }

// problem is one entry of a 422, as FastAPI writes it.
type problem struct {
	Type  string         `json:"type"`
	Loc   []any          `json:"loc"`
	Msg   string         `json:"msg"`
	Input any            `json:"input"`
	Ctx   map[string]any `json:"ctx,omitempty"`
}

// unprocessable refuses what has problems.
func unprocessable(problems ...problem) *answer {
	if len(problems) == 0 {
		return nil
	}
	return jsonAnswer(http.StatusUnprocessableEntity, map[string]any{"detail": problems})
}

// text is the body, and the part of it that is sent.
func (a *answer) text() (whole, sent []byte) {
	whole = a.body
	if a.page != nil {
		whole = toJSON(a.page)
	}
	if a.cut {
		return whole, whole[:len(whole)/2]
	}
	return whole, whole
}

// write puts the answer on the wire, or breaks the connection.
func (a *answer) write(w http.ResponseWriter) {
	if a.reset {
		breakOff(w)
		return
	}
	maps.Copy(w.Header(), a.header)
	w.Header().Set("X-Trace-Id", rand.Text())
	whole, sent := a.text()
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(sent) //nolint:gosec // G705: what is HTML in it is escaped
	if a.cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // the way to end a connection in the middle of a response
	}
}

// breakOff closes the connection within the status line. Before it, net/http would quietly send a GET again if the
// connection had been used before.
func breakOff(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = conn.Write([]byte("HTTP/1.1 "))
	_ = conn.Close()
}

// response puts the answer into the form in which a transport returns it.
func (a *answer) response(req *http.Request) (*http.Response, error) {
	if a.reset {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	whole, sent := a.text()
	var body io.Reader = bytes.NewReader(sent)
	if a.cut {
		body = io.MultiReader(body, brokenReader{})
	}
	header := http.Header{"Content-Length": {strconv.Itoa(len(whole))}, "X-Trace-Id": {rand.Text()}}
	maps.Copy(header, a.header)
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(body), ContentLength: int64(len(whole)), Request: req,
	}, nil
}

// brokenReader is what is left of a connection that broke off.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
