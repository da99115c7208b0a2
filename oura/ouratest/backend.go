package ouratest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/oura-go/sdk/internal/person"
	"github.com/oura-go/sdk/oura"
)

// target is what the path of a request under /v2 asks for.
type target struct {
	name    string // of the endpoint; "" where there is none
	spec    *spec  // of a collection
	id      string // of a document; what follows the path of the subscriptions
	sandbox bool
}

func targetOf(path string) (t target) {
	path, _ = strings.CutPrefix(path, "/v2/")
	if rest, ok := strings.CutPrefix(path, "webhook/subscription"); ok && (rest == "" || rest[0] == '/') {
		return target{name: "subscription", id: strings.TrimPrefix(rest, "/")}
	}
	path, t.sandbox = strings.CutPrefix(path, "sandbox/")
	if path, ok := strings.CutPrefix(path, "usercollection/"); ok {
		t.name, t.id, _ = strings.Cut(path, "/")
		t.spec = catalog[t.name]
	}
	if strings.Contains(t.id, "/") || t.spec == nil && (t.name != "personal_info" || t.id != "") {
		t.name = ""
	}
	return t
}

// scope is the one that a token may lack for the target; "" where any will do.
func (t target) scope() string {
	switch {
	case t.sandbox || t.name == "subscription":
		return ""
	case t.spec == nil:
		return "personal"
	}
	return t.spec.scope
}

// backend answers for one person's data. Mock and service both stand on it, so they cannot differ.
type backend struct {
	rules

	sets      map[string]person.Set // by collection
	endpoints map[string]*endpoint
	info      func() (oura.PersonalInfo, bool)
	unknown   bool // whether documents have properties that no model has
}

// seriesPage is about how many rows the service gives at a time. Documents come all at once unless a test says
// otherwise.
const seriesPage = 1000

// read answers for a collection, a document of it, or the person, whose profile lacks what the scopes do not cover.
func (b *backend) read(t target, q url.Values, granted func(scope string) bool) *answer {
	switch {
	case t.spec == nil:
		return b.personalInfo(granted)
	case !granted(t.spec.scope):
		return missingScope(t.spec.scope)
	case t.id == "":
		return b.list(t.spec, q)
	case t.spec.series:
		return noPath()
	}
	it, ok := b.sets[t.name].Get(t.id)
	if !ok {
		return noDocument()
	}
	return jsonAnswer(http.StatusOK, b.encode(it, nil))
}

func (b *backend) encode(it person.Item, fields []string) json.RawMessage {
	doc := encode(it.Build(), fields)
	if b.unknown && fields == nil {
		doc = withUnknown(doc, it.At)
	}
	return doc
}

func (b *backend) personalInfo(granted func(scope string) bool) *answer {
	info, ok := b.info()
	if !ok {
		return noDocument()
	}
	if !granted("email") {
		info.Email = nil
	}
	if !granted("personal") {
		info.Age, info.BiologicalSex, info.Height, info.Weight = nil, nil, nil, nil
	}
	return jsonAnswer(http.StatusOK, b.encode(person.Item{Build: func() any { return info }}, nil))
}

func (b *backend) list(s *spec, q url.Values) *answer {
	latest, err := strconv.ParseBool(q.Get("latest"))
	if s.series && q.Has("latest") && err != nil {
		return unprocessable(problem{
			Type: "bool_parsing", Loc: []any{"query", "latest"}, Input: q.Get("latest"),
			Msg: "Input should be a valid boolean, unable to interpret input",
		})
	}
	if s.series && latest {
		return b.newest(s, q)
	}
	at, refusal := b.begin(s, q)
	if refusal != nil {
		return refusal
	}
	out := &page{Data: []json.RawMessage{}}
	size := b.endpoints[s.name].pageSize()
	if size <= 0 && s.series {
		size = seriesPage
	}
	from := at.Window.Lo
	if at.At.After(from) {
		from = at.At
	}
	passed := 0
	for it := range b.sets[s.name](from) {
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
		if size > 0 && len(out.Data) == size {
			out.Next = new(at.token())
			break
		}
		out.Data = append(out.Data, b.encode(it, at.Fields))
		if !it.At.Equal(at.At) {
			at.At, at.Given, passed = it.At, 0, 0
		}
		at.Given++
		passed++
	}
	return out.answer()
}

// newest is the response to latest=true, which overrides all instants.
func (b *backend) newest(s *spec, q url.Values) *answer {
	var now time.Time
	if b.now != nil {
		now = b.now()
	}
	out := &page{Data: []json.RawMessage{}}
	if it, ok := b.sets[s.name].Latest(now); ok {
		out.Data = append(out.Data, b.encode(it, fieldsOf(q)))
	}
	return out.answer()
}
