package mirror

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

func (w *world) event(kind oura.EventType, data oura.DataType, id string) webhook.Event {
	return webhook.Event{Type: kind, DataType: data, ObjectID: id, UserID: w.user.ID, Time: noon}
}

func (w *world) apply(ev webhook.Event) {
	w.Helper()
	if err := w.mirror.Apply(w.Context(), w.client, ev); err != nil {
		w.Fatal(err)
	}
}

// Events bring what was created, changed and deleted, in any order and any number of times.
func TestApply(t *testing.T) {
	t.Parallel()
	each(t, 20, func(w *world) {
		w.sync()
		day := w.today.AddDays(-1)
		edited := collect(w, mirror.Days[oura.Sleep](w.Context(), w.me, day, day))[0]
		edited.Efficiency = new(3)
		gone := collect(w, mirror.Days[oura.DailyActivity](w.Context(), w.me, day, day))[0]
		age := w.aged(w.today.AddDays(-25)) // where the person has none
		created := ouratest.VO2Max(w.today, ouratest.WithPerson("another"))
		w.user.Add(edited, created)
		w.user.Remove(gone.ID)
		w.user.Remove(*age.ID)
		for range 2 {
			w.apply(w.event(oura.EventTypeDelete, oura.DataTypeDailyActivity, gone.ID))
			w.apply(w.event(oura.EventTypeUpdate, oura.DataTypeSleep, edited.ID))
			w.apply(w.event(oura.EventTypeCreate, oura.DataTypeVO2Max, created.ID))
			w.apply(w.event(oura.EventTypeUpdate, oura.DataTypeDailyActivity, gone.ID)) // an older one
			w.apply(w.event(oura.EventTypeDelete, oura.DataTypeDailyCardiovascularAge, *age.ID))
			w.apply(w.event(oura.EventTypeCreate, "meal", "no endpoint"))
			w.same()
		}
		moved := edited
		moved.Day = w.today.AddDays(-90) // before the copy begins
		w.user.Add(moved)
		w.apply(w.event(oura.EventTypeUpdate, oura.DataTypeSleep, edited.ID))
		w.same()
		if err := w.mirror.Apply(w.Context(), w.client, w.event(oura.EventTypeUpdate, oura.DataTypeSleep, "")); err == nil {
			w.Error("an event without a document was applied")
		}
	})
}

// aged gives the person a vascular age with an id, which most have not.
func (w *world) aged(day oura.Date) oura.DailyCardiovascularAge {
	w.Helper()
	age := ouratest.DailyCardiovascularAge(day)
	age.ID = new("an id of its own")
	w.user.Add(age)
	w.apply(w.event(oura.EventTypeCreate, oura.DataTypeDailyCardiovascularAge, *age.ID))
	w.same(mirror.Only("daily_cardiovascular_age"))
	return age
}

// A document that is told by its day follows its id to another day.
func TestApplyByDay(t *testing.T) {
	t.Parallel()
	each(t, 20, func(w *world) {
		w.sync()
		age := w.aged(w.today.AddDays(-25)) // where the person has none
		age.Day = w.today.AddDays(-30)
		w.user.Add(age)
		w.apply(w.event(oura.EventTypeUpdate, oura.DataTypeDailyCardiovascularAge, *age.ID))
		w.same()
		age.Day = w.today.AddDays(-31) // and without an event
		w.user.Add(age)
		w.sync(mirror.Only("daily_cardiovascular_age"), mirror.Whole(0))
		w.same()
	})
}

// gate lets a test hold the response to one request.
type gate struct {
	base    http.RoundTripper
	holds   func(path string) bool
	arrived chan struct{} // the response is there
	open    chan struct{} // and may go on
	once    sync.Once
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := g.base.RoundTrip(r)
	if g.holds(r.URL.Path) {
		g.once.Do(func() {
			close(g.arrived)
			<-g.open
		})
	}
	return resp, err
}

func (w *world) held(holds func(path string) bool) (*oura.Client, *gate) {
	g := &gate{base: w.service.HTTPClient().Transport, holds: holds, arrived: make(chan struct{}), open: make(chan struct{})}
	if g.base == nil {
		g.base = http.DefaultTransport
	}
	return w.user.Client(oura.WithLimiter(free{}), oura.WithHTTPClient(&http.Client{Transport: g})), g
}

// A fetch that is overtaken by a later one does not bring back what it saw: not in an event, not in a listing, and not
// what was deleted meanwhile; nor does it remove what was brought back.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	each(t, 20, func(w *world) {
		w.sync()
		day := w.today.AddDays(-1)
		doc := collect(w, mirror.Days[oura.DailySleep](w.Context(), w.me, day, day))[0]
		for name, is := range map[string]struct{ before, change func() }{
			"changed":      {func() {}, func() { doc.Score = new(7); w.user.Add(doc) }},
			"deleted":      {func() {}, func() { w.user.Remove(doc.ID) }},
			"brought back": {func() { w.user.Remove(doc.ID) }, func() { w.user.Add(doc) }},
		} {
			for slow, run := range map[string]func(*oura.Client) error{
				"event": func(c *oura.Client) error {
					return w.mirror.Apply(w.Context(), c, w.event(oura.EventTypeUpdate, oura.DataTypeDailySleep, doc.ID))
				},
				"sync": func(c *oura.Client) error {
					_, err := w.me.Sync(w.Context(), c, mirror.Only("daily_sleep"))
					return err
				},
			} {
				doc.Score = new(5)
				w.user.Add(doc)
				w.sync(mirror.Only("daily_sleep"))
				is.before()
				client, g := w.held(func(path string) bool { return strings.Contains(path, "daily_sleep") })
				done := make(chan error, 1)
				go func() { done <- run(client) }()
				<-g.arrived
				is.change()
				w.apply(w.event(oura.EventTypeUpdate, oura.DataTypeDailySleep, doc.ID))
				close(g.open)
				if err := <-done; err != nil {
					w.Fatal(err)
				}
				if differences, err := w.me.Verify(w.Context(), w.client, mirror.Only("daily_sleep")); err != nil || len(differences) > 0 {
					w.Errorf("%s while a slow %s: %v, %v", name, slow, differences, err)
				}
			}
		}
	})
}

// Two Syncs of a person do not do the work twice: the second waits and finds it done, or returns at once.
func TestTwoSyncs(t *testing.T) {
	t.Parallel()
	each(t, 20, func(w *world) {
		w.sync()
		n := len(w.service.Requests())
		client, g := w.held(func(path string) bool { return strings.Contains(path, "daily_activity") })
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { _, err := w.me.Sync(w.Context(), client); first <- err }()
		<-g.arrived
		if _, err := w.me.Sync(w.Context(), w.client, mirror.NoWait()); !errors.Is(err, mirror.ErrBusy) {
			w.Errorf("NoWait: %v", err)
		}
		var report mirror.Report
		go func() {
			var err error
			report, err = w.opened().Person(w.user.ID).Sync(w.Context(), w.client)
			second <- err
		}()
		third := make(chan error, 1)
		go func() { // which reads what the others had no reason to
			report, err := w.opened().Person(w.user.ID).Sync(w.Context(), w.client, mirror.Late(0), mirror.Only("heartrate"))
			if of(report, "heartrate").Requests != 4 {
				w.Errorf("the third: %+v", report)
			}
			third <- err
		}()
		time.Sleep(300 * time.Millisecond) // the second is waiting: nothing tells when it has begun to
		close(g.open)
		if err := errors.Join(<-first, <-second, <-third); err != nil {
			w.Fatal(err)
		}
		// The first collection had been asked for before the second Sync was called.
		if got := len(w.requestsSince(n)); got > 18+1+4 || report.Requests != 1 || !of(report, "workout").Shared {
			w.Errorf("%d requests, the second made %d", got, report.Requests)
		}
		ctx, cancel := context.WithCancel(w.Context())
		w.exec(`UPDATE oura_mirror_people SET holder = 'another', held_until = 99999999999999`)
		go func() { _, err := w.me.Sync(ctx, w.client); second <- err }()
		time.Sleep(50 * time.Millisecond)
		cancel()
		if err := <-second; !errors.Is(err, context.Canceled) {
			w.Errorf("a wait that was ended: %v", err)
		}
	})
}

// A Sync that loses its lease writes nothing more. It ends, or waits for the other one and does what is left.
func TestLostLease(t *testing.T) {
	t.Parallel()
	each(t, 20, func(w *world) {
		for _, opts := range [][]mirror.SyncOption{{mirror.NoWait()}, nil} {
			client, g := w.held(func(path string) bool { return strings.Contains(path, "daily_sleep") })
			done := make(chan error, 1)
			go func() { _, err := w.me.Sync(w.Context(), client, append(opts, w.since())...); done <- err }()
			<-g.arrived
			w.exec(`UPDATE oura_mirror_people SET holder = 'another', held_until = 99999999999999`)
			close(g.open)
			if opts != nil {
				if err := <-done; !errors.Is(err, mirror.ErrBusy) {
					w.Errorf("got %v", err)
				}
			} else {
				time.Sleep(200 * time.Millisecond) // nothing tells that it waits
			}
			if n := w.number(`SELECT count(*) FROM oura_mirror_documents WHERE collection = 'daily_sleep'`); n != 0 {
				w.Errorf("%d documents were written", n)
			}
			w.exec(`UPDATE oura_mirror_people SET held_until = 1`) // whose process has died
			if opts == nil {
				if err := <-done; err != nil {
					w.Error(err)
				}
			}
		}
		w.same()
	})
}

// A lease is renewed while a Sync waits for the service.
func TestLeaseIsKept(t *testing.T) {
	t.Parallel()
	each(t, 5, func(w *world) {
		m := w.opened(mirror.WithLease(200 * time.Millisecond))
		client, g := w.held(func(path string) bool { return strings.Contains(path, "daily_sleep") })
		done := make(chan error, 1)
		go func() { _, err := m.Person(w.user.ID).Sync(w.Context(), client, w.since()); done <- err }()
		<-g.arrived
		before := w.number(`SELECT held_until FROM oura_mirror_people`)
		for deadline := time.Now().Add(10 * time.Second); w.number(`SELECT held_until FROM oura_mirror_people`) < before+300; {
			if time.Now().After(deadline) {
				w.Fatal("the lease is not renewed")
			}
			time.Sleep(10 * time.Millisecond)
		}
		if _, err := w.me.Sync(w.Context(), w.client, mirror.NoWait()); !errors.Is(err, mirror.ErrBusy) {
			w.Errorf("got %v", err)
		}
		close(g.open)
		if err := <-done; err != nil {
			w.Error(err)
		}
	})
}
