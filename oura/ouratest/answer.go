package ouratest

import (
	"encoding/json"
	"net/http"
)

// answer is what mock and service reply, before it is put on a wire or into a *http.Response.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool // the connection breaks off after half of the body
	reset  bool // the connection breaks off before any answer
}

func jsonAnswer(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil { // nothing that the kit makes
		panic("ouratest: an answer cannot be written as JSON: " + err.Error())
	}
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

// detail is the body of most errors.
func detail(status int, text string) answer {
	return jsonAnswer(status, map[string]string{"detail": text})
}

// unauthorized has the status and the title that some of the live 401s have.
func unauthorized(text string) answer {
	return jsonAnswer(http.StatusUnauthorized, map[string]any{"status": http.StatusUnauthorized, "title": "Unauthorized", "detail": text})
}

func missingScope(scope string) answer {
	return unauthorized("Token is not authorized access " + scope + " scope.")
}

func notFound() answer { return detail(http.StatusNotFound, "Document not found.") }

// problem is one entry of a 422, as FastAPI writes it.
type problem struct {
	Type  string         `json:"type"`
	Loc   []any          `json:"loc"`
	Msg   string         `json:"msg"`
	Input any            `json:"input"`
	Ctx   map[string]any `json:"ctx,omitempty"`
}

func unprocessable(problems ...problem) answer {
	return jsonAnswer(http.StatusUnprocessableEntity, map[string]any{"detail": problems})
}

// page is a page whose documents are JSON already, so that faults can spoil one.
type page struct {
	data []json.RawMessage
	next *string
}

func (p page) answer() answer {
	body := []byte(`{"data":[`)
	for i, doc := range p.data {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, doc...)
	}
	next, _ := json.Marshal(p.next) // a string or null
	body = append(body, `],"next_token":`...)
	a := answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}}
	a.body = append(append(body, next...), '}')
	return a
}
