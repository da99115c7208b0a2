package oura

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/oura-go/sdk/internal/decode"
)

// lister is what [Documents] and [TimeSeries] have in common. It checks options before anything is sent.
type lister[T any] struct {
	core       *core
	name       string                          // last segment of the path
	path       string                          // template of the path, for errors
	key        string                          // property that tells an item's place in time; "" where it has none
	properties []string                        // JSON names of the model; nil where the model is not a struct
	at         func(*T) time.Time              // an item's place in time, zero if it has none
	parse      func(string) (time.Time, error) // the same of the property's text
	bounds     func(span) (from, to string)    // what to ask for, so that the response has the whole span
	list       func(context.Context, pageQuery) (*http.Response, error)
	noFields   bool     // whether the service does not support the parameter fields
	byKey      bool     // whether an item's place is that of the document as it came, not of what the model has of it
	tidy       func(*T) // makes marks for "no data" nil; nil where the model has none
}

// pageQuery is what one list request asks for.
type pageQuery struct{ from, to, token, fields *string }

func newLister[T any](k *core, name, key string) lister[T] {
	return lister[T]{
		core: k, name: name, path: k.collection(name), key: key,
		properties: decode.Properties(reflect.TypeFor[T]()), tidy: noData[T](),
	}
}

func (l *lister[T]) invalid(format string, args ...any) *Error {
	return invalidRequest(http.MethodGet, l.path, format, args...)
}

// refused is a listing whose options are wrong.
func (l *lister[T]) refused(format string, args ...any) *listing[T] {
	return &listing[T]{err: l.invalid(format, args...)}
}

// listing resolves the options of one List or Pages. window is how long one request may be; the sandbox has fixed rows,
// so every window would give all of them.
func (l *lister[T]) listing(o listOptions, window time.Duration) *listing[T] {
	if l.core.cfg.sandbox {
		window = 0
	}
	start, err := l.resolve(&o, window)
	if err != nil {
		return l.refused("%v", err)
	}
	if end := start.rest.to; window > 0 && end.Sub(start.window.from) > maxWindows*window {
		return l.refused("the range from %d to %d takes too many requests; ask for at most %d years",
			start.window.from.Year(), end.Year(), maxWindows*window/(365*24*time.Hour))
	}
	fields := l.fields(o.fields)
	return &listing[T]{
		path: l.path, start: start, window: window, parallel: o.parallel,
		cursor: func(at place) string { return newCursor(l.name, o.fields, at) },
		fetch: func(ctx context.Context, w span, token string) (decode.Page[T], ResponseInfo, error) {
			q := pageQuery{fields: fields}
			var filter decode.Filter[T]
			if !w.isZero() {
				from, to := l.bounds(w)
				q.from, q.to = &from, &to
				if !l.core.cfg.sandbox {
					filter = l.within(w)
				}
			}
			if token != "" {
				q.token = &token
			}
			resp, err := l.list(ctx, q)
			if err != nil {
				return decode.Page[T]{}, ResponseInfo{}, err
			}
			info := responseInfo(resp, nil)
			if !o.body {
				info.Body = nil
			}
			info.Body = bytes.Clone(info.Body)
			page, err := readPage(resp, filter)
			if l.tidy != nil {
				for i := range page.Items {
					l.tidy(&page.Items[i])
				}
			}
			return page, info, err
		},
	}
}

// resolve returns the place to start from. It takes the fields from the cursor, if there is one.
func (l *lister[T]) resolve(o *listOptions, window time.Duration) (start place, err error) {
	start.window, start.rest = o.span.cut(window)
	if o.cursor != "" {
		for _, other := range []string{"Days", "Between", "Fields"} {
			if slices.Contains(o.given, other) {
				return start, fmt.Errorf("%s beside Resume: the cursor holds range and fields already; leave %s out", other, other)
			}
		}
		if o.fields, start, err = readCursor(o.cursor, l.name); err != nil {
			return start, err
		}
	}
	if len(o.fields) > 0 && l.core.cfg.sandbox {
		return start, errors.New("Fields: the sandbox does not have it; leave it out")
	}
	if len(o.fields) > 0 && l.noFields {
		return start, fmt.Errorf("Fields: the service does not support it on %s; leave it out", l.name)
	}
	for _, f := range o.fields {
		if l.properties != nil && !slices.Contains(l.properties, f) {
			return start, fmt.Errorf("Fields: %s has no property %q; it has %s", l.name, f, strings.Join(l.properties, ", "))
		}
	}
	return start, nil
}

// fields is the parameter of that name, with the id, and the key that trimming reads.
func (l *lister[T]) fields(names []string) *string {
	if len(names) == 0 {
		return nil
	}
	all := slices.Clone(names)
	for _, always := range []string{"id", l.key} {
		known := l.properties == nil || slices.Contains(l.properties, always)
		if always != "" && known && !slices.Contains(all, always) {
			all = append(all, always)
		}
	}
	s := strings.Join(all, ",")
	return &s
}

// within keeps the items whose instant lies in the span, and those without an instant, so that nothing is lost.
func (l *lister[T]) within(s span) decode.Filter[T] {
	filter := decode.Filter[T]{
		Keep: func(v *T) bool {
			t := l.at(v)
			return t.IsZero() || s.contains(t)
		},
		KeepRaw: func(raw []byte) bool {
			t, ok := textOf(raw, l.key, l.parse)
			return !ok || t.IsZero() || s.contains(t)
		},
	}
	if l.byKey {
		filter.Keep = nil
	}
	return filter
}

// textOf parses a property of a document; ok is false if it is not there or cannot be read.
func textOf(raw []byte, key string, parse func(string) (time.Time, error)) (at time.Time, ok bool) {
	var text string
	if value, found := decode.Property(raw, key); !found || json.Unmarshal(value, &text) != nil {
		return time.Time{}, false
	}
	at, err := parse(text)
	return at, err == nil
}
