package oura

import "time"

const (
	// seriesWindow is how much of a time series one request asks for. The service takes 30 days; one day is kept in
	// reserve for the widening and for a service that counts differently.
	seriesWindow = 29 * 24 * time.Hour

	// documentWindow is how a long range of days is cut when windows are asked for in parallel. Otherwise it is not
	// cut: whole histories of daily documents come in one page.
	documentWindow = 30 * 24 * time.Hour

	// maxWindows bounds the requests that one range, or one cursor from a stranger, can make. It is 79 years of a series.
	maxWindows = 1000

	// dayPadding is how many days more to ask for on both sides. One is for an end date that may be exclusive; the other
	// for a filter by the UTC instant, where an evening at -05:00 is on the next day.
	dayPadding = 2
)

// span is a half-open range of time, from ≤ t < to. A range of days is a span of UTC midnights, so the same code cuts both. The
// zero span is the service's own default: one day of documents, or the last 24 hours of a series.
type span struct{ from, to time.Time }

func daySpan(first, last Date) span {
	return span{from: first.In(time.UTC), to: last.AddDays(1).In(time.UTC)}
}

// isZero looks at the end: the first day of the calendar begins at the zero time.
func (s span) isZero() bool { return s.to.IsZero() }

func (s span) contains(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

// cut returns the beginning of the span, at most length long, and what is left of it. A length of 0 cuts nothing.
func (s span) cut(length time.Duration) (head, rest span) {
	if end := s.from.Add(length); length > 0 && end.Before(s.to) {
		return span{s.from, end}, span{end, s.to}
	}
	return s, span{}
}

// askDays are the days to ask for so that the response has all documents of the span, whether the service includes the
// end date or not, and whether it goes by the day or by the UTC instant.
func (s span) askDays() (start, end string) {
	first, last := DateOf(s.from), DateOf(s.to).AddDays(-1)
	return writable(first.AddDays(-dayPadding)).String(), writable(last.AddDays(dayPadding)).String()
}

// writable is the day, or the nearest one that can be written with a year of four digits.
func writable(d Date) Date {
	switch {
	case d.Year < 1:
		return Date{Year: 1, Month: time.January, Day: 1}
	case d.Year > 9999:
		return Date{Year: 9999, Month: time.December, Day: 31}
	default:
		return d
	}
}

// askInstants are the instants to ask for so that the response has all rows of the span, whether the service includes the
// ends or not: whole seconds, one more on each side. They are in UTC, as a plus sign is easily lost in a query.
func (s span) askInstants() (start, end string) {
	from, to := s.from.UTC().Truncate(time.Second), s.to.UTC().Truncate(time.Second)
	if to.Before(s.to) {
		to = to.Add(time.Second)
	}
	return from.Add(-time.Second).Format(time.RFC3339), to.Add(time.Second).Format(time.RFC3339)
}

// dayStart is the day as spans count it; the zero time for no day.
func dayStart(d Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.In(time.UTC)
}

func parseDay(s string) (time.Time, error) {
	d, err := ParseDate(s)
	return dayStart(d), err
}
