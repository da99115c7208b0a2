package ouratest

import (
	"bytes"
	"crypto/rand"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

const maxRequestBody = 1 << 20

// serve takes every request of the service.
func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		breakOff(w)
		return
	}
	defer s.work.Done()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	if err != nil {
		write(w, detail(http.StatusRequestEntityTooLarge, "The body is too large or broke off."))
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if s.handler != nil && strings.HasPrefix(r.URL.Path, s.cfg.handlerPrefix) {
		s.handler.ServeHTTP(w, r)
		return
	}
	s.log.add(r, body)
	w.Header().Set("X-Trace-Id", rand.Text())
	if a := s.answer(r, body); a.status != 0 || a.reset {
		write(w, a)
	}
}

// answer finds who is to answer.
func (s *Service) answer(r *http.Request, body []byte) answer {
	path := r.URL.Path
	if rest, ok := strings.CutPrefix(path, "/v2/"); ok {
		if refusal := s.limited(r); refusal.status != 0 {
			return refusal
		}
		if rest == "webhook/subscription" || strings.HasPrefix(rest, "webhook/subscription/") {
			return s.subscriptionCall(r, strings.TrimPrefix(strings.TrimPrefix(rest, "webhook/subscription"), "/"), body)
		}
		sandbox := strings.HasPrefix(rest, "sandbox/")
		if call, ok := strings.CutPrefix(strings.TrimPrefix(rest, "sandbox/"), "usercollection/"); ok {
			return s.dataCall(r, sandbox, call)
		}
		return detail(http.StatusNotFound, "Not Found")
	}
	return s.oauthCall(r, body)
}

// limited refuses a request that exceeds a budget; a zero answer lets it through.
func (s *Service) limited(r *http.Request) answer {
	now := s.Now()
	if l := s.cfg.tokenLimit; l.window > 0 {
		if wait, ok := s.meters.token(bearerToken(r)).take(l, now); !ok {
			return tooMany("access_token", l.n, l.window, wait, now.Add(wait))
		}
	}
	if l := s.cfg.appLimit; l.window > 0 {
		if wait, ok := s.meters.app.take(l, now); !ok {
			return tooMany("application", l.n, l.window, wait, now.Add(wait))
		}
	}
	return answer{}
}

// dataCall answers for a collection, a document or the person.
func (s *Service) dataCall(r *http.Request, sandbox bool, path string) answer {
	name, id, _ := strings.Cut(path, "/")
	known := catalog[name]
	switch {
	case r.Method != http.MethodGet:
		return detail(http.StatusMethodNotAllowed, "Method Not Allowed")
	case strings.Contains(id, "/") || known == nil && (name != "personal_info" || id != ""):
		return detail(http.StatusNotFound, "Not Found")
	case sandbox:
		return s.faulty(r, name, "", func() (page, answer) {
			return page{}, sandboxAnswer(known, id, r.Header.Get("Authorization") != "")
		})
	}
	scope := ""
	if known != nil {
		scope = known.scope
	}
	return s.faulty(r, name, scope, func() (page, answer) {
		g, refusal := s.grants.check(bearerToken(r), s.Now())
		switch {
		case refusal.status != 0:
			return page{}, refusal
		case known == nil:
			return page{}, g.user.personalInfo(g.has)
		case !g.has(scope):
			return page{}, missingScope(scope)
		case id != "" && !known.series:
			return page{}, g.user.get(known, id)
		case id != "":
			return page{}, detail(http.StatusNotFound, "Not Found")
		}
		return g.user.list(known, r.URL.Query())
	})
}

func bearerToken(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// write puts an answer on the wire, or breaks the connection.
func write(w http.ResponseWriter, a answer) {
	if a.reset {
		breakOff(w)
		return
	}
	header := w.Header()
	maps.Copy(header, a.header)
	body := a.body
	if a.status != http.StatusNoContent {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if a.cut {
		body = body[:len(body)/2]
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
	if a.cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // the way to end a connection in the middle of an answer
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
