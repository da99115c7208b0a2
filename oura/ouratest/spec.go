package ouratest

import (
	"reflect"
	"time"

	"github.com/oura-go/sdk/internal/person"
	"github.com/oura-go/sdk/oura"
)

// spec is what the kit knows of a collection besides its documents.
type spec struct {
	name      string // last segment of the path
	scope     string
	model     reflect.Type
	day       string   // the field with the civil day; "" where the collection takes no dates
	instants  []string // the fields that the service filters by, the first that is not null; none where it is the day
	series    bool     // filtered by start_datetime and end_datetime
	exclusive bool     // whether a bare end_date is
}

// item places a document that a test has made: by its instant, its day, or in every range. A document made by hand may
// have its day only: then its instant is noon in UTC, which is on that day in nearly every zone.
func (s *spec) item(doc any) person.Item {
	v := reflect.ValueOf(doc)
	it := person.Item{ID: field[string](v, "ID"), Build: func() any { return doc }}
	for _, name := range s.instants {
		if it.At = field[time.Time](v, name); !it.At.IsZero() {
			return it
		}
		if local := field[oura.LocalDateTime](v, name); !local.IsZero() {
			it.At = local.In(time.UTC)
			return it
		}
	}
	if day := field[oura.Date](v, s.day); !day.IsZero() {
		it.At = day.In(time.UTC)
		if len(s.instants) > 0 {
			it.At = it.At.Add(12 * time.Hour)
		}
	}
	return it
}

// field reads a field of a model: the zero value where it is null or there is none.
func field[T any](model reflect.Value, name string) (v T) {
	if f := reflect.Indirect(model.FieldByName(name)); f.IsValid() {
		v, _ = reflect.TypeAssert[T](f)
	}
	return v
}
