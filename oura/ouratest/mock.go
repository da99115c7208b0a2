package ouratest

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/oura-go/sdk/oura"
)

// Mock is a service for one test. Its fields mirror those of oura.Client; what a test adds to them is what a client of
// the mock finds, with the paging, the date semantics and the errors of the real service. Nothing leaves the process,
// and the mock has no goroutines and no timers of its own: it works in a testing/synctest bubble, where waits for
// Retry-After and backoff cost no time, and in parallel tests, each with its own mock.
//
// What the test has not touched is not expected: a request for it is answered with a 501 and fails the test, with what
// was asked and what was registered.
//
// The mock accepts any token. It has no clock, so listing without dates gives everything; see [Mock.Clock].
type Mock struct {
	DailyActivity          *Collection[oura.DailyActivity]
	DailyCardiovascularAge *Collection[oura.DailyCardiovascularAge]
	DailyReadiness         *Collection[oura.DailyReadiness]
	DailyResilience        *Collection[oura.DailyResilience]
	DailySleep             *Collection[oura.DailySleep]
	DailySpO2              *Collection[oura.DailySpO2]
	DailyStress            *Collection[oura.DailyStress]
	EnhancedTag            *Collection[oura.EnhancedTag]
	RestModePeriod         *Collection[oura.RestModePeriod]
	RingConfiguration      *Collection[oura.RingConfiguration]
	Session                *Collection[oura.Session]
	Sleep                  *Collection[oura.Sleep]
	SleepTime              *Collection[oura.SleepTime]
	Tag                    *Collection[oura.Tag]
	VO2Max                 *Collection[oura.VO2Max]
	Workout                *Collection[oura.Workout]

	HeartRate        *Collection[oura.HeartRate]
	RingBatteryLevel *Collection[oura.RingBatteryLevel]

	Subscriptions *Subscriptions

	// Transport is the base of the client's own request path. Responders that a test registers on it come before the
	// mock's. Its Reset and RegisterNoResponder take the mock's away.
	Transport *httpmock.MockTransport

	t         testing.TB
	data      *backend
	endpoints map[string]*endpoint
	person    *endpoint
	log       requestLog

	mu       sync.Mutex
	finished bool
	reported map[string]bool
}

// New returns a mock for the test, with nothing registered.
func New(t testing.TB) *Mock {
	t.Helper()
	m := &Mock{
		Transport: httpmock.NewMockTransport(), t: t,
		data:      &backend{sets: map[string]dataset{}, sizes: nil},
		endpoints: map[string]*endpoint{}, reported: map[string]bool{},
	}
	m.data.sizes = func(collection string) int { return m.endpoints[collection].pageSize() }
	m.DailyActivity = mirror[oura.DailyActivity](m, "DailyActivity", "daily_activity")
	m.DailyCardiovascularAge = mirror[oura.DailyCardiovascularAge](m, "DailyCardiovascularAge", "daily_cardiovascular_age")
	m.DailyReadiness = mirror[oura.DailyReadiness](m, "DailyReadiness", "daily_readiness")
	m.DailyResilience = mirror[oura.DailyResilience](m, "DailyResilience", "daily_resilience")
	m.DailySleep = mirror[oura.DailySleep](m, "DailySleep", "daily_sleep")
	m.DailySpO2 = mirror[oura.DailySpO2](m, "DailySpO2", "daily_spo2")
	m.DailyStress = mirror[oura.DailyStress](m, "DailyStress", "daily_stress")
	m.EnhancedTag = mirror[oura.EnhancedTag](m, "EnhancedTag", "enhanced_tag")
	m.HeartRate = mirror[oura.HeartRate](m, "HeartRate", "heartrate")
	m.RestModePeriod = mirror[oura.RestModePeriod](m, "RestModePeriod", "rest_mode_period")
	m.RingBatteryLevel = mirror[oura.RingBatteryLevel](m, "RingBatteryLevel", "ring_battery_level")
	m.RingConfiguration = mirror[oura.RingConfiguration](m, "RingConfiguration", "ring_configuration")
	m.Session = mirror[oura.Session](m, "Session", "session")
	m.Sleep = mirror[oura.Sleep](m, "Sleep", "sleep")
	m.SleepTime = mirror[oura.SleepTime](m, "SleepTime", "sleep_time")
	m.Tag = mirror[oura.Tag](m, "Tag", "tag")
	m.VO2Max = mirror[oura.VO2Max](m, "VO2Max", "vO2_max")
	m.Workout = mirror[oura.Workout](m, "Workout", "workout")
	m.person = &endpoint{field: "PersonalInfo"}
	m.Subscriptions = newMockSubscriptions(m)
	m.Transport.RegisterNoResponder(m.respond)
	t.Cleanup(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.finished = true // from now on t must not be used
	})
	return m
}

// Client returns a client of the mock, with the real request path: limiter, retries and error classification. Options
// are added to it. It fails the test if the options do not fit.
func (m *Mock) Client(opts ...oura.Option) *oura.Client {
	m.t.Helper()
	all := append([]oura.Option{
		oura.WithHTTPClient(&http.Client{Transport: recorder{m}}),
		oura.WithAccessToken("mock-token"),
		oura.WithAppCredentials("mock-client-id", "mock-client-secret"),
	}, opts...)
	c, err := oura.NewClient(all...)
	if err != nil {
		m.t.Fatalf("ouratest: %v", err)
	}
	return c
}

// PersonalInfo makes info the person behind the token. The result takes faults like any collection.
func (m *Mock) PersonalInfo(info oura.PersonalInfo) *Collection[oura.PersonalInfo] {
	m.person.set.put(item{id: info.ID, build: func() any { return info }})
	m.person.touch()
	return &Collection[oura.PersonalInfo]{m.person}
}

// Clock gives the mock a time, which is what listings without dates, and Latest, go by: they give one day of documents
// or 24 hours of a series. It must be safe for concurrent use. Call it before the first request.
func (m *Mock) Clock(now func() time.Time) *Mock {
	m.data.now = now
	return m
}

// EndDates says what a bare end_date means; the default is what the live service does. Call it before the first
// request.
func (m *Mock) EndDates(e EndDates) *Mock {
	m.data.ends = e
	return m
}

// Requests are all requests that the mock has had, in order, repeated ones included, with bodies that can be read.
func (m *Mock) Requests() []*http.Request { return m.log.all() }
