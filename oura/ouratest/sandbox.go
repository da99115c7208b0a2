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
func sandboxAnswer(s *spec, id string, authorized bool) answer {
	switch {
	case !authorized:
		return detail(http.StatusBadRequest, "Authorization header is missing.")
	case s == nil:
		return detail(http.StatusNotFound, "Not Found")
	case id != "":
		return detail(http.StatusInternalServerError, "Internal Server Error")
	}
	return page{data: sandboxData(s)}.answer()
}

// In the sandbox the timestamp of every daily document is the same.
var topTimestamp = regexp.MustCompile(`"timestamp":"[^"]*"`)

func sandboxData(s *spec) []json.RawMessage {
	data := []json.RawMessage{}
	start, end := sandboxFirst.In(time.UTC), sandboxFirst.AddDays(1).In(time.UTC)
	opts := []DataOption{Person("sandbox"), WithoutTimestampUnix()}
	switch s.name {
	case "heartrate":
		for _, row := range HeartRates(start, end, opts...) {
			text := encode(row, nil)
			data = append(data, append(bytes.TrimSuffix(text, []byte("}")), `,"producer_timestamp":null}`...))
		}
	case "ring_battery_level":
		for _, row := range RingBatteryLevels(start, end, opts...) {
			data = append(data, encode(row, nil))
		}
	case "ring_configuration":
		data = append(data, encode(RingConfiguration(opts...), nil))
	default:
		g := generatorOf(s.name)
		for i := range sandboxDays {
			doc := g.build(sandboxFirst.AddDays(i), 0, opts...)
			if night, ok := doc.(oura.Sleep); ok {
				night.HeartRate.Interval, night.HRV.Interval = 60, 60
				doc = night
			}
			text := encode(doc, nil)
			if s.filter == byDay {
				text = topTimestamp.ReplaceAll(text, []byte(`"timestamp":"2021-01-01T00:00:00.000+00:00"`))
			}
			data = append(data, text)
		}
	}
	return data
}

func generatorOf(collection string) *generator {
	for _, g := range generators {
		if g.collection == collection {
			return g
		}
	}
	return nil
}
