package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/oura-go/sdk/webhook"
)

// jobs stands for a job system that survives a crash, such as a table. Jobs with
// a key that it knows are ignored.
type jobs struct{ byKey map[string]webhook.Event }

func (j *jobs) Enqueue(_ context.Context, ev webhook.Event) error {
	j.byKey[ev.Key()] = ev
	return nil
}

// A receiver that leaves the work to a job system. It must be serving before
// the subscription is made.
func ExampleHandler() {
	const secret, token = "the application's client secret", "the subscription's verification token"
	queue := &jobs{byKey: map[string]webhook.Event{}}

	mux := http.NewServeMux()
	mux.Handle("/oura", &webhook.Handler{
		ClientSecret:      secret,
		VerificationToken: token,
		Handle: func(ctx context.Context, ev webhook.Event) error {
			return queue.Enqueue(ctx, ev) // an error makes Oura come again
		},
	})
	// In your program: http.Server{Handler: mux, ReadTimeout: 10 * time.Second}

	// What Oura does when a subscription is made:
	ctx := context.Background()
	query := url.Values{"verification_token": {token}, "challenge": {"1f3a"}}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/oura?"+query.Encode(), nil))
	fmt.Println("handshake:", w.Code, w.Body)

	// And what comes of a delivery by someone who does not have the secret:
	w = httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/oura", strings.NewReader(`{"event_type":"delete"}`)))
	fmt.Println("forged:", w.Code)
	// Output:
	// handshake: 200 {"challenge":"1f3a"}
	// forged: 401
}

// Sign makes the deliveries with which you test your receiver. Nothing has to
// be switched off in it, and no network is needed.
func ExampleSign() {
	const secret = "any secret will do in a test"
	receiver := &webhook.Handler{
		ClientSecret: secret,
		Handle: func(_ context.Context, ev webhook.Event) error {
			fmt.Println(ev.Type, ev.DataType, ev.ObjectID)
			return nil
		},
	}

	body := `{"event_type":"update","data_type":"daily_sleep","object_id":"a1","event_time":"2024-03-10T07:12:45+02:00","user_id":"u1"}`
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/oura", strings.NewReader(body))
	r.Header.Set(webhook.TimestampHeader, timestamp)
	r.Header.Set(webhook.SignatureHeader, webhook.Sign(secret, timestamp, []byte(body)))

	w := httptest.NewRecorder()
	receiver.ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output:
	// update daily_sleep a1
	// 200
}

// When a user disconnects, Handle ends the subscription with ErrUnsubscribe. It
// is the whole application's, so only do so when nobody needs it.
func ExampleHandler_unsubscribe() {
	users := map[string]bool{} // nobody is left
	handler := &webhook.Handler{
		ClientSecret: "secret",
		Handle: func(_ context.Context, ev webhook.Event) error {
			if len(users) == 0 {
				return fmt.Errorf("no users of %s: %w", ev.DataType, webhook.ErrUnsubscribe)
			}
			return nil
		},
	}
	err := handler.Handle(context.Background(), webhook.Event{DataType: "workout"})
	fmt.Println(errors.Is(err, webhook.ErrUnsubscribe), err)
	// Output: true no users of workout: webhook: unsubscribe
}

// Where requests do not come through net/http, verify and parse by hand. The
// headers may be in any case, but the body must be the bytes that arrived.
func ExampleVerifier() {
	const secret = "the application's client secret"
	type request struct { // of some serverless platform
		Headers map[string][]string
		Body    []byte
	}
	verifier := webhook.Verifier{ClientSecret: secret}
	receive := func(r request) (status int) {
		if err := verifier.Verify(r.Headers, r.Body); err != nil {
			return http.StatusUnauthorized
		}
		ev, err := webhook.ParseEvent(r.Body)
		if err != nil {
			return http.StatusBadRequest
		}
		fmt.Println(ev.Type, ev.DataType)
		return http.StatusOK // only when the event is safe; otherwise 500
	}

	body := []byte(`{"event_type":"create","data_type":"workout","object_id":"a1","user_id":"u1"}`)
	timestamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
	fmt.Println(receive(request{Body: body, Headers: map[string][]string{
		"x-oura-timestamp": {timestamp},
		"x-oura-signature": {webhook.Sign(secret, timestamp, body)},
	}}))
	// Output:
	// create workout
	// 200
}
