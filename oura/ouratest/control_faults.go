package ouratest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/oura-go/sdk/oura"
)

// faultCall is the body of a call that has requests fail.
type faultCall struct {
	Endpoint   string
	Fault      string // name of its function; "" with always ends one
	Always     bool   // every request, not the next one
	RetryAfter string `json:"retry_after"` // of RateLimited
	Delay      string // of Slow
	Status     int    // of ServerError and HTML; 0: the default
	Scope      string // of MissingScope; "": that of the endpoint
	Index      int    // of Malformed
}

func (s *Service) controlFault(body []byte) (any, error) {
	var call faultCall
	if err := readControl(body, &call); err != nil {
		return nil, err
	}
	if !isEndpoint(call.Endpoint) {
		return nil, fmt.Errorf("there is no endpoint %q; name it as the last word of its path", call.Endpoint)
	}
	f, err := call.fault()
	switch {
	case err != nil:
		return nil, err
	case call.Always:
		s.Fail(call.Endpoint, f)
	default:
		s.FailOnce(call.Endpoint, f)
	}
	return map[string]string{"endpoint": call.Endpoint, "fault": f.String()}, nil
}

func (c faultCall) fault() (Fault, error) {
	var status []int
	if c.Status != 0 {
		if c.Status < 200 || c.Status > 599 {
			return Fault{}, fmt.Errorf("status %d is none of an answer", c.Status)
		}
		status = []int{c.Status}
	}
	switch c.Fault {
	case "":
		return Fault{}, nil
	case "RateLimited":
		d, err := positive("retry_after", c.RetryAfter)
		return RateLimited(d), err
	case "MissingScope":
		if c.Scope != "" {
			return MissingScope(c.Scope), nil
		}
		return MissingScope(), nil
	case "Expired":
		return Expired(), nil
	case "Forbidden":
		return Forbidden(), nil
	case "ServerError":
		return ServerError(status...), nil
	case "HTML":
		return HTML(status...), nil
	case "LostAnswer":
		return LostAnswer(), nil
	case "Truncated":
		return Truncated(), nil
	case "Reset":
		return Reset(), nil
	case "Slow":
		d, err := positive("delay", c.Delay)
		return Slow(d), err
	case "Malformed":
		return Malformed(c.Index), nil
	default:
		return Fault{}, fmt.Errorf("there is no fault %q; name it as the functions of package ouratest, such as RateLimited", c.Fault)
	}
}

func positive(name, text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%s is %q; give a duration, such as 2s", name, text)
	}
	return d, nil
}

// decoders read one document or row of each collection.
var decoders = map[string]func([]byte) (any, error){
	"daily_activity":           decodeAs[oura.DailyActivity],
	"daily_cardiovascular_age": decodeAs[oura.DailyCardiovascularAge],
	"daily_readiness":          decodeAs[oura.DailyReadiness],
	"daily_resilience":         decodeAs[oura.DailyResilience],
	"daily_sleep":              decodeAs[oura.DailySleep],
	"daily_spo2":               decodeAs[oura.DailySpO2],
	"daily_stress":             decodeAs[oura.DailyStress],
	"enhanced_tag":             decodeAs[oura.EnhancedTag],
	"heartrate":                decodeAs[oura.HeartRate],
	"rest_mode_period":         decodeAs[oura.RestModePeriod],
	"ring_battery_level":       decodeAs[oura.RingBatteryLevel],
	"ring_configuration":       decodeAs[oura.RingConfiguration],
	"session":                  decodeAs[oura.Session],
	"sleep":                    decodeAs[oura.Sleep],
	"sleep_time":               decodeAs[oura.SleepTime],
	"tag":                      decodeAs[oura.Tag],
	"vO2_max":                  decodeAs[oura.VO2Max],
	"workout":                  decodeAs[oura.Workout],
}

func decodeAs[T any](text []byte) (any, error) {
	var doc T
	err := json.Unmarshal(text, &doc)
	return doc, err
}
