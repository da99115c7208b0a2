package decode

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Options are those of the general decoder.
var Options = json.JoinOptions(
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
)

// tolerantOptions read what the strict way refuses and encoding/json takes: a timestamp such as 2026-03-12T0:05:00Z.
var tolerantOptions = json.JoinOptions(
	Options,
	json.WithUnmarshalers(json.UnmarshalFunc(func(b []byte, t *time.Time) error {
		var text *string
		if err := json.Unmarshal(b, &text, Options); err != nil || text == nil {
			return err
		}
		return t.UnmarshalText([]byte(*text))
	})),
)
