package ouratest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// Several persons, each with data and tokens of their own.
func ExampleService_AddUser() {
	service := ouratest.NewService(ouratest.WithUsers("ada"), ouratest.WithHistory(30))
	defer service.Close()
	ctx := context.Background()

	bob := service.AddUser("bob")
	day := oura.DateOf(service.Now()).AddDays(-1)
	night := ouratest.Sleep(day, ouratest.WithPerson("a night of our own"))
	bob.Add(night) // beside what bob has
	got, err := bob.Client().Sleep.Get(ctx, night.ID)
	fmt.Println(got.Day == day, err)

	bob.Remove(night.ID)
	_, err = bob.Client().Sleep.Get(ctx, night.ID)
	fmt.Println(errors.Is(err, oura.ErrNotFound))

	fmt.Println(len(service.Users()), service.User().Name, bob.Token(oauth.ScopeDaily).AccessToken != service.Token().AccessToken)
	// Output:
	// true <nil>
	// true
	// 2 ada true
}

// Each kind of trouble that the live service makes, once.
func ExampleEndpoints() {
	service := ouratest.NewService(ouratest.WithHistory(1))
	defer service.Close()
	client := service.Client(oura.WithRetry(oura.NoRetry))
	today := oura.DateOf(service.Now())

	for _, fault := range []ouratest.Fault{
		ouratest.MissingScope(), ouratest.Expired(), ouratest.Forbidden(),
		ouratest.ServerError(503), ouratest.HTML(), ouratest.LostAnswer(), ouratest.Truncated(), ouratest.Reset(),
		ouratest.RateLimited(time.Minute), // the last: the client would keep to it
	} {
		service.Endpoints.DailySleep.FailOnce(fault)
		_, err := oura.Collect(client.DailySleep.List(context.Background(), oura.Days(today, today)))
		var e *oura.Error
		fmt.Println(fault, errors.As(err, &e), e.StatusCode)
	}
	// Output:
	// MissingScope true 401
	// Expired true 401
	// Forbidden true 403
	// ServerError true 503
	// HTML true 504
	// LostAnswer true 504
	// Truncated true 200
	// Reset true 0
	// RateLimited true 429
}

// Trouble that lasts, until it is told to end, and slow responses.
func ExampleCollectionEndpoint() {
	service := ouratest.NewService(ouratest.WithHistory(3))
	defer service.Close()
	client, ctx := service.Client(oura.WithRetry(oura.NoRetry)), context.Background()
	yesterday := oura.Today(time.UTC).AddDays(-1) // today's score comes with the end of the night
	days := oura.Days(yesterday.AddDays(-1), yesterday)

	scores := service.Endpoints.DailySleep
	scores.Fail(ouratest.Malformed(1)) // the second document of a page does not fit its model
	for _, err := range client.DailySleep.List(ctx, days) {
		var bad *oura.DocumentError
		fmt.Println(errors.As(err, &bad))
	}
	scores.Fail(ouratest.Fault{}) // no more

	scores.PageSize(1).Delay(time.Millisecond).FailOnce(ouratest.Slow(time.Millisecond))
	before := len(service.Requests())
	nights, err := oura.Collect(client.DailySleep.List(ctx, days))
	fmt.Println(len(nights), err, len(service.Requests())-before > 1)
	// Output:
	// false
	// true
	// 2 <nil> true
}

// Trouble beside the collections: a refresh takes effect, and its response is lost.
func ExampleEndpoint() {
	service := ouratest.NewService(ouratest.WithHistory(1))
	defer service.Close()
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, service.HTTPClient())
	service.Endpoints.Token.Delay(time.Millisecond).FailOnce(ouratest.LostAnswer())
	service.Endpoints.Revoke.Fail(ouratest.ServerError(503)) // until it is told another

	token := service.Token()
	token.Expiry = service.Now().Add(-time.Hour)
	for range 2 {
		_, err := service.OAuthConfig().TokenSource(ctx, token).Token()
		var refused *oauth2.RetrieveError
		fmt.Printf("%t %d %q\n", errors.As(err, &refused), refused.Response.StatusCode, refused.ErrorCode)
	}
	// Output:
	// true 504 ""
	// true 400 "invalid_grant"
}

// Faults by name, for programs that learn the names as they run.
func ExampleService_FailOnce() {
	service := ouratest.NewService(ouratest.WithHistory(1))
	defer service.Close()

	for _, c := range service.Client().Collections() {
		service.FailOnce(c.Path, ouratest.ServerError(503))
		service.SetPageSize(c.Path, 1)
	}
	service.Delay("token", time.Millisecond)
	service.Fail("revoke", ouratest.LostAnswer()) // until it is told another
}

// A program that goes on after the newest row that it has loses what comes late.
func ExampleWithLateRows() {
	noon := time.Date(2026, time.May, 4, 12, 0, 0, 0, time.UTC)
	service := ouratest.NewService(ouratest.WithLateRows(3*time.Hour), ouratest.WithClock(func() time.Time { return noon }))
	defer service.Close()

	morning := func() int {
		rows, err := oura.Collect(service.Client().HeartRate.List(context.Background(), oura.Between(noon.Add(-3*time.Hour), noon)))
		if err != nil {
			log.Fatal(err)
		}
		return len(rows)
	}
	before := morning()
	service.Advance(3 * time.Hour)
	fmt.Println(morning()-before, "rows of the same hours have come since")
	// Output: 60 rows of the same hours have come since
}

// What happens when a token ends: the service's clock is put forward, and nobody waits.
func ExampleService_Advance() {
	service := ouratest.NewService(ouratest.WithExpiresIn(time.Hour), ouratest.WithHistory(1))
	defer service.Close()

	client, err := service.Client().With(oura.WithAccessToken(service.Token().AccessToken))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.PersonalInfo(context.Background())
	fmt.Println(err)
	service.Advance(2 * time.Hour)
	_, err = client.PersonalInfo(context.Background())
	fmt.Println(errors.Is(err, oura.ErrUnauthorized))
	// Output:
	// <nil>
	// true
}

// Persons who say no, or who give less than was asked for.
func ExampleService_Deny() {
	service := ouratest.NewService(ouratest.WithMoi(), ouratest.WithRedirectURLs("http://localhost:8910/callback"))
	defer service.Close()
	cfg := service.OAuthConfig()
	cfg.RedirectURL = "http://localhost:8910/callback"

	address, state := oauth.AuthCodeURL(cfg)
	back, err := service.Deny(address)
	if err != nil {
		log.Fatal(err)
	}
	request, _ := http.NewRequest(http.MethodGet, back, nil)
	_, err = oauth.CallbackCode(request, state)
	fmt.Println(errors.Is(err, oauth.ErrConsentDenied))

	back, err = service.ConsentAs(service.User(), address, oauth.ScopeDaily) // the person unticks all but one
	if err != nil {
		log.Fatal(err)
	}
	request, _ = http.NewRequest(http.MethodGet, back, nil)
	code, err := oauth.CallbackCode(request, state)
	fmt.Println(code != "", err, service.RevokeURL() == oauth.Moi.At(service.URL).RevokeURL)
	// Output:
	// true
	// true <nil> true
}

// A service that is as unfriendly as the live one can be, and more: for a test that should hold whatever happens.
func ExampleStartService() {
	service, err := ouratest.StartService(
		// Where, when, and about whom.
		ouratest.WithAddr("127.0.0.1:0"),
		ouratest.WithClock(func() time.Time { return time.Date(2026, time.May, 4, 12, 0, 0, 0, time.UTC) }),
		ouratest.WithLocation(time.FixedZone("", -5*3600)),
		ouratest.WithData(ouratest.WithGaps(0.5), ouratest.WithSharedTimestamps(), ouratest.WithUnknownEnums()),
		ouratest.WithUnknownProperties(),
		ouratest.WithLateRows(2*time.Hour),
		// An application of the old portal, whose grants come back smaller than asked for.
		ouratest.WithCloud(),
		ouratest.WithAppCredentials("an-id", "a-secret"),
		ouratest.WithGrantedScopes(oauth.ScopeDaily),
		ouratest.WithScopeInCallback(),
		// Listings.
		ouratest.WithEndDates(ouratest.EndDatesExclusive),
		ouratest.WithPageSize("sleep", 3),
		ouratest.WithRateLimit(1000, time.Minute),
		ouratest.WithTokenRateLimit(100, time.Minute),
		// Webhooks.
		ouratest.WithDisorder(),
		ouratest.WithSameSignature(),
		// A page of the test's own beside the API.
		ouratest.WithHandler("/health/", func(*ouratest.Service) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
		}),
	)
	if err != nil {
		log.Fatal(err) // an option is impossible, or the address is taken
	}
	defer service.Close()
	fmt.Println(oura.DateOf(service.Now()), len(service.User().ID) > 0)
	// Output: 2026-05-04 true
}
