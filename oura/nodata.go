package oura

import "reflect"

// The service writes "no data" as a number in two places: 255 as the lowest heart rate of a sleep whose heart rate is
// null, and 0.0 as the average saturation. Both become nil, so that nobody averages them.

// noData returns what does this to a model, or to a struct that embeds one; nil where there is nothing to do.
func noData[T any]() func(*T) {
	t := reflect.TypeFor[T]()
	if path, ok := embedded(t, reflect.TypeFor[Sleep]()); ok {
		return func(v *T) {
			if s, ok := part[Sleep](v, path); ok && s.HeartRate == nil && s.LowestHeartRate != nil && *s.LowestHeartRate == noHeartRate {
				s.LowestHeartRate = nil
			}
		}
	}
	if path, ok := embedded(t, reflect.TypeFor[DailySpO2]()); ok {
		return func(v *T) {
			if d, ok := part[DailySpO2](v, path); ok && d.SpO2Percentage != nil && d.SpO2Percentage.Average != nil && *d.SpO2Percentage.Average == 0 {
				d.SpO2Percentage.Average = nil
			}
		}
	}
	return nil
}

const noHeartRate = 255

// embedded is the path to a model in a struct: of no length if it is that model, of one field if it embeds it.
func embedded(t, model reflect.Type) (path []int, ok bool) {
	if t == model {
		return nil, true
	}
	if t.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && (f.Type == model || f.Type == reflect.PointerTo(model)) {
			return []int{i}, true
		}
	}
	return nil, false
}

// part is the model at a path of embedded; ok is false where it is embedded as a nil pointer.
func part[M, T any](v *T, path []int) (m *M, ok bool) {
	if len(path) == 0 {
		m, ok = any(v).(*M)
		return m, ok
	}
	f := reflect.ValueOf(v).Elem().Field(path[0])
	if f.Kind() != reflect.Pointer {
		f = f.Addr()
	}
	m, _ = reflect.TypeAssert[*M](f)
	return m, m != nil
}
