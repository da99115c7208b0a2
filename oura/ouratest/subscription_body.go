package ouratest

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/oura-go/sdk/oura"
)

// readSubscription decodes a body and misses keys as FastAPI does.
func readSubscription(body []byte, into any, required ...string) answer {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(body, &keys); err != nil {
		return unprocessable(problem{Type: "json_invalid", Loc: []any{"body", 0}, Msg: "JSON decode error", Input: map[string]any{}})
	}
	var bad []problem
	for _, name := range required {
		if _, ok := keys[name]; !ok {
			bad = append(bad, problem{Type: "missing", Loc: []any{"body", name}, Msg: "Field required", Input: map[string]any{}})
		}
	}
	if bad == nil && json.Unmarshal(body, into) != nil {
		bad = append(bad, problem{Type: "string_type", Loc: []any{"body"}, Msg: "Input should be a valid string", Input: map[string]any{}})
	}
	if bad != nil {
		return unprocessable(bad...)
	}
	return answer{}
}

func checkSubscription(callback string, event oura.EventType, data oura.DataType) (bad []problem) {
	if u, err := url.Parse(callback); err != nil || u.Host == "" {
		bad = append(bad, problem{Type: "url_parsing", Loc: []any{"body", "callback_url"}, Msg: "Input should be a valid URL", Input: callback})
	}
	wrong := func(name string, value any) {
		bad = append(bad, problem{Type: "enum", Loc: []any{"body", name}, Msg: fmt.Sprintf("Input should be a valid %s", name), Input: value})
	}
	if !event.Valid() {
		wrong("event_type", event)
	}
	if !data.Valid() {
		wrong("data_type", data)
	}
	return bad
}
