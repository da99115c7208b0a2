package main

import (
	"context"
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
	t := r.table(columnsOf(reflect.TypeOf(me), r.columns))
	t.add(&me)
	return t.flush()
}

// listed lists a collection by days, or by instants where it is a series, and reads its last document again by the id.
func listed(ctx context.Context, c oura.Collection, r *report) error {
	var options []oura.CollectionOption
	switch {
	case c.Dated:
		options = append(options, oura.Days(r.first, r.last))
	case c.Series:
		options = append(options, oura.Between(r.first.In(time.Local), r.last.AddDays(1).In(time.Local)))
	}
	columns, last := columnsOf(c.Model, r.columns), ""
	t := r.table(columns)
	for document, err := range c.List(ctx, options...) {
		if err := t.note(err); err != nil {
			return err
		}
		if err == nil {
			t.add(document)
			last = idOf(document)
		}
	}
	if err := t.flush(); err != nil || last == "" || !r.get {
		return err
	}
	document, err := c.Get(ctx, last)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "  Get(%q) has the %s %s\n", last, columns[0].name, columns[0].of(document))
	return nil
}

// column is a property that a table shows, and its place in the model.
type column struct {
	name  string
	index []int
}

// columnsOf picks the first properties of a model that are short: no ids, no series of samples, no lists of objects. Those
// of an object in it come after its own.
func columnsOf(model reflect.Type, most int) (columns []column) {
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
			switch {
			case name == "id":
			case printed, kind.Kind() != reflect.Struct && kind.Kind() != reflect.Slice, kind == reflect.TypeFor[[]string]():
				columns = append(columns, column{prefix + name, at})
			case kind.Kind() == reflect.Struct && kind != reflect.TypeFor[oura.Sample]():
				add(kind, prefix+name+".", at)
			}
		}
	}
	add(model, "", nil)
	slices.SortStableFunc(columns, func(a, b column) int { return len(a.index) - len(b.index) })
	return columns[:min(most, len(columns))]
}

// of is the property of a document, as text; what the service left out is a dash.
func (c column) of(document any) string {
	v, err := reflect.ValueOf(document).Elem().FieldByIndexErr(c.index)
	if err != nil {
		return missing // the object that it is in
	}
	return text(v.Interface())
}

// idOf is the document's id, or "" where it has none, as rows of a series.
func idOf(document any) string {
	id := reflect.Indirect(reflect.ValueOf(document)).FieldByName("ID")
	if id.Kind() == reflect.Pointer {
		id = id.Elem()
	}
	if id.Kind() != reflect.String {
		return ""
	}
	return id.String()
}
