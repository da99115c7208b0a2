package oura_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

const (
	appID     = "client-6a10"
	appSecret = "app-secret-77c1e9"
	vtoken    = "verification-5d0c4b"
	callback  = "https://example.com/oura"
	elsewhere = "https://staging.example.com/oura"

	subscriptionsPath = "/v2/webhook/subscription"
)

// wanted is a request for updates of a data type.
func wanted(t oura.DataType) oura.SubscriptionRequest {
	return oura.SubscriptionRequest{
		CallbackURL: callback, VerificationToken: vtoken, EventType: oura.EventTypeUpdate, DataType: t,
	}
}

func TestSubscriptionCalls(t *testing.T) {
	t.Parallel()
	s := &subscriptionService{}
	subs := s.app(t, oura.WithAccessToken("a-person's-token")).Subscriptions
	ctx := t.Context()

	before := time.Now()
	made, err := subs.Create(ctx, wanted(oura.DataTypeSleep))
	if err != nil {
		t.Fatal(err)
	}
	if left := made.ExpirationTime.Sub(before); made.ExpirationTime.Location() != time.UTC || left < 90*24*time.Hour-time.Second || left > 90*24*time.Hour+time.Minute {
		t.Errorf("ends at %v, want 90 days from now in UTC", made.ExpirationTime)
	}
	want := oura.Subscription{
		ID: "sub-1", CallbackURL: callback, EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep, ExpirationTime: made.ExpirationTime,
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("create (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(`{"callback_url":"`+callback+`","data_type":"sleep","event_type":"update","verification_token":"`+vtoken+`"}`, s.last.body); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	h := s.last.header
	if h.Get("X-Client-Id") != appID || h.Get("X-Client-Secret") != appSecret || h.Get("Authorization") != "" {
		t.Errorf("authorized by %v", h)
	}

	if all, err := subs.List(ctx); err != nil || !cmp.Equal(all, []oura.Subscription{want}) {
		t.Errorf("list: %+v, %v", all, err)
	}
	if got, err := subs.Get(ctx, "sub-1"); err != nil || got != want {
		t.Errorf("get: %+v, %v", got, err)
	}
	moved := wanted(oura.DataTypeWorkout)
	moved.EventType, moved.CallbackURL = oura.EventTypeDelete, elsewhere
	want.EventType, want.DataType, want.CallbackURL = oura.EventTypeDelete, oura.DataTypeWorkout, elsewhere
	if got, err := subs.Update(ctx, "sub-1", moved); err != nil || got != want {
		t.Errorf("update: %+v, %v", got, err)
	}
	if got, err := subs.Renew(ctx, "sub-1"); err != nil || got.ID != "sub-1" || got.ExpirationTime.Before(want.ExpirationTime) {
		t.Errorf("renew: %+v, %v", got, err)
	}
	if s.last.body != "" {
		t.Errorf("renew sent a body: %q", s.last.body)
	}
	if err := subs.Delete(ctx, "sub-1"); err != nil {
		t.Errorf("delete: %v", err)
	}
	if all, err := subs.List(ctx); err != nil || all == nil || len(all) != 0 {
		t.Errorf("list after delete: %#v, %v", all, err)
	}
	wantAsked := []string{"POST ", "GET ", "GET /sub-1", "PUT /sub-1", "PUT /renew/sub-1", "DELETE /sub-1", "GET "}
	if diff := cmp.Diff(wantAsked, s.asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// everyCall makes each call that names a subscription, and those that name none.
func everyCall(subs *oura.Subscriptions, id string) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Get":    func(ctx context.Context) error { _, err := subs.Get(ctx, id); return err },
		"Update": func(ctx context.Context) error { _, err := subs.Update(ctx, id, wanted("sleep")); return err },
		"Renew":  func(ctx context.Context) error { _, err := subs.Renew(ctx, id); return err },
		"Delete": func(ctx context.Context) error { return subs.Delete(ctx, id) },
		"List":   func(ctx context.Context) error { _, err := subs.List(ctx); return err },
		"Create": func(ctx context.Context) error { _, err := subs.Create(ctx, wanted("sleep")); return err },
		"Ensure": func(ctx context.Context) error { _, err := subs.Ensure(ctx, wanted("sleep")); return err },
		"Prune": func(ctx context.Context) error {
			_, err := subs.Prune(ctx, func(oura.Subscription) bool { return true })
			return err
		},
		"KeepAlive": func(ctx context.Context) error { return subs.KeepAlive(ctx, wanted("sleep")) },
	}
}

func TestSubscriptionsNeedAppCredentials(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "[]") })
	for name, call := range everyCall(c.Subscriptions, "sub-1") {
		err := call(t.Context())
		if !errors.Is(err, oura.ErrInvalidRequest) || !strings.Contains(err.Error(), "WithAppCredentials") {
			t.Errorf("%s: got %v, want a hint at WithAppCredentials", name, err)
		}
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestSubscriptionsOfASandboxClientAreLive(t *testing.T) {
	t.Parallel()
	s := &subscriptionService{}
	subs := s.app(t, oura.WithSandbox()).Subscriptions
	if _, err := subs.Create(t.Context(), wanted(oura.DataTypeSleep)); err != nil {
		t.Error(err)
	}
	if _, err := subs.Renew(t.Context(), "sub-1"); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"POST ", "PUT /renew/sub-1"}, s.asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestSubscriptionsForbidden(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		call string
		want error
	}{
		{"Get", oura.ErrNotFound}, {"Update", oura.ErrNotFound}, {"Renew", oura.ErrNotFound}, {"Delete", oura.ErrNotFound},
		{"List", oura.ErrForbidden}, {"Create", oura.ErrForbidden}, {"Ensure", oura.ErrForbidden}, {"Prune", oura.ErrForbidden},
		{"KeepAlive", oura.ErrForbidden},
	} {
		s := &subscriptionService{fault: func(int, *http.Request) fault { return fault{status: http.StatusForbidden} }}
		err := everyCall(s.app(t).Subscriptions, "gone")[tt.call](t.Context())
		if e, ok := errors.AsType[*oura.Error](err); !ok || !errors.Is(err, tt.want) || e.StatusCode != http.StatusForbidden || len(s.asked()) != 1 {
			t.Errorf("%s: got %v after %q, want %v", tt.call, err, s.asked(), tt.want)
		}
	}
}

func TestSubscriptionsRefuseBeforeSending(t *testing.T) {
	t.Parallel()
	s := &subscriptionService{}
	subs := s.app(t).Subscriptions
	for _, tt := range []struct {
		name string
		edit func(*oura.SubscriptionRequest)
		want string
	}{
		{"no callback", func(r *oura.SubscriptionRequest) { r.CallbackURL = "" }, "CallbackURL: it is empty"},
		{"relative", func(r *oura.SubscriptionRequest) { r.CallbackURL = "/oura" }, `"/oura" has no host`},
		{"no scheme", func(r *oura.SubscriptionRequest) { r.CallbackURL = "example.com/oura" }, `"example.com/oura" has no host`},
		{"no host", func(r *oura.SubscriptionRequest) { r.CallbackURL = "https://:443/oura" }, "has no host"},
		{"opaque", func(r *oura.SubscriptionRequest) { r.CallbackURL = "https:example.com" }, "has no host"},
		{"plain http", func(r *oura.SubscriptionRequest) { r.CallbackURL = "http://example.com/oura" }, `"http://example.com/oura" does not begin with https://`},
		{"looks like loopback", func(r *oura.SubscriptionRequest) { r.CallbackURL = "http://localhost.example.com/" }, "does not begin with https://"},
		{"other scheme", func(r *oura.SubscriptionRequest) { r.CallbackURL = "ftp://localhost/oura" }, "does not begin with https://"},
		{"not a URL", func(r *oura.SubscriptionRequest) { r.CallbackURL = "https://exa mple.com/?k=hidden" }, "cannot be read as a URL"},
		{"fragment", func(r *oura.SubscriptionRequest) { r.CallbackURL = callback + "#x" }, "fragment"},
		{"query is not shown", func(r *oura.SubscriptionRequest) { r.CallbackURL = "http://user:hidden@example.com/?k=hidden" }, `"http://example.com/"`},
		{"no token", func(r *oura.SubscriptionRequest) { r.VerificationToken = "" }, "VerificationToken: it is empty"},
		{"no event", func(r *oura.SubscriptionRequest) { r.EventType = "" }, "EventType: it is empty"},
		{"no data", func(r *oura.SubscriptionRequest) { r.DataType = "" }, "DataType: it is empty"},
	} {
		r := wanted(oura.DataTypeSleep)
		tt.edit(&r)
		_, createErr := subs.Create(t.Context(), r)
		_, updateErr := subs.Update(t.Context(), "sub-1", r)
		_, ensureErr := subs.Ensure(t.Context(), r)
		for call, err := range map[string]error{
			"Create": createErr, "Update": updateErr, "Ensure": ensureErr, "KeepAlive": subs.KeepAlive(t.Context(), r),
		} {
			e, ok := errors.AsType[*oura.Error](err)
			if !ok || !errors.Is(err, oura.ErrInvalidRequest) || e.StatusCode != 0 || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s, %s: got %v, want %q", tt.name, call, err, tt.want)
			}
			if strings.Contains(fmt.Sprint(err), vtoken) || strings.Contains(fmt.Sprint(err), "hidden") {
				t.Errorf("%s, %s: shows a secret: %v", tt.name, call, err)
			}
		}
	}
	for _, id := range []string{"", ".", ".."} {
		for _, name := range []string{"Get", "Update", "Renew", "Delete"} {
			if err := everyCall(subs, id)[name](t.Context()); !errors.Is(err, oura.ErrInvalidRequest) || !strings.Contains(err.Error(), "id of a subscription") {
				t.Errorf("%s(%q): got %v", name, id, err)
			}
		}
	}
	if len(s.asked()) != 0 {
		t.Errorf("sent %q", s.asked())
	}
	fake := &subscriptionService{} // in a container next to the receiver's, say
	r := wanted(oura.DataTypeSleep)
	r.CallbackURL = "http://app:8080/oura"
	if _, err := fake.app(t, oura.WithBaseURL("http://fake-oura:8080")).Subscriptions.Create(t.Context(), r); err != nil {
		t.Errorf("plain http at a fake service: %v", err)
	}
	if _, err := fake.app(t, oura.WithBaseURL("https://fake-oura")).Subscriptions.Create(t.Context(), r); !errors.Is(err, oura.ErrInvalidRequest) || len(fake.asked()) != 1 {
		t.Errorf("plain http at a service with https: %v after %q", err, fake.asked())
	}
	for _, url := range []string{"http://localhost:8080/oura", "http://127.0.0.1/oura", "http://[::1]:99/oura", "HTTPS://example.com"} {
		r := wanted(oura.DataType("newer_" + url)) // open: what is not known passes
		r.CallbackURL = url
		if _, err := subs.Create(t.Context(), r); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// TestUnknownOutcomes: whatever hides the outcome of a create or update, a list comes before anything else, and decides.
func TestUnknownOutcomes(t *testing.T) {
	t.Parallel()
	reset := errors.New("connection reset by peer")
	html := "<html>504 Gateway Time-out</html>"
	create := func(subs *oura.Subscriptions) (oura.Subscription, error) {
		return subs.Create(t.Context(), wanted(oura.DataTypeSleep))
	}
	update := func(subs *oura.Subscriptions) (oura.Subscription, error) {
		return subs.Update(t.Context(), "sub-1", wanted(oura.DataTypeSleep))
	}
	for _, tt := range []struct {
		name     string
		call     func(*oura.Subscriptions) (oura.Subscription, error)
		has      []string // callbacks: of sleep, then of workout
		fault    fault
		listing  fault
		want     error // nil: success
		conflict string
		requests []string
	}{
		{name: "create, 504, done", call: create, fault: fault{status: 504, body: html, done: true}, requests: []string{"POST ", "GET "}},
		{name: "create, 500, done", call: create, fault: fault{status: 500, done: true}, requests: []string{"POST ", "GET "}},
		{name: "create, connection lost, done", call: create, fault: fault{err: reset, done: true}, requests: []string{"POST ", "GET "}},
		{name: "create, answer unreadable, done", call: create, fault: fault{status: 201, body: html, done: true}, requests: []string{"POST ", "GET "}},
		{name: "create, answer empty, done", call: create, fault: fault{status: 201, body: "{}", done: true}, requests: []string{"POST ", "GET "}},
		{name: "create, answer of another shape, done", call: create, fault: fault{status: 201, body: "[7]", done: true}, requests: []string{"POST ", "GET "}},
		{name: "create, 409, ours", call: create, has: []string{callback}, requests: []string{"POST ", "GET "}},
		{name: "create, 409, another's", call: create, has: []string{elsewhere}, want: oura.ErrInvalidRequest, conflict: elsewhere, requests: []string{"POST ", "GET "}},
		{name: "create, 504, another's", call: create, has: []string{elsewhere}, fault: fault{status: 504}, want: oura.ErrInvalidRequest, conflict: elsewhere, requests: []string{"POST ", "GET "}},
		{name: "create, 504, not done", call: create, fault: fault{status: 504}, want: oura.ErrServer, requests: []string{"POST ", "GET "}},
		{name: "create, 504, list fails", call: create, fault: fault{status: 504, done: true}, listing: fault{status: 400}, want: oura.ErrServer, requests: []string{"POST ", "GET "}},
		{name: "create, 400", call: create, fault: fault{status: 400}, want: oura.ErrInvalidRequest, requests: []string{"POST "}},
		{name: "create, 401", call: create, fault: fault{status: 401}, want: oura.ErrUnauthorized, requests: []string{"POST "}},
		{name: "create, 422", call: create, fault: fault{status: 422}, want: oura.ErrInvalidRequest, requests: []string{"POST "}},
		{name: "update, 504, done", call: update, has: []string{elsewhere}, fault: fault{status: 504, done: true}, requests: []string{"PUT /sub-1", "GET "}},
		{name: "update, connection lost, done", call: update, has: []string{elsewhere}, fault: fault{err: reset, done: true}, requests: []string{"PUT /sub-1", "GET "}},
		{name: "update, 504, not done", call: update, has: []string{elsewhere}, fault: fault{status: 504}, want: oura.ErrServer, requests: []string{"PUT /sub-1", "GET "}},
		{
			name: "update, 409: the pair is taken, even if by us", call: func(subs *oura.Subscriptions) (oura.Subscription, error) {
				return subs.Update(t.Context(), "sub-2", wanted(oura.DataTypeSleep))
			}, has: []string{callback, callback}, want: oura.ErrInvalidRequest, conflict: callback, requests: []string{"PUT /sub-2", "GET "},
		},
		{name: "update, unknown id", call: update, want: oura.ErrNotFound, requests: []string{"PUT /sub-1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &subscriptionService{fault: func(n int, _ *http.Request) fault {
				return map[int]fault{1: tt.fault, 2: tt.listing}[n]
			}}
			for i, url := range tt.has {
				s.has([]oura.DataType{oura.DataTypeSleep, oura.DataTypeWorkout}[i], url, time.Hour)
			}
			got, err := tt.call(s.app(t).Subscriptions)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(tt.requests, s.asked()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			if err == nil {
				if got.ID != "sub-1" || got.CallbackURL != callback || got.DataType != oura.DataTypeSleep || got.ExpirationTime.IsZero() {
					t.Errorf("got %+v", got)
				}
				return
			}
			var conflict *oura.SubscriptionConflictError
			if errors.As(err, &conflict) != (tt.conflict != "") || conflict != nil && (conflict.Existing.CallbackURL != tt.conflict || !strings.Contains(err.Error(), "update of sleep")) {
				t.Errorf("got %v, want a conflict with %q", err, tt.conflict)
			}
		})
	}
}

// TestAnEndedContextIsNotFollowedByAList: the caller wants no more requests.
func TestAnEndedContextIsNotFollowedByAList(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := &subscriptionService{fault: func(int, *http.Request) fault { cancel(); return fault{status: 504} }}
	_, err := s.app(t).Subscriptions.Create(ctx, wanted(oura.DataTypeSleep))
	if err == nil || len(s.asked()) != 1 {
		t.Errorf("got %v after %q", err, s.asked())
	}
}

func TestListOfSubscriptionsIsAllOrNothing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", "{}", `[{"id":7}]`, `[{"id":"a","expiration_time":"soon"}]`} {
		s := &subscriptionService{fault: func(int, *http.Request) fault { return fault{status: http.StatusOK, body: body} }}
		if all, err := s.app(t).Subscriptions.List(t.Context()); !errors.Is(err, oura.ErrInvalidResponse) || all != nil {
			t.Errorf("%s: got %v, %v", body, all, err)
		}
		if report, err := s.app(t).Subscriptions.Ensure(t.Context(), wanted("sleep")); err == nil || report.Created != nil || slices.Contains(s.asked(), "POST ") {
			t.Errorf("%s: got %v, %v after %q", body, report, err, s.asked())
		}
	}
}

// everyForm is what a value looks like in every way of printing it.
func everyForm(t testing.TB, v any) string {
	t.Helper()
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(text)
	slog.New(slog.NewTextHandler(&b, nil)).Info("text", slog.Any("v", v))
	slog.New(slog.NewJSONHandler(&b, nil)).Info("json", slog.Any("v", v))
	return b.String()
}

func TestSubscriptionRequestHidesItsToken(t *testing.T) {
	t.Parallel()
	r := wanted(oura.DataTypeSleep)
	r.CallbackURL, r.TakeOver = callback+"?v=1", true
	for _, v := range []any{r, &r, []oura.SubscriptionRequest{r}, struct{ R oura.SubscriptionRequest }{r}, map[string]any{"r": r}} {
		text := everyForm(t, v)
		if strings.Contains(text, vtoken) || strings.Contains(text, fmt.Sprintf("%x", vtoken)) {
			t.Errorf("%T shows the token:\n%s", v, text)
		}
		if !strings.Contains(text, callback) {
			t.Errorf("%T does not show the callback:\n%s", v, text)
		}
	}
	if got, want := fmt.Sprint(r), "update of sleep to "+callback+" (take over)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var back oura.SubscriptionRequest
	if err := json.Unmarshal([]byte(jsonOf(r)), &back); err != nil {
		t.Fatal(err)
	}
	if r.VerificationToken = ""; back != r {
		t.Errorf("read back %#v", back)
	}
	err := json.Unmarshal([]byte(`{"callback_url":"u","verification_token":"`+vtoken+`"}`), &back)
	if err != nil || back.VerificationToken != vtoken {
		t.Errorf("a token in a configuration file is not read: %v", err)
	}
}

// TestErrorsHideTheVerificationToken: neither does an answer that repeats it bring it into errors, logs and hooks.
func TestErrorsHideTheVerificationToken(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"detail":"token ` + vtoken + ` and secret ` + appSecret + ` are bad"}`,
		`{"detail":[{"loc":["body","verification_token"],"type":"value_error","msg":"bad token ` + vtoken + `","input":"` + vtoken + `"}]}`,
		`bad ` + vtoken,
	} {
		var log bytes.Buffer
		s := &subscriptionService{fault: func(_ int, r *http.Request) fault {
			if r.Method == http.MethodGet {
				return fault{}
			}
			return fault{status: http.StatusBadRequest, body: body}
		}}
		s.has(oura.DataTypeWorkout, elsewhere, time.Hour)
		c := s.app(t, oura.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), oura.WithHook(func(_ context.Context, a oura.Attempt) {
			if a.Err != nil {
				log.WriteString(everyForm(t, a.Err))
			}
		}))
		_, createErr := c.Subscriptions.Create(t.Context(), wanted(oura.DataTypeSleep))
		_, updateErr := c.Subscriptions.Update(t.Context(), "sub-1", wanted(oura.DataTypeWorkout))
		repoint := wanted(oura.DataTypeWorkout)
		repoint.TakeOver = true
		_, ensureErr := c.Subscriptions.Ensure(t.Context(), wanted(oura.DataTypeSleep), repoint)
		for _, err := range []error{createErr, updateErr, ensureErr} {
			if !errors.Is(err, oura.ErrInvalidRequest) {
				t.Errorf("got %v", err)
			}
			log.WriteString(everyForm(t, err) + err.Error())
		}
		if text := log.String(); strings.Contains(text, vtoken) || strings.Contains(text, appSecret) {
			t.Errorf("%s\nis shown:\n%s", body, text)
		}
	}
}
