package oura_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

func TestObject(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		data oura.DataType
		path string
		want any
	}{
		{oura.DataTypeDailyActivity, "daily_activity", &oura.DailyActivity{}},
		{oura.DataTypeDailyCardiovascularAge, "daily_cardiovascular_age", &oura.DailyCardiovascularAge{}},
		{oura.DataTypeDailyReadiness, "daily_readiness", &oura.DailyReadiness{}},
		{oura.DataTypeDailyResilience, "daily_resilience", &oura.DailyResilience{}},
		{oura.DataTypeDailySleep, "daily_sleep", &oura.DailySleep{}},
		{oura.DataTypeDailySpO2, "daily_spo2", &oura.DailySpO2{}},
		{oura.DataTypeDailyStress, "daily_stress", &oura.DailyStress{}},
		{oura.DataTypeEnhancedTag, "enhanced_tag", &oura.EnhancedTag{}},
		{oura.DataTypeRestModePeriod, "rest_mode_period", &oura.RestModePeriod{}},
		{oura.DataTypeRingConfiguration, "ring_configuration", &oura.RingConfiguration{}},
		{oura.DataTypeSession, "session", &oura.Session{}},
		{oura.DataTypeSleep, "sleep", &oura.Sleep{}},
		{oura.DataTypeSleepTime, "sleep_time", &oura.SleepTime{}},
		{oura.DataTypeTag, "tag", &oura.Tag{}},
		{oura.DataTypeVO2Max, "vO2_max", &oura.VO2Max{}},
		{"vO2_max", "vO2_max", &oura.VO2Max{}},
		{oura.DataTypeWorkout, "workout", &oura.Workout{}},
	} {
		c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{"id":"doc-1"}`) })
		got, err := c.Object(t.Context(), tt.data, "doc-1")
		if err != nil || fmt.Sprintf("%T", got) != fmt.Sprintf("%T", tt.want) || !strings.Contains(jsonOf(got), `"id":"doc-1"`) {
			t.Errorf("%s: got %T, %v, want %T", tt.data, got, err, tt.want)
		}
		if path := s.requests()[0].Path; path != "/v2/usercollection/"+tt.path+"/doc-1" {
			t.Errorf("%s: asked for %s", tt.data, path)
		}
	}
}

func TestObjectRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{"id":"a"}`) })
	for _, tt := range []struct {
		data oura.DataType
		id   string
		opts []oura.ObjectOption
		want string
	}{
		{oura.DataTypeMeal, "a", nil, `no endpoint for documents of type "meal"`},
		{"daily_cycle_phases", "a", nil, `"daily_cycle_phases" are not known to this module; read them with NewDocuments`},
		{"", "a", nil, "the data type is empty"},
		{"heartrate", "a", nil, `"heartrate" are not known`},
		{"../../webhook", "a", nil, "not known"},
		{oura.DataTypeSleep, "", nil, "the id is empty"},
		{oura.DataTypeSleep, "..", nil, "is a path segment, not an id"},
		{oura.DataTypeSleep, "a", []oura.ObjectOption{nil}, "an option is nil"},
		{oura.DataTypeSleep, "a", []oura.ObjectOption{oura.WaitForDocument(0)}, "WaitForDocument(0s)"},
		{oura.DataTypeSleep, "a", []oura.ObjectOption{oura.WaitForDocument(-time.Second)}, "not positive"},
		{oura.DataTypeMeal, "a", []oura.ObjectOption{oura.WaitForDocument(time.Second)}, "no endpoint"},
	} {
		doc, err := c.Object(t.Context(), tt.data, tt.id, tt.opts...)
		e, ok := errors.AsType[*oura.Error](err)
		if doc != nil || !ok || !errors.Is(err, oura.ErrInvalidRequest) || e.StatusCode != 0 || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Object(%q, %q): got %v, %v, want %q", tt.data, tt.id, doc, err, tt.want)
		}
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestObjectWaits: a document that comes after an event is waited for, but not for long.
func TestObjectWaits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		opts        []oura.ObjectOption
		comes       time.Duration // when the document is there; 0: never
		status      int           // before that; 0: 404
		deadline    time.Duration // of the context
		want        error
		least, most time.Duration // until Object returns
		requests    int           // at most
	}{
		{name: "asked once", want: oura.ErrNotFound, requests: 1},
		{name: "comes soon", opts: []oura.ObjectOption{oura.WaitForDocument(10 * time.Second)}, comes: time.Second, least: time.Second, most: 2 * time.Second, requests: 5},
		{name: "comes at the limit", opts: []oura.ObjectOption{oura.WaitForDocument(10 * time.Second)}, comes: 10 * time.Second, least: 10 * time.Second, most: 10 * time.Second, requests: 9},
		{name: "never comes", opts: []oura.ObjectOption{oura.WaitForDocument(10 * time.Second)}, want: oura.ErrNotFound, least: 10 * time.Second, most: 10 * time.Second, requests: 9},
		{name: "long waits have pauses of 4 s", opts: []oura.ObjectOption{oura.WaitForDocument(5 * time.Minute)}, want: oura.ErrNotFound, least: 5 * time.Minute, most: 5 * time.Minute, requests: 106},
		{name: "the last of two options holds", opts: []oura.ObjectOption{oura.WaitForDocument(time.Hour), oura.WaitForDocument(time.Second)}, want: oura.ErrNotFound, least: time.Second, most: time.Second, requests: 4},
		{name: "gone", opts: []oura.ObjectOption{oura.WaitForDocument(time.Second)}, status: http.StatusGone, want: oura.ErrNotFound, least: time.Second, most: time.Second, requests: 4},
		{name: "anything else is not waited for", opts: []oura.ObjectOption{oura.WaitForDocument(time.Minute)}, status: http.StatusForbidden, want: oura.ErrForbidden, requests: 1},
		{name: "a wait beyond the deadline is not begun", opts: []oura.ObjectOption{oura.WaitForDocument(time.Minute)}, deadline: 100 * time.Millisecond, want: oura.ErrNotFound, requests: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) {
					switch {
					case tt.comes > 0 && time.Since(begin) >= tt.comes:
						answer(w, http.StatusOK, `{"id":"doc-1"}`)
					case tt.status != 0:
						answer(w, tt.status, "")
					default:
						answer(w, http.StatusNotFound, `{"detail":"Document not found."}`)
					}
				})
				ctx := t.Context()
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				doc, err := c.Object(ctx, oura.DataTypeSleep, "doc-1", tt.opts...)
				if !errors.Is(err, tt.want) || (doc == nil) != (tt.want != nil) {
					t.Errorf("got %v, %v, want %v", doc, err, tt.want)
				}
				if d := time.Since(begin); d < tt.least || d > tt.most {
					t.Errorf("returned after %v, want %v to %v", d, tt.least, tt.most)
				}
				if n := len(s.requests()); n > tt.requests || n < (tt.requests+1)/2 {
					t.Errorf("%d requests, want at most %d", n, tt.requests)
				}
			})
		})
	}
}

func TestObjectWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusNotFound, "") })
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := errors.New("stop")
		time.AfterFunc(100*time.Millisecond, func() { cancel(stop) })
		begin := time.Now()
		doc, err := c.Object(ctx, oura.DataTypeSleep, "doc-1", oura.WaitForDocument(time.Minute))
		if _, ok := errors.AsType[*oura.Error](err); !ok || doc != nil || !errors.Is(err, context.Canceled) || !errors.Is(err, stop) || errors.Is(err, oura.ErrNotFound) {
			t.Errorf("got %v, %v", doc, err)
		}
		if d, n := time.Since(begin), len(s.requests()); d != 100*time.Millisecond || n != 1 {
			t.Errorf("returned after %v and %d requests", d, n)
		}
	})
}

// TestObjectInTheSandbox: its error for ids of its own passes through.
func TestObjectInTheSandbox(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusInternalServerError, "") }, oura.WithSandbox())
	if doc, err := c.Object(t.Context(), oura.DataTypeSleep, "doc-1"); doc != nil || !errors.Is(err, oura.ErrServer) {
		t.Errorf("got %v, %v", doc, err)
	}
	if diff := cmp.Diff("/v2/sandbox/usercollection/sleep/doc-1", s.requests()[0].Path); diff != "" {
		t.Error(diff)
	}
}

func ExampleClient_Object() {
	ctx := context.Background()
	client, err := oura.NewClient(oura.WithAccessToken("token of the person in the event"))
	if err != nil {
		fmt.Println(err)
		return
	}
	// With ev, a webhook.Event, these are ev.DataType and ev.ObjectID.
	doc, err := client.Object(ctx, oura.DataTypeSleep, "8f9a5221-639e-4a85-81cb-4065ef23f979", oura.WaitForDocument(10*time.Second))
	if errors.Is(err, oura.ErrNotFound) {
		fmt.Println("deleted since")
		return
	} else if err != nil {
		fmt.Println(err)
		return
	}
	switch doc := doc.(type) {
	case *oura.Sleep:
		fmt.Println("night of", doc.Day)
	case *oura.Workout:
		fmt.Println("workout on", doc.Day)
	}
}
