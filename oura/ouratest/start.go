package ouratest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// NewService starts a service; Close ends it. Like httptest.NewServer it panics where it cannot listen, and where an
// option is nil or impossible; see [StartService].
func NewService(opts ...ServiceOption) *Service {
	s, err := StartService(opts...)
	if err != nil {
		panic(err)
	}
	return s
}

// StartService is [NewService] for programs that would rather have the error, of an option or of listening.
func StartService(opts ...ServiceOption) (*Service, error) {
	cfg := defaultServiceConfig()
	if err := configure(cfg, opts); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.addr)
	if err != nil {
		stop()
		return nil, fmt.Errorf("ouratest: cannot listen on %s: %w", cfg.addr, err)
	}
	s := &Service{
		URL: "http://" + listener.Addr().String(), cfg: cfg, conns: &http.Transport{MaxIdleConnsPerHost: 32}, ctx: ctx, stop: stop,
		Endpoints: endpointsOf(cfg.endpoints), meter: meter{times: map[string][]time.Time{}},
	}
	s.grants = newGrants(cfg.expiresIn, s.Now)
	s.hooks = &subscriptions{now: s.Now, send: s.send}
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
