package oura_test

import (
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/oura-go/sdk/oura"
)

func TestPagesAreReadTolerantly(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		doc   string
		check func(oura.DailyActivity) bool
	}{
		"unknown key":          {`{"id":"a","new":{"deep":[1]},"steps":5}`, func(d oura.DailyActivity) bool { return d.Steps == 5 }},
		"key case matters":     {`{"id":"a","Steps":9,"steps":5,"STEPS":7}`, func(d oura.DailyActivity) bool { return d.Steps == 5 }},
		"duplicate key":        {`{"id":"a","steps":5,"steps":6}`, func(d oura.DailyActivity) bool { return d.Steps == 6 }},
		"invalid UTF-8":        {"{\"id\":\"a\xff\",\"steps\":5}", func(d oura.DailyActivity) bool { return d.Steps == 5 && strings.HasPrefix(d.ID, "a") }},
		"whole number":         {`{"id":"a","steps":12.0}`, func(d oura.DailyActivity) bool { return d.Steps == 12 }},
		"whole, with exponent": {`{"id":"a","steps":1.2e3,"score":-0.0}`, func(d oura.DailyActivity) bool { return d.Steps == 1200 && *d.Score == 0 }},
		"whole, in depth": {`{"id":"a 1.0","contributors":{"stay_active":70.0},"met":{"interval":60.0,"items":[1.0,null,1.5],"timestamp":"2026-03-01T04:00:00+02:00"},"steps":1.0}`,
			func(d oura.DailyActivity) bool {
				return d.ID == "a 1.0" && *d.Contributors.StayActive == 70 && d.MET.Items[2] == 1.5 && math.IsNaN(d.MET.Items[1]) && d.Steps == 1
			}},
		"offset is kept": {`{"id":"a","timestamp":"2026-03-01T04:00:00.123-05:30"}`,
			func(d oura.DailyActivity) bool { _, o := d.Timestamp.Zone(); return o == -(5*3600 + 1800) }},
		"loose timestamp": {`{"id":"a","timestamp":"2026-03-01T4:00:00.5+02:00","steps":3.0}`,
			func(d oura.DailyActivity) bool { return d.Timestamp.Hour() == 4 && d.Steps == 3 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := `{"data":[` + tt.doc + `],"next_token":null}`
			c, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/a") {
					body = tt.doc
				}
				answer(w, http.StatusOK, body)
			})
			all, err := oura.Collect(c.DailyActivity.List(t.Context()))
			if err != nil || len(all) != 1 || !tt.check(all[0]) {
				t.Errorf("in a page: %+v, %v", all, err)
			}
			one, err := c.DailyActivity.Get(t.Context(), "a")
			if err != nil || !tt.check(one) {
				t.Errorf("alone: %+v, %v", one, err)
			}
		})
	}
}

func TestFractionsAreNotIntegers(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, pages([]string{`{"id":"a","steps":12.5}`, `{"id":"b","steps":1e300}`, `{"id":"c","steps":9007199254740993.0}`, `{"id":"d","steps":3}`}))
	all, err := oura.Collect(c.DailyActivity.List(t.Context()))
	if len(all) != 1 || all[0].ID != "d" || strings.Count(err.Error(), "field steps") != 3 {
		t.Errorf("%d documents, %v; want only the last one, and three errors", len(all), err)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v2/usercollection/sleep/known":
			answer(w, http.StatusOK, `{"id":"known","type":"a_new_type","bedtime_end":null}`)
		case "/v2/usercollection/sleep/null":
			answer(w, http.StatusOK, `null`)
		case "/v2/usercollection/sleep/list":
			answer(w, http.StatusOK, `{"id":["health 12345"]}`)
		default:
			answer(w, http.StatusNotFound, `{"detail":"Document not found."}`)
		}
	})
	got, err := c.Sleep.Get(t.Context(), "known")
	if err != nil || *got.Type != "a_new_type" || got.Type.Valid() || got.BedtimeEnd != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	for id, want := range map[string]error{"unknown": oura.ErrNotFound, "a/b c%2F?x#y": oura.ErrNotFound, "null": oura.ErrInvalidResponse, "list": oura.ErrInvalidResponse} {
		_, err := c.Sleep.Get(t.Context(), id)
		if !errors.Is(err, want) || strings.Contains(err.Error(), "12345") {
			t.Errorf("%s: got %v, want %v", id, err, want)
		}
		e, ok := errors.AsType[*oura.Error](err)
		if !ok || e.Path != "/v2/usercollection/sleep/{document_id}" {
			t.Errorf("%s: path is %v", id, err)
		}
	}
	for _, u := range s.requests() {
		if strings.Contains(u.Path, "a/b") && u.EscapedPath() != "/v2/usercollection/sleep/a%2Fb%20c%252F%3Fx%23y" {
			t.Errorf("the id is sent as %s", u.EscapedPath())
		}
	}
}
