// Package refusal reads what somebody else says about a failure: the bodies of error responses, and errors that may
// carry secrets.
package refusal

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Field is one refused parameter.
type Field struct{ Loc, Type, Msg string }

// Read takes detail and fields from the body of an error. FastAPI sends {"detail": "…"} or {"detail": [{"loc", "type",
// "msg"}]}; gateways send other objects, bare text, HTML or nothing.
func Read(body []byte) (detail string, refused []Field) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] == '<' {
		return "", nil // nothing, or a page for browsers
	}
	var fields map[string]json.RawMessage
	switch {
	case json.Unmarshal(body, &detail) == nil:
	case json.Unmarshal(body, &fields) == nil:
		refused = fieldsOf(fields["detail"])
		for _, key := range []string{"detail", "message", "error_description", "error", "title"} {
			if json.Unmarshal(fields[key], &detail) == nil && detail != "" {
				break
			}
		}
	case body[0] != '{' && body[0] != '[':
		detail = string(body)
	}
	return detail, refused
}

// maxFields bounds what a hostile response can make us keep.
const maxFields = 100

func fieldsOf(raw json.RawMessage) []Field {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return nil
	}
	var out []Field
	for _, item := range items[:min(len(items), maxFields)] {
		var f struct {
			Loc  []any  `json:"loc"`
			Type string `json:"type"`
			Msg  string `json:"msg"`
		}
		_ = json.Unmarshal(item, &f) // a field of the wrong type leaves the others filled
		if f.Loc == nil && f.Type == "" && f.Msg == "" {
			continue
		}
		out = append(out, Field{Loc: joinLoc(f.Loc), Type: f.Type, Msg: f.Msg})
	}
	return out
}

// joinLoc writes ["query", "ids", 0] as query.ids.0.
func joinLoc(loc []any) string {
	parts := make([]string, 0, len(loc))
	for _, p := range loc {
		switch p := p.(type) {
		case string:
			parts = append(parts, p)
		case float64:
			parts = append(parts, strconv.FormatFloat(p, 'f', -1, 64))
		}
	}
	return strings.Join(parts, ".")
}

// The service says "Token is not authorized access spo2 scope."; the looser forms are for the day it corrects its
// grammar.
var scopePattern = regexp.MustCompile(
	`(?i)\b(?:not authorized (?:to )?access|missing|lacks|requires?) (?:the )?(?:required )?["'` + "`" + `]?(?:extapi:)?([\w.-]+)["'` + "`" + `]? scope\b`)

// MissingScope recognises a refusal that no fresh token cures. The scope may be any text.
func MissingScope(detail string, h http.Header) (scope string, ok bool) {
	if m := scopePattern.FindStringSubmatch(detail); m != nil {
		if strings.EqualFold(m[1], "required") {
			return "", true // "missing required scope": it does not say which
		}
		return m[1], true
	}
	for _, challenge := range h.Values("WWW-Authenticate") {
		if strings.Contains(challenge, `error="insufficient_scope"`) {
			_, rest, _ := strings.Cut(challenge, `scope="`)
			scope, _, _ := strings.Cut(rest, `"`)
			return strings.TrimPrefix(scope, "extapi:"), true
		}
	}
	return "", false
}
