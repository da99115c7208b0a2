package oura_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oura"
)

// counters stands for a metrics library: two labelled counters and a histogram
// would be the same three lines with Prometheus or OpenTelemetry.
type counters struct {
	mu       sync.Mutex
	requests map[string]int
	slowest  time.Duration
}

func (c *counters) observe(_ context.Context, a oura.Attempt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[fmt.Sprintf("%s %s %d", a.Method, a.Path, a.StatusCode)]++
	c.slowest = max(c.slowest, a.Duration)
}

// Count every attempt. All labels have few values: the path is a template.
func ExampleWithHook() {
	service := flakyService()
	defer service.Close()

	metrics := &counters{requests: map[string]int{}}
	client, err := oura.NewClient(
		oura.WithAccessToken("a-token"),
		oura.WithBaseURL(service.URL),
		oura.WithRetry(oura.RetryPolicy{MaxDelay: time.Millisecond}),
		oura.WithHook(metrics.observe),
	)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.DailySleep.Get(context.Background(), "an-id"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(metrics.requests)
	// Output: map[GET /v2/usercollection/daily_sleep/{document_id} 200:1 GET /v2/usercollection/daily_sleep/{document_id} 503:1]
}

// A job in the background can be patient; a request that a person waits for
// should not be, and its context says so best.
func ExampleWithRetry() {
	patient, err := oura.NewClient(
		oura.WithAccessToken("a-token"),
		oura.WithRetry(oura.RetryPolicy{MaxAttempts: 10, MaxDelay: 5 * time.Minute, MaxRetryAfter: time.Hour}),
	)
	if err != nil {
		log.Fatal(err)
	}
	hasty, err := patient.With(oura.WithRetry(oura.NoRetry))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(patient != hasty)
	// Output: true
}

// The rate limit is the application's: clients that are made apart share it by
// sharing a Limiter. Clients derived by With share it anyway.
func ExampleWithLimiter() {
	limiter := oura.NewLimiter()
	for _, token := range []string{"token-of-ann", "token-of-ben"} {
		if _, err := oura.NewClient(oura.WithAccessToken(token), oura.WithLimiter(limiter)); err != nil {
			log.Fatal(err)
		}
	}
	limiter.PauseUntil(time.Now().Add(time.Hour)) // as a 429 would

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var e *oura.Error
	if err := limiter.Wait(ctx); errors.As(err, &e) {
		fmt.Println("at once:", errors.Is(err, oura.ErrRateLimited), e.RetryAfter.Round(time.Minute))
	}
	fmt.Println(limiter.Stats().Available, "requests left for when the pause is over")
	// Output:
	// at once: true 1h0m0s
	// 490 requests left for when the pause is over
}

// A request that a person waits for bounds the whole call by its context, and each attempt by WithTimeout.
func ExampleWithTimeout() {
	client, err := oura.NewClient(oura.WithSandbox(), oura.WithTimeout(5*time.Second))
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err = client.Sleep.Get(ctx, "") // an id that is refused before sending
	fmt.Println(errors.Is(err, oura.ErrInvalidRequest))
	// Output: true
}

// An application with a limit of its own says so, and sees what is left of it.
func ExampleNewLimiter() {
	limiter := oura.NewLimiter(oura.WithLimitPer5Minutes(20_000)) // what Oura granted
	service := flakyService()                                     // fails at first
	defer service.Close()
	client, err := oura.NewClient(oura.WithAccessToken("a-token"), oura.WithBaseURL(service.URL), oura.WithLimiter(limiter), oura.WithRetry(oura.NoRetry))
	if err != nil {
		log.Fatal(err)
	}
	_, _ = client.DailySleep.Get(context.Background(), "an-id")
	stats := limiter.Stats()
	fmt.Printf("%d of %d requests used, %d left in these 5 minutes\n", stats.Used, stats.Limit, stats.Remaining)
	// Output: 1 of 20000 requests used, 19999 left in these 5 minutes
}

// The kinds of errors and what to do about each.
func ExampleError_kinds() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"detail":"Token is not authorized access spo2 scope."}`)
	}))
	defer service.Close()
	client, err := oura.NewClient(oura.WithAccessToken("a-token"), oura.WithBaseURL(service.URL))
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.DailySpO2.Get(context.Background(), "an-id")
	var e *oura.Error
	switch {
	case err == nil:
	case errors.Is(err, oura.ErrContextEnded):
		// Your own doing; context.Canceled or context.DeadlineExceeded matches as well.
	case errors.Is(err, oura.ErrNotFound):
		fmt.Println("deleted")
	case errors.Is(err, oura.ErrMissingScope) && errors.As(err, &e):
		fmt.Println("ask for consent to", e.Scope)
	case errors.Is(err, oura.ErrRateLimited) && errors.As(err, &e):
		fmt.Println("again in", e.RetryAfter)
	case errors.Is(err, oura.ErrUnauthorized): // with package oauth: errors.Is(err, oauth.ErrReauthorize)
		fmt.Println("ask for consent")
	case errors.Is(err, oura.ErrServer):
		fmt.Println("again later")
	default:
		log.Fatal(err) // a mistake to correct: the message says which
	}
	fmt.Println(err)
	// Output:
	// ask for consent to spo2
	// oura: missing scope: GET /v2/usercollection/daily_spo2/{document_id}: status 401 Unauthorized: Token is not authorized access spo2 scope. (ask for scope spo2)
}

// staleSource has a token that the service no longer takes, and can get another.
type staleSource struct{ token *oauth2.Token }

func (s *staleSource) Token() (*oauth2.Token, error) { return s.token, nil }

func (s *staleSource) Refresh(_ context.Context, rejected *oauth2.Token) (*oauth2.Token, error) {
	fmt.Println("refused:", rejected.AccessToken)
	s.token = &oauth2.Token{AccessToken: "fresh"} // from wherever it keeps its tokens
	return s.token, nil
}

// A token source of your own that can cure a refused token.
func ExampleRefresher() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer fresh" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"id":"person-1"}`)
	}))
	defer service.Close()
	source := &staleSource{token: &oauth2.Token{AccessToken: "stale"}}
	client, err := oura.NewClient(oura.WithTokenSource(source), oura.WithBaseURL(service.URL))
	if err != nil {
		log.Fatal(err)
	}
	me, err := client.PersonalInfo(context.Background())
	fmt.Println(me.ID, err)
	// Output:
	// refused: stale
	// person-1 <nil>
}

// flakyService fails the first request.
func flakyService() *httptest.Server {
	var mu sync.Mutex
	n := 0
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{"id":"an-id","day":"2026-01-01"}`)
	}))
}
