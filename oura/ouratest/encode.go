package ouratest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oura-go/sdk/oura"
)

// encode writes a model as the service does: a value that may be null and has none is null, where encoding/json would
// leave it out. Only what the service itself leaves out is missing: timestamp_unix, and the id of
// daily_cardiovascular_age. A list of fields keeps those properties alone.
func encode(v any, fields []string) json.RawMessage {
	if row, ok := v.(oura.HeartRate); ok && fields == nil && strings.Trim(string(row.Source), "abcdefghijklmnopqrstuvwxyz_") == "" {
		return encodeHeartRate(row)
	}
	return appendValue(nil, reflect.ValueOf(v), fields)
}

// encodeHeartRate does the same for the one model of which there are hundreds of thousands.
func encodeHeartRate(row oura.HeartRate) json.RawMessage {
	b := append(make([]byte, 0, 96), `{"timestamp":"`...)
	b = row.Timestamp.AppendFormat(b, time.RFC3339Nano)
	b = strconv.AppendInt(append(b, `","bpm":`...), int64(row.BPM), 10)
	b = append(append(append(b, `,"source":"`...), row.Source...), '"')
	if row.TimestampUnix != nil {
		b = strconv.AppendInt(append(b, `,"timestamp_unix":`...), *row.TimestampUnix, 10)
	}
	return append(b, '}')
}

func appendValue(b []byte, v reflect.Value, fields []string) []byte {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return append(b, "null"...)
		}
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice && v.IsNil() {
		return append(b, "[]"...) // no list of the service may be null
	}
	if _, special := reflect.TypeAssert[json.Marshaler](v); special || v.Kind() != reflect.Struct {
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct {
			return appendList(b, v)
		}
		text, err := json.Marshal(v.Interface())
		if err != nil { // an infinite sample or a day that the calendar does not have
			panic("ouratest: a document cannot be written as JSON: " + err.Error())
		}
		return append(b, text...)
	}
	b = append(b, '{')
	first := true
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		field := v.Field(i)
		absent := field.Kind() == reflect.Pointer && field.IsNil() && (name == "timestamp_unix" || name == "id")
		if absent || fields != nil && !slices.Contains(fields, name) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, '"')
		b = append(b, name...)
		b = append(b, `":`...)
		b = appendValue(b, field, nil)
	}
	return append(b, '}')
}

func appendList(b []byte, v reflect.Value) []byte {
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, v.Index(i), nil)
	}
	return append(b, ']')
}
