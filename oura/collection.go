package oura

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/oura-go/sdk/internal/transport"
)

// collection is what documents and time series have in common: a name, a model, and options that are checked before
// anything is sent.
type collection struct {
	client     *Client
	name       string   // last segment of the path
	key        string   // property that tells an item's place in time; "" where it has none
	properties []string // JSON names of the model; nil where the model is not a struct
}

func newCollection[T any](c *Client, name, key string) collection {
	return collection{client: c, name: name, key: key, properties: propertiesOf(reflect.TypeFor[T]())}
}

// path is the template that errors name.
func (c *collection) path() string {
	return "/v2" + map[bool]string{true: "/sandbox"}[c.client.cfg.sandbox] + "/usercollection/" + c.name
}

func (c *collection) invalid(format string, args ...any) *Error {
	return invalidRequest(http.MethodGet, c.path(), format, args...)
}

// resolve makes a listing's options a place to start from. dated says whether the collection takes a range, window is
// how long one request may be.
func (c *collection) resolve(o *listOptions, window time.Duration) (start place, err error) {
	sandbox := c.client.cfg.sandbox
	if o.cursor != "" {
		for _, other := range []string{"Days", "Between", "Fields"} {
			if slices.Contains(o.given, other) {
				return place{}, c.invalid("%s beside Resume: the cursor holds range and fields already; leave %s out", other, other)
			}
		}
		if o.fields, start, err = readCursor(o.cursor, c.name); err != nil {
			return place{}, c.invalid("%v", err)
		}
	} else {
		head, rest := o.span.cut(window)
		start = place{window: head, rest: rest}
	}
	if len(o.fields) > 0 {
		if sandbox {
			return place{}, c.invalid("Fields: the sandbox does not have it; leave it out")
		}
		if c.properties != nil {
			for _, f := range o.fields {
				if !slices.Contains(c.properties, f) {
					return place{}, c.invalid("Fields: %s has no property %q; it has %s", c.name, f, strings.Join(c.properties, ", "))
				}
			}
		}
	}
	return start, nil
}

// query writes the fields as the service takes them, with the id and the key that trimming reads.
func (c *collection) query(fields []string) *string {
	if len(fields) == 0 {
		return nil
	}
	all := slices.Clone(fields)
	for _, always := range []string{"id", c.key} {
		known := c.properties == nil || slices.Contains(c.properties, always)
		if always != "" && known && !slices.Contains(all, always) {
			all = append(all, always)
		}
	}
	s := strings.Join(all, ",")
	return &s
}

// propertiesOf lists the JSON names of a struct's fields, those of embedded structs too.
func propertiesOf(t reflect.Type) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-":
		case name != "":
			names = append(names, name)
		case f.Anonymous:
			names = append(names, propertiesOf(f.Type)...)
		case f.IsExported():
			names = append(names, f.Name)
		}
	}
	return names
}

// keeper trims the items of a page to what was asked for.
type keeper[T any] struct {
	keep    func(*T) bool
	keepRaw func(jsontext.Value) bool // the same for a document that does not fit T
}

func keepAll[T any]() keeper[T] {
	return keeper[T]{
		keep:    func(*T) bool { return true },
		keepRaw: func(jsontext.Value) bool { return true },
	}
}

// keepWithin keeps items whose instant lies in the span. An item without one is kept: what cannot be placed must not
// be lost.
func keepWithin[T any](s span, at func(*T) time.Time, key string, parse func(string) (time.Time, error)) keeper[T] {
	return keeper[T]{
		keep: func(v *T) bool {
			t := at(v)
			return t.IsZero() || s.contains(t)
		},
		keepRaw: func(raw jsontext.Value) bool {
			var properties map[string]json.RawMessage
			var text string
			if json.Unmarshal(raw, &properties) != nil || json.Unmarshal(properties[key], &text) != nil {
				return true
			}
			t, err := parse(text)
			return err != nil || s.contains(t)
		},
	}
}

// filter keeps items in place.
func (k keeper[T]) filter(items []T) []T {
	kept := items[:0]
	for i := range items {
		if k.keep(&items[i]) {
			if len(kept) < i {
				items[len(kept)] = items[i]
			}
			kept = items[:len(kept)+1]
		}
	}
	clear(items[len(kept):])
	return kept
}

// endedContext is the error of a listing whose context ended between two items.
func endedContext(ctx context.Context, path string) *Error {
	cause := transport.ContextError(ctx)
	return &Error{Method: http.MethodGet, Path: path, kind: ErrServer, cause: cause, reason: causeText(cause, nil)}
}
