package oura

import "reflect"

// The service writes "no data" as a number in two places: 255 as the lowest heart rate of a sleep whose heart rate is
// null, and 0.0 as the average saturation. Both become nil, so that nobody averages them.

// noData returns what does this to a model, or to a struct that embeds one; nil where there is nothing to do.
func noData[T any]() func(*T) {
	const noHeartRate = 255
	sleep := inside[T](func(s *Sleep) {
		if s.HeartRate == nil && Or(s.LowestHeartRate, 0) == noHeartRate {
			s.LowestHeartRate = nil
		}
	})
	if sleep != nil {
		return sleep
	}
	return inside[T](func(d *DailySpO2) {
		if d.SpO2Percentage != nil && Or(d.SpO2Percentage.Average, 1) == 0 {
			d.SpO2Percentage.Average = nil
		}
	})
}

// inside applies a change to the M that a T is, or embeds; nil where a T has none.
func inside[T, M any](change func(*M)) func(*T) {
	if same, ok := any(change).(func(*T)); ok {
		return same
	}
	t, model := reflect.TypeFor[T](), reflect.TypeFor[M]()
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && (f.Type == model || f.Type == reflect.PointerTo(model)) {
			return func(v *T) {
				part := reflect.ValueOf(v).Elem().Field(i)
				if part.Kind() != reflect.Pointer {
					part = part.Addr()
				}
				if m, ok := reflect.TypeAssert[*M](part); ok && m != nil {
					change(m)
				}
			}
		}
	}
	return nil
}
