package ouratest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"time"

	"github.com/oura-go/sdk/oura"
)

// sandboxDays are the fixed days of the sandbox.
const sandboxDays = 7

var sandboxFirst = oura.Date{Year: 2021, Month: time.January, Day: 1}

// sandboxAnswer is the sandbox: the same sample data for everyone, whatever is asked. Any Authorization will do, none
// is a 400. It has no person and no pages, knows neither fields nor latest, and fails on its own ids.
func sandboxAnswer(s *spec, id string, authorized bool) *answer {
	switch {
	case !authorized:
		return detail(http.StatusBadRequest, "Authorization header is missing.")
	case s == nil:
		return noPath()
	case id != "":
		return detail(http.StatusInternalServerError, "Internal Server Error")
	}
	return (&page{Data: sandboxData(s)}).answer()
}

// In the sandbox the timestamp of every daily document is the same.
var topTimestamp = regexp.MustCompile(`"timestamp":"[^"]*"`)

func sandboxData(s *spec) []json.RawMessage {
	data := []json.RawMessage{}
	start, end := sandboxFirst.In(time.UTC), sandboxFirst.AddDays(1).In(time.UTC)
	p := who([]DataOption{WithPerson("sandbox"), WithoutTimestampUnix()})
	switch s.name {
	case "heartrate":
		for _, row := range p.HeartRates(start, end) {
			text := encode(row, nil)
			data = append(data, append(bytes.TrimSuffix(text, []byte("}")), `,"producer_timestamp":null}`...))
		}
	case "ring_battery_level":
		for _, row := range p.RingBatteryLevels(start, end) {
			data = append(data, encode(row, nil))
		}
	case "ring_configuration":
		data = append(data, encode(p.RingConfiguration(), nil))
	default:
		for i := range sandboxDays {
			doc, ok := p.Document(s.name, sandboxFirst.AddDays(i))
			if !ok {
				break
			}
			if night, ok := doc.(oura.Sleep); ok {
				night.HeartRate.Interval, night.HRV.Interval = 60, 60
				doc = night
			}
			text := encode(doc, nil)
			if len(s.instants) == 0 {
				text = topTimestamp.ReplaceAll(text, []byte(`"timestamp":"2021-01-01T00:00:00.000+00:00"`))
			}
			data = append(data, text)
		}
	}
	return data
}
