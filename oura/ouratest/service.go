package ouratest

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Service is a whole fake Oura behind a listener of its own, for tests, examples and programs in other languages. It
// is safe for concurrent use.
//
// It has a year of data for one person, ending now; the data is made when it is asked for, so starting costs nothing.
// Requests that take effect on the data or on subscriptions are held in memory and gone with it.
type Service struct {
	// URL is the base URL: scheme, host and port.
	URL string

	// Endpoints are told what goes wrong: service.Endpoints.Sleep.FailOnce(ouratest.Truncated()).
	Endpoints Endpoints

	cfg     *serviceConfig
	ahead   atomic.Int64 // how far Advance has put the clock forward
	server  *http.Server
	handler http.Handler    // of WithHandler; nil: none
	conns   *http.Transport // of the clients that the service gives out
	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	work    sync.WaitGroup // requests being answered, and deliveries

	meter  meter
	grants *grants
	log    requestLog
	hooks  *subscriptions
	sent   deliveries

	mu     sync.Mutex
	closed bool
	users  []*User
}

type serviceConfig struct {
	addr      string
	now       func() time.Time
	history   int
	users     []string
	loc       *time.Location
	data      []DataOption
	ends      EndDates
	unknown   bool
	lateRows  time.Duration // 0: none is late
	endpoints map[string]*endpoint

	clientID, clientSecret string
	family                 *family
	redirectURLs           []string
	expiresIn              time.Duration
	granted                []string // nil: whatever is asked for
	scopeInCallback        bool     // and not in the answers of the token endpoint

	appLimit, tokenLimit limit

	schedule      []time.Duration
	duplicates    bool
	disorder      bool
	sameSignature bool

	handlerPrefix string
	handler       func(*Service) http.Handler
}

// User is one person of a [Service]. It is safe for concurrent use.
type User struct {
	ID   string // personal_info's id, and user_id in webhook events
	Name string

	service *Service
	data    *backend
	over    map[string]*added
	access  string // a token for all scopes that does not expire
}

// Now is the service's time, by the wall clock.
func (s *Service) Now() time.Time { return s.cfg.now().Round(0).Add(time.Duration(s.ahead.Load())) }

// Advance puts the service's clock forward: tokens and codes expire, subscriptions end, new days of data appear.
// Deliveries of webhooks keep waiting by the real clock.
func (s *Service) Advance(d time.Duration) { s.ahead.Add(int64(d)) }

// Close stops listening, ends deliveries, and returns when nothing of the service is running any more.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	_ = s.server.Close()
	s.work.Wait()
	s.conns.CloseIdleConnections()
}

// begin counts something that Close waits for; false when it is too late.
func (s *Service) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.work.Add(1)
	}
	return !s.closed
}

// HTTPClient has connections that end with the service. Use it where a client of your own would keep them open.
func (s *Service) HTTPClient() *http.Client { return &http.Client{Transport: s.conns} }

// AppCredentials are the client id and the client secret of the application. Webhooks are signed with the secret.
func (s *Service) AppCredentials() (clientID, clientSecret string) {
	return s.cfg.clientID, s.cfg.clientSecret
}

// FailOnce is FailOnce of one of the [Endpoints], for programs that learn its name as they run. An endpoint is the last
// word of its path: a collection such as "sleep", or "personal_info", "subscription", "token", "revoke". Other names
// panic, and so does a [PageFault] of what is no collection.
func (s *Service) FailOnce(endpoint string, f CollectionFault) {
	s.endpoint(endpoint, f).failOnce(faultOf(f))
}

// Fail is Fail of one of the [Endpoints], by its name: see [Service.FailOnce].
func (s *Service) Fail(endpoint string, f CollectionFault) {
	s.endpoint(endpoint, f).fail(faultOf(f))
}

// Delay makes every answer of the endpoint wait: see [Service.FailOnce].
func (s *Service) Delay(endpoint string, d time.Duration) {
	s.endpoint(endpoint, Fault{}).setDelay(d)
}

// SetPageSize is [CollectionEndpoint.PageSize] of one of the [Endpoints], by its name; other names panic.
func (s *Service) SetPageSize(collection string, n int) {
	mustKnow(collection)
	s.cfg.endpoints[collection].setPageSize(n)
}

// endpoint finds the one that is to have the fault.
func (s *Service) endpoint(name string, f CollectionFault) *endpoint {
	e := s.cfg.endpoints[name]
	if _, paged := f.(PageFault); e == nil || paged {
		mustKnow(name)
	}
	return e
}

func known(collection string) error {
	if catalog[collection] == nil {
		return fmt.Errorf("ouratest: there is no collection %s; name it as in its path", collection)
	}
	return nil
}

func mustKnow(collection string) {
	if err := known(collection); err != nil {
		panic(err)
	}
}

// Requests are all requests that the service has had, in order, with bodies that can be read. They hold the tokens and
// secrets of the fake service.
func (s *Service) Requests() []*http.Request { return s.log.all() }
