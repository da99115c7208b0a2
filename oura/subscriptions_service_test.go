package oura_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// receiver is a program that keeps a person's nights up to date by webhooks.
type receiver struct {
	client *oura.Client

	mu          sync.Mutex
	handshakes  int
	calls       int
	failures    int // calls yet to fail
	unsubscribe bool
	nights      []oura.Sleep
}

// serve starts the receiver and returns its callback URL.
func (r *receiver) serve(t *testing.T, s *ouratest.Service) (callback string) {
	t.Helper()
	_, secret := s.AppCredentials()
	handler := &webhook.Handler{
		ClientSecret: secret, VerificationToken: vtoken, Handle: r.handle, Duplicates: webhook.NewDuplicates(100, time.Hour),
		Now: s.Now, Logger: slog.New(slog.DiscardHandler),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodGet {
			r.mu.Lock()
			r.handshakes++
			r.mu.Unlock()
		}
		handler.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/oura"
}

func (r *receiver) handle(ctx context.Context, ev webhook.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls++; r.failures > 0 {
		r.failures--
		return errors.New("the database is down")
	}
	if r.unsubscribe {
		return webhook.ErrUnsubscribe
	}
	doc, err := r.client.Object(ctx, ev.DataType, ev.ObjectID, oura.WaitForDocument(5*time.Second))
	if err != nil {
		return err
	}
	r.nights = append(r.nights, *doc.(*oura.Sleep))
	return nil
}

func (r *receiver) state() (handshakes, calls int, nights []oura.Sleep) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.handshakes, r.calls, slices.Clone(r.nights)
}

// TestLifeOfASubscription goes, over real HTTP, from the handshake to the cancellation: create, a delivery whose handling
// fails twice, redeliveries, a duplicate that is not handled again, the document behind the event, renewal before the
// end, 410.
func TestLifeOfASubscription(t *testing.T) {
	t.Parallel()
	const life = 84 * 24 * time.Hour
	s := ouratest.NewService(ouratest.WithHistory(0), ouratest.WithDeliverySchedule(0, 0, 0),
		ouratest.WithClock(func() time.Time { return time.Now().Add(-life) })) // so that a subscription made now ends in 6 days
	t.Cleanup(s.Close)
	ctx := t.Context()
	night := ouratest.Sleep(date("2026-03-01"))

	// The document appears when it was asked for once in vain.
	r := &receiver{failures: 2}
	r.client = s.Client(oura.WithHook(func(_ context.Context, a oura.Attempt) {
		if errors.Is(a.Err, oura.ErrNotFound) {
			s.User().Add(night)
		}
	}))
	subs := s.Client().Subscriptions
	request := oura.SubscriptionRequest{
		CallbackURL: r.serve(t, s), VerificationToken: vtoken, EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
	}

	sub, err := subs.Create(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if handshakes, _, _ := r.state(); handshakes != 1 {
		t.Errorf("%d handshakes during create, want 1", handshakes)
	}

	event := webhook.Event{Type: oura.EventTypeUpdate, DataType: oura.DataTypeSleep, ObjectID: night.ID, Time: s.Now()}
	deliver := func(want ...int) {
		t.Helper()
		before := len(s.Deliveries())
		if n := s.Emit(event); n != 1 {
			t.Fatalf("%d deliveries were begun, want 1", n)
		}
		if err := s.WaitDeliveries(ctx); err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, d := range s.Deliveries()[before:] {
			got = append(got, d.Status)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
	}
	deliver(500, 500, 200)
	deliver(200) // the same again
	if _, calls, nights := r.state(); calls != 3 || len(nights) != 1 || !cmp.Equal(nights[0], night) {
		t.Errorf("handled in %d calls %d times, want 3 and once:\n%s", calls, len(nights), cmp.Diff([]oura.Sleep{night}, nights))
	}

	s.Advance(life)
	report, err := subs.Ensure(ctx, request)
	if err != nil || len(report.Renewed) != 1 || report.Renewed[0].ID != sub.ID || time.Until(report.Renewed[0].ExpirationTime) < 89*24*time.Hour {
		t.Errorf("before its end: %+v, %v", report, err)
	}
	if report, err = subs.Ensure(ctx, request); err != nil || len(report.Unchanged) != 1 {
		t.Errorf("after the renewal: %+v, %v", report, err)
	}

	r.mu.Lock()
	r.unsubscribe = true
	r.mu.Unlock()
	event.Time = s.Now()
	deliver(410)
	if _, err := subs.Get(ctx, sub.ID); !errors.Is(err, oura.ErrNotFound) {
		t.Errorf("after 410 it is still there: %v", err)
	}
	if n := s.Emit(event); n != 0 {
		t.Errorf("%d deliveries after 410", n)
	}
	if handshakes, calls, nights := r.state(); handshakes != 1 || calls != 4 || len(nights) != 1 {
		t.Errorf("%d handshakes, %d calls, %d nights", handshakes, calls, len(nights))
	}
}

// TestReplicasOverHTTP: four replicas, each with a client and connections of its own, ensure the same subscriptions at
// once, and gateways lose some of the answers.
func TestReplicasOverHTTP(t *testing.T) {
	t.Parallel()
	for _, lost := range []int{0, 5} {
		s := ouratest.NewService(ouratest.WithHistory(0))
		t.Cleanup(s.Close)
		r := &receiver{}
		url := r.serve(t, s)
		wanted := oura.AllEvents(url, vtoken, oura.DataTypeSleep, oura.DataTypeDailySleep, oura.DataTypeWorkout)
		for range lost {
			s.FailOnce("subscription", ouratest.LostAnswer())
		}
		var running sync.WaitGroup
		for i := range 4 {
			subs := s.Client(oura.WithRetry(oura.RetryPolicy{MaxAttempts: 9, MaxDelay: time.Millisecond})).Subscriptions
			running.Go(func() {
				report, err := subs.Ensure(t.Context(), wanted...)
				if n := len(report.Created) + len(report.Unchanged); err != nil || n != len(wanted) {
					t.Errorf("replica %d: %d of %d, %v", i, n, len(wanted), err)
				}
			})
		}
		running.Wait()
		all, err := s.Client().Subscriptions.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, sub := range all {
			count[string(sub.EventType)+" "+string(sub.DataType)]++
		}
		if len(all) != len(wanted) || len(count) != len(wanted) {
			t.Errorf("with %d answers lost: %v, want one for each of %d pairs", lost, count, len(wanted))
		}
		if handshakes, _, _ := r.state(); handshakes != len(wanted) {
			t.Errorf("%d handshakes for %d subscriptions", handshakes, len(wanted))
		}
	}
}
