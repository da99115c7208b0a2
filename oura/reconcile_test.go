package oura_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

// shelf serves the documents of whatever collection is asked for, by id, as raw JSON. It lists them all, whatever the
// days asked for.
type shelf struct {
	docs map[string]string
	fail map[string]int // by id: status for a single document; "list": for the list
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) == 4 {
		if status := s.fail["list"]; status != 0 {
			answer(w, status, "")
			return
		}
		var docs []string
		for _, id := range slices.Sorted(maps.Keys(s.docs)) {
			if !strings.HasPrefix(id, "unlisted") {
				docs = append(docs, s.docs[id])
			}
		}
		answer(w, http.StatusOK, pageJSON("", docs...))
		return
	}
	id := parts[4]
	doc, ok := s.docs[id]
	if !ok {
		doc, ok = s.docs["unlisted "+id]
	}
	switch {
	case s.fail[id] != 0:
		answer(w, s.fail[id], "")
	case !ok:
		answer(w, http.StatusNotFound, `{"detail":"Document not found."}`)
	default:
		answer(w, http.StatusOK, doc)
	}
}

// changes ranges over a sequence and writes each change in one line.
func changes[T any](seq iter.Seq2[oura.Change[T], error]) (lines []string) {
	for c, err := range seq {
		if err != nil {
			kind := "request failed"
			if _, ok := errors.AsType[*oura.DocumentError](err); ok {
				kind = "malformed"
			} else if errors.Is(err, oura.ErrInvalidRequest) {
				kind = "refused: " + err.Error()
			}
			lines = append(lines, kind)
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", c.Type, c.Key, c.Day))
	}
	return lines
}

// A bubble's clock begins on 2000-01-01, midnight UTC.
const today, tomorrow, yesterday = "2000-01-01", "2000-01-02", "1999-12-31"

func TestReconcile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{docs: map[string]string{
			"a": sleepDay("a", yesterday),
			"b": sleepDay("b", today),
			"c": sleepDay("c", tomorrow), // it may be tomorrow where they are
			"f": sleepDay("f", "1999-12-25"),
			"o": sleepDay("o", "1999-12-24"), // before the window
			"z": sleepDay("z", "2000-01-03"),
		}}
		c, log := scripted(t, s.ServeHTTP)
		known := oura.Known{}
		seq := c.DailySleep.Reconcile(t.Context(), 7, known)
		if len(log.requests()) != 0 {
			t.Error("it asked before the first step")
		}
		want := func(what string, lines ...string) {
			t.Helper()
			if diff := cmp.Diff(lines, changes(seq)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		want("at first, all is new", "create a 1999-12-31", "create b 2000-01-01", "create c 2000-01-02", "create f 1999-12-25")
		if q := log.requests()[0].Query(); q.Get("start_date") > "1999-12-25" || q.Get("end_date") < "2000-01-02" {
			t.Errorf("asked for %v", q)
		}
		want("nothing has changed")

		s.docs["b"] = strings.Replace(s.docs["b"], "80", "81", 1)
		s.docs["d"] = sleepDay("d", today)
		delete(s.docs, "a")
		s.docs["unlisted f"] = sleepDay("f", "1999-12-24") // moved out of the window
		delete(s.docs, "f")
		want("changed, new, gone, moved", "update b 2000-01-01", "create d 2000-01-01", "delete a 1999-12-31", "update f 1999-12-24")
		want("all that is known now")
		if _, ok := known["a"]; ok {
			t.Error("what is gone is still known")
		}

		// Known is what the caller stores.
		var stored oura.Known
		if err := json.Unmarshal([]byte(jsonOf(known)), &stored); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(known, stored); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		seq = c.DailySleep.Reconcile(t.Context(), 7, stored)
		want("after a restart")
		if text := jsonOf(known); len(text)/len(known) > 100 {
			t.Errorf("%d bytes a document:\n%s", len(text)/len(known), text)
		}

		// A shorter window forgets nothing; a longer one finds what was outside.
		seq = c.DailySleep.Reconcile(t.Context(), 1, stored)
		want("a shorter window")
		seq = c.DailySleep.Reconcile(t.Context(), 30, stored)
		want("a longer window", "create o 1999-12-24")
		stored.Forget(date(today))
		if diff := cmp.Diff([]string{"b", "c", "d"}, slices.Sorted(maps.Keys(stored))); diff != "" {
			t.Errorf("after Forget (-want +got):\n%s", diff)
		}
	})
}

// TestReconcileTellsAgain: only what the loop has gone on from is noted.
func TestReconcileTellsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{docs: map[string]string{"a": sleepDay("a", today), "b": sleepDay("b", today), "c": sleepDay("c", today)}}
		c, _ := scripted(t, s.ServeHTTP)
		known := oura.Known{}
		take := func(n int) (keys []string) {
			for change, err := range c.DailySleep.Reconcile(t.Context(), 1, known) {
				if err != nil {
					t.Error(err)
				}
				if keys = append(keys, string(change.Type)+" "+change.Key); len(keys) == n {
					break
				}
			}
			return keys
		}
		for _, want := range [][]string{{"create a", "create b"}, {"create b", "create c"}, {"create c"}} {
			if diff := cmp.Diff(want, take(2)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		clear(s.docs)
		for _, want := range [][]string{{"delete a"}, {"delete a"}} {
			if diff := cmp.Diff(want, take(1)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		if diff := cmp.Diff([]string{"delete a", "delete b", "delete c"}, take(9)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		// It may be left at an error, and at what has moved out of the window.
		s.docs = map[string]string{"a": `{"id":"a","score":"x"}`, "b": sleepDay("b", today)}
		for change, err := range c.DailySleep.Reconcile(t.Context(), 1, known) {
			if err == nil || len(known) != 0 {
				t.Errorf("got %+v, %v", change, err)
			}
			break
		}
		s.docs = map[string]string{"b": sleepDay("b", today)}
		take(9)
		s.docs = map[string]string{"unlisted b": sleepDay("b", "1990-01-01")}
		for _, n := range []int{1, 9, 9} {
			want := []string{"update b"}
			if n == 9 && known["b"].Day == date("1990-01-01") {
				want = nil
			}
			if diff := cmp.Diff(want, take(n)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	})
}

// TestReconcileIsSureBeforeItTellsOfDeletion: no answer, no deletion.
func TestReconcileIsSureBeforeItTellsOfDeletion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		then func(*shelf)
		want []string
	}{
		{"the list fails", func(s *shelf) { s.fail = map[string]int{"list": 500} }, []string{"request failed"}},
		{"the document fails", func(s *shelf) { delete(s.docs, "a"); s.fail = map[string]int{"a": 500} }, []string{"request failed"}},
		{"the document is withheld", func(s *shelf) { delete(s.docs, "a"); s.fail = map[string]int{"a": 403} }, []string{"request failed"}},
		{"it is there all the same", func(s *shelf) { s.docs["unlisted a"] = s.docs["a"]; delete(s.docs, "a") }, nil},
		{"it is malformed", func(s *shelf) { s.docs["a"] = `{"id":"a","day":"` + today + `","score":"x"}` }, []string{"malformed"}},
		{"something is malformed", func(s *shelf) { s.docs["a"] = `{"id":7}` }, []string{"malformed"}},
		{"it is malformed, another is gone", func(s *shelf) { s.docs["a"] = `{"id":"a","score":"x"}`; delete(s.docs, "b") }, []string{"malformed", "delete b " + today}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &shelf{docs: map[string]string{"a": sleepDay("a", today), "b": sleepDay("b", today)}}
				c, _ := scripted(t, s.ServeHTTP)
				known := oura.Known{}
				changes(c.DailySleep.Reconcile(t.Context(), 7, known))
				tt.then(s)
				if diff := cmp.Diff(tt.want, changes(c.DailySleep.Reconcile(t.Context(), 7, known))); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if _, ok := known["a"]; !ok {
					t.Error("it is not known any more")
				}
			})
		})
	}
}

// reconciled runs one collection through new, unchanged, changed, unchanged and gone.
func reconciled[T any](t *testing.T, docs *oura.Documents[T], s *shelf, key, before, after string) {
	t.Helper()
	known := oura.Known{}
	var got []string
	for _, doc := range []string{before, before, after, after, ""} {
		if s.docs = map[string]string{"x": doc}; doc == "" {
			s.docs = nil
		}
		got = append(got, strings.Join(changes(docs.Reconcile(t.Context(), 3, known)), ","))
	}
	day := today
	if strings.Contains(before, "ring") {
		day = "0000-00-00"
	}
	if diff := cmp.Diff([]string{"create " + key + " " + day, "", "update " + key + " " + day, "", "delete " + key + " " + day}, got); diff != "" {
		t.Errorf("%T (-want +got):\n%s", docs, diff)
	}
}

func TestReconcileEveryCollection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		c, log := scripted(t, s.ServeHTTP)
		doc := func(rest string) string { return `{"id":"x","day":"` + today + `",` + rest + `}` }
		start := func(rest string) string { return `{"id":"x","start_day":"` + today + `",` + rest + `}` }
		reconciled(t, c.DailyActivity, s, "x", doc(`"met":{"interval":60.0,"items":[0.9,null],"timestamp":"2000-01-01T04:00:00+02:00"}`), doc(`"met":{"interval":60.0,"items":[0.9,1],"timestamp":"2000-01-01T04:00:00+02:00"}`))
		reconciled(t, c.DailyCardiovascularAge, s, "day:"+today, `{"day":"`+today+`","vascular_age":30}`, `{"day":"`+today+`","vascular_age":31}`)
		reconciled(t, c.DailyReadiness, s, "x", doc(`"temperature_deviation":0.1`), doc(`"temperature_deviation":0.2`))
		reconciled(t, c.DailyResilience, s, "x", doc(`"level":"solid"`), doc(`"level":"brand_new"`))
		reconciled(t, c.DailySleep, s, "x", doc(`"score":null`), doc(`"score":1`))
		reconciled(t, c.DailySpO2, s, "x", doc(`"spo2_percentage":null`), doc(`"spo2_percentage":{"average":0.0}`))
		reconciled(t, c.DailyStress, s, "x", doc(`"stress_high":1`), doc(`"stress_high":2`))
		reconciled(t, c.EnhancedTag, s, "x", start(`"start_time":"2000-01-01T10:00:00"`), start(`"start_time":"2000-01-01T10:00:00Z"`))
		reconciled(t, c.RestModePeriod, s, "x", start(`"episodes":[]`), start(`"episodes":[],"end_day":"2000-01-01"`))
		reconciled(t, c.RingConfiguration, s, "x", `{"id":"x","size":9,"design":"ring"}`, `{"id":"x","size":10,"design":"ring"}`)
		reconciled(t, c.Session, s, "x", doc(`"mood":"good"`), doc(`"mood":"great"`))
		reconciled(t, c.Sleep, s, "x", doc(`"type":"long_sleep"`), doc(`"type":"deleted"`))
		reconciled(t, c.SleepTime, s, "x", doc(`"status":"optimal_found"`), doc(`"status":"not_enough_nights"`))
		reconciled(t, c.Tag, s, "x", doc(`"text":"a"`), doc(`"text":"b"`))
		reconciled(t, c.VO2Max, s, "x", doc(`"vo2_max":40`), doc(`"vo2_max":41`))
		reconciled(t, c.Workout, s, "x", doc(`"label":null`), doc(`"label":""`))

		for _, u := range log.requests() {
			if dated := u.Query().Has("start_date"); len(strings.Split(u.Path, "/")) == 4 && dated == strings.HasSuffix(u.Path, "/ring_configuration") {
				t.Errorf("asked for %s", u)
			}
		}
	})
}

// TestReconcileModelsOfTheCallersOwn: an id if there is one, else the day, else a clear error.
func TestReconcileModelsOfTheCallersOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		c, _ := scripted(t, s.ServeHTTP)
		dayOf := func(m map[string]any) (oura.Date, bool) {
			d, err := oura.ParseDate(fmt.Sprint(m["day"]))
			return d, err == nil
		}
		open := oura.NewDocuments(c, "daily_cycle_phases", dayOf)
		reconciled(t, open, s, "x", `{"id":"x","day":"`+today+`","b":1,"a":2}`, `{"id":"x","day":"`+today+`","b":1,"a":3}`)
		reconciled(t, open, s, "day:"+today, `{"day":"`+today+`","a":2}`, `{"day":"`+today+`","a":3}`)
		type nameless struct {
			Day oura.Date `json:"day"`
			A   int       `json:"a"`
		}
		byDay := oura.NewDocuments(c, "daily_cycle_phases", func(n nameless) (oura.Date, bool) { return n.Day, true })
		reconciled(t, byDay, s, "day:"+today, `{"day":"`+today+`","a":2}`, `{"day":"`+today+`","a":3}`)

		s.docs = map[string]string{"x": `{"a":1}`, "y": sleepDay("y", today)}
		known := oura.Known{"gone?": {Day: date(today), Hash: "0"}}
		got := changes(open.Reconcile(t.Context(), 3, known))
		if len(got) != 2 || !strings.Contains(got[0], "neither id nor day") || got[1] != "create y "+today {
			t.Errorf("got %q", got)
		}
		if _, err := open.Note(known, map[string]any{"id": "x", "f": func() {}}); !errors.Is(err, oura.ErrInvalidRequest) || !strings.Contains(err.Error(), "JSON") {
			t.Errorf("got %v", err)
		}
	})
}

// TestReconcileIDsThatComeAndGo: where ids may be missing, the day tells the document.
func TestReconcileIDsThatComeAndGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{docs: map[string]string{"x": `{"day":"` + today + `","vascular_age":30}`}}
		c, _ := scripted(t, s.ServeHTTP)
		known := oura.Known{}
		pass := func(want ...string) {
			t.Helper()
			if diff := cmp.Diff(want, changes(c.DailyCardiovascularAge.Reconcile(t.Context(), 3, known))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		pass("create day:2000-01-01 2000-01-01")
		s.docs["x"] = `{"id":"x","day":"` + today + `","vascular_age":30}`
		pass("update day:2000-01-01 2000-01-01")
		s.docs["x"] = `{"id":"x","vascular_age":"malformed"}` // no day to tell it by
		pass("malformed")
		s.docs["x"] = `{"day":"` + today + `","vascular_age":"malformed"}`
		pass("malformed")
		s.docs = nil
		pass("delete day:2000-01-01 2000-01-01")
	})
}

func TestReconcileArguments(t *testing.T) {
	t.Parallel()
	c, log := scripted(t, (&shelf{}).ServeHTTP)
	for _, tt := range []struct {
		days  int
		known oura.Known
		want  string
	}{
		{0, oura.Known{}, "a window of 0 days"}, {-1, oura.Known{}, "a window of -1 days"}, {367, oura.Known{}, "give 1 to 366"}, {1, nil, "known is nil"},
	} {
		for range 2 {
			n := 0
			for _, err := range c.Sleep.Reconcile(t.Context(), tt.days, tt.known) {
				if n++; !errors.Is(err, oura.ErrInvalidRequest) || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			}
			if n != 1 {
				t.Errorf("%d errors", n)
			}
		}
	}
	if _, err := c.Sleep.Note(nil, oura.Sleep{ID: "a"}); !errors.Is(err, oura.ErrInvalidRequest) {
		t.Errorf("got %v", err)
	}
	if len(log.requests()) != 0 {
		t.Error("requests were sent")
	}
}

// TestNote: what came with an event is not told again, and a document fetched alone has the fingerprint of one in a list.
func TestNote(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{docs: map[string]string{"a": sleepDay("a", today), "b": sleepDay("b", today)}}
		c, _ := scripted(t, s.ServeHTTP)
		known := oura.Known{}
		for _, want := range []bool{true, false} {
			doc, err := c.Object(t.Context(), oura.DataTypeDailySleep, "a")
			if err != nil {
				t.Fatal(err)
			}
			if changed, err := c.DailySleep.Note(known, *doc.(*oura.DailySleep)); err != nil || changed != want {
				t.Errorf("got %t, %v, want %t", changed, err, want)
			}
		}
		if diff := cmp.Diff([]string{"create b " + today}, changes(c.DailySleep.Reconcile(t.Context(), 3, known))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func ExampleDocuments_Reconcile() {
	ctx := context.Background()
	client, err := oura.NewClient(oura.WithAccessToken("token of a person"))
	if err != nil {
		fmt.Println(err)
		return
	}
	// One for each person and collection, stored as JSON between the runs; begin with oura.Known{}.
	var known oura.Known
	if err := json.Unmarshal([]byte(`{}`), &known); err != nil {
		fmt.Println(err)
		return
	}
	for change, err := range client.Sleep.Reconcile(ctx, 14, known) {
		var malformed *oura.DocumentError
		switch {
		case errors.As(err, &malformed):
			fmt.Println(err) // the others still come
		case err != nil:
			fmt.Println(err) // what was told until now is in known
		case change.Type == oura.EventTypeDelete:
			fmt.Println("delete", change.Key)
		default:
			fmt.Println("store", change.Document.ID, change.Document.Day)
		}
	}
	known.Forget(oura.Today(nil).AddDays(-60)) // well before any window
	stored, err := json.Marshal(known)
	fmt.Println(len(stored), err)
}

func ExampleDocuments_Note() {
	ctx, known := context.Background(), oura.Known{}
	client, err := oura.NewClient(oura.WithAccessToken("token of the person in the event"))
	if err != nil {
		fmt.Println(err)
		return
	}
	doc, err := client.Object(ctx, oura.DataTypeWorkout, "id in the event")
	if err != nil {
		fmt.Println(err)
		return
	}
	if workout, ok := doc.(*oura.Workout); ok {
		changed, err := client.Workout.Note(known, *workout) // so that Reconcile does not tell it again
		fmt.Println("worth storing:", changed, err)
	}
}
