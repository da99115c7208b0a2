package ouratest

import (
	"bytes"
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
	return encodeValue(reflect.ValueOf(v), fields)
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

func encodeValue(v reflect.Value, fields []string) json.RawMessage {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return json.RawMessage("null")
		}
		v = v.Elem()
	}
	var parts [][]byte
	_, special := reflect.TypeAssert[json.Marshaler](v)
	switch {
	case v.Kind() == reflect.Slice && v.IsNil():
		return json.RawMessage("[]") // no list of the service may be null
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct && !special:
		for _, item := range v.Seq2() {
			parts = append(parts, encodeValue(item, nil))
		}
		return slices.Concat([]byte("["), bytes.Join(parts, []byte(",")), []byte("]"))
	case v.Kind() != reflect.Struct || special:
		return toJSON(v.Interface())
	}
	for field, value := range v.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		absent := value.Kind() == reflect.Pointer && value.IsNil() && (name == "timestamp_unix" || name == "id")
		if !absent && (fields == nil || slices.Contains(fields, name)) {
			parts = append(parts, slices.Concat([]byte(`"`+name+`":`), encodeValue(value, nil)))
		}
	}
	return slices.Concat([]byte("{"), bytes.Join(parts, []byte(",")), []byte("}"))
}
