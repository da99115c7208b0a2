package ouratest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oura"
)

// Service is a whole fake Oura behind a listener of its own, for tests, examples and programs in other languages. It
// is safe for concurrent use.
//
// It has a year of data for one person, ending now; the data is made when it is asked for, so starting costs nothing.
// Requests that take effect on the data or on subscriptions are held in memory and gone with it.
type Service struct {
	// URL is the base URL: scheme, host and port.
	URL string

	cfg     *serviceConfig
	clock   *shiftedClock
	server  *http.Server
	handler http.Handler    // of WithHandler; nil: none
	conns   *http.Transport // of the clients that the service gives out
	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	work    sync.WaitGroup // requests being answered, and deliveries

	meters meters
	grants grants
	log    requestLog
	hooks  *subscriptions
	sent   deliveries

	mu     sync.Mutex
	closed bool
	users  []*User
	faults map[string]*faults
}

// NewService starts a service; Close ends it. It panics where it cannot listen, like httptest.NewServer; see
// [StartService].
func NewService(opts ...ServiceOption) *Service {
	s, err := StartService(opts...)
	if err != nil {
		panic(err)
	}
	return s
}

// StartService is [NewService] for programs that would rather have the error of listening.
func StartService(opts ...ServiceOption) (*Service, error) {
	cfg := defaultServiceConfig()
	for _, o := range opts {
		o(cfg)
	}
	ctx, stop := context.WithCancel(context.Background())
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.addr)
	if err != nil {
		stop()
		return nil, fmt.Errorf("ouratest: cannot listen on %s: %w", cfg.addr, err)
	}
	s := &Service{
		URL: "http://" + listener.Addr().String(), cfg: cfg, clock: &shiftedClock{base: cfg.now},
		conns: &http.Transport{MaxIdleConnsPerHost: 32}, ctx: ctx, stop: stop, faults: map[string]*faults{},
	}
	s.grants.expiresIn, s.grants.now = cfg.expiresIn, s.Now
	s.hooks = newSubscriptions(s.Now, s.handshake)
	for _, name := range cfg.users {
		s.AddUser(name)
	}
	if cfg.handler != nil {
		s.handler = cfg.handler(s)
	}
	s.server = &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	s.work.Go(func() { _ = s.server.Serve(listener) }) // ends with Close
	return s, nil
}

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

// Client is a client of the first person, with a token for all scopes that does not expire, and with the application's
// credentials. Options are added to it.
func (s *Service) Client(opts ...oura.Option) *oura.Client { return s.clientOf(s.User(), opts) }

func (s *Service) clientOf(u *User, opts []oura.Option) *oura.Client {
	all := append([]oura.Option{
		oura.WithBaseURL(s.URL),
		oura.WithHTTPClient(s.HTTPClient()),
		oura.WithAccessToken(s.grants.permanent(u)),
		oura.WithAppCredentials(s.AppCredentials()),
	}, opts...)
	c, err := oura.NewClient(all...)
	if err != nil {
		panic("ouratest: " + err.Error())
	}
	return c
}

// HTTPClient has connections that end with the service. Use it where a client of your own would keep them open.
func (s *Service) HTTPClient() *http.Client { return &http.Client{Transport: s.conns} }

// AppCredentials are the client id and the client secret of the application. Webhooks are signed with the secret.
func (s *Service) AppCredentials() (clientID, clientSecret string) {
	return s.cfg.clientID, s.cfg.clientSecret
}

// Token is [User.Token] of the first person.
func (s *Service) Token(scopes ...string) *oauth2.Token { return s.User().Token(scopes...) }

// FailOnce gives the next request of the endpoint the fault; more of them wait in line. An endpoint is the last word of
// its path: a collection such as "sleep", or "personal_info", "subscription", "token", "revoke". Other names panic.
func (s *Service) FailOnce(endpoint string, f Fault) { s.endpoint(endpoint).failOnce(f) }

// Fail gives every request of the endpoint the fault, until it is told another; the zero Fault ends it.
func (s *Service) Fail(endpoint string, f Fault) { s.endpoint(endpoint).fail(f) }

// Delay makes every answer of the endpoint wait.
func (s *Service) Delay(endpoint string, d time.Duration) { s.endpoint(endpoint).setDelay(d) }

// SetPageSize is [WithPageSize] for a service that runs already. Listings under way go on with the new size.
func (s *Service) SetPageSize(collection string, n int) {
	mustKnow(collection)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.pageSizes[collection] = n
}

func (s *Service) pageSize(collection string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cfg.pageSizes[collection]
}

// isEndpoint reports whether requests of that name can be told to fail.
func isEndpoint(name string) bool {
	switch name {
	case "personal_info", "subscription", "token", "revoke":
		return true
	default:
		return catalog[name] != nil
	}
}

func (s *Service) endpoint(name string) *faults {
	if !isEndpoint(name) {
		mustKnow(name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults[name] == nil {
		s.faults[name] = new(faults)
	}
	return s.faults[name]
}
