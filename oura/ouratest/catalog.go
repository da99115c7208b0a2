package ouratest

import (
	"time"

	"github.com/oura-go/sdk/oura"
)

// filter says by what a collection understands start and end.
type filter int

const (
	byDay     filter = iota // the document's own day
	byInstant               // an instant of the document, in UTC
	bySeries                // start_datetime and end_datetime
	unfiltered
)

// spec is what is known of a collection besides its documents.
type spec struct {
	name      string // last segment of the path
	scope     string
	filter    filter
	exclusive bool // a bare end_date is: as observed, or a choice where nothing is known
	dataType  oura.DataType
}

// catalog lists every collection. For session, rest_mode_period, vO2_max, tag and enhanced_tag nobody has recorded
// whether the end date is part of the range: three are exclusive here and two inclusive, so that callers meet both.
var catalog = []*spec{
	{name: "daily_activity", scope: "daily", exclusive: true, dataType: oura.DataTypeDailyActivity},
	{name: "daily_cardiovascular_age", scope: "heart_health", dataType: oura.DataTypeDailyCardiovascularAge},
	{name: "daily_readiness", scope: "daily", dataType: oura.DataTypeDailyReadiness},
	{name: "daily_resilience", scope: "stress", dataType: oura.DataTypeDailyResilience},
	{name: "daily_sleep", scope: "daily", dataType: oura.DataTypeDailySleep},
	{name: "daily_spo2", scope: "spo2", dataType: oura.DataTypeDailySpO2},
	{name: "daily_stress", scope: "daily", dataType: oura.DataTypeDailyStress},
	{name: "enhanced_tag", scope: "tag", dataType: oura.DataTypeEnhancedTag},
	{name: "heartrate", scope: "heartrate", filter: bySeries},
	{name: "rest_mode_period", scope: "daily", exclusive: true, dataType: oura.DataTypeRestModePeriod},
	{name: "ring_battery_level", scope: "ring_configuration", filter: bySeries},
	{name: "ring_configuration", scope: "ring_configuration", filter: unfiltered, dataType: oura.DataTypeRingConfiguration},
	{name: "session", scope: "session", filter: byInstant, exclusive: true, dataType: oura.DataTypeSession},
	{name: "sleep", scope: "daily", filter: byInstant, exclusive: true, dataType: oura.DataTypeSleep},
	{name: "sleep_time", scope: "daily", dataType: oura.DataTypeSleepTime},
	{name: "tag", scope: "tag", dataType: oura.DataTypeTag},
	{name: "vO2_max", scope: "heart_health", exclusive: true, dataType: oura.DataTypeVO2Max},
	{name: "workout", scope: "workout", filter: byInstant, exclusive: true, dataType: oura.DataTypeWorkout},
}

var specs = func() map[string]*spec {
	m := make(map[string]*spec, len(catalog))
	for _, s := range catalog {
		m[s.name] = s
	}
	return m
}()

// allScopes are the scopes that an application can have.
func allScopes() []string {
	return []string{
		"email", "personal", "daily", "heartrate", "workout", "tag", "session", "spo2", "stress", "heart_health",
		"ring_configuration",
	}
}

// item is one document or row, not necessarily made yet.
type item struct {
	id    string
	at    time.Time // what the collection is filtered and ordered by; zero: always in range
	build func() any
}

// entry places a document that a test has made. The name of its collection is "" for a type that is none.
func entry(doc any) (collection string, it item) {
	it.build = func() any { return doc }
	day := func(name, id string, d oura.Date) (string, item) {
		it.id, it.at = id, dayInstant(d)
		return name, it
	}
	// A document made by hand may have its day only: noon is on that day in nearly every zone.
	instant := func(name, id string, at time.Time, d oura.Date) (string, item) {
		if at.IsZero() && !d.IsZero() {
			at = dayInstant(d).Add(12 * time.Hour)
		}
		it.id, it.at = id, at
		return name, it
	}
	switch d := doc.(type) {
	case oura.DailyActivity:
		return day("daily_activity", d.ID, d.Day)
	case oura.DailyCardiovascularAge:
		return day("daily_cardiovascular_age", oura.Or(d.ID, ""), d.Day)
	case oura.DailyReadiness:
		return day("daily_readiness", d.ID, d.Day)
	case oura.DailyResilience:
		return day("daily_resilience", d.ID, d.Day)
	case oura.DailySleep:
		return day("daily_sleep", d.ID, d.Day)
	case oura.DailySpO2:
		return day("daily_spo2", d.ID, d.Day)
	case oura.DailyStress:
		return day("daily_stress", d.ID, d.Day)
	case oura.EnhancedTag:
		return day("enhanced_tag", d.ID, d.StartDay)
	case oura.RestModePeriod:
		return day("rest_mode_period", d.ID, d.StartDay)
	case oura.SleepTime:
		return day("sleep_time", d.ID, d.Day)
	case oura.Tag:
		return day("tag", d.ID, d.Day)
	case oura.VO2Max:
		return day("vO2_max", d.ID, d.Day)
	case oura.Session:
		return instant("session", d.ID, d.StartDatetime, d.Day)
	case oura.Workout:
		return instant("workout", d.ID, d.StartDatetime, d.Day)
	case oura.Sleep:
		return instant("sleep", d.ID, oura.Or(d.BedtimeEnd, d.BedtimeStart), d.Day)
	case oura.RingConfiguration:
		return instant("ring_configuration", d.ID, time.Time{}, oura.Date{})
	case oura.HeartRate:
		return instant("heartrate", "", d.Timestamp, oura.Date{})
	case oura.RingBatteryLevel:
		return instant("ring_battery_level", "", d.Timestamp, oura.Date{})
	default:
		return "", it
	}
}

// dayInstant stands for a day where instants are compared; the zero time for no day.
func dayInstant(d oura.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.In(time.UTC)
}
