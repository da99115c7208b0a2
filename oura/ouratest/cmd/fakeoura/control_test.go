package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/fixtures"
	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// request calls a path of the service as a program in another language would.
func request(t *testing.T, s *ouratest.Service, method, path, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// controlled makes a call that must succeed.
func controlled(t *testing.T, s *ouratest.Service, into any, method, path, body string) {
	t.Helper()
	status, text := request(t, s, method, path, body)
	if status != http.StatusOK {
		t.Fatalf("%s %s %s: %d %s", method, path, body, status, text)
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
}

// service starts one with the control paths.
func service(t *testing.T, opts ...ouratest.ServiceOption) *ouratest.Service {
	t.Helper()
	s := ouratest.NewService(append(opts, ouratest.WithHandler(controlPrefix, control))...)
	t.Cleanup(s.Close)
	return s
}

// subscribed subscribes a receiver to updates of sleep and reports the ids that it takes; fails says which calls fail.
func subscribed(t *testing.T, s *ouratest.Service, fails func(n int) bool) (ids func() []string) {
	t.Helper()
	var mu sync.Mutex
	var taken []string
	calls := 0
	_, secret := s.AppCredentials()
	server := httptest.NewServer(&webhook.Handler{
		ClientSecret: secret, VerificationToken: "token", Logger: slog.New(slog.DiscardHandler),
		Handle: func(_ context.Context, ev webhook.Event) error {
			mu.Lock()
			defer mu.Unlock()
			if calls++; fails(calls) {
				return errors.New("the database is down")
			}
			taken = append(taken, ev.ObjectID)
			return nil
		},
	})
	t.Cleanup(server.Close)
	_, err := s.Client().Subscriptions.Create(t.Context(), oura.SubscriptionRequest{
		CallbackURL: server.URL, VerificationToken: "token", EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return taken
	}
}

func TestControlDeliversEvents(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithDeliverySchedule(0))
	ids := subscribed(t, s, func(n int) bool { return n == 1 })
	var emitted struct{ Deliveries int }
	const event = `{"event_type":"update","data_type":"sleep","object_id":"a"}`
	controlled(t, s, &emitted, "POST", "/fake/events", event)
	controlled(t, s, &emitted, "POST", "/fake/events", `[`+strings.Replace(event, `"a"`, `"b"`, 1)+`,{"event_type":"update.tag"}]`)
	if emitted.Deliveries != 1 {
		t.Errorf("%d deliveries of an event that is subscribed and one that is not", emitted.Deliveries)
	}
	var done struct {
		Deliveries []struct {
			Event   webhook.Event
			Attempt int
			Status  int
		}
	}
	controlled(t, s, &done, "GET", "/fake/deliveries?wait=60s", "")
	sum := map[string]int{}
	for _, d := range done.Deliveries {
		sum[fmt.Sprint(d.Event.ObjectID != "", d.Event.UserID == s.User().ID, d.Status)]++
	}
	if sum["true true 500"] != 1 || sum["true true 200"] != 2 || len(done.Deliveries) != 3 {
		t.Errorf("deliveries %+v", done.Deliveries)
	}
	if got := len(ids()); got != 2 {
		t.Errorf("%d events were handled, want 2", got)
	}
}

func TestControlClockUsersAndTokens(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithHistory(3))
	var clock struct{ Now time.Time }
	controlled(t, s, &clock, "GET", "/fake/clock", "")
	before := clock.Now
	controlled(t, s, &clock, "POST", "/fake/clock", `{"advance":"48h"}`)
	if d := clock.Now.Sub(before); d < 48*time.Hour || d > 49*time.Hour || s.Now().Before(clock.Now) {
		t.Errorf("the clock went forward by %v", d)
	}

	var user struct{ ID, Name string }
	controlled(t, s, &user, "POST", "/fake/users", `{"name":"ada"}`)
	if u := s.Users(); len(u) != 2 || u[1].ID != user.ID || user.Name != "ada" {
		t.Errorf("user %+v", user)
	}
	for _, who := range []string{"ada", user.ID} {
		var token oauth2.Token
		controlled(t, s, &token, "POST", "/fake/tokens", fmt.Sprintf(`{"user":%q,"scopes":["daily"]}`, who))
		c, err := oura.NewClient(oura.WithBaseURL(s.URL), oura.WithHTTPClient(s.HTTPClient()), oura.WithAccessToken(token.AccessToken))
		if err != nil {
			t.Fatal(err)
		}
		if me, err := c.PersonalInfo(t.Context()); err != nil || me.ID != user.ID || me.Email != nil {
			t.Errorf("%+v, %v", me, err)
		}
		if _, err := c.HeartRate.Latest(t.Context()); !errors.Is(err, oura.ErrMissingScope) {
			t.Errorf("a scope that was not granted: %v", err)
		}
	}
	if n := len(s.Requests()); n != 4 {
		t.Errorf("%d requests are noted, want those of the client alone", n)
	}
}

func TestControlConsent(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithUsers("ada", "ben"))
	cfg := s.OAuthConfig()
	cfg.Scopes = []string{"extapi:daily", "extapi:tag"}
	url, err := json.Marshal(cfg.AuthCodeURL("state"))
	if err != nil {
		t.Fatal(err)
	}
	var sent struct{ Callback string }
	controlled(t, s, &sent, "POST", "/fake/consent", fmt.Sprintf(`{"url":%s,"user":"ben","scopes":["tag"]}`, url))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sent.Callback, nil)
	if err != nil {
		t.Fatal(err)
	}
	code, err := oauth.CallbackCode(r, "state")
	if err != nil {
		t.Fatal(err)
	}
	token, err := oauth.Exchange(context.WithValue(t.Context(), oauth2.HTTPClient, s.HTTPClient()), cfg, code)
	if err != nil || len(oauth.MissingScopes(token, "daily", "tag")) != 1 {
		t.Errorf("%v, missing %v", err, oauth.MissingScopes(token, "daily", "tag"))
	}
	controlled(t, s, &sent, "POST", "/fake/consent", fmt.Sprintf(`{"url":%s,"deny":true}`, url))
	if !strings.Contains(sent.Callback, "error=access_denied") {
		t.Errorf("denied: %s", sent.Callback)
	}
}

func TestControlFaults(t *testing.T) {
	t.Parallel()
	s := service(t)
	c := s.Client(oura.WithRetry(oura.NoRetry))
	day := oura.DateOf(s.Now()).AddDays(-2)
	read := func() error {
		_, err := oura.Collect(c.DailySleep.List(t.Context(), oura.Days(day, day)))
		return err
	}
	for call, want := range map[string]error{
		`"fault":"RateLimited","retry_after":"2s"`: oura.ErrRateLimited,
		`"fault":"MissingScope"`:                   oura.ErrMissingScope,
		`"fault":"MissingScope","scope":"tag"`:     oura.ErrMissingScope,
		`"fault":"Expired"`:                        oura.ErrUnauthorized,
		`"fault":"Forbidden"`:                      oura.ErrForbidden,
		`"fault":"ServerError"`:                    oura.ErrServer,
		`"fault":"ServerError","status":503`:       oura.ErrServer,
		`"fault":"HTML"`:                           oura.ErrServer,
		`"fault":"HTML","status":200`:              oura.ErrInvalidResponse,
		`"fault":"LostAnswer"`:                     oura.ErrServer,
		`"fault":"Truncated"`:                      oura.ErrServer,
		`"fault":"Reset"`:                          oura.ErrServer,
		`"fault":"Slow","delay":"1ms"`:             nil,
		`"fault":"Malformed","index":99`:           nil,
	} {
		var made struct{ Endpoint, Fault string }
		controlled(t, s, &made, "POST", "/fake/faults", `{"endpoint":"daily_sleep",`+call+`}`)
		if !strings.Contains(call, `"`+made.Fault+`"`) || made.Endpoint != "daily_sleep" {
			t.Errorf("%s made %+v", call, made)
		}
		if err := read(); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", call, err, want)
		}
		if err := read(); err != nil {
			t.Errorf("after %s: %v", call, err)
		}
	}
	var made struct{ Fault string }
	controlled(t, s, &made, "POST", "/fake/faults", `{"endpoint":"daily_sleep","fault":"Malformed","index":2,"always":true}`)
	var bad *oura.DocumentError
	for range 2 {
		if err := read(); !errors.As(err, &bad) {
			t.Errorf("a malformed document, always: %v", err)
		}
	}
	controlled(t, s, &made, "POST", "/fake/faults", `{"endpoint":"daily_sleep","always":true}`)
	if err := read(); err != nil || made.Fault != "" {
		t.Errorf("after its end: %v", err)
	}
}

// Documents of every collection can be put there and taken away.
func TestControlDocuments(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithHistory(0), ouratest.WithUsers("ada", "ben"))
	for collection := range decoders {
		var added struct{ Added int }
		doc := string(fixtures.Document(collection, fixtures.Full))
		controlled(t, s, &added, "POST", "/fake/collections/"+collection+"?user=ben", doc)
		if added.Added != 1 {
			t.Errorf("%s: %d were added", collection, added.Added)
		}
		controlled(t, s, &added, "POST", "/fake/collections/"+collection+"?user=ben", "["+doc+","+doc+"]")
		if added.Added != 2 {
			t.Errorf("%s: %d were added", collection, added.Added)
		}
	}
	var night oura.Sleep
	if err := json.Unmarshal(fixtures.Document("sleep", fixtures.Full), &night); err != nil {
		t.Fatal(err)
	}
	ben := s.Users()[1].Client()
	if got, err := ben.Sleep.Get(t.Context(), night.ID); err != nil || got.Day != night.Day {
		t.Errorf("%v, %v", got.Day, err)
	}
	if _, err := s.Client().Sleep.Get(t.Context(), night.ID); !errors.Is(err, oura.ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	var removed struct{ Removed string }
	controlled(t, s, &removed, "DELETE", "/fake/documents/"+night.ID+"?user=ben", "")
	if _, err := ben.Sleep.Get(t.Context(), night.ID); !errors.Is(err, oura.ErrNotFound) || removed.Removed != night.ID {
		t.Errorf("removed %q: %v", removed.Removed, err)
	}
}

func TestControlRefuses(t *testing.T) {
	t.Parallel()
	s := service(t, ouratest.WithDeliverySchedule(time.Hour))
	subscribed(t, s, func(int) bool { return true })
	s.Emit(webhook.Event{Type: "update", DataType: "sleep", ObjectID: "a"}) // is under way until the end
	for _, tt := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/fake/events", `{"event_type":"update"}`, 400, "event 0: webhook: malformed event: data_type is missing"},
		{"POST", "/fake/events", `[`, 400, "the body does not fit"},
		{"GET", "/fake/deliveries?wait=1ms", "", 400, "still under way after 1ms"},
		{"GET", "/fake/deliveries?wait=soon", "", 400, "wait: "},
		{"POST", "/fake/clock", `{"advance":"a day"}`, 400, "advance: "},
		{"POST", "/fake/clock", `[]`, 400, "does not fit"},
		{"POST", "/fake/users", `{}`, 400, "name is missing"},
		{"POST", "/fake/users", `[]`, 400, "does not fit"},
		{"POST", "/fake/tokens", `{"user":"eve"}`, 400, "no person"},
		{"POST", "/fake/tokens", `[]`, 400, "does not fit"},
		{"POST", "/fake/consent", `{"url":"http://localhost/oauth/authorize"}`, 400, "client_id"},
		{"POST", "/fake/consent", `{"url":"http://localhost/oauth/elsewhere"}`, 400, "not the path"},
		{"POST", "/fake/consent", `{"user":"eve"}`, 400, "no person"},
		{"POST", "/fake/consent", `[]`, 400, "does not fit"},
		{"POST", "/fake/faults", `{"endpoint":"sleeps"}`, 400, "no endpoint"},
		{"POST", "/fake/faults", `{"endpoint":"sleep","fault":"Gremlins"}`, 400, "no fault"},
		{"POST", "/fake/faults", `{"endpoint":"sleep","fault":"RateLimited"}`, 400, "retry_after"},
		{"POST", "/fake/faults", `{"endpoint":"sleep","fault":"Slow","delay":"-1s"}`, 400, "delay"},
		{"POST", "/fake/faults", `{"endpoint":"token","fault":"Malformed"}`, 400, "token has no pages"},
		{"POST", "/fake/faults", `{"endpoint":"sleep","fault":"HTML","status":42}`, 400, "status 42"},
		{"POST", "/fake/faults", `[]`, 400, "does not fit"},
		{"POST", "/fake/collections/sleeps", `{}`, 400, "no collection"},
		{"POST", "/fake/collections/sleep", `[{"id":1}]`, 400, "document 0: "},
		{"POST", "/fake/collections/sleep", `[`, 400, "does not fit"},
		{"POST", "/fake/collections/sleep?user=eve", `{}`, 400, "no person"},
		{"DELETE", "/fake/documents/x?user=eve", "", 400, "no person"},
		{"GET", "/fake/events", "", 404, "no control path"},
		{"POST", "/fake/nothing", "", 404, "no control path"},
	} {
		status, text := request(t, s, tt.method, tt.path, tt.body)
		if status != tt.status || !strings.Contains(text, tt.says) {
			t.Errorf("%s %s %s: %d %s, want %d %q", tt.method, tt.path, tt.body, status, text, tt.status, tt.says)
		}
	}
	plain := ouratest.NewService()
	defer plain.Close()
	if status, text := request(t, plain, "POST", "/fake/clock", `{"advance":"1h"}`); status != http.StatusNotFound || strings.Contains(text, "control") {
		t.Errorf("a service without control: %d %s", status, text)
	}
}
