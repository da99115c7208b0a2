package ouratest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oura-go/sdk/oura"
)

// EndDates says what a bare end_date means, and whether the ends of a time series belong to the range.
type EndDates int

// The real service includes the end date on some collections and excludes it on others, and nobody knows about all.
// The other two settings let a test prove that a program is right either way.
const (
	EndDatesAsLive    EndDates = iota // as recorded, and a mixture where nothing is
	EndDatesInclusive                 // a bare end date, and both ends of a time series, are part of the range
	EndDatesExclusive                 // a bare end date, and both ends of a time series, are not
)

// window is a range of instants. A zero bound is none.
type window struct {
	Lo, Hi      time.Time
	LoOut, HiIn bool // whether Lo is not part of it, and Hi is
}

func (w window) contains(t time.Time) bool {
	switch {
	case t.IsZero():
		return true
	case !w.Lo.IsZero() && (t.Before(w.Lo) || w.LoOut && t.Equal(w.Lo)):
		return false
	default:
		return w.Hi.IsZero() || t.Before(w.Hi) || w.HiIn && t.Equal(w.Hi)
	}
}

// place is what a next_token holds, so that it works alone too: the whole request, and where to go on.
type place struct {
	Collection string
	Window     window
	Fields     []string
	At         time.Time // of the last item given
	Given      int       // items with that instant that were given
}

func (p place) token() string {
	return base64.RawURLEncoding.EncodeToString(toJSON(p))
}

func readToken(token, collection string) (place, bool) {
	var p place
	text, err := base64.RawURLEncoding.DecodeString(token)
	ok := err == nil && json.Unmarshal(text, &p) == nil && p.Collection == collection
	return p, ok
}

// moment is a date or a date-time in a query.
type moment struct {
	day  oura.Date
	at   time.Time
	bare bool // a date alone
}

func midnight(day oura.Date) *moment { return &moment{day, day.In(time.UTC), true} }

func parseMoment(s string) (*moment, error) {
	if d, err := oura.ParseDate(s); err == nil {
		return midnight(d), nil
	}
	t, err := oura.ParseLocalDateTime(s)
	return &moment{day: t.Date(), at: t.In(time.UTC)}, err
}

// readRange reads the ends of a range: nil where one is not there. What cannot be read is refused.
func readRange(q url.Values, startName, endName string) (start, end *moment, refusal *answer) {
	var problems []problem
	read := func(name string) *moment {
		if !q.Has(name) {
			return nil
		}
		m, err := parseMoment(q.Get(name))
		if err != nil {
			problems = append(problems, problem{
				Type: "datetime_from_date_parsing", Loc: []any{"query", name},
				Msg:   "Input should be a valid datetime or date, invalid character in year",
				Input: q.Get(name), Ctx: map[string]any{"error": "invalid character in year"},
			})
		}
		return m
	}
	start, end = read(startName), read(endName)
	return start, end, unprocessable(problems...)
}

// rules are how queries are understood.
type rules struct {
	now  func() time.Time // nil: no clock; then nothing is left out for being asked without dates
	ends EndDates
}

// fieldsOf are the properties that the query asks for; nil: all.
func fieldsOf(q url.Values) []string {
	if fields := q.Get("fields"); fields != "" {
		return strings.Split(fields, ",")
	}
	return nil
}

// begin reads the query of a listing, or refuses it.
func (r rules) begin(s *spec, q url.Values) (p place, refusal *answer) {
	if token := q.Get("next_token"); token != "" {
		p, ok := readToken(token, s.name)
		if !ok {
			refusal = detail(http.StatusBadRequest, "Invalid next_token.")
		}
		return p, refusal
	}
	p.Collection, p.Fields = s.name, fieldsOf(q)
	switch {
	case s.series:
		p.Window, refusal = r.seriesWindow(q)
	case s.day != "":
		p.Window, refusal = r.documentWindow(s, q)
	}
	return p, refusal
}

const (
	oneDay    = 24 * time.Hour
	maxSeries = 30 * oneDay
)

func (r rules) seriesWindow(q url.Values) (w window, refusal *answer) {
	start, end, refusal := readRange(q, "start_datetime", "end_datetime")
	if refusal != nil {
		return w, refusal
	}
	w.LoOut, w.HiIn = r.ends == EndDatesExclusive, r.ends == EndDatesInclusive
	if end != nil {
		w.Hi = end.at
	} else if r.now != nil {
		w.Hi = r.now()
	}
	if start != nil {
		w.Lo = start.at
	} else if !w.Hi.IsZero() {
		w.Lo = w.Hi.Add(-oneDay)
	}
	switch {
	case w.Lo.IsZero() || w.Hi.IsZero():
	case w.Hi.Before(w.Lo):
		refusal = detail(http.StatusBadRequest, "start_datetime must not be after end_datetime.")
	case w.Hi.Sub(w.Lo) > maxSeries:
		refusal = detail(http.StatusBadRequest, "The range must not be longer than 30 days.")
	}
	return w, refusal
}

func (r rules) documentWindow(s *spec, q url.Values) (w window, refusal *answer) {
	start, end, refusal := readRange(q, "start_date", "end_date")
	if refusal != nil {
		return w, refusal
	}
	exclusive := s.exclusive && r.ends == EndDatesAsLive || r.ends == EndDatesExclusive
	if end == nil && r.now != nil {
		end = midnight(oura.DateOf(r.now().UTC()))
	}
	if start == nil && end != nil { // one day
		start = midnight(end.day)
		if exclusive {
			start = midnight(end.day.AddDays(-1))
		}
	}
	if start != nil {
		w.Lo = start.at
		if len(s.instants) == 0 {
			w.Lo = start.day.In(time.UTC)
		}
	}
	switch {
	case end == nil:
	case end.at.Before(start.at):
		return w, detail(http.StatusBadRequest, fmt.Sprintf("start_date %s must not be after end_date %s.", start.day, end.day))
	case len(s.instants) > 0 && !end.bare:
		w.Hi, w.HiIn = end.at, !exclusive
	case exclusive:
		w.Hi = end.day.In(time.UTC)
	default:
		w.Hi = end.day.AddDays(1).In(time.UTC)
	}
	return w, refusal
}
