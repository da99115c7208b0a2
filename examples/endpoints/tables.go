package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/oura-go/sdk/oura"
)

// endpoint is one path of the API.
type endpoint struct {
	name  string
	print func(context.Context) error
}

// endpoints are all of them: the person, and every collection that the client has, so that one that comes with a newer
// version of the module is printed too.
func endpoints(c *oura.Client, r *report) []endpoint {
	all := []endpoint{{"personal_info", func(ctx context.Context) error { return person(ctx, c, r) }}}
	for _, collection := range c.Collections() {
		all = append(all, endpoint{collection.Path, func(ctx context.Context) error { return listed(ctx, collection, r) }})
	}
	return all
}

func person(ctx context.Context, c *oura.Client, r *report) error {
	me, err := c.PersonalInfo(ctx)
	if err != nil {
		return err
	}
	t := newTable(columnsOf(reflect.TypeOf(me)))
	t.add(&me)
	t.print(r.out, r.width, "")
	return nil
}

// listed lists a collection by days, or by instants where it is a series, and reads its last document again by the id.
func listed(ctx context.Context, c oura.Collection, r *report) error {
	options, none := []oura.CollectionOption(nil), "none in these days"
	switch {
	case c.Dated:
		options = append(options, oura.Days(r.first, r.last))
	case c.Series:
		options = append(options, oura.Between(r.first.In(time.Local), r.last.AddDays(1).In(time.Local)))
	default:
		none = "none"
	}
	var last any
	t := newTable(columnsOf(c.Model))
	for document, err := range c.List(ctx, options...) {
		if err := t.note(err); err != nil {
			return err
		}
		if err == nil {
			t.add(document)
			last = document
		}
	}
	t.print(r.out, r.width, none)
	id := idOf(last)
	if id == "" || !r.get {
		return nil
	}
	document, err := c.Get(ctx, id)
	if err != nil {
		return err
	}
	what := "the same document"
	listed, errListed := json.Marshal(last)
	read, errRead := json.Marshal(document)
	if err := errors.Join(errListed, errRead); err != nil {
		return err
	}
	if !bytes.Equal(listed, read) {
		what = "it has changed in the meantime"
	}
	fmt.Fprintf(r.out, "  the last one, read again by its id: %s\n", what)
	return nil
}

// column is a property that a table shows, and its place in the model.
type column struct {
	heading string // its name, with the unit
	number  bool
	index   []int
}

// units are those that the models document. Durations are written as h:mm; what is missing here is a count or a score.
var units = map[string]string{
	"active_calories": "kcal", "target_calories": "kcal", "total_calories": "kcal", "calories": "kcal",
	"equivalent_walking_distance": "m", "meters_to_target": "m", "target_meters": "m", "distance": "m",
	"high_activity_met_minutes": "MET-min", "medium_activity_met_minutes": "MET-min", "low_activity_met_minutes": "MET-min",
	"sedentary_met_minutes": "MET-min", "average_met_minutes": "MET-min/min",
	"average_breath": "/min", "average_heart_rate": "bpm", "lowest_heart_rate": "bpm", "average_hrv": "ms", "efficiency": "%",
	"temperature_deviation": "°C", "temperature_trend_deviation": "°C", "spo2_percentage.average": "%",
	"readiness.temperature_deviation": "°C", "readiness.temperature_trend_deviation": "°C",
	"pulse_wave_velocity": "m/s", "vascular_age": "years", "vo2_max": "ml/kg/min",
	"age": "years", "height": "m", "weight": "kg", "level": "%", "timestamp_unix": "ms",
}

// columnsOf picks the properties of a model that are short: no ids, no series of samples or codes, no lists of objects.
// Those of an object in it come after its own.
func columnsOf(model reflect.Type) (columns []column) {
	var add func(of reflect.Type, prefix string, index []int)
	add = func(of reflect.Type, prefix string, index []int) {
		for i := range of.NumField() {
			f := of.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			at := append(slices.Clip(index), i)
			kind := f.Type
			if kind.Kind() == reflect.Pointer {
				kind = kind.Elem()
			}
			_, printed := reflect.TypeAssert[fmt.Stringer](reflect.New(kind))
			c := column{prefix + name, kind.Kind() >= reflect.Int && kind.Kind() <= reflect.Float64, at}
			switch unit := units[prefix+name]; {
			case kind == reflect.TypeFor[oura.Seconds]():
				c.heading += " (h:mm)"
			case c.number && unit != "": // the level of resilience is a word
				c.heading += " (" + unit + ")"
			}
			switch {
			case name == "id", strings.HasSuffix(name, "_min"), strings.HasSuffix(name, "_sec"):
			case printed, kind.Kind() != reflect.Struct && kind.Kind() != reflect.Slice, kind == reflect.TypeFor[[]string]():
				columns = append(columns, c)
			case kind.Kind() == reflect.Struct && kind != reflect.TypeFor[oura.Sample]():
				add(kind, prefix+name+".", at)
			}
		}
	}
	add(model, "", nil)
	slices.SortStableFunc(columns, func(a, b column) int { return len(a.index) - len(b.index) })
	return columns
}

// of is the property of a document, as text; what the service left out is a dash.
func (c column) of(document any) string {
	v, err := reflect.ValueOf(document).Elem().FieldByIndexErr(c.index)
	if err != nil {
		return missing // the object that it is in
	}
	return text(v.Interface())
}

// idOf is the document's id, or "" where there is none, as of rows of a series.
func idOf(document any) string {
	if document == nil {
		return ""
	}
	id := reflect.Indirect(reflect.ValueOf(document)).FieldByName("ID")
	if id.Kind() == reflect.Pointer {
		id = id.Elem()
	}
	if id.Kind() != reflect.String {
		return ""
	}
	return id.String()
}
