package oura

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Options of List and Pages. [Days] is for documents, [Between] for time series, and the wrong one does not compile; a
// [ListOption] is for both. A wrong argument is an *[Error] of kind [ErrInvalidRequest], yielded before any request.
type (
	// DocumentOption is an option of [Documents].
	DocumentOption interface {
		CollectionOption
		document(o *listOptions) error
	}

	// SeriesOption is an option of [TimeSeries].
	SeriesOption interface {
		CollectionOption
		series(o *listOptions) error
	}

	// CollectionOption is an option of the listings of a [Collection]: every one of documents or of a time series is.
	CollectionOption interface{ collection(o *listOptions) error }

	// ListOption is an option of any listing: of [Documents], of [TimeSeries], and of a [Collection].
	ListOption interface {
		DocumentOption
		SeriesOption
	}
)

// listOptions are the resolved options of one listing.
type listOptions struct {
	span     span // zero: the default of the service
	fields   []string
	parallel int
	cursor   string
	body     bool     // keep raw pages
	given    []string // the options that were given, by name
}

// listOption is every one of them: the interface that its function returns says where it may be given.
type listOption func(*listOptions) error

func (f listOption) document(o *listOptions) error   { return f(o) }
func (f listOption) series(o *listOptions) error     { return f(o) }
func (f listOption) collection(o *listOptions) error { return f(o) }

// once notes that an option was given, and refuses it a second time.
func (o *listOptions) once(name string) error {
	if slices.Contains(o.given, name) {
		return fmt.Errorf("%s is given twice; give it once", name)
	}
	o.given = append(o.given, name)
	return nil
}

// Days asks for the documents from first to last, both included, whatever the endpoint thinks of its end date: it asks
// for more and keeps the documents by their own day. One day is Days(d, d). In the sandbox, whose days are fixed,
// nothing is left out.
func Days(first, last Date) DocumentOption {
	return listOption(func(o *listOptions) error {
		for _, d := range []Date{first, last} {
			if !d.Valid() {
				return fmt.Errorf("Days(%v, %v): %v is not a day of the calendar", first, last, d)
			}
		}
		if last.Before(first) {
			return fmt.Errorf("Days(%v, %v): the last day is before the first; exchange them", first, last)
		}
		o.span = daySpan(first, last)
		return o.once("Days")
	})
}

// LastDays asks for the documents of the last n days in loc, today included, as [Days] does: one is today alone. Use
// the person's location, on whose clock today begins and ends. Today is that of the call of List or Pages.
func LastDays(n int, loc *time.Location) DocumentOption {
	return listOption(func(o *listOptions) error {
		if loc == nil {
			return fmt.Errorf("LastDays(%d, nil): the location is nil; give the person's, or time.UTC", n)
		}
		today := Today(loc)
		first := today.AddDays(1 - n)
		if n < 1 || !first.Valid() {
			return fmt.Errorf("LastDays(%d): give the number of days, today included, at least 1", n)
		}
		o.span = daySpan(first, today)
		return o.once("Days")
	})
}

// Between asks for the rows with start ≤ timestamp < end. The service refuses more than 30 days in one request: any
// longer range, up to 79 years, is asked for in windows, one after the other, and comes as one sequence.
func Between(start, end time.Time) SeriesOption {
	return listOption(func(o *listOptions) error {
		if start.IsZero() || end.IsZero() {
			return errors.New("Between: start and end must not be the zero time")
		}
		if !start.Before(end) {
			return fmt.Errorf("Between(%s, %s): the end is not after the start; exchange or widen them",
				start.Format(time.RFC3339Nano), end.Format(time.RFC3339Nano))
		}
		o.span = span{from: start, to: end}
		return o.once("Between")
	})
}

// Fields asks for these properties only, by their JSON names, which makes responses smaller; all other fields of the
// model stay zero. The id and the day or timestamp always come along. A name that the model does not have is an error,
// and so is Fields in the sandbox and on Tag, EnhancedTag and DailyResilience, where the service does not support it.
func Fields(names ...string) ListOption {
	return listOption(func(o *listOptions) error {
		if len(names) == 0 {
			return errors.New("Fields: name at least one property, as in Fields(\"score\")")
		}
		for _, n := range names {
			if n == "" || strings.ContainsAny(n, ", \t\n") {
				return fmt.Errorf("Fields: %q is not the name of a property; give each name as an argument of its own", n)
			}
		}
		o.fields = slices.Clone(names)
		return o.once("Fields")
	})
}

// Parallel cuts the range into windows of about a month and asks for n of them at a time. Each window is buffered
// whole, and windows are yielded in order, an error at its place. Up to n+1 windows are in memory: a month of heart
// rate is a few MB. All requests pay the same limiter, and when the loop ends none is left running.
//
// It is the only read-ahead: without it, one page is in memory and no request is made before its page is wanted.
func Parallel(n int) ListOption {
	return listOption(func(o *listOptions) error {
		if n < 1 {
			return fmt.Errorf("Parallel(%d): at least one window must be in flight", n)
		}
		o.parallel = n
		return o.once("Parallel")
	})
}

// WithBody keeps the raw body of each page in [Page].Response, for an archive or to look into. It is as large as the
// page, so List, which does not show it, pays for nothing.
func WithBody() ListOption {
	return listOption(func(o *listOptions) error {
		o.body = true
		return o.once("WithBody")
	})
}

// Resume goes on after the page whose [Page].Next is the cursor. The cursor holds the collection, the range, the fields
// and the place in it, so Days, Between and Fields beside it are an error. It is opaque, printable, and good for as
// long as the service honours its page token, which is not documented: store it for hours, not for months.
func Resume(cursor string) ListOption {
	return listOption(func(o *listOptions) error {
		if cursor == "" {
			return errors.New("Resume(\"\"): an empty cursor means that there is no page left; nothing needs to be resumed")
		}
		o.cursor = cursor
		return o.once("Resume")
	})
}
