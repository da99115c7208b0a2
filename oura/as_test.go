package oura_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

type newerSleep struct {
	oura.Sleep
	Newer *int `json:"newer"`
}

func sleepJSON(id, day, more string) string {
	return `{"id":"` + id + `","day":"` + day + `","bedtime_start":"` + day + `T00:00:00Z","low_battery_alert":false,"period":0,"time_in_bed":60` + more + `}`
}

func TestAsAddsAProperty(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, pages([]string{
		sleepJSON("before", "2026-02-28", ""),
		sleepJSON("a", "2026-03-01", `,"newer":7,"lowest_heart_rate":255`),
		sleepJSON("b", "2026-03-01", `,"newer":"x"`),
	}, []string{sleepJSON("c", "2026-03-02", "")}))
	newer := oura.As[newerSleep](c.Sleep)
	days := oura.Days(date("2026-03-01"), date("2026-03-02"))
	docs, err := oura.Collect(newer.List(t.Context(), days, oura.Fields("newer")))
	if bad, ok := errors.AsType[*oura.DocumentError](err); !ok || bad.Index != 2 || !strings.Contains(bad.Error(), "newer") {
		t.Errorf("got %v", err)
	}
	if len(docs) != 2 || docs[0].ID != "a" || *docs[0].Newer != 7 || docs[0].LowestHeartRate != nil || docs[1].ID != "c" {
		t.Errorf("got %+v", docs)
	}
	if q := s.requests()[0].Query(); q.Get("fields") != "newer,id,day" || q.Get("start_date") != "2026-02-27" {
		t.Errorf("asked for %v", q)
	}
	for page, err := range newer.Pages(t.Context(), days) {
		if err != nil {
			t.Fatal(err)
		}
		rest, err := oura.Collect(c.Sleep.List(t.Context(), oura.Resume(page.Next)))
		if err != nil || len(rest) != 1 || rest[0].ID != "c" {
			t.Errorf("the cursor goes on with %v, %v", rest, err)
		}
		break
	}
	if oura.As[oura.Sleep](c.Sleep) != c.Sleep {
		t.Error("the same model is another collection")
	}
}

func TestAsIsTheDocumentAsItCame(t *testing.T) {
	t.Parallel()
	doc := sleepJSON("a", "2026-03-01", `,"lowest_heart_rate":255,"unknown":{"x":[1,null]}`)
	c, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/a") {
			answer(w, http.StatusOK, doc)
			return
		}
		answer(w, http.StatusOK, `{"data":[`+sleepJSON("z", "2026-02-27", "")+`,`+doc+`],"next_token":null}`)
	})
	raw := oura.As[json.RawMessage](c.Sleep)
	got, err := oura.Collect(raw.List(t.Context(), oura.Days(date("2026-03-01"), date("2026-03-01"))))
	if err != nil || len(got) != 1 || string(got[0]) != doc {
		t.Errorf("got %s, %v", got, err)
	}
	one, err := raw.Get(t.Context(), "a")
	if err != nil || string(one) != doc {
		t.Errorf("got %s, %v", one, err)
	}
	known := oura.Known{}
	if changed, err := raw.Note(known, one); err != nil || !changed || known["a"].Day != date("2026-03-01") {
		t.Errorf("noted %v, %v", known, err)
	}
}

func TestAsSeries(t *testing.T) {
	t.Parallel()
	rows := []string{
		`{"timestamp":"2026-03-01T00:00:00Z","bpm":60,"source":"rest"}`,
		`{"timestamp":"2026-03-01T00:05:00Z","bpm":61,"source":"rest"}`,
		`{"timestamp":"2026-03-01T00:10:00Z","bpm":62,"source":"rest"}`,
	}
	c, s := scripted(t, pages(rows))
	from := time.Date(2026, 3, 1, 0, 5, 0, 0, time.UTC)
	between := oura.Between(from, from.Add(5*time.Minute))
	raw := oura.AsSeries[json.RawMessage](c.HeartRate)
	got, err := oura.Collect(raw.List(t.Context(), between))
	if err != nil || len(got) != 1 || string(got[0]) != rows[1] {
		t.Errorf("got %s, %v", got, err)
	}
	if last, err := raw.Latest(t.Context()); err != nil || string(last) != rows[2] {
		t.Errorf("latest %s, %v", last, err)
	}
	type rate struct {
		At  time.Time `json:"timestamp"`
		BPM int       `json:"bpm"`
	}
	own, err := oura.Collect(oura.NewTimeSeries(c, "interbeat", func(r rate) (time.Time, bool) { return r.At, true }).List(t.Context(), between))
	if err != nil || !cmp.Equal(own, []rate{{from, 61}}) {
		t.Errorf("own model: %v, %v", own, err)
	}
	if u := s.requests()[2]; u.Path != "/v2/usercollection/interbeat" || u.Query().Get("start_datetime") != "2026-03-01T00:04:59Z" {
		t.Errorf("asked for %v", u)
	}
}

// A struct that embeds a model would have its UnmarshalJSON method.
func TestModelsCanBeEmbedded(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, pages(nil))
	for _, col := range c.Collections() {
		v := reflect.New(col.Model).Interface()
		if _, ok := v.(json.Marshaler); ok {
			t.Errorf("%s marshals itself", col.Name)
		}
		if _, ok := v.(json.Unmarshaler); ok {
			t.Errorf("%s unmarshals itself", col.Name)
		}
	}
}
