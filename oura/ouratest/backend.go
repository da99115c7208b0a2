package ouratest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/oura-go/sdk/internal/person"
	"github.com/oura-go/sdk/oura"
)

// backend answers for one person's data. Mock and service both stand on it, so they cannot differ.
type backend struct {
	rules

	sets  map[string]person.Set // by collection
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
	if s.series {
		return seriesPage
	}
	return 0
}

// list answers a listing with a page, or with a refusal.
func (b *backend) list(s *spec, q url.Values) (page, answer) {
	if s.series && q.Has("latest") {
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
	for it := range b.sets[s.name].From(from) {
		if !at.Window.Hi.IsZero() && it.At.After(at.Window.Hi) {
			break
		}
		if it.At.Before(at.At) || !at.Window.contains(it.At) {
			continue
		}
		if it.At.Equal(at.At) && passed < at.Given {
			passed++
			continue
		}
		if size > 0 && len(out.data) == size {
			token := at.token()
			out.next = &token
			break
		}
		out.data = append(out.data, encode(it.Build(), at.Fields))
		if !it.At.Equal(at.At) {
			at.At, at.Given, passed = it.At, 0, 0
		}
		at.Given++
		passed++
	}
	return out, answer{}
}

// newest is the response to latest=true, which overrides all instants.
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
	if it, ok := b.sets[s.name].Latest(now); ok {
		out.data = append(out.data, encode(it.Build(), at.Fields))
	}
	return out, answer{}
}

// get answers with one document.
func (b *backend) get(s *spec, id string) answer {
	it, ok := b.sets[s.name].Get(id)
	if !ok {
		return notFound()
	}
	return jsonAnswer(http.StatusOK, encode(it.Build(), nil))
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
