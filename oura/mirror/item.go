package mirror

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/oura-go/sdk/oura"
)

// item is a document with what the tables say of it.
type item struct {
	key  string // its id; its day where documents have an id in some responses only; a hash where it has neither
	id   string // its own; "" where it has none
	day  string // "" where it cannot be read
	body []byte // as it came
}

// itemOf reads what identifies a document. Nothing makes it fail: what cannot be read is kept all the same.
func itemOf(k *kind, raw []byte) item {
	it := item{body: raw}
	properties := propertiesOf(raw)
	it.id = textOf(properties["id"])
	if day, err := oura.ParseDate(textOf(properties[k.dayKey])); err == nil && k.dayKey != "" && !day.IsZero() {
		it.day = day.String()
	}
	switch {
	case k.byDay && it.day != "":
		it.key = "day:" + it.day
	case it.id != "":
		it.key = it.id
	default:
		sum := sha256.Sum256(raw)
		it.key = "sha256:" + hex.EncodeToString(sum[:16])
	}
	return it
}

// everyItem is all that a page lists: what fits its model, and then what does not.
func everyItem(page oura.Page[json.RawMessage]) []json.RawMessage {
	all := page.Data
	for _, bad := range page.Errors {
		all = append(all, bad.Raw)
	}
	return all
}

func propertiesOf(raw []byte) map[string]json.RawMessage {
	var properties map[string]json.RawMessage
	_ = json.Unmarshal(raw, &properties) // not an object: no properties
	return properties
}

func textOf(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // not a text: none
	return s
}

// instantOf is the timestamp of a row; ok is false where it cannot be read. It looks for the form in which the service
// writes rows before it parses them.
func instantOf(raw []byte) (at time.Time, ok bool) {
	_, rest, found := bytes.Cut(raw, []byte(`"timestamp":`))
	if found && bytes.Count(raw, []byte(`"timestamp"`)) == 1 {
		quoted, isText := bytes.CutPrefix(bytes.TrimLeft(rest, " "), []byte(`"`))
		if text, _, ended := bytes.Cut(quoted, []byte(`"`)); isText && ended {
			if at, err := time.Parse(time.RFC3339, string(text)); err == nil {
				return at, true
			}
		}
	}
	at, err := time.Parse(time.RFC3339, textOf(propertiesOf(raw)["timestamp"]))
	return at, err == nil
}

// dayOf is the UTC day by which rows are kept.
func dayOf(at time.Time) oura.Date { return oura.DateOf(at.UTC()) }

func earlier(a, b oura.Date) oura.Date {
	if b.Before(a) {
		return b
	}
	return a
}

var (
	surrogatePair = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)
	surrogate     = regexp.MustCompile(`\\u[dD][89a-fA-F][0-9a-fA-F]{2}`)
)

// plain reports whether both databases can read the JSON in a view: it is UTF-8, and has neither the zero character nor
// half a surrogate pair, which PostgreSQL refuses.
func plain(raw []byte) bool {
	return utf8.Valid(raw) && !bytes.Contains(raw, []byte(`\u0000`)) &&
		(!bytes.Contains(raw, []byte(`\u`)) || !surrogate.Match(surrogatePair.ReplaceAll(raw, nil)))
}
