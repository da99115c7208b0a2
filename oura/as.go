package oura

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/oura-go/sdk/internal/decode"
)

// As is the same collection with another model: a struct that embeds the collection's own and adds a property that is
// newer than this module, or json.RawMessage, which is each document as it came. Range, fields, cursors, reconciliation
// and errors are those of c, and cursors of one are good for the other.
//
// [Days] goes by the document's own key, whatever the model has of it. [Documents.Reconcile] needs the id and the day in
// the model. Give the struct no UnmarshalJSON method of its own, unless it reads the embedded part, too.
//
// For a time series there is [AsSeries].
func As[U, T any](c *Documents[T]) *Documents[U] {
	if same, ok := any(c).(*Documents[U]); ok {
		return same
	}
	d := &Documents[U]{lister: as[U](&c.lister), get: c.get, optionalID: c.optionalID}
	if c.day != nil {
		d.at = func(v *U) time.Time { return placeOf(v, d.key, d.parse) }
		d.day = func(v *U) Date {
			if at := d.at(v); !at.IsZero() {
				return DateOf(at)
			}
			return Date{}
		}
	}
	return d
}

// AsSeries is [As] for a time series: [Between] goes by the row's own timestamp.
func AsSeries[U, T any](c *TimeSeries[T]) *TimeSeries[U] {
	if same, ok := any(c).(*TimeSeries[U]); ok {
		return same
	}
	s := &TimeSeries[U]{lister: as[U](&c.lister), latest: c.latest}
	s.at = func(v *U) time.Time { return placeOf(v, s.key, s.parse) }
	return s
}

// as has all of a lister but what knows the model.
func as[U, T any](l *lister[T]) lister[U] {
	to := lister[U]{
		core: l.core, name: l.name, path: l.path, key: l.key, parse: l.parse, bounds: l.bounds, list: l.list,
		tidy: noData[U](), byKey: true, noFields: l.noFields,
	}
	if own := decode.Properties(reflect.TypeFor[U]()); own != nil {
		to.properties = slices.Concat(l.properties, own)
		slices.Sort(to.properties)
		to.properties = slices.Compact(to.properties)
	}
	return to
}

// placeOf reads the key of an item that its model writes; the zero time where it has none.
func placeOf[U any](v *U, key string, parse func(string) (time.Time, error)) time.Time {
	raw, err := json.Marshal(v)
	if err != nil {
		return time.Time{}
	}
	at, _ := textOf(raw, key, parse)
	return at
}
