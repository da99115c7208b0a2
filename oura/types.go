package oura

import (
	"errors"
	"iter"
	"time"

	"github.com/oura-go/sdk/api"
)

// ParseDate reads a date in the form 2006-01-02. The error is a *[DateError].
func ParseDate(s string) (Date, error) { return api.ParseDate(s) }

// DateOf returns the civil day of t in t's own location. Mind that the day of a document is not that of its timestamp.
func DateOf(t time.Time) Date { return api.DateOf(t) }

// Today returns the current day in loc; nil means UTC. Use the person's location: on the server's clock their day may
// not have begun, or have ended.
func Today(loc *time.Location) Date { return api.Today(loc) }

// ParseLocalDateTime reads a date and time with or without an offset. The error is a *[LocalDateTimeError].
func ParseLocalDateTime(s string) (LocalDateTime, error) { return api.ParseLocalDateTime(s) }

// LocalDateTimeOf returns the instant t, with the offset of its location.
func LocalDateTimeOf(t time.Time) LocalDateTime { return api.LocalDateTimeOf(t) }

// Or reads an optional value: what p points to, or fallback where p is nil.
func Or[T any](p *T, fallback T) T {
	if p == nil {
		return fallback
	}
	return *p
}

// Collect ranges over a listing and returns every good document. Malformed documents do not end it: their
// *[DocumentError]s are joined into the error. A request that failed does: then the error is that one alone, and what
// came before it is returned.
//
// Everything is in memory at once; range over the listing itself where that matters.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	var malformed []error
	for v, err := range seq {
		var bad *DocumentError
		switch {
		case err == nil:
			all = append(all, v)
		case errors.As(err, &bad):
			malformed = append(malformed, err)
		default:
			return all, err
		}
	}
	return all, errors.Join(malformed...)
}
