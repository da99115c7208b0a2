package oura_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

const (
	long = 60 * 24 * time.Hour
	soon = 7*24*time.Hour - time.Minute
)

// told is a report by data type.
func told(r oura.EnsureReport) map[string]string {
	out := map[string]string{}
	for name, list := range map[string][]oura.Subscription{
		"created": r.Created, "updated": r.Updated, "renewed": r.Renewed, "unchanged": r.Unchanged, "foreign": r.Foreign,
	} {
		for _, sub := range list {
			out[string(sub.DataType)] += name // twice would show
		}
	}
	return out
}

func takeOver(r oura.SubscriptionRequest) oura.SubscriptionRequest {
	r.TakeOver = true
	return r
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	sleep, workout, tag := wanted(oura.DataTypeSleep), wanted(oura.DataTypeWorkout), wanted(oura.DataTypeTag)
	type has struct {
		data oura.DataType
		url  string
		left time.Duration
	}
	for _, tt := range []struct {
		name     string
		has      []has
		wanted   []oura.SubscriptionRequest
		opts     []oura.Option
		fault    func(int, *http.Request) fault
		told     map[string]string
		errs     []error // each must match; none: success
		conflict bool
		stands   []string // data type and callback; "" where it does not matter
		requests []string
	}{
		{name: "nothing wanted", told: map[string]string{}},
		{
			name: "missing, ending, standing and foreign",
			has:  []has{{"workout", callback, soon}, {"tag", callback, 7*24*time.Hour + time.Minute}, {"session", elsewhere, time.Minute}, {"meal", elsewhere, time.Minute}},
			wanted: []oura.SubscriptionRequest{
				sleep, workout, tag, wanted(oura.DataTypeSession),
			},
			told:     map[string]string{"sleep": "created", "workout": "renewed", "tag": "unchanged", "session": "foreign"},
			errs:     []error{oura.ErrInvalidRequest},
			conflict: true,
			stands:   []string{"meal " + elsewhere, "session " + elsewhere, "sleep " + callback, "tag " + callback, "workout " + callback},
			requests: []string{"GET ", "POST ", "PUT /renew/sub-1"},
		},
		{
			name: "ended already", has: []has{{"sleep", callback, -time.Hour}}, wanted: []oura.SubscriptionRequest{sleep},
			told: map[string]string{"sleep": "renewed"}, requests: []string{"GET ", "PUT /renew/sub-1"},
		},
		{
			name: "another event type of the same data is another pair", has: []has{{"sleep", callback, long}},
			wanted: []oura.SubscriptionRequest{sleep, {CallbackURL: callback, VerificationToken: "t", EventType: oura.EventTypeCreate, DataType: oura.DataTypeSleep}},
			told:   map[string]string{"sleep": "createdunchanged"}, requests: []string{"GET ", "POST "},
		},
		{
			name: "take over", has: []has{{"sleep", elsewhere, long}}, wanted: []oura.SubscriptionRequest{takeOver(sleep)},
			told: map[string]string{"sleep": "updated"}, stands: []string{"sleep " + callback}, requests: []string{"GET ", "PUT /sub-1"},
		},
		{
			name: "take over what ends", has: []has{{"sleep", elsewhere, soon}}, wanted: []oura.SubscriptionRequest{takeOver(sleep)},
			told: map[string]string{"sleep": "updated"}, stands: []string{"sleep " + callback}, requests: []string{"GET ", "PUT /sub-1", "PUT /renew/sub-1"},
		},
		{
			name: "take over what is ours already", has: []has{{"sleep", callback, long}}, wanted: []oura.SubscriptionRequest{takeOver(sleep)},
			told: map[string]string{"sleep": "unchanged"}, requests: []string{"GET "},
		},
		{
			name: "create answers 504 although it worked", wanted: []oura.SubscriptionRequest{sleep}, fault: failing(2, fault{status: 504, body: "<html>", done: true}),
			told: map[string]string{"sleep": "created"}, stands: []string{"sleep " + callback}, requests: []string{"GET ", "POST ", "GET "},
		},
		{
			name: "create answers 504 and did not work", wanted: []oura.SubscriptionRequest{sleep}, fault: failing(2, fault{status: 504}),
			told: map[string]string{"sleep": "created"}, stands: []string{"sleep " + callback}, requests: []string{"GET ", "POST ", "GET ", "POST "},
		},
		{
			name: "the same without retries", wanted: []oura.SubscriptionRequest{sleep}, fault: failing(2, fault{status: 504}), opts: []oura.Option{oura.WithRetry(oura.NoRetry)},
			told: map[string]string{}, errs: []error{oura.ErrServer}, requests: []string{"GET ", "POST ", "GET "},
		},
		{
			name: "create answers 504 for ever", wanted: []oura.SubscriptionRequest{sleep}, opts: []oura.Option{oura.WithRetry(oura.RetryPolicy{MaxAttempts: 2, MaxDelay: time.Nanosecond})},
			fault: func(_ int, r *http.Request) fault {
				if r.Method == http.MethodPost {
					return fault{status: 504}
				}
				return fault{}
			},
			told: map[string]string{}, errs: []error{oura.ErrServer}, requests: []string{"GET ", "POST ", "GET ", "POST ", "GET "},
		},
		{
			name: "the list after a 504 fails", wanted: []oura.SubscriptionRequest{sleep}, opts: []oura.Option{oura.WithRetry(oura.NoRetry)},
			fault: func(n int, _ *http.Request) fault {
				return map[int]fault{2: {status: 504, done: true}, 3: {status: 400}}[n]
			},
			told: map[string]string{}, errs: []error{oura.ErrServer}, requests: []string{"GET ", "POST ", "GET "},
		},
		{
			name: "update loses its connection although it worked", has: []has{{"sleep", elsewhere, long}}, wanted: []oura.SubscriptionRequest{takeOver(sleep)},
			fault: failing(2, fault{err: errors.New("reset"), done: true}),
			told:  map[string]string{"sleep": "updated"}, stands: []string{"sleep " + callback}, requests: []string{"GET ", "PUT /sub-1", "GET "},
		},
		{
			name: "one failure does not keep it from the others", wanted: []oura.SubscriptionRequest{sleep, workout, tag}, fault: failing(3, fault{status: 400, body: `{"detail":"handshake failed"}`}),
			told: map[string]string{"sleep": "created", "tag": "created"}, errs: []error{oura.ErrInvalidRequest}, requests: []string{"GET ", "POST ", "POST ", "POST "},
		},
		{
			name: "nor does 403", wanted: []oura.SubscriptionRequest{sleep, workout}, fault: failing(2, fault{status: 403}),
			told: map[string]string{"workout": "created"}, errs: []error{oura.ErrForbidden}, requests: []string{"GET ", "POST ", "POST "},
		},
		{
			name: "different failures are all told", has: []has{{"tag", elsewhere, long}}, wanted: []oura.SubscriptionRequest{sleep, workout, tag}, fault: failing(2, fault{status: 403}),
			told: map[string]string{"workout": "created", "tag": "foreign"}, errs: []error{oura.ErrForbidden, oura.ErrInvalidRequest}, conflict: true, requests: []string{"GET ", "POST ", "POST "},
		},
		{
			name: "401 ends it", wanted: []oura.SubscriptionRequest{sleep, workout}, fault: failing(2, fault{status: 401}),
			told: map[string]string{}, errs: []error{oura.ErrUnauthorized}, requests: []string{"GET ", "POST "},
		},
		{
			name: "no list, no action", wanted: []oura.SubscriptionRequest{sleep}, opts: []oura.Option{oura.WithRetry(oura.NoRetry)}, fault: failing(1, fault{status: 503}),
			told: map[string]string{}, errs: []error{oura.ErrServer}, requests: []string{"GET "},
		},
		{
			name: "a failed renewal was repeated by the request path", has: []has{{"sleep", callback, soon}}, wanted: []oura.SubscriptionRequest{sleep},
			opts: []oura.Option{oura.WithRetry(oura.RetryPolicy{MaxAttempts: 2, MaxDelay: time.Nanosecond})},
			fault: func(_ int, r *http.Request) fault {
				if r.Method == http.MethodPut {
					return fault{status: 503}
				}
				return fault{}
			},
			told: map[string]string{}, errs: []error{oura.ErrServer}, requests: []string{"GET ", "PUT /renew/sub-1", "PUT /renew/sub-1"},
		},
		{
			name: "twice the same pair", wanted: []oura.SubscriptionRequest{sleep, workout, takeOver(sleep)},
			told: map[string]string{}, errs: []error{oura.ErrInvalidRequest},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &subscriptionService{fault: tt.fault}
			for _, h := range tt.has {
				s.has(h.data, h.url, h.left)
			}
			report, err := s.app(t, tt.opts...).Subscriptions.Ensure(t.Context(), tt.wanted...)
			if (err == nil) != (len(tt.errs) == 0) {
				t.Fatalf("got error %v, want %v", err, tt.errs)
			}
			for _, want := range tt.errs {
				if e, ok := errors.AsType[*oura.Error](err); !ok || !errors.Is(err, want) || e.Path == "" {
					t.Errorf("got error %v, want %v", err, want)
				}
			}
			if _, ok := errors.AsType[*oura.SubscriptionConflictError](err); ok != tt.conflict {
				t.Errorf("got error %v, want a conflict: %t", err, tt.conflict)
			}
			got := told(report)
			if got["sleep"] == "unchangedcreated" { // two event types, in no order
				got["sleep"] = "createdunchanged"
			}
			if diff := cmp.Diff(tt.told, got); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.requests, s.asked()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			if tt.stands != nil {
				for i := range tt.stands {
					tt.stands[i] = "update " + tt.stands[i]
				}
				if diff := cmp.Diff(tt.stands, s.stands()); diff != "" {
					t.Errorf("stands (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestEnsureAmidRaces: what was listed is not what is there a moment later.
func TestEnsureAmidRaces(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		has    string // callback of a subscription that ends soon; "": none
		race   func(*subscriptionService)
		at     int // race happens before this request is carried out
		told   string
		failed bool
		asked  []string
	}{
		{
			name: "another replica creates it", race: func(s *subscriptionService) { s.has("sleep", callback, long) }, at: 2,
			told: "unchanged", asked: []string{"GET ", "POST ", "GET "},
		},
		{
			name: "another deployment creates it", race: func(s *subscriptionService) { s.has("sleep", elsewhere, soon) }, at: 2,
			told: "foreign", failed: true, asked: []string{"GET ", "POST ", "GET "},
		},
		{
			name: "it is cancelled before the renewal", has: callback, race: func(s *subscriptionService) { s.subs = nil }, at: 2,
			told: "created", asked: []string{"GET ", "PUT /renew/sub-1", "GET ", "POST "},
		},
		{
			name: "it is cancelled before the update", has: elsewhere, race: func(s *subscriptionService) { s.subs = nil }, at: 2,
			told: "created", asked: []string{"GET ", "PUT /sub-1", "GET ", "POST "},
		},
		{
			name: "it appears a while after the 504", race: func(s *subscriptionService) { s.has("sleep", callback, long) }, at: 4,
			told: "created", asked: []string{"GET ", "POST ", "GET ", "POST ", "GET "},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &subscriptionService{}
			s.fault = func(n int, _ *http.Request) fault {
				if n == tt.at {
					s.mu.Lock()
					tt.race(s)
					s.mu.Unlock()
				}
				if tt.at == 4 && n == 2 {
					return fault{status: 504}
				}
				return fault{}
			}
			if tt.has != "" {
				s.has("sleep", tt.has, soon)
			}
			r := wanted("sleep")
			r.TakeOver = tt.has == elsewhere
			report, err := s.app(t).Subscriptions.Ensure(t.Context(), r)
			if (err != nil) != tt.failed || told(report)["sleep"] != tt.told {
				t.Errorf("got %v, %v, want %q", told(report), err, tt.told)
			}
			if diff := cmp.Diff(tt.asked, s.asked()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEnsureByReplicas: four replicas see an empty list at the same moment and all create. One subscription stands for
// each pair in the end, each replica reports success, and each subscription was created by one of them.
func TestEnsureByReplicas(t *testing.T) {
	t.Parallel()
	const replicas = 4
	var all []oura.SubscriptionRequest
	for _, data := range []oura.DataType{oura.DataTypeSleep, oura.DataTypeDailySleep, oura.DataTypeWorkout, oura.DataTypeVO2Max, oura.DataTypeTag} {
		for _, event := range []oura.EventType{oura.EventTypeCreate, oura.EventTypeUpdate, oura.EventTypeDelete} {
			r := wanted(data)
			r.EventType = event
			all = append(all, r)
		}
	}
	for _, tt := range []struct {
		name  string
		fault func(int, *http.Request) fault // besides
		owner bool                           // whether each subscription has one replica that reports it as created
	}{
		{name: "all well", owner: true},
		{name: "every third create ends in 504 although it worked", fault: func(n int, r *http.Request) fault {
			if n%3 == 0 && r.Method == http.MethodPost {
				return fault{status: http.StatusGatewayTimeout, done: true}
			}
			return fault{}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var together sync.WaitGroup
			together.Add(replicas)
			s := &subscriptionService{}
			s.fault = func(n int, r *http.Request) fault {
				if n <= replicas { // the first lists, which nobody leaves before all have come
					together.Done()
					together.Wait()
				}
				if tt.fault != nil {
					return tt.fault(n, r)
				}
				return fault{}
			}
			reports := make([]oura.EnsureReport, replicas)
			var running sync.WaitGroup
			for i := range replicas {
				running.Go(func() {
					mine := slices.Clone(all)
					rand.Shuffle(len(mine), func(a, b int) { mine[a], mine[b] = mine[b], mine[a] })
					var err error
					if reports[i], err = s.app(t).Subscriptions.Ensure(t.Context(), mine...); err != nil {
						t.Errorf("replica %d: %v", i, err)
					}
				})
			}
			running.Wait()
			stands := s.stands()
			if len(stands) != len(all) || len(slices.Compact(stands)) != len(all) {
				t.Errorf("stands: %q, want one for each of %d pairs", stands, len(all))
			}
			created := 0
			for i, r := range reports {
				created += len(r.Created)
				if n := len(r.Created) + len(r.Unchanged); n != len(all) {
					t.Errorf("replica %d reports %d of %d: %v", i, n, len(all), told(r))
				}
			}
			if tt.owner && created != len(all) {
				t.Errorf("%d were created by the reports, want %d", created, len(all))
			}
		})
	}
}

func TestEnsureEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &subscriptionService{fault: func(_ int, r *http.Request) fault {
			if r.Method == http.MethodPost {
				time.AfterFunc(time.Second, cancel)
				return fault{status: http.StatusServiceUnavailable}
			}
			return fault{}
		}}
		c := s.app(t, oura.WithRetry(oura.RetryPolicy{MinDelay: time.Hour, MaxDelay: 1000 * time.Hour}))
		begin := time.Now()
		_, err := c.Subscriptions.Ensure(ctx, wanted("sleep"), wanted("workout"))
		if !errors.Is(err, context.Canceled) || time.Since(begin) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(begin))
		}
		if diff := cmp.Diff([]string{"GET ", "POST ", "GET "}, s.asked()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}

		ctx, cancel = context.WithTimeout(t.Context(), time.Minute) // a wait that cannot end in time is not begun
		defer cancel()
		begin = time.Now()
		s.fault = failing(len(s.asked())+2, fault{status: http.StatusServiceUnavailable})
		c = s.app(t, oura.WithRetry(oura.RetryPolicy{MinDelay: 1e6 * time.Hour, MaxDelay: 1e6 * time.Hour}))
		if _, err := c.Subscriptions.Ensure(ctx, wanted("sleep")); !errors.Is(err, oura.ErrServer) || errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 0 {
			t.Errorf("got %v after %v", err, time.Since(begin))
		}
	})
}

// TestEnsureWaitsAsAsked: between two creates there is as long a wait as the service asks for, or a growing one at random.
func TestEnsureWaitsAsAsked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		after       string
		least, most time.Duration // before the second create
		want        error
	}{
		{after: "90", least: 90 * time.Second, most: 90 * time.Second},
		{after: "86400", want: oura.ErrServer}, // beyond MaxRetryAfter
		{most: 3 * (1 + 2 + 4) * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &subscriptionService{fault: func(n int, r *http.Request) fault {
				if r.Method == http.MethodPost && (n == 2 || tt.after == "" && n < 8) {
					return fault{status: http.StatusServiceUnavailable, after: tt.after}
				}
				return fault{}
			}}
			begin := time.Now()
			c := s.app(t, oura.WithRetry(oura.RetryPolicy{MinDelay: 3 * time.Second, MaxDelay: time.Hour}))
			_, err := c.Subscriptions.Ensure(t.Context(), wanted("sleep"))
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("Retry-After %q: got %v, want %v", tt.after, err, tt.want)
			}
			if d := time.Since(begin); d < tt.least || d > tt.most || tt.after == "" && d == 0 {
				t.Errorf("Retry-After %q: took %v, want %v to %v", tt.after, d, tt.least, tt.most)
			}
		})
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	ours := func(s oura.Subscription) bool { return s.CallbackURL == callback }
	for _, tt := range []struct {
		name     string
		owned    func(oura.Subscription) bool
		wanted   []oura.SubscriptionRequest
		fault    func(int, *http.Request) fault
		deleted  []oura.DataType
		err      error
		requests []string
	}{
		{name: "what is ours and not wanted", owned: ours, wanted: []oura.SubscriptionRequest{wanted("sleep")}, deleted: []oura.DataType{"workout", "session"}, requests: []string{"GET ", "DELETE /sub-2", "DELETE /sub-4"}},
		{name: "names are enough", owned: ours, wanted: []oura.SubscriptionRequest{{EventType: "update", DataType: "sleep"}, {EventType: "update", DataType: "workout"}}, deleted: []oura.DataType{"session"}, requests: []string{"GET ", "DELETE /sub-4"}},
		{name: "another event type is not wanted", owned: ours, wanted: []oura.SubscriptionRequest{{EventType: "delete", DataType: "sleep"}}, deleted: []oura.DataType{"sleep", "workout", "session"}, requests: []string{"GET ", "DELETE /sub-1", "DELETE /sub-2", "DELETE /sub-4"}},
		{name: "a wanted pair is kept whatever its callback", owned: func(oura.Subscription) bool { return true }, wanted: []oura.SubscriptionRequest{wanted("tag"), wanted("sleep"), wanted("workout")}, deleted: []oura.DataType{"session"}, requests: []string{"GET ", "DELETE /sub-4"}},
		{name: "nothing is owned", owned: func(oura.Subscription) bool { return false }, requests: []string{"GET "}},
		{name: "gone meanwhile", owned: ours, fault: failing(2, fault{status: 403}), deleted: []oura.DataType{"workout", "session"}, requests: []string{"GET ", "DELETE /sub-1", "DELETE /sub-2", "DELETE /sub-4"}},
		{name: "a failure does not keep it from the others", owned: ours, fault: failing(2, fault{status: 503}), deleted: []oura.DataType{"workout", "session"}, err: oura.ErrServer, requests: []string{"GET ", "DELETE /sub-1", "DELETE /sub-2", "DELETE /sub-4"}},
		{name: "401 does", owned: ours, fault: failing(3, fault{status: 401}), deleted: []oura.DataType{"sleep"}, err: oura.ErrUnauthorized, requests: []string{"GET ", "DELETE /sub-1", "DELETE /sub-2"}},
		{name: "no list", owned: ours, fault: failing(1, fault{status: 400}), err: oura.ErrInvalidRequest, requests: []string{"GET "}},
		{name: "no owned", err: oura.ErrInvalidRequest},
		{name: "nameless", owned: ours, wanted: []oura.SubscriptionRequest{{EventType: "update"}}, err: oura.ErrInvalidRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &subscriptionService{fault: tt.fault}
			s.has("sleep", callback, long)
			s.has("workout", callback, long)
			s.has("tag", elsewhere, long)
			s.has("session", callback, long)
			deleted, err := s.app(t).Subscriptions.Prune(t.Context(), tt.owned, tt.wanted...)
			if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Errorf("got error %v, want %v", err, tt.err)
			}
			var got []oura.DataType
			for _, d := range deleted {
				got = append(got, d.DataType)
			}
			if diff := cmp.Diff(tt.deleted, got); diff != "" {
				t.Errorf("deleted (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.requests, s.asked()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func ExampleSubscriptions_Ensure() {
	ctx := context.Background()
	app, err := oura.NewClient(oura.WithAppCredentials("client id", "client secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	// Every change of these data. The receiver at the callback is serving already.
	wanted := oura.AllEvents("https://example.com/oura", "a long random text",
		oura.DataTypeSleep, oura.DataTypeDailySleep, oura.DataTypeWorkout)
	report, err := app.Subscriptions.Ensure(ctx, wanted...)
	var conflict *oura.SubscriptionConflictError
	switch {
	case errors.As(err, &conflict):
		fmt.Println("another deployment has it:", conflict.Existing.CallbackURL)
	case err != nil:
		fmt.Println(err)
	}
	fmt.Println(len(report.Created), "created,", len(report.Renewed), "renewed")
}

func ExampleSubscriptions_Prune() {
	ctx := context.Background()
	app, err := oura.NewClient(oura.WithAppCredentials("client id", "client secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	// Tags are no longer of interest; all other subscriptions of this deployment go.
	ours := func(s oura.Subscription) bool { return s.CallbackURL == "https://example.com/oura" }
	deleted, err := app.Subscriptions.Prune(ctx, ours,
		oura.SubscriptionRequest{EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep})
	if err != nil {
		fmt.Println(err)
	}
	for _, s := range deleted {
		fmt.Println("no longer subscribed:", s.EventType, s.DataType)
	}
}

func TestAllEvents(t *testing.T) {
	t.Parallel()
	var want []oura.SubscriptionRequest
	for _, pair := range [][2]string{
		{"create", "sleep"}, {"update", "sleep"}, {"delete", "sleep"}, {"create", "tag"}, {"update", "tag"}, {"delete", "tag"},
	} {
		want = append(want, oura.SubscriptionRequest{
			CallbackURL: "https://example.com", VerificationToken: "secret",
			EventType: oura.EventType(pair[0]), DataType: oura.DataType(pair[1]),
		})
	}
	got := oura.AllEvents("https://example.com", "secret", oura.DataTypeSleep, oura.DataTypeTag)
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if got := oura.AllEvents("https://example.com", "secret"); got != nil {
		t.Errorf("of no data: %v", got)
	}
}
