package ouratest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/oura-go/sdk/oura"
)

// backend answers for one person's data. Mock and service both stand on it, so they cannot differ.
type backend struct {
	now   func() time.Time // nil: no clock; then nothing is left out for being asked without dates
	ends  EndDates
	sets  map[string]dataset // by collection
	sizes func(collection string) int
	info  func() oura.PersonalInfo
}

// seriesPage is about how many rows the service gives at a time. Documents come all at once unless a test says
// otherwise.
const seriesPage = 1000

func (b *backend) pageSize(s *spec) int {
	if b.sizes != nil {
		if n := b.sizes(s.name); n > 0 {
			return n
		}
	}
	if s.filter == bySeries {
		return seriesPage
	}
	return 0
}

// page is a page whose documents are JSON already, so that faults can spoil one.
type page struct {
	data []json.RawMessage
	next *string
}

func (p page) answer() answer {
	body := []byte(`{"data":[`)
	for i, doc := range p.data {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, doc...)
	}
	next, _ := json.Marshal(p.next) // a string or null
	body = append(body, `],"next_token":`...)
	a := answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}}
	a.body = append(append(body, next...), '}')
	return a
}

// list answers a listing with a page, or with a refusal.
func (b *backend) list(s *spec, q url.Values) (page, answer) {
	if s.filter == bySeries && q.Has("latest") {
		latest, err := strconv.ParseBool(q.Get("latest"))
		if err != nil {
			return page{}, unprocessable(problem{
				Type: "bool_parsing", Loc: []any{"query", "latest"}, Input: q.Get("latest"),
				Msg: "Input should be a valid boolean, unable to interpret input",
			})
		}
		if latest {
			return b.newest(s, q)
		}
	}
	at, refusal := b.begin(s, q)
	if refusal.status != 0 {
		return page{}, refusal
	}
	out := page{data: []json.RawMessage{}}
	size, passed := b.pageSize(s), 0
	from := at.Window.Lo
	if at.At.After(from) {
		from = at.At
	}
	for it := range b.sets[s.name].from(from) {
		if !at.Window.Hi.IsZero() && it.at.After(at.Window.Hi) {
			break
		}
		if it.at.Before(at.At) || !at.Window.contains(it.at) {
			continue
		}
		if it.at.Equal(at.At) && passed < at.Given {
			passed++
			continue
		}
		if size > 0 && len(out.data) == size {
			token := at.token()
			out.next = &token
			break
		}
		out.data = append(out.data, encode(it.build(), at.Fields))
		if !it.at.Equal(at.At) {
			at.At, at.Given, passed = it.at, 0, 0
		}
		at.Given++
		passed++
	}
	return out, answer{}
}

// newest is the answer to latest=true, which overrides all instants.
func (b *backend) newest(s *spec, q url.Values) (page, answer) {
	at, refusal := b.begin(s, url.Values{"fields": q["fields"]})
	if refusal.status != 0 {
		return page{}, refusal
	}
	var now time.Time
	if b.now != nil {
		now = b.now()
	}
	out := page{data: []json.RawMessage{}}
	if it, ok := b.sets[s.name].latest(now); ok {
		out.data = append(out.data, encode(it.build(), at.Fields))
	}
	return out, answer{}
}

// get answers with one document.
func (b *backend) get(s *spec, id string) answer {
	it, ok := b.sets[s.name].get(id)
	if !ok {
		return notFound()
	}
	return jsonAnswer(http.StatusOK, encode(it.build(), nil))
}

// personalInfo leaves out what the scopes do not cover.
func (b *backend) personalInfo(granted func(scope string) bool) answer {
	info := b.info()
	if !granted("email") {
		info.Email = nil
	}
	if !granted("personal") {
		info.Age, info.BiologicalSex, info.Height, info.Weight = nil, nil, nil, nil
	}
	return jsonAnswer(http.StatusOK, encode(info, nil))
}
