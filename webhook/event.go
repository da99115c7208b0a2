package webhook

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/internal/text"
)

// Event says that a document was created, changed or deleted. It round-trips through JSON, under the names that Oura
// uses, so that it can be stored in a job system as it is.
type Event struct {
	// Type is what happened: "create", "update", "delete", or one that Oura adds later. It is the EventType of package
	// oura.
	Type api.EventType `json:"event_type"`

	// DataType is what it happened to, such as "daily_sleep", or one that Oura adds later. It is the DataType of
	// package oura, fit for Client.Object. Some, such as "meal", have no documents that could be fetched.
	DataType api.DataType `json:"data_type"`

	// ObjectID is the ID of the document within its data type.
	ObjectID string `json:"object_id"`

	// UserID is the ID that the personal info of the user carries. It says whose token fetches the document.
	UserID string `json:"user_id"`

	// Time is when it happened, with the offset that was sent; UTC where none was. It is zero when the delivery carries
	// no time that can be read.
	Time time.Time `json:"event_time,omitzero"`
}

// LogValue logs what happened to which document, and not to whom.
func (e Event) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("event_type", text.Clip(string(e.Type), text.MaxName)),
		slog.String("data_type", text.Clip(string(e.DataType), text.MaxName)),
		slog.String("object_id", text.Clip(e.ObjectID, text.MaxName)),
		slog.Time("event_time", e.Time),
	)
}

// keyVersion changes when the encoding behind Key does.
const keyVersion = "oura-webhook-event/1"

// Key identifies an event over its redeliveries: 64 hex digits, a hash of all fields and of nothing else, so it does
// not depend on the signature, the order of fields or the offset in which a time is written. Use it as idempotency key.
// Keys do not change between versions of this package.
//
// Of an event whose Time is zero, the key is the same for every change of its document; see [Duplicates].
func (e Event) Key() string {
	// A length before each field: without it, moving a letter from one field to the next would not change the key.
	buf := make([]byte, 0, 256)
	for _, field := range []string{keyVersion, string(e.Type), string(e.DataType), e.ObjectID, e.UserID} {
		buf = binary.AppendUvarint(buf, uint64(len(field)))
		buf = append(buf, field...)
	}
	buf = binary.AppendVarint(buf, e.Time.Unix())
	buf = binary.AppendVarint(buf, int64(e.Time.Nanosecond()))
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:])
}

// ParseEvent reads the body of a delivery. It proves nothing: call [Verifier.Verify] first.
//
// Unknown fields are ignored and unknown types kept. The older form, with "create.daily_sleep" as event_type and no
// data_type, is read as type "create" and data type "daily_sleep". A time that is missing or cannot be read leaves Time
// zero, since it is no reason to lose an event. The error matches [ErrMalformed] and quotes nothing of the body.
func ParseEvent(body []byte) (Event, error) {
	// A map rather than a struct: a struct would match keys in any letter case.
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return Event{}, fmt.Errorf("%w: not JSON, or cut, at byte %d of %d", ErrMalformed, syntax.Offset, len(body))
		}
		return Event{}, fmt.Errorf("%w: not a JSON object", ErrMalformed)
	}
	var ev Event
	var eventType, dataType string
	for _, field := range []struct {
		name   string
		target *string
	}{{"event_type", &eventType}, {"data_type", &dataType}, {"object_id", &ev.ObjectID}, {"user_id", &ev.UserID}} {
		if raw, ok := fields[field.name]; ok {
			if err := json.Unmarshal(raw, field.target); err != nil { // null leaves it empty
				return Event{}, fmt.Errorf("%w: %s is not a string", ErrMalformed, field.name)
			}
		}
	}
	ev.Type, ev.DataType = splitType(eventType, dataType)
	switch {
	case ev.Type == "":
		return Event{}, fmt.Errorf("%w: event_type is missing", ErrMalformed)
	case ev.DataType == "":
		return Event{}, fmt.Errorf("%w: data_type is missing", ErrMalformed)
	}
	ev.Time = parseEventTime(fields["event_time"])
	return ev, nil
}

// splitType takes "create.daily_sleep" apart, unless data_type says that the dot means something else.
func splitType(eventType, dataType string) (api.EventType, api.DataType) {
	before, after, found := strings.Cut(eventType, ".")
	if found && (dataType == "" || dataType == after) {
		return api.EventType(before), api.DataType(after)
	}
	return api.EventType(eventType), api.DataType(dataType)
}

// The parser accepts a fraction after the seconds of any of these.
var timeLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05", // as expiration_time of a subscription is written
	"2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05Z07:00",
	time.DateTime,
}

func parseEventTime(raw json.RawMessage) time.Time {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		text = string(raw) // a number, perhaps
	}
	if t, ok := parseTimestamp(text); ok {
		return storable(t)
	}
	for _, layout := range timeLayouts {
		// Not time.Parse, which would put times into the zone of this machine.
		if t, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			return storable(t)
		}
	}
	return time.Time{}
}

// maxTimestampDigits is as many digits as an int64 holds without overflow.
const maxTimestampDigits = 18

// parseTimestamp reads unix seconds or milliseconds, told apart by size: 10^12 seconds are in the year 33658, 10^12
// milliseconds were in 2001. strconv would accept a sign too, and a space is only trimmed by some servers: plain digits
// only.
func parseTimestamp(s string) (time.Time, bool) {
	if s == "" || len(s) > maxTimestampDigits || strings.Trim(s, "0123456789") != "" {
		return time.Time{}, false
	}
	n, _ := strconv.ParseInt(s, 10, 64) // these do not fail
	if n < 1e12 {
		return time.Unix(n, 0).UTC(), true
	}
	return time.UnixMilli(n).UTC(), true
}

// storable replaces times that JSON could not hold, so that storing an event never fails: an offset beyond a day gives
// way to UTC, a year of five digits to no time.
func storable(t time.Time) time.Time {
	for _, t := range []time.Time{t, t.UTC()} {
		if _, err := t.MarshalText(); err == nil {
			return t
		}
	}
	return time.Time{}
}
