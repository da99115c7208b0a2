package oura_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

func TestPersonalInfo(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, `{"id":"p","age":41.0,"weight":70.5,"email":null}`)
	})
	me, err := c.PersonalInfo(t.Context())
	if err != nil || me.ID != "p" || oura.Or(me.Age, 0) != 41 || oura.Or(me.Weight, 0) != 70.5 || me.Email != nil || me.Height != nil {
		t.Errorf("got %+v, %v", me, err)
	}
	if u := s.requests()[0].String(); u != "https://api.ouraring.com/v2/usercollection/personal_info" {
		t.Errorf("asked for %s", u)
	}
	none, _ := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusNotFound, `{"detail":"Not Found"}`) }, oura.WithSandbox())
	if _, err := none.PersonalInfo(t.Context()); !errors.Is(err, oura.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestAPITakesTheSamePath(t *testing.T) {
	t.Parallel()
	var paths []string
	c, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+r.Header.Get("X-Client-Id"))
		answer(w, http.StatusForbidden, `{"detail":"no"}`)
	}, oura.WithSandbox(), oura.WithAppCredentials("app", "app-secret"))
	_, err := c.API().GetSleep(t.Context(), "x") //nolint:bodyclose // there is none beside an error
	e, ok := errors.AsType[*oura.Error](err)
	if !ok || !errors.Is(err, oura.ErrForbidden) || e.Path != "/v2/sandbox/usercollection/sleep/{document_id}" || e.Detail != "no" {
		t.Errorf("got %v", err)
	}
	if _, err := c.API().GetSubscription(t.Context(), "x"); !errors.Is(err, oura.ErrNotFound) { //nolint:bodyclose // there is none beside an error
		t.Errorf("got %v", err)
	}
	want := []string{"GET /v2/sandbox/usercollection/sleep/x Bearer test-token", "GET /v2/webhook/subscription/x app"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithDerivesAClientForAnotherPerson(t *testing.T) {
	t.Parallel()
	var tokens []string
	c, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		tokens = append(tokens, r.Header.Get("Authorization"))
		answer(w, http.StatusOK, `{"id":"p"}`)
	})
	other, err := c.With(oura.WithAccessToken("another-token"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*oura.Client{c, other, c} {
		if _, err := c.PersonalInfo(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"Bearer test-token", "Bearer another-token", "Bearer test-token"}, tokens); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := c.With(oura.WithAccessToken("")); !errors.Is(err, oura.ErrInvalidRequest) {
		t.Errorf("got %v", err)
	}
}

func TestNewClientRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]oura.Option{
		"no credentials": nil,
		"no scheme":      {oura.WithAccessToken("t"), oura.WithBaseURL("api.ouraring.com")},
		"no host":        {oura.WithAccessToken("t"), oura.WithBaseURL("https://")},
		"not a URL":      {oura.WithAccessToken("t"), oura.WithBaseURL("https://[")},
		"empty token":    {oura.WithAccessToken("")},
	} {
		c, err := oura.NewClient(opts...)
		if e, ok := errors.AsType[*oura.Error](err); !ok || c != nil || !errors.Is(err, oura.ErrInvalidRequest) || e.StatusCode != 0 {
			t.Errorf("%s: got %v, %v", name, c, err)
		}
	}
}

func TestClientPrintsNoCredential(t *testing.T) {
	t.Parallel()
	const token, secret = "very-secret-token", "very-secret-app"
	c, err := oura.NewClient(oura.WithAccessToken(token), oura.WithAppCredentials("app", secret))
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		texts = append(texts, fmt.Sprintf(verb, c), fmt.Sprintf(verb, *c.Sleep), fmt.Sprintf(verb, c.Sleep), fmt.Sprintf(verb, (*oura.Client)(nil)))
	}
	b, _ := json.Marshal(c)
	for _, text := range append(texts, string(b)) {
		if strings.Contains(text, "very-secret") {
			t.Errorf("prints a credential: %s", text)
		}
	}
}

func TestNewDocuments(t *testing.T) {
	t.Parallel()
	type phases struct {
		ID    string    `json:"id"`
		Day   oura.Date `json:"day"`
		Phase string    `json:"phase"`
	}
	c, s := scripted(t, calendar(true))
	day := func(p phases) (oura.Date, bool) { return p.Day, true }
	docs := oura.NewDocuments(c, "daily_cycle_phases", day)
	a, b := date("2026-03-01"), date("2026-03-03")
	got, err := oura.Collect(docs.List(t.Context(), oura.Days(a, b), oura.Fields("phase")))
	if err != nil || len(got) != 3 || got[0].Day != a || got[2].Day != b {
		t.Errorf("got %v, %v", got, err)
	}
	if u := s.requests()[0]; u.Path != "/v2/usercollection/daily_cycle_phases" || u.Query().Get("fields") != "phase,id,day" {
		t.Errorf("asked for %s", u)
	}
	type stretch struct {
		phases
		StartDay oura.Date `json:"start_day"`
		Note     string
		Hidden   string `json:"-"`
	}
	type span struct {
		*stretch
		Day int `json:"-"`
	}
	if err := first(oura.NewDocuments[span](c, "daily_cycle_phases", nil).List(t.Context(), oura.Fields("Hidden"))); err == nil ||
		!strings.HasSuffix(err.Error(), "it has id, day, phase, start_day, Note") {
		t.Errorf("properties of an embedded struct: %v", err)
	}
	type period struct {
		ID       string    `json:"id"`
		StartDay oura.Date `json:"start_day"`
		Phase    string    `json:"phase"`
	}
	long := oura.NewDocuments(c, "rest_mode_period", func(p period) (oura.Date, bool) { return p.StartDay, true })
	if got, err := oura.Collect(long.List(t.Context(), oura.Days(a, b), oura.Fields("phase"))); err != nil || len(got) != 3 {
		t.Errorf("by start_day: got %v, %v", got, err)
	}
	if u := s.requests()[1]; u.Query().Get("fields") != "phase,id,start_day" {
		t.Errorf("asked for %s", u)
	}
	wide, err := oura.Collect(oura.NewDocuments[map[string]any](c, "daily_cycle_phases", nil).List(t.Context(), oura.Days(a, b)))
	if err != nil || len(wide) != 7 {
		t.Errorf("without a day: %d documents, %v; want all 7 of the wider range", len(wide), err)
	}
	for _, path := range []string{"", "/v2/x", "a?b", "..", "a%2Fb", "a\x7fb"} {
		if err := first(oura.NewDocuments(c, path, day).List(t.Context())); !errors.Is(err, oura.ErrInvalidRequest) {
			t.Errorf("%q: got %v", path, err)
		}
	}
	one, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{"id":"x/y"}`) })
	if p, err := oura.NewDocuments(one, "daily_cycle_phases", day).Get(t.Context(), "x/y"); err != nil || p.ID != "x/y" || s.requests()[0].EscapedPath() != "/v2/usercollection/daily_cycle_phases/x%2Fy" {
		t.Errorf("got %v, %v", p, err)
	}
	noDay := oura.NewDocuments(c, "daily_cycle_phases", func(phases) (oura.Date, bool) { return oura.Date{}, false })
	if all, err := oura.Collect(noDay.List(context.Background(), oura.Days(a, b))); err != nil || len(all) != 7 {
		t.Errorf("documents without a day: %d, %v; want all", len(all), err)
	}
}

// A client that somebody puts in place of the generated client's own gives responses that know nothing of the request
// path.
func TestResponsesOfAnotherClient(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]error{`{"id":"me","age":47}`: nil, `{"id":`: oura.ErrInvalidResponse, ``: oura.ErrInvalidResponse} {
		c, err := oura.NewClient(oura.WithAccessToken("secret"))
		if err != nil {
			t.Fatal(err)
		}
		c.API().Client = doer(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
		})
		me, err := c.PersonalInfo(t.Context())
		if !errors.Is(err, want) || err == nil && oura.Or(me.Age, 0) != 47 {
			t.Errorf("%q: got %v, %v; want %v", body, me, err, want)
		}
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
